#include "exec/row_writer.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/catalog.h"

namespace sundog::exec {

namespace {

constexpr size_t kDescribedBytes = 64;  // as PostgreSQL's maxfieldlen

}  // namespace

RowWriter::RowWriter(std::shared_ptr<const planner::PhysicalTableRules> rules, ModifyScope& scope)
    : rules_(std::move(rules)),
      scope_(scope),
      context_(scope.context()),
      layout_(context_.layouts->LayoutOf(rules_->table)),
      expressions_(layout_, rules_, context_) {
  const catalog::SchemaDescriptor* schema = context_.catalog->FindSchema(rules_->table->schema);
  if (schema != nullptr) schema_name_ = schema->name;
  for (int16_t attnum : layout_->live_attnums()) kinds_.push_back(layout_->KindOf(attnum));
  for (const auto& check : rules_->checks) {
    checks_.push_back(MakeEvaluator(*check.condition, context_));
  }
  storage::TableWriter::Context writer_context;
  writer_context.io = &context_.environment.io;
  writer_context.expressions = &expressions_;
  writer_context.deferred = context_.deferred_unique;
  writer_context.deferred_constraints = context_.deferred_constraints;
  writer_context.schema_name = schema_name_;
  writer_ = std::make_unique<storage::TableWriter>(layout_, *context_.transaction, writer_context);
}

RowWriter::~RowWriter() = default;

std::string RowWriter::DescribeRow(const Chunk& rows, size_t row) const {
  std::string text = "Failing row contains (";
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (i > 0) text += ", ";
    Datum value = rows.column(i).DatumAt(row);
    if (value.is_null()) {
      text += "null";
      continue;
    }
    std::string one;
    const types::TypeInfo& type = layout_->TypeOf(layout_->live_attnums()[i]);
    types::OutputText(context_.environment.io, type, value, one);
    if (one.size() > kDescribedBytes) {
      size_t end = kDescribedBytes;
      while (end > 0 && (one[end] & 0xC0) == 0x80) --end;
      one.resize(end);
      one += "...";
    }
    text += one;
  }
  return text + ").";
}

void RowWriter::ThrowNotNull(size_t column, const Chunk& rows, size_t row) {
  const std::string& name = table().FindColumn(layout_->live_attnums()[column])->name;
  throw SqlError(sqlstate::kNotNullViolation,
                 fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null "
                             "constraint",
                             name, table().name))
      .Detail(DescribeRow(rows, row))
      .Table(schema_name_, table().name)
      .Column(name);
}

void RowWriter::ThrowCheck(const std::string& constraint, const Chunk& rows, size_t row) {
  throw SqlError(sqlstate::kCheckViolation,
                 fmt::format("new row for relation \"{}\" violates check constraint \"{}\"",
                             table().name, constraint))
      .Detail(DescribeRow(rows, row))
      .Table(schema_name_, table().name)
      .Constraint(constraint);
}

void RowWriter::CheckNotNull(const Chunk& rows) {
  for (size_t i = 0; i < kinds_.size(); ++i) {
    const Vector& column = rows.column(i);
    if (!column.may_have_nulls() || !table().FindColumn(layout_->live_attnums()[i])->not_null) {
      continue;
    }
    rows.rows.ForEach([&](size_t row) {
      if (column.IsNull(row)) ThrowNotNull(i, rows, row);
    });
  }
}

void RowWriter::CheckConstraints(const Chunk& rows) {
  for (size_t i = 0; i < checks_.size(); ++i) {
    const Vector& holds = checks_[i]->Evaluate(rows, rows.rows);
    rows.rows.ForEach([&](size_t row) {
      if (!holds.IsNull(row) && !holds.At<bool>(row)) {
        ThrowCheck(rules_->checks[i].constraint, rows, row);
      }
    });
  }
}

void RowWriter::Prepare(types::ChunkBuffer& rows, size_t count) {
  expressions_.ComputeGenerated(rows, count);
  const Chunk& chunk = rows.Finish(count);
  CheckNotNull(chunk);
  CheckConstraints(chunk);
}

void RowWriter::Insert(types::ChunkBuffer& rows, size_t count) {
  Prepare(rows, count);
  const Chunk& chunk = rows.Finish(count);
  writer_->Insert(chunk);
  scope_.Inserted(*this, chunk);
}

storage::InsertOutcome RowWriter::InsertUnlessConflict(
    const Chunk& rows, size_t row, std::span<const storage::IndexLayout* const> arbiters) {
  storage::InsertOutcome outcome = writer_->InsertUnlessConflict(rows, row, arbiters);
  if (outcome.inserted) {
    uint16_t one = static_cast<uint16_t>(row);
    Chunk inserted{rows.columns, RowSet(&one, 1)};
    scope_.Inserted(*this, inserted);
  }
  return outcome;
}

void RowWriter::Update(const Vector& row_keys, const Vector* old_values, const Chunk& old_rows,
                       types::ChunkBuffer& new_rows, size_t count, std::vector<bool>* changed) {
  Prepare(new_rows, count);
  const Chunk& chunk = new_rows.Finish(count);
  writer_->Update(row_keys, old_values, chunk, changed);
  std::vector<uint16_t> done;
  for (size_t row = 0; row < count; ++row) {
    if ((*changed)[row]) done.push_back(static_cast<uint16_t>(row));
  }
  if (done.empty()) return;
  RowSet rows(done.data(), done.size());
  scope_.Updated(*this, Chunk{old_rows.columns, rows}, Chunk{chunk.columns, rows});
}

void RowWriter::Delete(const Vector& row_keys, const Vector* old_values, const Chunk& old_rows,
                       std::vector<bool>* deleted) {
  writer_->Delete(row_keys, old_values, old_rows.rows, deleted);
  std::vector<uint16_t> done;
  old_rows.rows.ForEach([&](size_t row) {
    if ((*deleted)[row]) done.push_back(static_cast<uint16_t>(row));
  });
  if (done.empty()) return;
  scope_.Deleted(*this, Chunk{old_rows.columns, RowSet(done.data(), done.size())});
}

}  // namespace sundog::exec
