#include "functions/families.h"

#include "functions/implementations.h"

namespace sundog::functions {

void RegisterFamilies(Implementations& table) {
  RegisterComparisonFunctions(table);
  RegisterFloatFunctions(table);
  RegisterIntegerFunctions(table);
  RegisterNumericFunctions(table);
  RegisterTextFunctions(table);
  RegisterTrigonometry(table);
  RegisterAggregates(table);
  RegisterArrayFunctions(table);
  RegisterRecordFunctions(table);
  RegisterSeriesFunctions(table);
}

}  // namespace sundog::functions
