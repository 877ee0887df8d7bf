#include "exec/ddl/row_work.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "catalog/catalog.h"
#include "catalog/owner_scope.h"
#include "catalog/vector_index.h"
#include "exec/expression/evaluator.h"
#include "exec/rule_expressions.h"
#include "planner/plan.h"
#include "runtime/interrupt.h"
#include "storage/centroids.h"
#include "storage/foreign_keys.h"
#include "storage/table_reader.h"
#include "storage/table_writer.h"

namespace sundog::exec {

namespace {

using TablePtr = std::shared_ptr<const catalog::TableDescriptor>;
using RulesPtr = std::shared_ptr<const planner::PhysicalTableRules>;

// 42501 if the role may not run a function in what a definition evaluates.
void RequireExecute(const binder::BoundExpression& expression, const catalog::Catalog& catalog,
                    Oid role) {
  catalog::RequiredPrivileges required;
  binder::BoundExpressionPtr copy = expression.Clone();
  binder::VisitDeep(copy, [&](binder::BoundExpressionPtr& node) {
    if (node->kind != binder::ExpressionKind::kFunction) return;
    required.functions.push_back(node->As<binder::BoundFunction>().proc->oid);
  });
  catalog::CheckPrivileges(catalog, required, role);
}

class RowWorker {
 public:
  RowWorker(const binder::RowWork& work, ExecutionContext& context,
            const planner::PlannerContext& planner_context)
      : RowWorker(work, context, planner_context,
                  context.layouts->LayoutOf(context.catalog->FindTable(work.table))) {}
  RowWorker(const binder::RowWork& work, ExecutionContext& context,
            const planner::PlannerContext& planner_context, storage::TableLayoutPtr layout)
      : work_(work),
        context_(context),
        planner_context_(planner_context),
        after_(context.catalog->FindTable(work.table)),
        layout_(std::move(layout)),
        rules_(context.rules->RulesOf(after_)),
        expressions_(layout_, rules_, context),
        schema_name_(context.catalog->FindSchema(after_->schema)->name) {
    writer_context_.io = &context.environment.io;
    writer_context_.reader = context.error_reader();
    writer_context_.schema_name = schema_name_;
    writer_context_.expressions = &expressions_;
  }

  void Run();
  storage::BackfillStep FillIndex(Oid index, const std::string& from);
  void MakeLists(Oid index);

 private:
  struct NewColumn {
    EvaluatorPtr value;     // over the old row
    int copied = -1;        // or the old row's column
  };

  void Rewrite();
  void WriteRows(const storage::TableLayoutPtr& rows_only);
  std::vector<NewColumn> PlanColumns(const storage::TableLayout& before);
  void FillRow(std::vector<NewColumn>& columns, const Chunk& old_rows, size_t count,
               types::ChunkBuffer& to);
  void CheckRows();
  void PrepareChecks(bool all);
  void Check(const Chunk& rows);
  void BuildIndexes();
  void ValidateForeignKeys();
  bool HasRows() const;
  size_t PositionOf(Oid index) const;
  void RequireExecuteOf(Oid index) const;

  const binder::RowWork& work_;
  ExecutionContext& context_;
  const planner::PlannerContext& planner_context_;
  TablePtr after_;
  storage::TableLayoutPtr layout_;
  RulesPtr rules_;
  RuleExpressions expressions_;
  std::string schema_name_;
  storage::TableWriter::Context writer_context_;
  RulesPtr value_rules_;
  // What rows are checked for.
  std::vector<size_t> not_null_;  // live columns
  struct NamedCheck {
    std::string name;
    EvaluatorPtr condition;
  };
  std::vector<NamedCheck> checks_;
};

void RowWorker::Run() {
  if (work_.rewrite) {
    Rewrite();
  } else {
    CheckRows();
  }
  {
    catalog::OwnerScope as_owner(*context_.environment.services, after_->owner);
    BuildIndexes();
  }
  ValidateForeignKeys();
}

// --- checks ---

void RowWorker::PrepareChecks(bool all) {
  std::span<const int16_t> live = layout_->live_attnums();
  for (size_t i = 0; i < live.size(); ++i) {
    bool asked = std::find(work_.not_null.begin(), work_.not_null.end(), live[i]) !=
                 work_.not_null.end();
    if (asked || (all && after_->FindColumn(live[i])->not_null)) not_null_.push_back(i);
  }
  for (const auto& check : rules_->checks) {
    const catalog::ConstraintDescriptor* constraint =
        after_->FindConstraint(std::string_view(check.constraint));
    bool asked = std::find(work_.checks.begin(), work_.checks.end(), constraint->oid) !=
                 work_.checks.end();
    if (!asked && !(all && constraint->validated)) continue;
    RequireExecute(*check.condition, *context_.catalog, context_.current_role());
    checks_.push_back({check.constraint, MakeEvaluator(*check.condition, context_)});
  }
}

void RowWorker::Check(const Chunk& rows) {
  for (size_t column : not_null_) {
    const Vector& values = rows.column(column);
    rows.rows.ForEach([&](size_t row) {
      if (!values.IsNull(row)) return;
      const std::string& name = after_->FindColumn(layout_->live_attnums()[column])->name;
      throw SqlError(sqlstate::kNotNullViolation,
                     fmt::format("column \"{}\" of relation \"{}\" contains null values", name,
                                 after_->name))
          .Table(schema_name_, after_->name)
          .Column(name);
    });
  }
  for (NamedCheck& check : checks_) {
    const Vector& holds = check.condition->Evaluate(rows, rows.rows);
    rows.rows.ForEach([&](size_t row) {
      if (holds.IsNull(row) || holds.At<bool>(row)) return;
      throw SqlError(sqlstate::kCheckViolation,
                     fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some "
                                 "row",
                                 check.name, after_->name))
          .Table(schema_name_, after_->name)
          .Constraint(check.name);
    });
  }
}

void RowWorker::CheckRows() {
  PrepareChecks(false);
  if (not_null_.empty() && checks_.empty()) return;
  std::span<const int16_t> live = layout_->live_attnums();
  storage::ScanSpec spec;
  spec.attnums.assign(live.begin(), live.end());
  storage::TableScan scan(layout_, spec);
  types::ChunkBuffer buffer(scan.kinds());
  scan.OpenAll(context_.transaction->LatestView());
  while (scan.Next(buffer) > 0) {
    runtime::CheckInterrupts();
    Check(buffer.chunk());
  }
}

// --- indexes and foreign keys ---

void RowWorker::BuildIndexes() {
  std::span<const storage::IndexLayout> indexes = layout_->indexes();
  for (size_t i = 0; i < indexes.size(); ++i) {
    Oid oid = indexes[i].descriptor().oid;
    bool asked = work_.rewrite || std::find(work_.new_indexes.begin(), work_.new_indexes.end(),
                                            oid) != work_.new_indexes.end();
    if (!asked) continue;
    RequireExecuteOf(oid);
    if (indexes[i].has_lists()) MakeLists(oid);
    storage::BackfillIndex(layout_, i, *context_.transaction, writer_context_);
  }
}

bool RowWorker::HasRows() const {
  kv::KeyRange rows = kv::PrefixRange(layout_->rows().prefix());
  return !context_.transaction->LatestView().Scan(rows)->Next(1).empty();
}

// An index is filled as the table's owner; its keys are computed where there are rows.
void RowWorker::RequireExecuteOf(Oid index) const {
  for (const auto& rules : rules_->indexes) {
    if (rules.index != index) continue;
    if (rules.predicate != nullptr) {
      RequireExecute(*rules.predicate, *context_.catalog, after_->owner);
    }
    if (!HasRows()) continue;
    for (const auto& key : rules.expressions) {
      if (key != nullptr) RequireExecute(*key, *context_.catalog, after_->owner);
    }
  }
}

storage::BackfillStep RowWorker::FillIndex(Oid index, const std::string& from) {
  if (from.empty()) RequireExecuteOf(index);
  return storage::BackfillRows(layout_, PositionOf(index), *context_.transaction, writer_context_,
                               from);
}

size_t RowWorker::PositionOf(Oid index) const {
  std::span<const storage::IndexLayout> indexes = layout_->indexes();
  size_t position = 0;
  while (indexes[position].descriptor().oid != index) ++position;
  return position;
}

void RowWorker::MakeLists(Oid index) {
  size_t counted_bytes = 0;
  storage::CentroidMemory memory{.most_bytes = context_.maintenance_bytes};
  memory.count = [&](size_t bytes) {
    context_.memory.Add(bytes);
    counted_bytes += bytes;
    context_.memory.Check();
  };
  storage::CentroidSample sample = storage::MakeCentroids(
      layout_, PositionOf(index), *context_.transaction, writer_context_, memory);
  context_.memory.Subtract(counted_bytes);
  if (sample.rows >= sample.lists) return;
  base::ErrorFields notice;
  notice.severity = base::Severity::kNotice;
  notice.state = sqlstate::kSuccessfulCompletion;
  notice.message = "ivfflat index created with little data";
  notice.detail = "This will cause low recall.";
  notice.hint = "Drop the index until the table has more data.";
  context_.environment.notice(context_.environment, notice);
}

void RowWorker::ValidateForeignKeys() {
  for (Oid oid : work_.foreign_keys) {
    storage::ForeignKey key;
    key.io = &context_.environment.io;
    key.reader = context_.error_reader();
    key.constraint = after_->FindConstraint(oid);
    TablePtr referenced = context_.catalog->FindTable(key.constraint->referenced_table);
    key.referencing = layout_;
    key.referenced = context_.layouts->LayoutOf(referenced);
    key.referencing_schema = schema_name_;
    key.referenced_schema = context_.catalog->FindSchema(referenced->schema)->name;
    storage::ValidateForeignKey(key, *context_.transaction);
  }
}

// --- rewriting ---

// The table with nothing but its rows: the other indexes are filled afterwards.
storage::TableLayoutPtr RowsOnly(const storage::TableLayout& layout) {
  auto bare = std::make_shared<catalog::TableDescriptor>(layout.table());
  std::erase_if(bare->indexes, [&](const catalog::IndexDescriptor& index) {
    return index.oid != bare->row_key_index;
  });
  return storage::TableLayout::Make(layout.tenant(), std::move(bare), layout.types());
}

std::vector<RowWorker::NewColumn> RowWorker::PlanColumns(const storage::TableLayout& before) {
  binder::BoundTableRules rules;
  rules.relation = 0;
  for (const binder::RowWork::Value& value : work_.values) {
    RequireExecute(*value.expression, *context_.catalog, context_.current_role());
    rules.checks.push_back({std::to_string(value.attnum), value.expression->Clone()});
  }
  value_rules_ = planner::PlanTableRules(work_.before, rules, planner_context_);
  std::vector<NewColumn> columns;
  std::span<const int16_t> old_live = before.live_attnums();
  for (int16_t attnum : layout_->live_attnums()) {
    NewColumn column;
    for (const auto& value : value_rules_->checks) {
      if (value.constraint != std::to_string(attnum)) continue;
      column.value = MakeEvaluator(*value.condition, context_);
    }
    auto at = std::find(old_live.begin(), old_live.end(), attnum);
    const auto& generated = rules_->generated[columns.size()];
    if (generated != nullptr && at == old_live.end()) {
      RequireExecute(*generated, *context_.catalog, context_.current_role());
    }
    if (column.value == nullptr && generated == nullptr && at != old_live.end()) {
      column.copied = static_cast<int>(at - old_live.begin());
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

void RowWorker::FillRow(std::vector<NewColumn>& columns, const Chunk& old_rows, size_t count,
                        types::ChunkBuffer& to) {
  to.Reset();
  for (size_t i = 0; i < columns.size(); ++i) {
    const Vector* source = nullptr;
    if (columns[i].value != nullptr) source = &columns[i].value->Evaluate(old_rows, RowSet(count));
    if (columns[i].copied >= 0) source = &old_rows.column(columns[i].copied);
    for (size_t row = 0; row < count; ++row) {
      if (source == nullptr || source->IsNull(row)) {
        to.column(i).SetNull(row);
      } else {
        to.column(i).CopyFrom(row, *source, row);
      }
    }
  }
  expressions_.ComputeGenerated(to, count);
}

void RowWorker::WriteRows(const storage::TableLayoutPtr& rows_only) {
  storage::TableLayoutPtr before =
      work_.types_before != nullptr
          ? storage::TableLayout::Make(layout_->tenant(), work_.before, *work_.types_before)
          : context_.layouts->LayoutOf(work_.before);
  std::vector<NewColumn> columns = PlanColumns(*before);
  std::span<const int16_t> old_live = before->live_attnums();
  storage::ScanSpec spec;
  spec.attnums.assign(old_live.begin(), old_live.end());
  storage::TableScan scan(before, spec);
  types::ChunkBuffer buffer(scan.kinds());
  std::vector<types::PhysicalKind> kinds;
  for (int16_t attnum : layout_->live_attnums()) kinds.push_back(layout_->KindOf(attnum));
  types::ChunkBuffer rows(kinds);
  storage::TableWriter writer(rows_only, *context_.transaction, writer_context_);
  PrepareChecks(true);
  scan.OpenAll(context_.transaction->LatestView());
  while (size_t count = scan.Next(buffer)) {
    runtime::CheckInterrupts();
    FillRow(columns, buffer.chunk(), count, rows);
    const Chunk& chunk = rows.Finish(count);
    Check(chunk);
    writer.Insert(chunk);
  }
}

void RowWorker::Rewrite() {
  try {
    WriteRows(RowsOnly(*layout_));
  } catch (SqlError& error) {
    // Rows with one key: the same finding as when an index is filled.
    const std::string& constraint = error.fields().constraint;
    if (error.state() != sqlstate::kUniqueViolation || constraint.empty()) throw;
    std::string detail = error.fields().detail;
    constexpr std::string_view kExists = " already exists.";
    if (detail.empty()) {
      detail = "Duplicate keys exist.";
    } else if (detail.ends_with(kExists)) {
      detail = detail.substr(0, detail.size() - kExists.size()) + " is duplicated.";
    }
    throw SqlError(sqlstate::kUniqueViolation,
                   fmt::format("could not create unique index \"{}\"", constraint))
        .Detail(std::move(detail))
        .Table(schema_name_, after_->name)
        .Constraint(constraint);
  }
}

}  // namespace

void DoRowWork(const binder::RowWork& work, ExecutionContext& context,
               const planner::PlannerContext& planner_context) {
  RowWorker(work, context, planner_context).Run();
}

storage::BackfillStep FillIndex(Oid table, Oid index, ExecutionContext& context,
                                const std::string& from) {
  binder::RowWork work;
  work.table = table;
  planner::PlannerContext unused;
  return RowWorker(work, context, unused).FillIndex(index, from);
}

void MakeIndexLists(Oid table, Oid index, ExecutionContext& context) {
  binder::RowWork work;
  work.table = table;
  planner::PlannerContext unused;
  TablePtr stored = context.catalog->FindTable(table);
  if (stored->FindIndex(index)->access_method != catalog::kIvfflatAccessMethod) return;
  // Layouts leave an index out whose build has not begun.
  auto building = std::make_shared<catalog::TableDescriptor>(*stored);
  for (catalog::IndexDescriptor& candidate : building->indexes) {
    if (candidate.oid == index) candidate.state = catalog::IndexState::kBuilding;
  }
  auto layout = storage::TableLayout::Make(context.transaction->tenant(), std::move(building),
                                           *context.catalog);
  RowWorker(work, context, unused, std::move(layout)).MakeLists(index);
}

std::optional<std::string> ConstantBytes(binder::BoundExpressionPtr expression,
                                         ExecutionContext& context,
                                         const planner::PlannerContext& planner_context) {
  SqlType type = expression->type;
  RequireExecute(*expression, *context.catalog, context.current_role());
  int slots = 0;
  expression = planner::PlanExpression(std::move(expression), planner_context, &slots);
  context.outer_slots.resize(slots);
  ScalarEvaluator evaluator(*expression, context);
  Datum value = evaluator.Evaluate();
  if (value.is_null()) return std::nullopt;
  types::PhysicalKind kind = context.KindOf(type);
  if (kind == types::PhysicalKind::kVarlen) return std::string(value.As<std::string_view>());
  return std::string(static_cast<const char*>(value.payload()), types::PhysicalWidth(kind));
}

}  // namespace sundog::exec
