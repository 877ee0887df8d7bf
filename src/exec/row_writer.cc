#include "exec/row_writer.h"

#include <fmt/format.h>

#include <algorithm>

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
  for (Policies policies : {Policies::kInsert, Policies::kUpdate, Policies::kConflict}) {
    for (const auto& check : ChecksOf(policies)) {
      policies_[static_cast<size_t>(policies)].push_back(MakeEvaluator(*check.condition, context_));
    }
  }
  storage::TableWriter::Context writer_context;
  writer_context.io = &context_.environment.io;
  writer_context.reader = context_.error_reader();
  writer_context.expressions = &expressions_;
  writer_context.deferred = context_.deferred_unique;
  writer_context.deferred_constraints = context_.deferred_constraints;
  writer_context.schema_name = schema_name_;
  writer_context.most_key_bytes = context_.row_limits.key;
  writer_ = std::make_unique<storage::TableWriter>(layout_, *context_.transaction, writer_context);
}

RowWriter::~RowWriter() = default;

std::string RowWriter::DescribeValue(const Chunk& rows, size_t column, size_t row) const {
  Datum value = rows.column(column).DatumAt(row);
  if (value.is_null()) return "null";
  std::string text;
  const types::TypeInfo& type = layout_->TypeOf(layout_->live_attnums()[column]);
  types::OutputText(context_.environment.io, type, value, text);
  if (text.size() > kDescribedBytes) {
    size_t end = kDescribedBytes;
    while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
    text.resize(end);
    text += "...";
  }
  return text;
}

std::string RowWriter::DescribeRow(const Chunk& rows, size_t row) const {
  catalog::ErrorReader reader = context_.error_reader();
  if (reader.HasPolicies(table())) return {};
  bool all = reader.MayReadAll(table());
  std::string names;
  std::string values;
  for (size_t i = 0; i < kinds_.size(); ++i) {
    // What the statement wrote itself is no news.
    int16_t attnum = layout_->live_attnums()[i];
    const auto& written = rules_->written;
    bool shown = all || std::find(written.begin(), written.end(), attnum) != written.end() ||
                 reader.MayRead(table(), {&attnum, 1});
    if (!shown) continue;
    if (!values.empty()) names += ", ", values += ", ";
    names += table().FindColumn(attnum)->name;
    values += DescribeValue(rows, i, row);
  }
  if (values.empty()) return {};
  return fmt::format("Failing row contains {}({}).", all ? "" : "(" + names + ") = ", values);
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

void RowWriter::CheckSizes(const Chunk& rows) const {
  rows.rows.ForEach([&](size_t row) {
    size_t total = 0;
    for (size_t i = 0; i < kinds_.size(); ++i) {
      const Vector& column = rows.column(i);
      if (column.IsNull(row)) continue;
      size_t bytes = kinds_[i] == types::PhysicalKind::kVarlen
                         ? column.At<std::string_view>(row).size()
                         : types::PhysicalWidth(kinds_[i]);
      total += bytes;
      if (bytes <= context_.row_limits.value) continue;
      const types::TypeInfo& type = layout_->TypeOf(layout_->live_attnums()[i]);
      std::string name = types::FormatType(*context_.environment.io.types, {type.oid, -1});
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("datatype limit greater than {} bytes not supported for {}",
                                 context_.row_limits.value, name));
    }
    if (total > context_.row_limits.row) {
      throw SqlError(sqlstate::kProgramLimitExceeded, "maximum row size exceeded");
    }
  });
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
  // Of the first row that fails, the first check.
  size_t count = rows.rows.count();
  const std::string* failed = nullptr;
  for (size_t i = 0; i < checks_.size(); ++i) {
    RowSet before = rows.rows.First(count);
    const Vector& holds = checks_[i]->Evaluate(rows, before);
    for (size_t k = 0; k < before.count(); ++k) {
      size_t row = before[k];
      if (holds.IsNull(row) || holds.At<bool>(row)) continue;
      failed = &rules_->checks[i].constraint;
      count = k;
      break;
    }
  }
  if (failed != nullptr) ThrowCheck(*failed, rows, rows.rows[count]);
}

const std::vector<planner::PhysicalTableRules::RowCheck>& RowWriter::ChecksOf(
    Policies policies) const {
  static const std::vector<planner::PhysicalTableRules::RowCheck> none;
  switch (policies) {
    case Policies::kInsert: return rules_->insert_checks;
    case Policies::kUpdate: return rules_->update_checks;
    case Policies::kConflict: return rules_->conflict_checks;
    case Policies::kNone: break;
  }
  return none;
}

void RowWriter::CheckPolicies(const Chunk& rows, Policies policies) {
  const std::vector<EvaluatorPtr>& conditions = policies_[static_cast<size_t>(policies)];
  for (size_t i = 0; i < conditions.size(); ++i) {
    const Vector& holds = conditions[i]->Evaluate(rows, rows.rows);
    rows.rows.ForEach([&](size_t row) {
      if (!holds.IsNull(row) && holds.At<bool>(row)) return;
      const std::string& policy = ChecksOf(policies)[i].policy;
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     fmt::format("new row violates row-level security policy{}{} for table \"{}\"",
                                 policy.empty() ? "" : " \"" + policy + "\"",
                                 policies == Policies::kConflict ? " (USING expression)" : "",
                                 table().name));
    });
  }
}

void RowWriter::Prepare(types::ChunkBuffer& rows, size_t count, Policies policies) {
  expressions_.ComputeGenerated(rows, count);
  const Chunk& chunk = rows.Finish(count);
  if (context_.row_limits.row != 0) CheckSizes(chunk);
  CheckPolicies(chunk, policies);
  CheckNotNull(chunk);
  CheckConstraints(chunk);
}

void RowWriter::Insert(types::ChunkBuffer& rows, size_t count) {
  Prepare(rows, count, Policies::kInsert);
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
                       types::ChunkBuffer& new_rows, size_t count, std::vector<bool>* changed,
                       Policies policies) {
  Prepare(new_rows, count, policies);
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
