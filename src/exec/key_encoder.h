// Rows as byte strings that compare as the rows do (codec/key_codec.h): what sorting, hashing and
// grouping work on, whatever the types.
#pragma once

#include "codec/key_codec.h"
#include "exec/expression/evaluator.h"
#include "planner/physical.h"

namespace sundog::exec {

class KeyEncoder {
 public:
  // Grouping and hashing: equal values, equal bytes; nulls equal each other.
  KeyEncoder(const binder::BoundExpressions& expressions, ExecutionContext& context,
             size_t capacity = types::kVectorSize);
  // Sorting.
  KeyEncoder(const std::vector<planner::PhysicalSortKey>& keys, ExecutionContext& context,
             size_t capacity = types::kVectorSize);

  size_t column_count() const { return columns_.size(); }
  // Evaluates the key columns; Append and AnyNull then speak of this chunk.
  void Evaluate(const Chunk& input, RowSet rows);
  void Append(size_t row, std::string& to) const;
  void AppendColumn(size_t column, const Datum& value, std::string& to) const {
    codec::AppendKey(columns_[column], value, to);
  }
  bool AnyNull(size_t row) const;
  const Vector& value(size_t column) const { return *values_[column]; }

 private:
  std::vector<EvaluatorPtr> evaluators_;
  std::vector<codec::KeyColumn> columns_;
  std::vector<const Vector*> values_;
};

}  // namespace sundog::exec
