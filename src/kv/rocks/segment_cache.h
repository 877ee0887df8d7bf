// What full scans read lately, kept as plain arrays: scanning a cached row costs a tenth of what
// RocksDB's iterators take, since there is nothing to merge, check or parse.
//
// A segment is all entries of a stretch of keys, as they have been since some version. The rule
// that makes it safe:
//   1. A commit takes the segments it wrote into out of the cache before it is published; so what
//      is in the cache is right for every snapshot from the segment's version on.
//   2. A reader may put in what it read at its snapshot only if no commit wrote there since. It
//      asks the conflict window while it holds the cache's mutex; a commit is in the window before
//      it takes segments out, so one of the two sees the other.
// Readers that hold a segment keep it alive and right for their own snapshot.
//
// Safe from all threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kv/store.h"
#include "runtime/mutex.h"

namespace sundog::kv {

struct Segment {
  std::string begin;  // covers the keys from here
  std::string end;    // up to but without this one
  Version since = 0;
  std::vector<Entry> entries;  // their bytes lie in `bytes`
  std::string bytes;
  mutable std::atomic<uint64_t> last_scan = 0;

  size_t Weight() const {
    return sizeof(Segment) + bytes.capacity() + entries.capacity() * sizeof(Entry);
  }
};
using SegmentPtr = std::shared_ptr<const Segment>;

class SegmentCache {
 public:
  // `unchanged(begin, end, since)`: true only if no commit wrote there after `since`.
  using Unchanged = std::function<bool(std::string_view, std::string_view, Version)>;
  SegmentCache(size_t budget_bytes, Unchanged unchanged);

  // Scans are numbered, so that what several in a row used is not given up for what one reads.
  uint64_t BeginScan() { return scans_.fetch_add(1, std::memory_order_relaxed) + 1; }

  // The segment that covers `key` and is right at `version`; if there is none, null, and `*gap_end`
  // is where the next segment begins (empty: nowhere).
  SegmentPtr Find(std::string_view key, Version version, uint64_t scan,
                  std::string* gap_end) const;

  // Offers what was read. Not kept if something was written there since, or if there is no room.
  void Offer(std::shared_ptr<Segment> segment, uint64_t scan);

  // Before the commit is published.
  void Invalidate(const CommitRequest& request);

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  using Map = std::map<std::string, SegmentPtr, std::less<>>;

  void Remove(Map::iterator it) REQUIRES(mutex_);
  void RemoveRange(std::string_view begin, std::string_view end) REQUIRES(mutex_);
  bool MakeRoom(size_t weight, uint64_t scan) REQUIRES(mutex_);

  const size_t budget_bytes_;
  const Unchanged unchanged_;
  std::atomic<uint64_t> scans_ = 0;
  std::atomic<size_t> bytes_ = 0;  // written with mutex_ held
  mutable runtime::Mutex mutex_;
  Map segments_ GUARDED_BY(mutex_);  // by begin; they do not overlap
  // In the order they came; some may be gone already.
  std::deque<std::weak_ptr<const Segment>> arrivals_ GUARDED_BY(mutex_);
};

// Reads a range forward at the snapshot's version: cached stretches from the cache, the rest
// through a cursor that `open` makes on the same snapshot, offering it to the cache.
class SegmentCursor : public Cursor {
 public:
  using OpenSource = std::function<std::unique_ptr<Cursor>(KeyRange)>;
  SegmentCursor(SegmentCache& cache, SnapshotPtr snapshot, OpenSource open, KeyRange range);

  std::span<const Entry> Next(size_t max_entries) override;
  void Reset(KeyRange range) override;

 private:
  bool LoadSegment();
  SegmentPtr ReadSegment(const std::string& gap_end);
  void PlaceSource(const std::string& until);

  SegmentCache& cache_;
  const SnapshotPtr snapshot_;
  const OpenSource open_;
  const uint64_t scan_;  // of all the ranges it is set to
  std::string position_;  // what has been read ends here
  std::string end_;
  bool done_ = false;
  std::unique_ptr<Cursor> source_;
  // Where the source stands and how far it reads; meaningful if it is ready.
  std::string source_position_;
  std::string source_end_;
  bool source_ready_ = false;
  SegmentPtr segment_;
  size_t next_entry_ = 0;
};

}  // namespace sundog::kv
