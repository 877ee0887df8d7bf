#include "txn/read_view.h"

#include "txn/merge_cursor.h"
#include "txn/transaction.h"
#include "txn/transaction_manager.h"

namespace sundog::txn {
namespace {

// Tells the transaction which part of its range was read.
class TrackingCursor : public kv::Cursor {
 public:
  TrackingCursor(std::unique_ptr<kv::Cursor> base, Transaction& transaction, kv::Version since,
                 kv::KeyRange range, kv::Direction direction)
      : base_(std::move(base)),
        transaction_(transaction),
        since_(since),
        rest_(std::move(range)),
        direction_(direction) {}

  std::span<const kv::Entry> Next(size_t max_entries) override {
    auto entries = base_->Next(max_entries);
    if (rest_.empty()) return entries;
    if (entries.empty()) {
      transaction_.TrackRead(rest_.begin, rest_.end, since_);
      rest_ = {"\1", "\1"};
    } else if (direction_ == kv::Direction::kForward) {
      std::string end(entries.back().key);
      end.push_back('\0');
      transaction_.TrackRead(rest_.begin, end, since_);
      rest_.begin = std::move(end);
    } else {
      transaction_.TrackRead(entries.back().key, rest_.end, since_);
      rest_.end.assign(entries.back().key);
    }
    return entries;
  }

  void Reset(kv::KeyRange range) override {
    base_->Reset(range);
    rest_ = std::move(range);
  }

 private:
  std::unique_ptr<kv::Cursor> base_;
  Transaction& transaction_;
  const kv::Version since_;
  kv::KeyRange rest_;
  const kv::Direction direction_;
};

// A range of a store without entries.
class NothingCursor : public kv::Cursor {
 public:
  std::span<const kv::Entry> Next(size_t) override { return {}; }
  void Reset(kv::KeyRange) override {}
};

}  // namespace

std::optional<std::string_view> ReadView::Get(std::string_view key, kv::ReadBuffer& buffer) const {
  if (tracked_) transaction_->TrackRead(key, version());
  if (const WriteSet::Write* write = transaction_->writes().Find(key, command_)) {
    return write->value;
  }
  return snapshot_->Get(key, buffer);
}

bool ReadView::ShowsAsOf(std::string_view key, kv::Version since) const {
  if (tracked_) transaction_->TrackRead(key, version());
  if (transaction_->writes().Find(key, command_) != nullptr) return false;
  if (version() == since) return true;
  // Unchanged up to the newest version, which is not before the view's.
  return version() > since &&
         transaction_->manager().store().ChangedSince(key, since) == kv::Changed::kNo;
}

std::span<const std::optional<std::string_view>> ReadView::MultiGet(
    std::span<const std::string_view> keys, kv::ReadBuffer& buffer) const {
  if (tracked_) {
    for (std::string_view key : keys) transaction_->TrackRead(key, version());
  }
  snapshot_->MultiGet(keys, buffer);
  const WriteSet& writes = transaction_->writes();
  if (!writes.empty()) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (const WriteSet::Write* write = writes.Find(keys[i], command_)) {
        buffer.values[i] = write->value;
      }
    }
  }
  return buffer.values;
}

std::unique_ptr<kv::Cursor> ReadView::Scan(kv::KeyRange range, kv::ScanOptions options) const {
  std::unique_ptr<kv::Cursor> cursor = snapshot_->Scan(range, options);
  const WriteSet& writes = transaction_->writes();
  // A cursor may be started over on another range: what matters is whether there is anything of our
  // own that the view sees at all.
  if (writes.Touches({}, command_)) {
    cursor = std::make_unique<MergeCursor>(std::move(cursor), writes, command_, range,
                                           options.direction);
  }
  if (tracked_) {
    cursor = std::make_unique<TrackingCursor>(std::move(cursor), *transaction_, version(),
                                              std::move(range), options.direction);
  }
  return cursor;
}

std::unique_ptr<kv::Cursor> ReadView::ScanOwnWrites(kv::KeyRange range) const {
  return std::make_unique<MergeCursor>(std::make_unique<NothingCursor>(), transaction_->writes(),
                                       command_, std::move(range), kv::Direction::kForward);
}

bool ReadView::HasOwnWrites(const kv::KeyRange& range) const {
  return transaction_->writes().Touches(range, command_);
}

void ReadView::NoteRead(const kv::KeyRange& range) const {
  if (tracked_) transaction_->TrackRead(range.begin, range.end, version());
}

}  // namespace sundog::txn
