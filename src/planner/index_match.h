// Which part of an index the conditions on a table leave to be read.
#pragma once

#include <optional>

#include "planner/access_path.h"
#include "planner/index_rules.h"

namespace sundog::planner {

struct IndexMatch {
  AccessPath path;  // its `conditions` are not filled
  // Conjuncts that made it. Those in `exact` need not be tested on the rows.
  std::vector<size_t> used;
  std::vector<size_t> exact;
  // Conjuncts that a partial index's predicate says.
  std::vector<size_t> in_predicate;
};

// nullopt if the index cannot be used at all: not ready, partial over other rows, or of vectors.
std::optional<IndexMatch> MatchIndex(const LogicalScan& scan,
                                     const catalog::IndexDescriptor& index, IndexRules& rules,
                                     const PlannerContext& context);

// Whether the index is ready and, if it is partial, has all rows that pass the scan's conjuncts.
bool IsUsable(const LogicalScan& scan, const catalog::IndexDescriptor& index, IndexRules& rules,
              const PlannerContext& context);

// The key column `position` of the index, as an expression over the relation's columns.
bool IsIndexKey(const binder::BoundExpression& expression, const catalog::IndexDescriptor& index,
                const binder::BoundTableRules::Index* rule, size_t position, RelationId relation);

}  // namespace sundog::planner
