// How many rows a plan yields, roughly; with fixed guesses where statistics say nothing.
#pragma once

#include <optional>

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

double EstimateRows(const LogicalNode& node, const PlannerContext& context);

// The part of rows, in (0, 1], that a condition over a scan lets pass.
double Selectivity(const binder::BoundExpression& condition, const LogicalNode& input,
                   const PlannerContext& context);

// What LIMIT or OFFSET says; nullopt: nothing, or not known before the statement runs.
std::optional<double> ConstantCount(const binder::BoundExpression* expression);

// Two bounds on one column let fewer rows pass than each of them by itself: PostgreSQL's guess is
// 0.005 for both, 0.3333 for one.
inline constexpr double kRangePair = 0.005 / (0.3333 * 0.3333);

// a = b with a column on the side `relations`; null if it is no such condition. Returns the column.
const binder::BoundColumn* EqualityColumn(const binder::BoundExpression& condition,
                                          const std::set<RelationId>& relations);

// Whether no two rows of the table have the same (non-null) values in the index's columns, and no
// expressions are among these.
bool IsUniqueKey(const catalog::IndexDescriptor& index);
// Whether the column by itself is such a key.
bool IsUniqueColumn(const catalog::TableDescriptor& table, int ordinal);

}  // namespace sundog::planner
