// Moving filter conditions towards the scans.
#pragma once

#include "planner/logical.h"

namespace sundog::planner {

// Puts `conjuncts` as deep into `plan` as they keep their meaning; what cannot go down becomes a
// filter above it.
LogicalPtr PushDown(LogicalPtr plan, BoundExpressions conjuncts);

}  // namespace sundog::planner
