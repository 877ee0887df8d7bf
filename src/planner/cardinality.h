// How many rows a plan yields, roughly; with fixed guesses where statistics say nothing.
#pragma once

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

double EstimateRows(const LogicalNode& node, const PlannerContext& context);

// The part of rows, in (0, 1], that a condition over a scan lets pass.
double Selectivity(const binder::BoundExpression& condition, const LogicalNode& input,
                   const PlannerContext& context);

// a = b with a column on the side `relations`; null if it is no such condition. Returns the column.
const binder::BoundColumn* EqualityColumn(const binder::BoundExpression& condition,
                                          const std::set<RelationId>& relations);

}  // namespace sundog::planner
