// Ordering inner joins: items joined by conjuncts, smallest intermediate results first.
//
// Greedy (as GOO, Fegaras 1998): start from the item with the fewest rows; then, again and again,
// the item that a conjunct connects and that yields the fewest rows; unconnected ones last. An item
// that refers to others (LATERAL) waits until those are there.
#pragma once

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

struct JoinItem {
  LogicalPtr plan;
  std::set<RelationId> relations;
  // Relations of other items that its plan refers to.
  std::set<RelationId> depends_on;
};

LogicalPtr OrderJoins(std::vector<JoinItem> items, BoundExpressions conjuncts,
                      const PlannerContext& context);

// Columns that the plan refers to but does not bring in itself.
std::set<RelationId> FreeRelations(const LogicalNode& plan);

}  // namespace sundog::planner
