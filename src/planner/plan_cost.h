// What a whole physical plan costs, node by node: the figures EXPLAIN shows.
#pragma once

#include "planner/cost.h"
#include "planner/physical.h"

namespace sundog::planner {

Cost PlanCost(const PhysicalNode& node);

}  // namespace sundog::planner
