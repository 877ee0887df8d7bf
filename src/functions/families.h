// The list of function families of this folder. To add one: declare its Register function here and
// call it in families.cc.
#pragma once

namespace sundog::functions {

class Implementations;

void RegisterFamilies(Implementations& table);

void RegisterFormatFunctions(Implementations& table);
void RegisterLikeFunctions(Implementations& table);
void RegisterTextCaseFunctions(Implementations& table);
void RegisterByteaFunctions(Implementations& table);
void RegisterBitFunctions(Implementations& table);
void RegisterMoneyFunctions(Implementations& table);
void RegisterEnumFunctions(Implementations& table);
void RegisterRegexFunctions(Implementations& table);
void RegisterSimilarFunctions(Implementations& table);
void RegisterNumberFormatFunctions(Implementations& table);
void RegisterHashFunctions(Implementations& table);
void RegisterTextSplitFunctions(Implementations& table);
void RegisterAnyFunctions(Implementations& table);
void RegisterLsnFunctions(Implementations& table);
void RegisterTypeIoFunctions(Implementations& table);
void RegisterComparisonFunctions(Implementations& table);
void RegisterFloatFunctions(Implementations& table);
void RegisterIntegerFunctions(Implementations& table);
void RegisterNumericFunctions(Implementations& table);
void RegisterTextFunctions(Implementations& table);
void RegisterTrigonometry(Implementations& table);
void RegisterAggregates(Implementations& table);
void RegisterArrayFunctions(Implementations& table);
void RegisterJsonFunctions(Implementations& table);
void RegisterRecordFunctions(Implementations& table);
void RegisterSeriesFunctions(Implementations& table);
void RegisterNumericSeriesFunctions(Implementations& table);
void RegisterDateTimeComparisonFunctions(Implementations& table);
void RegisterTimestampArithmetic(Implementations& table);
void RegisterIntervalArithmetic(Implementations& table);
void RegisterDateTimeCasts(Implementations& table);
void RegisterAtTimeZone(Implementations& table);
void RegisterDateTimeMakers(Implementations& table);
void RegisterDateTimeExtract(Implementations& table);
void RegisterDateTimeTruncate(Implementations& table);
void RegisterCurrentTime(Implementations& table);
void RegisterOverlaps(Implementations& table);
void RegisterDateTimeInRange(Implementations& table);
void RegisterFloatTransitions(Implementations& table);
void RegisterDateTimeSeries(Implementations& table);
void RegisterDateToChar(Implementations& table);
void RegisterDateByPattern(Implementations& table);
void RegisterRangeFunctions(Implementations& table);
void RegisterRangeAggregates(Implementations& table);
void RegisterDenseVectorFunctions(Implementations& table);
void RegisterSparseVectorFunctions(Implementations& table);
void RegisterVectorCasts(Implementations& table);
void RegisterVectorAggregates(Implementations& table);

}  // namespace sundog::functions
