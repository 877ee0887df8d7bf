// Whether conditions that a row has passed prove another one: what makes a partial index usable.
#pragma once

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

// True only if every row for which all `conditions` are true makes `predicate` true. Knows equal
// expressions, AND and OR, comparisons of one expression with constants, IN lists, and IS NOT NULL
// from what no null passes.
bool Implies(const BoundExpressions& conditions, const binder::BoundExpression& predicate,
             const PlannerContext& context);

}  // namespace sundog::planner
