// What join conditions can be used for: as keys of a hash join, or to look rows up.
#pragma once

#include <set>

#include "planner/logical.h"

namespace sundog::planner {

// Whether the expression has columns of `wanted` and none of `unwanted`.
bool UsesOnly(const binder::BoundExpression& expression, const std::set<RelationId>& wanted,
              const std::set<RelationId>& unwanted);

struct EquiKeys {
  BoundExpressions left;
  BoundExpressions right;
  BoundExpressions rest;
};

// a = b with one side over the left input and the other over the right one, both of one type (so
// that equal values have equal key bytes). Moves the sides to `keys`; false: it is none.
bool SplitEquality(BoundExpressionPtr& conjunct, const std::set<RelationId>& left,
                   const std::set<RelationId>& right, EquiKeys& keys);
bool IsHashable(const binder::BoundExpression& conjunct, const std::set<RelationId>& left,
                const std::set<RelationId>& right);
// Whether any of the join's conditions is such.
bool IsHashable(const LogicalJoin& join);

// Swaps its sides; the join stays what it is. Not for semi- and anti-joins.
void TurnJoin(LogicalJoin& node);

// The scan that the node is, or null.
const LogicalScan* BareScan(const LogicalNode& node);
LogicalScan* BareScan(LogicalNode& node);
// Whether the scan may test the join's condition itself.
bool MayTest(const LogicalScan& scan, const binder::BoundExpression& conjunct);
// A scan with the join's plain conditions added to its own.
std::unique_ptr<LogicalScan> ProbeOf(const LogicalScan& scan,
                                     const BoundExpressions& join_conjuncts);

}  // namespace sundog::planner
