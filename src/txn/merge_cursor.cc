#include "txn/merge_cursor.h"

namespace sundog::txn {

MergeCursor::MergeCursor(std::unique_ptr<kv::Cursor> base, const WriteSet& writes,
                         CommandId command, kv::KeyRange range, kv::Direction direction)
    : base_(std::move(base)),
      writes_(writes),
      command_(command),
      range_(std::move(range)),
      direction_(direction) {
  Start();
}

void MergeCursor::Reset(kv::KeyRange range) {
  base_->Reset(range);
  range_ = std::move(range);
  batch_ = {};
  base_done_ = false;
  Start();
}

void MergeCursor::Start() {
  if (range_.empty()) {
    node_ = nullptr;
    return;
  }
  node_ = direction_ == kv::Direction::kForward ? writes_.LowerBound(range_.begin)
                                                : writes_.Before(range_.end);
  SettleNode();
}

void MergeCursor::StepNode() {
  node_ = direction_ == kv::Direction::kForward ? WriteSet::After(*node_) : node_->previous;
  SettleNode();
}

void MergeCursor::SettleNode() {
  while (node_ != nullptr) {
    if (!range_.Contains(node_->key)) {
      node_ = nullptr;
      return;
    }
    write_ = WriteSet::Visible(*node_, command_);
    if (write_ != nullptr) return;
    node_ = direction_ == kv::Direction::kForward ? WriteSet::After(*node_) : node_->previous;
  }
}

std::span<const kv::Entry> MergeCursor::Next(size_t max_entries) {
  entries_.clear();
  // A batch of the base is valid until its next: so one call hands out of one batch only.
  do {
    if (batch_.empty() && !base_done_) {
      batch_ = base_->Next(max_entries);
      base_done_ = batch_.empty();
    }
    MergeInto(max_entries);
  } while (entries_.empty() && !base_done_);
  return entries_;
}

void MergeCursor::MergeInto(size_t max_entries) {
  while (entries_.size() < max_entries) {
    if (batch_.empty() && (!base_done_ || node_ == nullptr)) return;
    bool own = node_ != nullptr &&
               (batch_.empty() || !ForwardBefore(batch_.front().key, node_->key));
    if (!own) {
      entries_.push_back(batch_.front());
      batch_ = batch_.subspan(1);
      continue;
    }
    if (!batch_.empty() && batch_.front().key == node_->key) batch_ = batch_.subspan(1);
    if (write_->value) entries_.push_back({node_->key, *write_->value});
    StepNode();
  }
}

}  // namespace sundog::txn
