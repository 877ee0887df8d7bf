// Reads of the RocksDB store at one version: points, batches of points, ranges.
#pragma once

#include <memory>

#include "kv/store.h"

namespace rocksdb {
class DB;
class Snapshot;
}  // namespace rocksdb

namespace sundog::kv {

class SegmentCache;

class RocksSnapshot : public Snapshot, public std::enable_shared_from_this<RocksSnapshot> {
 public:
  // Takes the database as it is now and calls it `version`. Whole ranges are read through `cache`.
  RocksSnapshot(rocksdb::DB& db, SegmentCache& cache, Version version);
  ~RocksSnapshot() override;

  Version version() const override { return version_; }
  std::optional<std::string_view> Get(std::string_view key, ReadBuffer& buffer) const override;
  std::span<const std::optional<std::string_view>> MultiGet(
      std::span<const std::string_view> keys, ReadBuffer& buffer) const override;
  std::unique_ptr<Cursor> Scan(KeyRange range, ScanOptions options) const override;

 private:
  rocksdb::DB& db_;
  SegmentCache& cache_;
  const rocksdb::Snapshot* const at_;
  const Version version_;
};

}  // namespace sundog::kv
