// The expressions of a table's rules, evaluated over chunks of its live columns: generated columns,
// index expressions and predicates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/expression/evaluator.h"
#include "planner/physical.h"
#include "storage/index_expressions.h"
#include "storage/table_layout.h"

namespace sundog::exec {

class RuleExpressions final : public storage::IndexExpressions {
 public:
  RuleExpressions(storage::TableLayoutPtr layout,
                  std::shared_ptr<const planner::PhysicalTableRules> rules,
                  ExecutionContext& context);

  void ComputeGenerated(types::ChunkBuffer& rows, size_t count);

  const Vector& Key(size_t index, size_t key, const Chunk& chunk, RowSet rows) override;
  const Vector& Predicate(size_t index, const Chunk& rows) override;
  std::string Text(size_t index, size_t key) override;

 private:
  struct Index {
    std::vector<EvaluatorPtr> keys;
    EvaluatorPtr predicate;
  };

  storage::TableLayoutPtr layout_;
  std::shared_ptr<const planner::PhysicalTableRules> rules_;
  ExecutionContext& context_;
  std::vector<EvaluatorPtr> generated_;
  std::vector<Index> indexes_;  // by position in layout.indexes()
};

}  // namespace sundog::exec
