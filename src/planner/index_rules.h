// Expressions and predicates of a table's indexes, bound once a statement and relation.
#pragma once

#include <map>

#include "planner/planner_context.h"

namespace sundog::planner {

class IndexRules {
 public:
  explicit IndexRules(const PlannerContext& context) : context_(context) {}

  // Null if the index has neither expressions nor a predicate.
  const binder::BoundTableRules::Index* Find(const catalog::TableDescriptor& table,
                                             const catalog::IndexDescriptor& index,
                                             RelationId relation);

 private:
  const PlannerContext& context_;
  std::map<RelationId, std::vector<binder::BoundTableRules::Index>> rules_;
};

}  // namespace sundog::planner
