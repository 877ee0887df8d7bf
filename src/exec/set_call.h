// Running a set-returning expression for one row of arguments: built-in set functions, user-defined
// ones, and plain scalar expressions, which are sets of one row.
#pragma once

#include <optional>

#include "exec/expression/evaluator.h"
#include "exec/row_store.h"

namespace sundog::exec {

class SetExpression {
 public:
  // `columns`: the names and types of what each row has; more than one for row types. `capacity` is
  // the most rows the input chunks have.
  SetExpression(const binder::BoundExpression& node, std::vector<types::CompositeField> columns,
                bool composite, ExecutionContext& context,
                size_t capacity = types::kVectorSize);

  // Evaluates the arguments for a chunk; Start() then picks a row of it.
  void Evaluate(const Chunk& input, RowSet rows);
  void Start(size_t row);
  // The next rows' columns, filled and Reset here; 0: done.
  size_t Next(types::ChunkBuffer& out);
  const std::vector<types::PhysicalKind>& kinds() const { return kinds_; }

 private:
  void StartUserFunction();
  size_t NextScalar(types::ChunkBuffer& out);
  void SpreadRecord(const Datum& record, types::ChunkBuffer& out, size_t row);

  ExecutionContext& context_;
  bool composite_;
  std::vector<types::PhysicalKind> kinds_;
  const functions::ProcInfo* proc_ = nullptr;  // of a set-returning call
  functions::SetFunction function_ = nullptr;  // null: a user-defined one
  std::optional<functions::CallContext> call_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const Vector*> values_;
  EvaluatorPtr scalar_;
  const Vector* scalar_value_ = nullptr;
  base::Arena arena_;
  std::vector<Datum> row_;
  std::unique_ptr<functions::SetCall> running_;
  std::optional<RowStore> user_rows_;
  size_t next_user_chunk_ = 0;
  size_t scalar_row_ = 0;
  bool done_ = true;
};

}  // namespace sundog::exec
