#include "functions/aggregates.h"

#include "functions/families.h"

namespace sundog::functions {

void RegisterAggregates(Implementations& table) {
  RegisterCountAggregates(table);
  RegisterSumAggregates(table);
  RegisterFloatAggregates(table);
  RegisterCollectAggregates(table);
  RegisterExtremeAggregates(table);
  RegisterOrderedSetAggregates(table);
  RegisterNumericAggregates(table);
}

}  // namespace sundog::functions
