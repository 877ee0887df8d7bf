#include "exec/set_call.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/implementations.h"
#include "types/record.h"

namespace sundog::exec {

using binder::BoundFunction;

namespace {

// Also functions of one row that are implemented as sets, because only a caller in FROM knows
// their columns: json_to_record.
bool IsSetCall(const binder::BoundExpression& node) {
  if (node.kind != binder::ExpressionKind::kFunction) return false;
  const functions::ProcInfo& proc = *node.As<BoundFunction>().proc;
  return proc.returns_set ||
         (proc.implementation != nullptr && proc.implementation->set != nullptr);
}

std::vector<SqlType> ArgumentTypes(const BoundFunction& node) {
  std::vector<SqlType> types;
  for (const auto& argument : node.arguments) types.push_back(argument->type);
  return types;
}

}  // namespace

SetExpression::SetExpression(const binder::BoundExpression& node,
                             std::vector<types::CompositeField> columns, bool composite,
                             ExecutionContext& context, size_t capacity)
    : context_(context), composite_(composite) {
  for (const types::CompositeField& column : columns) {
    kinds_.push_back(context.KindOf(column.type));
  }
  if (!IsSetCall(node)) {
    scalar_ = MakeEvaluator(node, context, capacity);
    return;
  }
  const auto& function = node.As<BoundFunction>();
  proc_ = function.proc;
  call_.emplace(context.environment, ArgumentTypes(function), node.type, node.collation);
  call_->set_variadic(function.variadic);
  call_->set_result_columns(std::move(columns));
  call_->set_arena(&arena_);
  arguments_ = MakeEvaluators(function.arguments, context, capacity);
  values_.resize(arguments_.size());
  row_.resize(arguments_.size());
  if (proc_->implementation != nullptr) function_ = proc_->implementation->set;
  if (function_ == nullptr && proc_->oid < types::kFirstUserOid) {
    base::ThrowNotSupported(fmt::format("function {}", functions::ProcSignature(*proc_)),
                            node.location);
  }
  if (function_ == nullptr) user_rows_.emplace(kinds_, context.memory);
}

void SetExpression::Evaluate(const Chunk& input, RowSet rows) {
  if (scalar_ != nullptr) {
    scalar_value_ = &scalar_->Evaluate(input, rows);
    return;
  }
  for (size_t i = 0; i < arguments_.size(); ++i) {
    values_[i] = &arguments_[i]->Evaluate(input, rows);
  }
}

void SetExpression::Start(size_t row) {
  running_.reset();
  done_ = false;
  scalar_row_ = row;
  if (scalar_ != nullptr) return;
  arena_.Reset();
  for (size_t i = 0; i < values_.size(); ++i) {
    row_[i] = values_[i]->DatumAt(row);
    if (row_[i].is_null() && proc_->strict) done_ = true;
  }
  if (done_) return;
  if (function_ != nullptr) {
    running_ = function_(*call_, row_);
  } else {
    StartUserFunction();
  }
}

void SetExpression::StartUserFunction() {
  if (context_.user_functions == nullptr) {
    base::ThrowNotSupported(fmt::format("calling function {} here", proc_->name));
  }
  user_rows_->Clear();
  next_user_chunk_ = 0;
  context_.user_functions->CallSet(*proc_, row_, context_.environment, *user_rows_);
}

size_t SetExpression::Next(types::ChunkBuffer& out) {
  if (done_) return 0;
  out.Reset();
  if (scalar_ != nullptr) return NextScalar(out);
  if (running_ != nullptr) {
    std::vector<Vector*> columns;
    for (size_t i = 0; i < out.column_count(); ++i) columns.push_back(&out.column(i));
    size_t count = running_->Next(columns, types::kVectorSize);
    done_ = count == 0;
    return count;
  }
  if (next_user_chunk_ == user_rows_->chunk_count()) {
    done_ = true;
    return 0;
  }
  const Chunk& chunk = user_rows_->chunk(next_user_chunk_++);
  for (size_t i = 0; i < out.column_count(); ++i) {
    chunk.rows.ForEach([&](size_t row) {
      out.column(i).SetDatum(row, chunk.column(i).DatumAt(row));
    });
  }
  return chunk.row_count();
}

size_t SetExpression::NextScalar(types::ChunkBuffer& out) {
  done_ = true;
  Datum value = scalar_value_->DatumAt(scalar_row_);
  if (composite_) {
    SpreadRecord(value, out, 0);
  } else {
    out.column(0).CopyDatum(0, value);
  }
  return 1;
}

void SetExpression::SpreadRecord(const Datum& record, types::ChunkBuffer& out, size_t row) {
  if (record.is_null()) {
    for (size_t i = 0; i < out.column_count(); ++i) out.column(i).SetNull(row);
    return;
  }
  types::RecordReader reader(record.As<std::string_view>());
  for (size_t i = 0; i < out.column_count(); ++i) {
    out.column(i).CopyDatum(row, reader.At(static_cast<int>(i)));
  }
}

}  // namespace sundog::exec
