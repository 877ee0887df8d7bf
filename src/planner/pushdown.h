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

// EXISTS (SELECT … WHERE x = outer.y AND w) as (outer.y = ANY (SELECT x … WHERE w)) IS TRUE, if
// that is what it is and no index finds x. `output` is a fresh relation, for the subquery's
// columns.
bool ExistsToAny(BoundExpressionPtr& expression, RelationId output);

}  // namespace sundog::planner
