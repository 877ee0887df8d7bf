// Window calls over one window.
//
// 1. All input rows are kept, with the calls' arguments and the window's keys as bytes.
// 2. They are sorted by partition and window order; partitions and peer groups are runs of equal
//    keys.
// 3. Each call computes its value row by row; rows are handed out in window order.
#include <algorithm>

#include "exec/key_encoder.h"
#include "exec/operator/operators.h"
#include "exec/ordered_sort.h"
#include "exec/row_store.h"
#include "exec/window_call.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::PhysicalWindow;

namespace {

binder::BoundExpressions OrderExpressions(const binder::BoundWindowSpec& window) {
  binder::BoundExpressions expressions;
  for (const auto& key : window.order_by) expressions.push_back(key.expression->Clone());
  return expressions;
}

std::vector<planner::PhysicalSortKey> OrderKeys(const binder::BoundWindowSpec& window) {
  std::vector<planner::PhysicalSortKey> keys;
  for (const auto& key : window.order_by) {
    keys.push_back({key.expression->Clone(), key.descending, key.nulls_first});
  }
  return keys;
}

binder::BoundExpressions CallInputs(const binder::BoundWindow& call) {
  binder::BoundExpressions inputs = binder::CloneAll(call.arguments);
  if (call.filter != nullptr) inputs.push_back(call.filter->Clone());
  return inputs;
}

std::vector<types::PhysicalKind> KindsOf(const binder::BoundExpressions& expressions,
                                         const ExecutionContext& context) {
  std::vector<types::PhysicalKind> kinds;
  for (const auto& expression : expressions) kinds.push_back(context.KindOf(expression->type));
  return kinds;
}

class WindowOperator : public Operator, private WindowRows {
 public:
  WindowOperator(const PhysicalWindow& node, ExecutionContext& context)
      : Operator(context),
        child_(MakeOperator(*node.children[0], context)),
        window_(node.calls[0]->window),
        partition_keys_(window_.partition_by, context),
        sort_keys_(OrderKeys(window_)),
        order_keys_(sort_keys_, context),
        order_expressions_(OrderExpressions(window_)),
        order_values_(MakeEvaluators(order_expressions_, context)),
        rows_(node.children[0]->kinds, context.memory),
        order_rows_(KindsOf(order_expressions_, context), context.memory),
        frames_(window_, context),
        buffer_(node.kinds) {
    for (size_t i = 0; i < node.calls.size(); ++i) {
      call_inputs_.push_back(CallInputs(*node.calls[i]));
      const binder::BoundExpressions& inputs = call_inputs_.back();
      inputs_.push_back(std::make_unique<RowStore>(KindsOf(inputs, context), context.memory));
      evaluators_.push_back(MakeEvaluators(inputs, context));
      calls_.push_back(MakeWindowCall(*node.calls[i], i, context));
    }
  }

  void Open() override {
    Forget();
    consumed_ = false;
    child_->Open();
  }

  const Chunk* Next() override {
    if (!consumed_) {
      consumed_ = true;
      frames_.Open();
      Consume();
    }
    if (next_ == entries_.size()) return nullptr;
    buffer_.Reset();
    size_t count = 0;
    for (; count < types::kVectorSize && next_ < entries_.size(); ++count, ++next_) {
      if (next_ == partition_end_) StartPartition();
      EmitRow(count);
    }
    return &buffer_.Finish(count);
  }

  void Close() override {
    child_->Close();
    Forget();
  }

 private:
  struct Entry {
    std::string_view partition;
    std::string_view order;
    uint32_t row;
  };

  // --- what calls see of the partition ---
  size_t size() const override { return partition_end_ - partition_begin_; }
  size_t GroupOf(size_t position) const override { return group_of_[position]; }
  size_t GroupBegin(size_t group) const override { return group_begins_[group]; }
  size_t GroupEnd(size_t group) const override { return group_begins_[group + 1]; }
  size_t group_count() const override { return group_begins_.size() - 1; }
  Datum OrderValue(size_t position) const override {
    return order_rows_.At(entries_[partition_begin_ + position].row, 0);
  }
  Datum Argument(size_t call, size_t argument, size_t position) const override {
    return inputs_[call]->At(entries_[partition_begin_ + position].row, argument);
  }

  void Consume() {
    while (const Chunk* input = child_->Next()) {
      runtime::CheckInterrupts();
      partition_keys_.Evaluate(*input, input->rows);
      order_keys_.Evaluate(*input, input->rows);
      uint32_t next = static_cast<uint32_t>(rows_.row_count());
      input->rows.ForEach([&](size_t row) {
        Entry entry;
        entry.row = next++;
        key_.clear();
        partition_keys_.Append(row, key_);
        entry.partition = keys_.Copy(key_);
        key_.clear();
        order_keys_.Append(row, key_);
        entry.order = keys_.Copy(key_);
        entries_.push_back(entry);
      });
      rows_.Append(*input);
      Keep(order_values_, *input, order_rows_);
      for (size_t i = 0; i < calls_.size(); ++i) Keep(evaluators_[i], *input, *inputs_[i]);
    }
    child_->Close();
    auto compare = [](const Entry& a, const Entry& b) {
      int order = a.partition.compare(b.partition);
      return order != 0 ? order : a.order.compare(b.order);
    };
    SortLikePostgres(std::span(entries_), compare, [](const Entry& entry) { return entry.row; });
  }

  static void Keep(std::vector<EvaluatorPtr>& evaluators, const Chunk& input, RowStore& to) {
    std::vector<const Vector*> values;
    for (EvaluatorPtr& evaluator : evaluators) {
      values.push_back(&evaluator->Evaluate(input, input.rows));
    }
    to.Append(values, input.rows);
  }

  void StartPartition() {
    partition_begin_ = next_;
    partition_end_ = next_;
    group_of_.clear();
    group_begins_.clear();
    while (partition_end_ < entries_.size() &&
           entries_[partition_end_].partition == entries_[partition_begin_].partition) {
      size_t position = partition_end_ - partition_begin_;
      if (position == 0 || entries_[partition_end_].order != entries_[partition_end_ - 1].order) {
        group_begins_.push_back(position);
      }
      group_of_.push_back(group_begins_.size() - 1);
      ++partition_end_;
    }
    group_begins_.push_back(partition_end_ - partition_begin_);
    frames_.StartPartition(*this);
    for (auto& call : calls_) call->StartPartition(*this);
  }

  void EmitRow(size_t at) {
    runtime::CheckInterrupts();
    uint32_t row = entries_[next_].row;
    for (size_t i = 0; i < rows_.column_count(); ++i) rows_.Fetch(row, i, buffer_.column(i), at);
    for (size_t i = 0; i < calls_.size(); ++i) {
      Datum value = calls_[i]->Compute(next_ - partition_begin_, frames_);
      buffer_.column(rows_.column_count() + i).CopyDatum(at, value);
    }
  }

  void Forget() {
    entries_.clear();
    keys_.Reset();
    rows_.Clear();
    order_rows_.Clear();
    for (auto& input : inputs_) input->Clear();
    next_ = partition_begin_ = partition_end_ = 0;
  }

  OperatorPtr child_;
  const binder::BoundWindowSpec& window_;
  KeyEncoder partition_keys_;
  std::vector<planner::PhysicalSortKey> sort_keys_;
  KeyEncoder order_keys_;
  binder::BoundExpressions order_expressions_;
  std::vector<EvaluatorPtr> order_values_;
  RowStore rows_;
  RowStore order_rows_;
  FrameFinder frames_;
  std::vector<std::unique_ptr<RowStore>> inputs_;  // by call: its arguments
  std::vector<binder::BoundExpressions> call_inputs_;
  std::vector<std::vector<EvaluatorPtr>> evaluators_;
  std::vector<std::unique_ptr<WindowCall>> calls_;
  std::vector<Entry> entries_;
  base::Arena keys_{4096};
  std::string key_;
  types::ChunkBuffer buffer_;
  bool consumed_ = false;
  size_t next_ = 0;
  size_t partition_begin_ = 0;
  size_t partition_end_ = 0;
  std::vector<size_t> group_of_;
  std::vector<size_t> group_begins_;  // and the partition's size at the end
};

}  // namespace

OperatorPtr MakeWindow(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<WindowOperator>(node.As<PhysicalWindow>(), context);
}

}  // namespace sundog::exec
