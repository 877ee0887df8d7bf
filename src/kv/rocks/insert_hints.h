// Where the last row of a table went into the memtable, so that the next one begins its search
// there: rows are often appended to the end of their table.
//
// RocksDB keeps one hint for each prefix, but a memtable is two skip lists, one of entries and one
// of deleted ranges, and it follows a hint into the wrong one of them, which corrupts both
// (facebook/rocksdb#5118). So hints are on only while a batch without deleted ranges is written,
// and off while the log is replayed at start.
#pragma once

#include <rocksdb/slice_transform.h>

#include <atomic>

namespace sundog::kv {

class InsertHints : public rocksdb::SliceTransform {
 public:
  void set_enabled(bool enabled) { enabled_.store(enabled, std::memory_order_relaxed); }

  const char* Name() const override { return "sundog.InsertHints"; }
  bool InDomain(const rocksdb::Slice& key) const override {
    return enabled_.load(std::memory_order_relaxed) && key.size() >= kPrefixBytes;
  }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), kPrefixBytes};
  }

 private:
  // The layers above begin each key with a tenant, a table and an index, four bytes each.
  static constexpr size_t kPrefixBytes = 12;

  std::atomic<bool> enabled_ = false;
};

}  // namespace sundog::kv
