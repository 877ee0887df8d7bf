// A physical plan as EXPLAIN shows it.
#pragma once

#include <string>
#include <vector>

#include "planner/physical.h"

namespace sundog::planner {

// One line a node and detail, indented as PostgreSQL does.
std::vector<std::string> ExplainPlan(const PhysicalPlan& plan, bool costs);

}  // namespace sundog::planner
