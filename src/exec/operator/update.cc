// UPDATE and DELETE.
#include "exec/operator/modify_operator.h"
#include "exec/operator/operators.h"

namespace sundog::exec {

using planner::PhysicalDelete;
using planner::PhysicalUpdate;

namespace {

std::vector<types::PhysicalKind> KindsAt(const PhysicalNode& node, const std::vector<int>& slots) {
  std::vector<types::PhysicalKind> kinds;
  for (int slot : slots) kinds.push_back(node.children[0]->kinds[slot]);
  return kinds;
}

// The row numbers of those that were really changed, and `to` with only these rows.
std::vector<uint16_t> KeepDone(const Chunk& from, const std::vector<bool>& done, RowSet source,
                               types::ChunkBuffer& to, size_t* count) {
  std::vector<uint16_t> rows;
  *count = 0;
  for (size_t k = 0; k < done.size(); ++k) {
    if (!done[k]) continue;
    for (size_t i = 0; i < from.columns.size(); ++i) {
      to.column(i).SetDatum(*count, from.column(i).DatumAt(k));
    }
    rows.push_back(static_cast<uint16_t>(source[k]));
    ++*count;
  }
  return rows;
}

class UpdateOperator : public ModifyOperator {
 public:
  UpdateOperator(const PhysicalUpdate& node, ExecutionContext& context)
      : ModifyOperator(node, context),
        node_(node),
        values_(MakeEvaluators(node.values, context)),
        keys_(types::PhysicalKind::kVarlen),
        old_rows_(KindsAt(node, node.old_slots)),
        new_rows_(KindsAt(node, node.old_slots)),
        done_rows_(KindsAt(node, node.old_slots)) {}

 protected:
  void Apply(const Chunk& input) override {
    size_t count = input.row_count();
    keys_.Reset();
    old_rows_.Reset();
    new_rows_.Reset();
    for (size_t k = 0; k < count; ++k) {
      keys_.SetDatum(k, input.column(node_.row_key_slot).DatumAt(input.rows[k]));
    }
    Densify(input, node_.old_slots, input.rows, old_rows_);
    for (size_t i = 0; i < values_.size(); ++i) {
      const Vector& value = values_[i]->Evaluate(input, input.rows);
      for (size_t k = 0; k < count; ++k) {
        new_rows_.column(i).SetDatum(k, value.DatumAt(input.rows[k]));
      }
    }
    changed_.assign(count, false);
    writer().Update(keys_, nullptr, old_rows_.Finish(count), new_rows_, count, &changed_,
                    RowWriter::Policies::kUpdate);
    done_rows_.Reset();
    size_t done = 0;
    std::vector<uint16_t> rows =
        KeepDone(new_rows_.chunk(), changed_, input.rows, done_rows_, &done);
    context_.rows_affected += static_cast<int64_t>(done);
    Return(done_rows_.Finish(done), done, input, rows);
  }

 private:
  const PhysicalUpdate& node_;
  std::vector<EvaluatorPtr> values_;
  Vector keys_;
  types::ChunkBuffer old_rows_;
  types::ChunkBuffer new_rows_;
  types::ChunkBuffer done_rows_;
  std::vector<bool> changed_;
};

class DeleteOperator : public ModifyOperator {
 public:
  DeleteOperator(const PhysicalDelete& node, ExecutionContext& context)
      : ModifyOperator(node, context),
        node_(node),
        keys_(types::PhysicalKind::kVarlen),
        old_rows_(KindsAt(node, node.old_slots)),
        done_rows_(KindsAt(node, node.old_slots)) {}

 protected:
  void Apply(const Chunk& input) override {
    size_t count = input.row_count();
    keys_.Reset();
    old_rows_.Reset();
    for (size_t k = 0; k < count; ++k) {
      keys_.SetDatum(k, input.column(node_.row_key_slot).DatumAt(input.rows[k]));
    }
    Densify(input, node_.old_slots, input.rows, old_rows_);
    deleted_.assign(count, false);
    writer().Delete(keys_, nullptr, old_rows_.Finish(count), &deleted_);
    done_rows_.Reset();
    size_t done = 0;
    std::vector<uint16_t> rows =
        KeepDone(old_rows_.chunk(), deleted_, input.rows, done_rows_, &done);
    context_.rows_affected += static_cast<int64_t>(done);
    Return(done_rows_.Finish(done), done, input, rows);
  }

 private:
  const PhysicalDelete& node_;
  Vector keys_;
  types::ChunkBuffer old_rows_;
  types::ChunkBuffer done_rows_;
  std::vector<bool> deleted_;
};

}  // namespace

OperatorPtr MakeUpdate(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<UpdateOperator>(node.As<PhysicalUpdate>(), context);
}

OperatorPtr MakeDelete(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<DeleteOperator>(node.As<PhysicalDelete>(), context);
}

}  // namespace sundog::exec
