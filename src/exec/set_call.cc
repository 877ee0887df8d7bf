#include "exec/set_call.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "exec/actual_types.h"
#include "functions/implementations.h"
#include "types/record.h"

namespace sundog::exec {

using binder::BoundFunction;

namespace {

// Also functions of one row that are implemented as sets, because only a caller in FROM knows
// their columns: json_to_record, and json_populate_record of a null record. Also users' functions
// that return just a record.
bool IsSetCall(const binder::BoundExpression& node, bool composite) {
  if (node.kind != binder::ExpressionKind::kFunction) return false;
  const functions::ProcInfo& proc = *node.As<BoundFunction>().proc;
  if (proc.returns_set) return true;
  if (proc.oid >= types::kFirstUserOid) {
    return composite && proc.result_type == types::oids::kRecord &&
           proc.all_argument_types.empty();
  }
  if (proc.implementation == nullptr || proc.implementation->set == nullptr) return false;
  return proc.implementation->scalar == nullptr || node.type.oid == types::oids::kRecord;
}

std::vector<SqlType> ArgumentTypes(const BoundFunction& node) {
  std::vector<SqlType> types;
  for (const auto& argument : node.arguments) types.push_back(argument->type);
  return types;
}

// What a function with OUT arguments calls its columns.
std::vector<types::CompositeField> OutputFields(const BoundFunction& node,
                                                const ExecutionContext& context) {
  const functions::ProcInfo& proc = *node.proc;
  std::vector<SqlType> arguments = ArgumentTypes(node);
  std::vector<types::CompositeField> fields;
  for (size_t i = 0; i < proc.argument_modes.size(); ++i) {
    char mode = proc.argument_modes[i];
    if (!functions::IsOutputMode(mode)) continue;
    bool named = i < proc.argument_names.size();
    Oid type = proc.all_argument_types[i];
    type = ActualType(type, proc, arguments, *context.environment.io.types);
    if (type == types::kInvalidOid) {
      base::ThrowNotSupported(
          fmt::format("function {} in a target list", functions::ProcSignature(proc)),
          node.location);
    }
    fields.push_back({named ? proc.argument_names[i] : "", {type}});
  }
  return fields;
}

}  // namespace

SetExpression::SetExpression(const binder::BoundExpression& node,
                             std::vector<types::CompositeField> columns, bool composite,
                             ExecutionContext& context, size_t capacity)
    : context_(context), composite_(composite), columns_(std::move(columns)) {
  kinds_ = KindsOf(columns_);
  if (!IsSetCall(node, composite)) {
    scalar_ = MakeEvaluator(node, context, capacity);
    return;
  }
  const auto& function = node.As<BoundFunction>();
  proc_ = function.proc;
  call_.emplace(context.environment, ArgumentTypes(function), node.type, node.collation);
  call_->set_variadic(function.variadic);
  if (composite) {
    call_->set_result_columns(columns_);
  } else {
    PlanPacking(function);
  }
  call_->set_arena(&arena_);
  arguments_ = MakeEvaluators(function.arguments, context, capacity);
  values_.resize(arguments_.size());
  row_.resize(arguments_.size());
  if (proc_->implementation != nullptr) function_ = proc_->implementation->set;
  if (function_ == nullptr && proc_->oid < types::kFirstUserOid) {
    base::ThrowNotSupported(fmt::format("function {}", functions::ProcSignature(*proc_)),
                            node.location);
  }
  if (function_ != nullptr) return;
  std::vector<types::PhysicalKind> kinds = kinds_;
  if (packed_ != nullptr) kinds = KindsOf(packed_fields_);
  user_rows_.emplace(std::move(kinds), context.memory);
}

std::vector<types::PhysicalKind> SetExpression::KindsOf(
    const std::vector<types::CompositeField>& fields) const {
  std::vector<types::PhysicalKind> kinds;
  for (const types::CompositeField& field : fields) kinds.push_back(context_.KindOf(field.type));
  return kinds;
}

void SetExpression::PlanPacking(const BoundFunction& node) {
  const types::TypeInfo* type = &context_.environment.io.types->GetBaseType(node.type.oid);
  if (type->kind_code != 'c' && type->oid != types::oids::kRecord) return;
  packing_ = true;
  packed_type_ = type->oid;
  std::vector<types::CompositeField> fields = type->fields;
  if (type->oid == types::oids::kRecord) fields = OutputFields(node, context_);
  fields_from_argument_ = fields.empty();
  SetPackedFields(std::move(fields));
}

void SetExpression::SetPackedFields(std::vector<types::CompositeField> fields) {
  packed_ = std::make_unique<types::ChunkBuffer>(KindsOf(fields));
  packed_fields_ = std::move(fields);
}

// json_populate_recordset(row(…), …) in a target list: rows look like the first argument.
void SetExpression::FindPackedFields() {
  if (row_.empty() || row_[0].is_null() ||
      call_->argument_types()[0].oid != types::oids::kRecord) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("could not determine row type for result of {}", proc_->name))
        .Hint("Provide a non-null record argument, or call the function in the FROM clause using "
              "a column definition list.");
  }
  types::RecordReader base(row_[0].As<std::string_view>());
  SetPackedFields(base.Fields(call_->types()));
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
  if (done_ && !proc_->returns_set && function_ == nullptr) return StartWithNull();
  if (done_) return;
  if (function_ != nullptr) {
    if (packing_) call_->set_result_columns({});
    running_ = function_(*call_, row_);
    packs_ = packing_ && !running_->GivesWholeRows();
    if (packs_ && fields_from_argument_) FindPackedFields();
    if (packs_) call_->set_result_columns(packed_fields_);
  } else {
    packs_ = packing_;
    StartUserFunction();
  }
}

// What a strict function makes of a null, where it returns one row.
void SetExpression::StartWithNull() {
  packs_ = packing_;
  user_rows_->Clear();
  next_user_chunk_ = 0;
  user_rows_->AppendRow(std::vector<Datum>(user_rows_->column_count()));
  done_ = false;
}

void SetExpression::StartUserFunction() {
  if (context_.user_functions == nullptr) {
    base::ThrowNotSupported(fmt::format("calling function {} here", proc_->name));
  }
  user_rows_->Clear();
  next_user_chunk_ = 0;
  UserCall call{*proc_, call_->argument_types(), call_->result_type(), row_};
  bool spreads = packed_ != nullptr || composite_;
  context_.user_functions->CallSet(call, packed_ != nullptr ? packed_fields_ : columns_, spreads,
                                   *user_rows_);
}

size_t SetExpression::Next(types::ChunkBuffer& out) {
  if (done_) return 0;
  out.Reset();
  if (scalar_ != nullptr) return NextScalar(out);
  return packs_ ? NextPacked(out) : NextUnpacked(out);
}

size_t SetExpression::NextPacked(types::ChunkBuffer& out) {
  packed_->Reset();
  size_t count = NextUnpacked(*packed_);
  for (size_t row = 0; row < count; ++row) {
    types::RecordBuilder builder(packed_type_, packed_type_ == types::oids::kRecord);
    for (size_t i = 0; i < packed_fields_.size(); ++i) {
      const Vector& column = packed_->column(i);
      builder.Append(packed_fields_[i].type.oid, column.kind(), column.DatumAt(row),
                     packed_fields_[i].name);
    }
    out.column(0).SetDatum(row, Datum::From(builder.Finish(out.column(0).arena())));
  }
  return count;
}

size_t SetExpression::NextUnpacked(types::ChunkBuffer& out) {
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
  if (reader.type() == types::oids::kRecord) {
    types::CheckRecordHasColumns(*context_.environment.io.types, reader, columns_);
  }
  for (size_t i = 0; i < out.column_count(); ++i) {
    out.column(i).CopyDatum(row, reader.At(static_cast<int>(i)));
  }
}

}  // namespace sundog::exec
