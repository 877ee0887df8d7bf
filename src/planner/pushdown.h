// Moving filter conditions towards the scans.
#pragma once

#include "planner/logical.h"

namespace sundog::planner {

// Puts `conjuncts` as deep into `plan` as they keep their meaning; what cannot go down becomes a
// filter above it.
LogicalPtr PushDown(LogicalPtr plan, BoundExpressions conjuncts);

// EXISTS (SELECT … WHERE w AND p), with nothing of the subquery in p, becomes p AND EXISTS (…
// WHERE w); IN alike. p then goes its own way: it may be a join, or belong to one table.
void HoistOuterConjuncts(BoundExpressions& conjuncts);

}  // namespace sundog::planner
