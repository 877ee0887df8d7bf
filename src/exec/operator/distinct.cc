// DISTINCT by hashing, and DISTINCT ON over sorted input: the first row of each key.
#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

class DistinctOperator : public Operator {
 public:
  DistinctOperator(const planner::PhysicalDistinct& node, ExecutionContext& context)
      : Operator(context),
        sorted_(node.sorted),
        child_(MakeOperator(*node.children[0], context)),
        encoder_(node.keys, context),
        selected_(types::kVectorSize) {}

  void Open() override {
    Forget();
    child_->Open();
  }

  const Chunk* Next() override {
    while (const Chunk* input = child_->Next()) {
      runtime::CheckInterrupts();
      encoder_.Evaluate(*input, input->rows);
      size_t kept = 0;
      input->rows.ForEach([&](size_t row) {
        key_.assign(1, '\0');
        encoder_.Append(row, key_);
        if (IsNew()) selected_[kept++] = static_cast<uint16_t>(row);
      });
      Count();
      if (kept == 0) continue;
      chunk_.columns = input->columns;
      chunk_.rows = RowSet(selected_.data(), kept);
      return &chunk_;
    }
    return nullptr;
  }

  void Close() override {
    child_->Close();
    Forget();
  }

 private:
  bool IsNew() {
    if (sorted_) {
      if (key_ == last_key_) return false;
      last_key_ = key_;
      return true;
    }
    bool fresh = false;
    seen_.Insert(key_, &fresh);
    return fresh;
  }

  void Count() {
    size_t now = seen_.used_bytes();
    context_.memory.Add(now - counted_bytes_);
    counted_bytes_ = now;
    context_.memory.Check();
  }

  void Forget() {
    seen_.Clear();
    last_key_.clear();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  bool sorted_;
  OperatorPtr child_;
  KeyEncoder encoder_;
  KeyTable seen_;
  size_t counted_bytes_ = 0;
  std::string key_;
  std::string last_key_;
  std::vector<uint16_t> selected_;
  Chunk chunk_;
};

}  // namespace

OperatorPtr MakeDistinct(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<DistinctOperator>(node.As<planner::PhysicalDistinct>(), context);
}

}  // namespace sundog::exec
