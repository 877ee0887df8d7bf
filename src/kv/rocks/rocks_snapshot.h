// Reads of the RocksDB store at one version: points, batches of points, ranges.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "kv/store.h"

namespace rocksdb {
class DB;
class Snapshot;
}  // namespace rocksdb

namespace sundog::kv {

class SegmentCache;

// The versions of the snapshots that exist, in ascending order.
class LiveVersions {
 public:
  using Place = std::list<Version>::iterator;
  // `version` is not below those added before.
  Place Add(Version version) {
    std::lock_guard lock(mutex_);
    return versions_.insert(versions_.end(), version);
  }
  void Remove(Place place) {
    std::lock_guard lock(mutex_);
    versions_.erase(place);
  }
  Version oldest() const {
    std::lock_guard lock(mutex_);
    return versions_.front();
  }

 private:
  mutable std::mutex mutex_;
  std::list<Version> versions_;  // guarded by mutex_
};

class RocksSnapshot : public Snapshot, public std::enable_shared_from_this<RocksSnapshot> {
 public:
  // Takes the database as it is now and calls it `version`. Whole ranges are read through `cache`.
  RocksSnapshot(rocksdb::DB& db, SegmentCache& cache, LiveVersions& live, Version version);
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
  LiveVersions& live_;
  const LiveVersions::Place place_;
};

}  // namespace sundog::kv
