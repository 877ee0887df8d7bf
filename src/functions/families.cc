#include "functions/families.h"

#include "functions/implementations.h"

namespace sundog::functions {

void RegisterFamilies(Implementations& table) {
  RegisterComparisonFunctions(table);
  RegisterIntegerFunctions(table);
  RegisterTextFunctions(table);
  RegisterAggregates(table);
  RegisterArrayFunctions(table);
  RegisterRecordFunctions(table);
  RegisterSeriesFunctions(table);
}

}  // namespace sundog::functions
