// How many rows a join yields.
//
// A pair of rows passes a = b with the chance 1 / max(values of a, values of b), as PostgreSQL's
// eqjoinsel has it where it knows no common values. The columns of a unique key, equated together,
// are one condition: of the key's table each row of the other side finds one at most. A foreign key
// needs no rule of its own: it refers to a unique one.
#pragma once

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

// One side of a join.
struct JoinInput {
  const LogicalNode* plan;
  double rows;
  // What the plan hands up; null: not known to the caller.
  const std::set<RelationId>* relations = nullptr;
};

// How many pairs of rows the conditions let pass; what outer joins add does not count.
double EstimatePairs(const JoinInput& left, const JoinInput& right,
                     const std::vector<const binder::BoundExpression*>& conditions,
                     const PlannerContext& context);

// What is known of a column that a node hands up, as it was before conditions thinned it out.
struct ColumnFigures {
  double values = 0;  // distinct ones; 0: unknown
  double null_fraction = 0;
  bool unique = false;
};
ColumnFigures FiguresOf(const LogicalNode& node, const ColumnId& column,
                        const PlannerContext& context);

}  // namespace sundog::planner
