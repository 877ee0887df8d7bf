// The aggregates' families. To add one: declare its Register function here and call it in
// aggregates.cc.
#pragma once

namespace sundog::functions {

class Implementations;

void RegisterCountAggregates(Implementations& table);
void RegisterSumAggregates(Implementations& table);
void RegisterFloatAggregates(Implementations& table);
void RegisterCollectAggregates(Implementations& table);
void RegisterExtremeAggregates(Implementations& table);
void RegisterOrderedSetAggregates(Implementations& table);
void RegisterNumericAggregates(Implementations& table);

}  // namespace sundog::functions
