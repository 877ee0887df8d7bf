// What one statement sees: a snapshot of the store with the transaction's own earlier writes over
// it. A small value; copy it freely. Valid while its transaction runs.
//
// At SERIALIZABLE every read through a view is remembered by the transaction (exactly what was
// read: a scan that stops early remembers the part it covered) and judged at commit.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "kv/store.h"
#include "txn/write_set.h"

namespace sundog::txn {

class Transaction;

class ReadView {
 public:
  ReadView() = default;
  ReadView(Transaction& transaction, kv::SnapshotPtr snapshot, CommandId command, bool tracked)
      : transaction_(&transaction),
        snapshot_(std::move(snapshot)),
        command_(command),
        tracked_(tracked) {}

  kv::Version version() const { return snapshot_->version(); }
  const kv::SnapshotPtr& snapshot() const { return snapshot_; }
  CommandId command() const { return command_; }
  Transaction& transaction() const { return *transaction_; }
  bool valid() const { return snapshot_ != nullptr; }

  // As kv::Snapshot's.
  std::optional<std::string_view> Get(std::string_view key, kv::ReadBuffer& buffer) const;
  std::span<const std::optional<std::string_view>> MultiGet(
      std::span<const std::string_view> keys, kv::ReadBuffer& buffer) const;
  std::unique_ptr<kv::Cursor> Scan(kv::KeyRange range, kv::ScanOptions options = {}) const;
  // What Scan() gives of the transaction's own writes alone.
  std::unique_ptr<kv::Cursor> ScanOwnWrites(kv::KeyRange range) const;
  // False only if there are none of them in the range, deletions included.
  bool HasOwnWrites(const kv::KeyRange& range) const;
  // The range counts as read, as it does for one who learns what is in it by other means.
  void NoteRead(const kv::KeyRange& range) const;
  // A Get() for one who knows what the store held at version `since`: true if the view certainly
  // shows the same. Counts as read at SERIALIZABLE. Far cheaper than reading.
  bool ShowsAsOf(std::string_view key, kv::Version since) const;

 private:
  Transaction* transaction_ = nullptr;
  kv::SnapshotPtr snapshot_;
  CommandId command_ = 0;
  bool tracked_ = false;
};

}  // namespace sundog::txn
