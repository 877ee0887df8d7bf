// DISTINCT by hashing, and DISTINCT ON over sorted input: the first row of each key.
//
// When the keys outgrow working memory, rows with new ones are dealt out to files, and these are
// read in their turn as aggregate.cc does it.
#include <optional>

#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/operators.h"
#include "exec/row_file.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

class DistinctOperator : public Operator {
 public:
  DistinctOperator(const planner::PhysicalDistinct& node, ExecutionContext& context)
      : Operator(context),
        sorted_(node.sorted),
        kinds_(node.children[0]->kinds),
        child_(MakeOperator(*node.children[0], context)),
        encoder_(node.keys, context),
        selected_(types::kVectorSize) {}

  void Open() override {
    Forget();
    child_->Open();
  }

  const Chunk* Next() override {
    while (true) {
      const Chunk* input = scan_ != nullptr ? scan_->Next() : child_->Next();
      if (input == nullptr) {
        if (!NextPass()) return nullptr;
        continue;
      }
      runtime::CheckInterrupts();
      if (Keep(*input)) return &chunk_;
    }
  }

  void Close() override {
    child_->Close();
    Forget();
  }

 private:
  bool Keep(const Chunk& input) {
    encoder_.Evaluate(input, input.rows);
    size_t kept = 0;
    input.rows.ForEach([&](size_t row) {
      key_.assign(1, '\0');
      encoder_.Append(row, key_);
      if (spilled_.has_value()) {
        if (seen_.Find(key_) == KeyTable::kAbsent) spilled_->Write(key_, input.columns, row);
      } else if (IsNew()) {
        selected_[kept++] = static_cast<uint16_t>(row);
      }
    });
    Count();
    chunk_.columns = input.columns;
    chunk_.rows = RowSet(selected_.data(), kept);
    return kept > 0;
  }

  // Turns to rows that were put aside; false: there are none.
  bool NextPass() {
    if (spilled_.has_value()) {
      for (size_t i = 0; i < RowPartitions::kCount; ++i) {
        RowFilePtr rows = spilled_->Take(i);
        if (rows != nullptr) pending_.emplace_back(std::move(rows), level_ + 1);
      }
    }
    if (pending_.empty()) return false;
    ForgetKeys();
    level_ = pending_.back().second;
    scan_ = MakeRowFileScan(std::move(pending_.back().first), kinds_, context_);
    scan_->Open();
    pending_.pop_back();
    return true;
  }

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
    if (!spilled_.has_value() && context_.memory.ShouldSpill(now)) {
      spilled_.emplace(context_.temporary_folder, kinds_, level_);
    }
    context_.memory.Check();
  }

  void Forget() {
    ForgetKeys();
    scan_.reset();
    pending_.clear();
    level_ = 0;
  }

  void ForgetKeys() {
    spilled_.reset();
    seen_.Clear();
    last_key_.clear();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  const bool sorted_;
  const std::vector<types::PhysicalKind> kinds_;
  OperatorPtr child_;
  OperatorPtr scan_;  // of rows that were put aside; null: the child is read
  std::optional<RowPartitions> spilled_;  // there: no more keys are taken in
  std::vector<std::pair<RowFilePtr, int>> pending_;  // with the level of their pass
  int level_ = 0;
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
