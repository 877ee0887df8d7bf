// Nested loop: the right side is run anew for every left row with that row's values bound, or, if
// it needs none, run once and kept.
#include "exec/operator/join_operator.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::PhysicalNestedLoop;

namespace {

class NestedLoopOperator : public JoinOperator {
 public:
  NestedLoopOperator(const PhysicalNestedLoop& node, ExecutionContext& context)
      : JoinOperator(node.type, node.conjuncts, node.output, node,
                     MakeOperator(*node.children[0], context),
                     MakeOperator(*node.children[1], context), context),
        node_(node),
        rows_(node.children[1]->kinds, context.memory) {
    for (const planner::OuterBinding& binding : node.bindings) {
      bindings_.push_back(MakeEvaluator(*binding.value, context));
    }
    values_.resize(bindings_.size());
  }

  void Open() override {
    rows_.Clear();
    JoinOperator::Open();
  }
  void Close() override {
    JoinOperator::Close();
    rows_.Clear();
  }

 protected:
  void StartRight() override {
    if (!bindings_.empty()) return;
    right_->Open();
    while (const Chunk* chunk = right_->Next()) {
      runtime::CheckInterrupts();
      rows_.Append(*chunk);
    }
    right_->Close();
  }

  void StartChunk(const Chunk& left) override {
    for (size_t i = 0; i < bindings_.size(); ++i) {
      values_[i] = &bindings_[i]->Evaluate(left, left.rows);
    }
  }

  void StartRow(const Chunk&, size_t row) override {
    next_ = 0;
    chunk_ = nullptr;
    if (bindings_.empty()) return;
    for (size_t i = 0; i < bindings_.size(); ++i) {
      context_.outer_slots[node_.bindings[i].slot] = values_[i]->DatumAt(row);
    }
    right_->Open();
    runtime::CheckInterrupts();
    chunk_ = right_->Next();
  }

  bool AddCandidate(const Chunk& left, size_t row) override {
    if (bindings_.empty()) {
      if (next_ == rows_.row_count()) return false;
      AddPair(left, row, rows_, static_cast<uint32_t>(next_++));
      return true;
    }
    while (chunk_ != nullptr && next_ == chunk_->row_count()) {
      chunk_ = right_->Next();
      next_ = 0;
    }
    if (chunk_ == nullptr) return false;
    AddPair(left, row, *chunk_, chunk_->rows[next_++]);
    return true;
  }

  const RowStore* KeptRight() const override { return &rows_; }

 private:
  const PhysicalNestedLoop& node_;
  std::vector<EvaluatorPtr> bindings_;
  std::vector<const Vector*> values_;
  RowStore rows_;
  const Chunk* chunk_ = nullptr;
  size_t next_ = 0;
};

}  // namespace

OperatorPtr MakeNestedLoop(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<NestedLoopOperator>(node.As<PhysicalNestedLoop>(), context);
}

}  // namespace sundog::exec
