// INSERT, with ON CONFLICT.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "exec/operator/modify_operator.h"
#include "exec/operator/operators.h"
#include "storage/table_reader.h"

namespace sundog::exec {

using planner::PhysicalInsert;

namespace {

std::vector<types::PhysicalKind> LiveKinds(const catalog::TableDescriptor& table,
                                           const ExecutionContext& context, int times) {
  std::vector<types::PhysicalKind> kinds;
  for (int i = 0; i < times; ++i) {
    for (int16_t attnum : table.LiveAttnums()) {
      kinds.push_back(context.KindOf(table.FindColumn(attnum)->type));
    }
  }
  return kinds;
}

class InsertOperator : public ModifyOperator {
 public:
  InsertOperator(const PhysicalInsert& node, ExecutionContext& context)
      : ModifyOperator(node, context),
        node_(node),
        values_(MakeEvaluators(node.values, context)),
        rows_(LiveKinds(*node.rules->table, context, 1)) {
    if (!node.on_conflict.has_value()) return;
    const PhysicalInsert::OnConflict& conflict = *node.on_conflict;
    assignments_ = MakeEvaluators(conflict.assignments, context, 2);
    if (conflict.where != nullptr) {
      conjuncts_.push_back(conflict.where->Clone());
      where_.emplace(conjuncts_, context, 2);
    }
    existing_.emplace(LiveKinds(*node.rules->table, context, 1), 2);
    both_.emplace(LiveKinds(*node.rules->table, context, 2), 2);
    updated_.emplace(LiveKinds(*node.rules->table, context, 1), 2);
  }

 protected:
  void Start() override {
    arbiters_.clear();
    if (!node_.on_conflict.has_value()) return;
    for (Oid index : node_.on_conflict->arbiters) {
      arbiters_.push_back(writer().layout()->FindIndex(index));
    }
    std::vector<int16_t> live(writer().layout()->live_attnums().begin(),
                              writer().layout()->live_attnums().end());
    lookup_ = std::make_unique<storage::RowLookup>(writer().layout(), std::move(live));
  }

  void Apply(const Chunk& input) override {
    size_t count = input.row_count();
    rows_.Reset();
    source_.clear();
    input.rows.ForEach([&](size_t row) { source_.push_back(static_cast<uint16_t>(row)); });
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i] == nullptr) {
        for (size_t k = 0; k < count; ++k) rows_.column(i).SetNull(k);
        continue;
      }
      const Vector& value = values_[i]->Evaluate(input, input.rows);
      for (size_t k = 0; k < count; ++k) {
        rows_.column(i).SetDatum(k, value.DatumAt(input.rows[k]));
      }
    }
    if (node_.on_conflict.has_value()) return ApplyWithConflicts(input, count);
    writer().Insert(rows_, count);
    context_.rows_affected += static_cast<int64_t>(count);
    Return(rows_.Finish(count), count, input, source_);
  }

 private:
  void ApplyWithConflicts(const Chunk& input, size_t count) {
    writer().Prepare(rows_, count, RowWriter::Policies::kInsert);
    const Chunk& chunk = rows_.Finish(count);
    for (size_t row = 0; row < count; ++row) {
      storage::InsertOutcome outcome = writer().InsertUnlessConflict(chunk, row, arbiters_);
      if (outcome.inserted) {
        ++context_.rows_affected;
        ReturnRow(chunk, row, input, source_[row]);
      } else if (node_.on_conflict->update) {
        UpdateExisting(chunk, row, input, source_[row], std::string(outcome.row_key));
      }
    }
  }

  void UpdateExisting(const Chunk& excluded, size_t row, const Chunk& input, uint16_t source,
                      const std::string& row_key) {
    if (writer().Lock(row_key, txn::RowLockMode::kUpdate, txn::WaitPolicy::kWait) ==
        txn::RowLockOutcome::kChanged) {
      throw txn::StatementRestart();
    }
    txn::ReadView latest = context_.transaction->LatestView();
    existing_->Reset();
    if (!lookup_->ByRowKey(latest, row_key, *existing_, 0)) throw txn::StatementRestart();
    const Chunk& existing = existing_->Finish(1);
    size_t live_count = existing.columns.size();
    both_->Reset();
    for (size_t i = 0; i < live_count; ++i) {
      both_->column(i).SetDatum(0, existing.column(i).DatumAt(0));
      both_->column(live_count + i).SetDatum(0, excluded.column(i).DatumAt(row));
    }
    const Chunk& both = both_->Finish(1);
    // Before WHERE, which would tell what is in a row that may not be seen.
    writer().CheckPolicies(existing, RowWriter::Policies::kConflict);
    if (where_.has_value() && where_->Apply(both, both.rows).empty()) return;
    updated_->Reset();
    for (size_t i = 0; i < live_count; ++i) {
      Datum value = existing.column(i).DatumAt(0);
      if (assignments_[i] != nullptr) value = assignments_[i]->Evaluate(both, both.rows).DatumAt(0);
      updated_->column(i).SetDatum(0, value);
    }
    Vector key(types::PhysicalKind::kVarlen, 2);
    key.CopyDatum(0, Datum::From(std::string_view(row_key)));
    std::vector<bool> changed(1);
    writer().Update(key, nullptr, existing, *updated_, 1, &changed,
                    RowWriter::Policies::kUpdate);
    if (!changed[0]) ThrowSecondTime();
    ++context_.rows_affected;
    set_returned_xmax(static_cast<uint32_t>(context_.transaction->TransactionId()));
    ReturnRow(updated_->Finish(1), 0, input, source);
    set_returned_xmax(0);
  }

  [[noreturn]] static void ThrowSecondTime() {
    throw SqlError(sqlstate::kCardinalityViolation,
                   "ON CONFLICT DO UPDATE command cannot affect row a second time")
        .Hint(
            "Ensure that no rows proposed for insertion within the same command have duplicate "
            "constrained values.");
  }

  // RETURNING for one row, put at the place of row 0.
  void ReturnRow(const Chunk& rows, size_t row, const Chunk& input, uint16_t source) {
    if (node_.returning.empty()) return;
    single_.columns.clear();
    single_values_.resize(rows.columns.size());
    for (size_t i = 0; i < rows.columns.size(); ++i) {
      if (single_values_[i] == nullptr) {
        single_values_[i] = std::make_unique<Vector>(rows.column(i).kind(), 2);
      }
      single_values_[i]->Reset();
      single_values_[i]->SetDatum(0, rows.column(i).DatumAt(row));
      single_.columns.push_back(single_values_[i].get());
    }
    single_.rows = RowSet(1);
    Return(single_, 1, input, {source});
  }

  const PhysicalInsert& node_;
  std::vector<EvaluatorPtr> values_;
  types::ChunkBuffer rows_;
  std::vector<uint16_t> source_;
  std::vector<const storage::IndexLayout*> arbiters_;
  std::unique_ptr<storage::RowLookup> lookup_;
  std::vector<EvaluatorPtr> assignments_;
  binder::BoundExpressions conjuncts_;  // what the filter points into
  std::optional<Filter> where_;
  std::optional<types::ChunkBuffer> existing_;
  std::optional<types::ChunkBuffer> both_;
  std::optional<types::ChunkBuffer> updated_;
  std::vector<std::unique_ptr<Vector>> single_values_;
  Chunk single_;
};

}  // namespace

OperatorPtr MakeInsert(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<InsertOperator>(node.As<PhysicalInsert>(), context);
}

}  // namespace sundog::exec
