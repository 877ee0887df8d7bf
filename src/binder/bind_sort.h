// ORDER BY, GROUP BY and DISTINCT over a target list: which target is meant, and whether its type
// can be sorted or compared.
#pragma once

#include <string_view>
#include <vector>

#include "binder/bind_expression.h"

namespace sundog::binder {

// Directions and operators of one ORDER BY item.
struct SortDirection {
  bool descending = false;
  bool nulls_first = false;
  Oid sort_operator = kInvalidOid;  // set for USING only
};
// Checks that the type can be sorted so; throws 42883 `could not identify an ordering operator…`.
SortDirection ResolveSortDirection(Scope& scope, Oid type, const SortBy* sort);
BoundSortKey MakeSortKey(Scope& scope, BoundExpressionPtr expression, const SortBy* sort);

bool HasOrdering(Scope& scope, Oid type);
// Throws 42883 `could not identify an equality operator for type json`.
void CheckGroupable(Scope& scope, const BoundExpression& expression, int location);

// The target an ORDER BY, GROUP BY or DISTINCT ON item means: an output name, an ordinal, or an
// expression, which is added to `targets` as a hidden one if it is not there. Returns its index.
int FindTarget(Scope& scope, const Node* node, std::vector<BoundTarget>& targets, int visible_count,
               ExpressionRole role);
// The same without names and ordinals (window definitions, aggregates).
int FindTargetByExpression(Scope& scope, const Node* node, std::vector<BoundTarget>& targets,
                           ExpressionRole role);

}  // namespace sundog::binder
