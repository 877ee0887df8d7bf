#include "exec/operator/join_operator.h"

#include "base/check.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

using planner::LogicalJoinType;

namespace {

std::vector<types::PhysicalKind> Concatenate(std::vector<types::PhysicalKind> left,
                                             const std::vector<types::PhysicalKind>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace

JoinOperator::JoinOperator(LogicalJoinType type, const binder::BoundExpressions& conjuncts,
                           const std::vector<int>& output, const planner::PhysicalNode& node,
                           OperatorPtr left, OperatorPtr right, ExecutionContext& context)
    : Operator(context),
      left_(std::move(left)),
      right_(std::move(right)),
      type_(type),
      output_(output),
      left_count_(node.children[0]->kinds.size()),
      both_(Concatenate(node.children[0]->kinds, node.children[1]->kinds)),
      filter_(conjuncts, context),
      selected_(types::kVectorSize) {
  for (int slot : output) chunk_.columns.push_back(&both_.column(slot));
}

bool JoinOperator::KeepsLeft() const {
  return type_ == LogicalJoinType::kLeft || type_ == LogicalJoinType::kFull;
}

bool JoinOperator::KeepsRight() const {
  return type_ == LogicalJoinType::kRight || type_ == LogicalJoinType::kFull;
}

void JoinOperator::Open() {
  started_ = false;
  left_done_ = false;
  input_ = nullptr;
  row_matched_ = false;
  next_unmatched_ = 0;
  matched_right_.clear();
  left_->Open();
}

void JoinOperator::Close() {
  left_->Close();
  right_->Close();
}

const Chunk* JoinOperator::Next() {
  if (!started_) {
    started_ = true;
    StartRight();
    if (KeepsRight()) matched_right_.assign(KeptRight()->row_count(), false);
  }
  while (true) {
    runtime::CheckInterrupts();
    Gather();
    if (pairs_.empty() && ends_.empty()) break;
    if (const Chunk* chunk = Emit()) return chunk;
  }
  return KeepsRight() ? NextUnmatchedRight() : nullptr;
}

void JoinOperator::Gather() {
  both_.Reset();
  pairs_.clear();
  ends_.clear();
  if (input_ != nullptr && position_ == input_->row_count()) input_ = nullptr;
  if (input_ == nullptr && !FetchLeft()) return;
  // Pairs point into the left chunk: they are emitted before the next one is read.
  while (HasRoom() && position_ < input_->row_count()) {
    if (!AddCandidate(*input_, input_->rows[position_])) EndRow();
  }
}

bool JoinOperator::FetchLeft() {
  if (left_done_) return false;
  input_ = left_->Next();
  if (input_ == nullptr) {
    left_done_ = true;
    return false;
  }
  position_ = 0;
  StartChunk(*input_);
  StartRow(*input_, input_->rows[0]);
  return true;
}

void JoinOperator::EndRow() {
  ends_.push_back({static_cast<uint16_t>(input_->rows[position_]),
                   static_cast<uint32_t>(pairs_.size())});
  ++position_;
  if (position_ < input_->row_count()) StartRow(*input_, input_->rows[position_]);
}

void JoinOperator::AddLeft(const Chunk* left, size_t row, size_t at) {
  for (size_t i = 0; i < left_count_; ++i) {
    both_.column(i).SetDatum(at, left != nullptr ? left->column(i).DatumAt(row) : Datum());
  }
}

void JoinOperator::AddPair(const Chunk& left, size_t left_row, const RowStore& right,
                           uint32_t right_row) {
  size_t at = pairs_.size();
  AddLeft(&left, left_row, at);
  for (size_t i = left_count_; i < both_.column_count(); ++i) {
    both_.column(i).SetDatum(at, right.At(right_row, i - left_count_));
  }
  pairs_.push_back(right_row);
}

void JoinOperator::AddPair(const Chunk& left, size_t left_row, const Chunk& right,
                           size_t right_row) {
  size_t at = pairs_.size();
  AddLeft(&left, left_row, at);
  for (size_t i = left_count_; i < both_.column_count(); ++i) {
    both_.column(i).CopyFrom(at, right.column(i - left_count_), right_row);
  }
  pairs_.push_back(0);
}

RowSet JoinOperator::Test() {
  RowSet rows(pairs_.size());
  if (filter_.empty() || pairs_.empty()) return rows;
  return filter_.Apply(both_.Finish(pairs_.size()), rows);
}

const Chunk* JoinOperator::Emit() {
  RowSet held = Test();
  if (KeepsRight()) held.ForEach([&](size_t pair) { matched_right_[pairs_[pair]] = true; });
  bool left_only = type_ == LogicalJoinType::kSemi || type_ == LogicalJoinType::kAnti;
  return left_only ? EmitLeftRows(held) : EmitPairs(held);
}

// For each left row that ended in this batch: whether one of its pairs held, now or before.
template <typename Visit>
void JoinOperator::VisitEnds(RowSet held, Visit&& visit) {
  size_t k = 0;
  for (const RowEnd& end : ends_) {
    while (k < held.count() && held[k] < end.pair_end) {
      row_matched_ = true;
      ++k;
    }
    visit(end.row, row_matched_);
    row_matched_ = false;
  }
  if (k < held.count()) row_matched_ = true;
}

const Chunk* JoinOperator::EmitLeftRows(RowSet held) {
  bool wanted = type_ == LogicalJoinType::kSemi;
  size_t count = 0;
  VisitEnds(held, [&](uint16_t row, bool matched) {
    if (matched == wanted) selected_[count++] = row;
  });
  if (count == 0) return nullptr;
  left_chunk_.columns.clear();
  for (int slot : output_) left_chunk_.columns.push_back(input_->columns[slot]);
  left_chunk_.rows = RowSet(selected_.data(), count);
  return &left_chunk_;
}

const Chunk* JoinOperator::EmitPairs(RowSet held) {
  if (!KeepsLeft()) {
    if (held.empty()) return nullptr;
    chunk_.rows = held;
    return &chunk_;
  }
  // Left rows without a partner lie behind the pairs (HasRoom() has left space for them), but come
  // in their place: the left side's order stays.
  size_t count = 0;
  size_t k = 0;
  size_t at = pairs_.size();
  for (const RowEnd& end : ends_) {
    for (; k < held.count() && held[k] < end.pair_end; ++k) {
      row_matched_ = true;
      selected_[count++] = static_cast<uint16_t>(held[k]);
    }
    if (!row_matched_) {
      AddLeft(input_, end.row, at);
      for (size_t i = left_count_; i < both_.column_count(); ++i) both_.column(i).SetNull(at);
      selected_[count++] = static_cast<uint16_t>(at++);
    }
    row_matched_ = false;
  }
  for (; k < held.count(); ++k) {
    row_matched_ = true;
    selected_[count++] = static_cast<uint16_t>(held[k]);
  }
  if (count == 0) return nullptr;
  chunk_.rows = RowSet(selected_.data(), count);
  return &chunk_;
}

const Chunk* JoinOperator::NextUnmatchedRight() {
  const RowStore& right = *KeptRight();
  both_.Reset();
  size_t count = 0;
  for (; next_unmatched_ < right.row_count() && count < types::kVectorSize; ++next_unmatched_) {
    if (matched_right_[next_unmatched_]) continue;
    AddLeft(nullptr, 0, count);
    for (size_t i = left_count_; i < both_.column_count(); ++i) {
      both_.column(i).SetDatum(count, right.At(next_unmatched_, i - left_count_));
    }
    ++count;
  }
  if (count == 0) return nullptr;
  chunk_.rows = RowSet(count);
  return &chunk_;
}

}  // namespace sundog::exec
