// Running a set-returning expression for one row of arguments: built-in set functions, user-defined
// ones, and plain scalar expressions, which are sets of one row. Functions hand out the fields of a
// row type as columns; where the caller wants the row as one value (a target list), it is packed
// into a record here.
#pragma once

#include <optional>

#include "exec/expression/evaluator.h"
#include "exec/row_store.h"

namespace sundog::exec {

class SetExpression {
 public:
  // `columns`: the names and types of what each row has; the fields of a row type if `composite`.
  // `capacity` is the most rows the input chunks have.
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
  std::vector<types::PhysicalKind> KindsOf(
      const std::vector<types::CompositeField>& fields) const;
  void PlanPacking(const binder::BoundFunction& node);
  void SetPackedFields(std::vector<types::CompositeField> fields);
  void FindPackedFields();
  void StartUserFunction();
  void StartWithNull();
  size_t NextPacked(types::ChunkBuffer& out);
  size_t NextUnpacked(types::ChunkBuffer& out);
  size_t NextScalar(types::ChunkBuffer& out);
  void SpreadRecord(const Datum& record, types::ChunkBuffer& out, size_t row);

  ExecutionContext& context_;
  bool composite_;
  std::vector<types::CompositeField> columns_;
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
  // Packing: the record's type, its fields (of a plain record perhaps known only from the first
  // argument) and where the function puts them.
  bool packing_ = false;
  bool packs_ = false;  // the running call: false if it gives whole rows
  Oid packed_type_ = types::kInvalidOid;
  std::vector<types::CompositeField> packed_fields_;
  std::unique_ptr<types::ChunkBuffer> packed_;
  bool fields_from_argument_ = false;
  std::optional<RowStore> user_rows_;
  size_t next_user_chunk_ = 0;
  size_t scalar_row_ = 0;
  bool done_ = true;
};

}  // namespace sundog::exec
