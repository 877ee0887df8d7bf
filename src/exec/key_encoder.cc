#include "exec/key_encoder.h"

namespace sundog::exec {

KeyEncoder::KeyEncoder(const binder::BoundExpressions& expressions, ExecutionContext& context,
                       size_t capacity)
    : evaluators_(MakeEvaluators(expressions, context, capacity)), values_(expressions.size()) {
  for (const auto& expression : expressions) {
    columns_.push_back(codec::MakeKeyColumn(*context.environment.io.types, expression->type.oid,
                                            /*nullable=*/true, /*descending=*/false,
                                            /*nulls_first=*/false));
  }
}

KeyEncoder::KeyEncoder(const std::vector<planner::PhysicalSortKey>& keys,
                       ExecutionContext& context, size_t capacity)
    : values_(keys.size()) {
  for (const planner::PhysicalSortKey& key : keys) {
    evaluators_.push_back(MakeEvaluator(*key.expression, context, capacity));
    columns_.push_back(codec::MakeKeyColumn(*context.environment.io.types,
                                            key.expression->type.oid, /*nullable=*/true,
                                            key.descending, key.nulls_first));
  }
}

void KeyEncoder::Evaluate(const Chunk& input, RowSet rows) {
  for (size_t i = 0; i < evaluators_.size(); ++i) {
    values_[i] = &evaluators_[i]->Evaluate(input, rows);
  }
}

void KeyEncoder::Append(size_t row, std::string& to) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    codec::AppendKey(columns_[i], values_[i]->DatumAt(row), to);
  }
}

bool KeyEncoder::AnyNull(size_t row) const {
  for (const Vector* value : values_) {
    if (value->IsNull(row)) return true;
  }
  return false;
}

}  // namespace sundog::exec
