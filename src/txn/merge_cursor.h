// A cursor over a transaction's view: the snapshot's entries with the transaction's own writes
// merged in, in either direction.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kv/store.h"
#include "txn/write_set.h"

namespace sundog::txn {

class MergeCursor : public kv::Cursor {
 public:
  // `base` stands at the start of the same range. `writes` may grow and be undone meanwhile.
  MergeCursor(std::unique_ptr<kv::Cursor> base, const WriteSet& writes, CommandId command,
              kv::KeyRange range, kv::Direction direction);

  std::span<const kv::Entry> Next(size_t max_entries) override;
  void Reset(kv::KeyRange range) override;

 private:
  void Start();
  // Moves node_ to the next own write that the view sees; null at the end of the range.
  void StepNode();
  void SettleNode();
  bool ForwardBefore(std::string_view a, std::string_view b) const {
    return direction_ == kv::Direction::kForward ? a < b : b < a;
  }
  void MergeInto(size_t max_entries);

  std::unique_ptr<kv::Cursor> base_;
  const WriteSet& writes_;
  const CommandId command_;
  kv::KeyRange range_;
  const kv::Direction direction_;
  std::span<const kv::Entry> batch_;  // of base_, not yet consumed
  bool base_done_ = false;
  const WriteSet::Node* node_ = nullptr;
  const WriteSet::Write* write_ = nullptr;  // what the view sees of node_
  std::vector<kv::Entry> entries_;
};

}  // namespace sundog::txn
