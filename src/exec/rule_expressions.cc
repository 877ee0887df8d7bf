#include "exec/rule_expressions.h"

#include "catalog/catalog.h"
#include "catalog/stored_sql.h"

namespace sundog::exec {

namespace {

EvaluatorPtr MakeOptional(const binder::BoundExpressionPtr& expression,
                          ExecutionContext& context) {
  return expression == nullptr ? nullptr : MakeEvaluator(*expression, context);
}

}  // namespace

RuleExpressions::RuleExpressions(storage::TableLayoutPtr layout,
                                 std::shared_ptr<const planner::PhysicalTableRules> rules,
                                 ExecutionContext& context)
    : layout_(std::move(layout)), rules_(std::move(rules)), context_(context) {
  for (const auto& generated : rules_->generated) {
    generated_.push_back(MakeOptional(generated, context_));
  }
  indexes_.resize(layout_->indexes().size());
  for (size_t i = 0; i < indexes_.size(); ++i) {
    for (const auto& index : rules_->indexes) {
      if (index.index != layout_->indexes()[i].descriptor().oid) continue;
      for (const auto& key : index.expressions) {
        indexes_[i].keys.push_back(MakeOptional(key, context_));
      }
      indexes_[i].predicate = MakeOptional(index.predicate, context_);
    }
  }
}

void RuleExpressions::ComputeGenerated(types::ChunkBuffer& rows, size_t count) {
  for (size_t i = 0; i < generated_.size(); ++i) {
    if (generated_[i] == nullptr) continue;
    const Vector& value = generated_[i]->Evaluate(rows.Finish(count), RowSet(count));
    for (size_t row = 0; row < count; ++row) {
      rows.column(i).SetNotNull(row);
      rows.column(i).CopyDatum(row, value.DatumAt(row));
    }
  }
}

const Vector& RuleExpressions::Key(size_t index, size_t key, const Chunk& chunk, RowSet rows) {
  return indexes_[index].keys[key]->Evaluate(chunk, rows);
}

const Vector& RuleExpressions::Predicate(size_t index, const Chunk& rows) {
  return indexes_[index].predicate->Evaluate(rows, rows.rows);
}

std::string RuleExpressions::Text(size_t index, size_t key) {
  const catalog::IndexDescriptor& descriptor = layout_->indexes()[index].descriptor();
  return catalog::ExpandMarks(*context_.catalog, nullptr, descriptor.keys[key].expression.sql,
                              layout_->table().oid);
}

}  // namespace sundog::exec
