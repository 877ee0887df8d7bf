// Hash join: the right side is kept and indexed by its keys, rows with equal keys in a chain.
#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/join_operator.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::PhysicalHashJoin;

namespace {

constexpr uint32_t kNone = ~uint32_t{0};

class HashJoinOperator : public JoinOperator {
 public:
  HashJoinOperator(const PhysicalHashJoin& node, ExecutionContext& context)
      : JoinOperator(node.type, node.conjuncts, node.output, *node.children[0], *node.children[1],
                     context),
        left_keys_(node.left_keys, context),
        right_keys_(node.right_keys, context),
        rows_(node.children[1]->kinds, context.memory) {}

  void Open() override {
    Forget();
    JoinOperator::Open();
  }
  void Close() override {
    JoinOperator::Close();
    Forget();
  }

 protected:
  void StartRight() override {
    right_->Open();
    while (const Chunk* chunk = right_->Next()) {
      runtime::CheckInterrupts();
      right_keys_.Evaluate(*chunk, chunk->rows);
      chunk->rows.ForEach([&](size_t row) { Link(row); });
      rows_.Append(*chunk);
      Count();
    }
    right_->Close();
  }

  void StartChunk(const Chunk& left) override { left_keys_.Evaluate(left, left.rows); }

  void StartRow(const Chunk&, size_t row) override {
    candidate_ = kNone;
    if (left_keys_.AnyNull(row)) return;
    key_.clear();
    left_keys_.Append(row, key_);
    uint32_t number = table_.Find(key_);
    if (number != KeyTable::kAbsent) candidate_ = heads_[number];
  }

  bool AddCandidate(const Chunk& left, size_t row) override {
    if (candidate_ == kNone) return false;
    AddPair(left, row, rows_, candidate_);
    candidate_ = chain_[candidate_];
    return true;
  }

  const RowStore* KeptRight() const override { return &rows_; }

 private:
  // The next right row, at the end of its key's chain; a null key matches nothing.
  void Link(size_t row) {
    uint32_t at = static_cast<uint32_t>(chain_.size());
    chain_.push_back(kNone);
    if (right_keys_.AnyNull(row)) return;
    key_.clear();
    right_keys_.Append(row, key_);
    bool fresh = false;
    uint32_t number = table_.Insert(key_, &fresh);
    if (fresh) {
      heads_.push_back(at);
      tails_.push_back(at);
    } else {
      chain_[tails_[number]] = at;
      tails_[number] = at;
    }
  }

  void Count() {
    size_t now = table_.used_bytes() + chain_.capacity() * sizeof(uint32_t) * 2;
    context_.memory.Add(now - counted_bytes_);
    counted_bytes_ = now;
    context_.memory.Check();
  }

  void Forget() {
    table_.Clear();
    heads_.clear();
    tails_.clear();
    chain_.clear();
    rows_.Clear();
    candidate_ = kNone;
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  KeyEncoder left_keys_;
  KeyEncoder right_keys_;
  RowStore rows_;
  KeyTable table_;
  std::vector<uint32_t> heads_;  // by key number: its first row
  std::vector<uint32_t> tails_;
  std::vector<uint32_t> chain_;  // by row: the next one with the same key
  size_t counted_bytes_ = 0;
  std::string key_;
  uint32_t candidate_ = kNone;
};

}  // namespace

OperatorPtr MakeHashJoin(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<HashJoinOperator>(node.As<PhysicalHashJoin>(), context);
}

}  // namespace sundog::exec
