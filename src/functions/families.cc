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
  RegisterJsonFunctions(table);
  RegisterRecordFunctions(table);
  RegisterSeriesFunctions(table);
  RegisterNumericSeriesFunctions(table);
}

}  // namespace sundog::functions
