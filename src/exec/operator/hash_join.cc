// Hash join: the right side is kept and indexed by its keys, rows with equal keys in a chain.
//
// When the right side outgrows working memory, both sides are dealt out to files by a hash of their
// keys and the join is done file by file, each by an operator like this one: equal keys are in the
// same pair of files. Left rows then come in another order than the left side gave them: where that
// order is wanted it is not done.
#include "exec/key_encoder.h"
#include "exec/key_table.h"
#include "exec/operator/join_operator.h"
#include "exec/operator/operators.h"
#include "exec/row_file.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::LogicalJoinType;
using planner::PhysicalHashJoin;

namespace {

constexpr uint32_t kNone = ~uint32_t{0};
// Rows dealt out so often have one key in common, most likely: they stay in memory.
constexpr int kMostLevels = 6;

class HashJoinOperator : public JoinOperator {
 public:
  HashJoinOperator(const PhysicalHashJoin& node, OperatorPtr left, OperatorPtr right, int level,
                   ExecutionContext& context)
      : JoinOperator(node.type, node.conjuncts, node.output, node, std::move(left),
                     std::move(right), context),
        node_(node),
        level_(level),
        left_keys_(node.left_keys, context),
        right_keys_(node.right_keys, context),
        rows_(node.children[1]->kinds, context.memory) {}
  ~HashJoinOperator() override { Forget(); }

  void Open() override {
    Forget();
    JoinOperator::Open();
  }

  const Chunk* Next() override {
    if (!built_) {
      built_ = true;
      Build();
    }
    return partitioned_ ? NextOfPartitions() : JoinOperator::Next();
  }

  void Close() override {
    JoinOperator::Close();
    Forget();
  }

 protected:
  // Build() has read it.
  void StartRight() override {}

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
  void Build() {
    right_->Open();
    while (const Chunk* chunk = right_->Next()) {
      runtime::CheckInterrupts();
      right_keys_.Evaluate(*chunk, chunk->rows);
      chunk->rows.ForEach([&](size_t row) { Link(row); });
      rows_.Append(*chunk);
      Count();
      size_t held_bytes = counted_bytes_ + rows_.used_bytes();
      if (MayPartition() && context_.memory.ShouldSpill(held_bytes)) {
        Partition();
        break;
      }
    }
    right_->Close();
  }

  bool MayPartition() const { return level_ < kMostLevels && !node_.keeps_order; }

  // Deals out what is kept, then the rest of both sides.
  void Partition() {
    RowPartitions right(context_.temporary_folder, rows_.kinds(), level_);
    for (size_t i = 0; i < rows_.chunk_count(); ++i) {
      DealOut(rows_.chunk(i), right_keys_, KeepsRight(), right);
    }
    Forget();
    while (const Chunk* chunk = right_->Next()) DealOut(*chunk, right_keys_, KeepsRight(), right);
    RowPartitions left(context_.temporary_folder, node_.children[0]->kinds, level_);
    while (const Chunk* chunk = left_->Next()) DealOut(*chunk, left_keys_, NeedsAllLeft(), left);
    for (size_t i = 0; i < RowPartitions::kCount; ++i) {
      partitions_.push_back({left.Take(i), right.Take(i)});
    }
    built_ = true;
    partitioned_ = true;
  }

  // Rows with a null key have no partner: they are dealt out only where they are wanted all the
  // same.
  void DealOut(const Chunk& chunk, KeyEncoder& keys, bool with_nulls, RowPartitions& to) {
    runtime::CheckInterrupts();
    keys.Evaluate(chunk, chunk.rows);
    chunk.rows.ForEach([&](size_t row) {
      bool null = keys.AnyNull(row);
      if (null && !with_nulls) return;
      key_.clear();
      if (!null) keys.Append(row, key_);
      to.Write(key_, chunk.columns, row);
    });
  }

  // Left rows show up even without a partner.
  bool NeedsAllLeft() const { return KeepsLeft() || node_.type == LogicalJoinType::kAnti; }

  const Chunk* NextOfPartitions() {
    while (true) {
      if (part_ != nullptr) {
        if (const Chunk* chunk = part_->Next()) return chunk;
        part_->Close();
        part_.reset();
      }
      if (partitions_.empty()) return nullptr;
      auto [left, right] = std::move(partitions_.back());
      partitions_.pop_back();
      if (left == nullptr && !KeepsRight()) continue;
      if (right == nullptr && !NeedsAllLeft()) continue;
      part_ = std::make_unique<HashJoinOperator>(
          node_, MakeRowFileScan(std::move(left), node_.children[0]->kinds, context_),
          MakeRowFileScan(std::move(right), node_.children[1]->kinds, context_), level_ + 1,
          context_);
      part_->Open();
    }
  }

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
    built_ = false;
    partitioned_ = false;
    part_.reset();
    partitions_.clear();
    context_.memory.Subtract(counted_bytes_);
    counted_bytes_ = 0;
  }

  const PhysicalHashJoin& node_;
  const int level_;
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
  bool built_ = false;
  bool partitioned_ = false;
  std::vector<std::pair<RowFilePtr, RowFilePtr>> partitions_;  // left and right, still to do
  OperatorPtr part_;
};

}  // namespace

OperatorPtr MakeHashJoin(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<HashJoinOperator>(
      node.As<PhysicalHashJoin>(), MakeOperator(*node.children[0], context),
      MakeOperator(*node.children[1], context), 0, context);
}

}  // namespace sundog::exec
