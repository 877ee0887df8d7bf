#include "functions/families.h"

#include "functions/implementations.h"

namespace sundog::functions {

void RegisterFamilies(Implementations& table) {
  RegisterFormatFunctions(table);
  RegisterLikeFunctions(table);
  RegisterTextCaseFunctions(table);
  RegisterByteaFunctions(table);
  RegisterBitFunctions(table);
  RegisterMoneyFunctions(table);
  RegisterEnumFunctions(table);
  RegisterRegexFunctions(table);
  RegisterSimilarFunctions(table);
  RegisterNumberFormatFunctions(table);
  RegisterHashFunctions(table);
  RegisterTextSplitFunctions(table);
  RegisterAnyFunctions(table);
  RegisterLsnFunctions(table);
  RegisterTypeIoFunctions(table);
  RegisterComparisonFunctions(table);
  RegisterFloatFunctions(table);
  RegisterIntegerFunctions(table);
  RegisterNumericFunctions(table);
  RegisterTextFunctions(table);
  RegisterTrigonometry(table);
  RegisterAggregates(table);
  RegisterArrayFunctions(table);
  RegisterJsonFunctions(table);
  RegisterRecordFunctions(table);
  RegisterSeriesFunctions(table);
  RegisterNumericSeriesFunctions(table);
  RegisterDateTimeComparisonFunctions(table);
  RegisterTimestampArithmetic(table);
  RegisterIntervalArithmetic(table);
  RegisterDateTimeCasts(table);
  RegisterAtTimeZone(table);
  RegisterDateTimeMakers(table);
  RegisterDateTimeExtract(table);
  RegisterDateTimeTruncate(table);
  RegisterCurrentTime(table);
  RegisterOverlaps(table);
  RegisterDateTimeInRange(table);
  RegisterFloatTransitions(table);
  RegisterDateTimeSeries(table);
  RegisterDateToChar(table);
  RegisterDateByPattern(table);
  RegisterRangeFunctions(table);
  RegisterRangeAggregates(table);
  RegisterDenseVectorFunctions(table);
  RegisterSparseVectorFunctions(table);
  RegisterVectorCasts(table);
  RegisterVectorAggregates(table);
}

}  // namespace sundog::functions
