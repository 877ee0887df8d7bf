// The graph of one index, kept equal to the index's entries.
//
//  1. A feed is opened, and then a snapshot, the base.
//  2. The base's entries are compared with the points of a checkpoint, if there was one: missing
//     ones are made, points without an entry die. From then on the points are complete for every
//     snapshot from the base on.
//  3. What the feed brings becomes points, which begin and end at the version of their commit.
//  4. New points wait in line and are searched exactly, until they are taken into the Hnsw, one
//     after the other.
//
// A point that dies stays: a snapshot may show it. What no snapshot shows any more is skipped if it
// still waits, and goes with the graph when that is made anew.
//
// Work() and what is said to be so is called by one thread, the rest by any. Locks are taken in the
// order gate_, mutex_, the queue's.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kv/store.h"
#include "runtime/mutex.h"
#include "vectors/change_queue.h"
#include "vectors/gate.h"
#include "vectors/graph_options.h"
#include "vectors/hnsw.h"
#include "vectors/nearest_search.h"
#include "vectors/point.h"

namespace sundog::vectors {

class Graph : public std::enable_shared_from_this<Graph> {
 public:
  struct Counts {
    bool complete = false;  // every entry is known
    bool ready = false;     // and no more than kFewWaiting wait: searches are quick
    uint64_t points = 0;    // alive
    uint64_t dead = 0;
    uint64_t waiting = 0;   // points not taken in, and changes not looked at
    uint64_t changes = 0;   // since the graph began
  };

  // A search measures each of those that wait: so many are no more than it measures anyway.
  static constexpr size_t kFewWaiting = 256;

  // `wake`: there is work; called by any thread.
  Graph(kv::Store& store, const GraphKey& key, const GraphOptions& options, size_t most_bytes,
        std::function<void()> wake);
  ~Graph();

  // Null: search exactly. See Graphs::Search.
  std::unique_ptr<NearestSearch> Search(kv::Version version, std::string_view probe,
                                        size_t ef_search);
  Counts counts() const;
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed) + queue_.bytes(); }
  // The index is gone; there was more than `most_bytes` to look at.
  bool dropped() const { return queue_.dropped(); }
  bool overrun() const { return queue_.overrun(); }

  // --- of the one thread that works ---
  // Before the first Work(): `loaded` comes from a checkpoint, or is empty.
  void Start(std::unique_ptr<Hnsw> loaded);
  // Does what there is to do, for about this long. False: nothing is left. Throws std::exception
  // where memory ends or the store cannot be read; the graph is of no use then.
  bool Work(int64_t slice_us);
  // No more searches, and no more commits come in.
  void Close();
  kv::Version base() const { return base_; }
  const Hnsw& hnsw() const { return *hnsw_; }
  // What a checkpoint would have that the last one, or none, has not.
  uint64_t changes_to_save() const { return counts().changes - saved_changes_; }
  void NoteSaved() { saved_changes_ = counts().changes; }

 private:
  // More waiting changes than this are left to the working thread, and more bytes of waiting
  // vectors are not searched: a reactor would be held up too long, and with the gate open for so
  // long the working thread could take next to nothing in.
  static constexpr size_t kMostChangesToApply = 2000;
  static constexpr size_t kMostDeltaBytes = 2 << 20;

  bool CanMeasure(std::string_view vector) const;
  bool ReadEntries();
  void FinishReading() REQUIRES(mutex_);
  void ApplyChanges(size_t most) REQUIRES(mutex_);
  void Apply(const ChangeQueue::Change& change, std::string_view key, std::string_view value)
      REQUIRES(mutex_);
  // The entry's point from `version` on; one that has this very vector already goes on.
  void Put(std::string_view row_key, std::string_view entry_value, kv::Version version)
      REQUIRES(mutex_);
  void EraseRange(std::string_view begin, std::string_view end, kv::Version version)
      REQUIRES(mutex_);
  void Kill(Point& point, kv::Version version) REQUIRES(mutex_);
  // Takes waiting points in, for a moment. False: none waits.
  bool TakeSomeIn(kv::Version oldest);
  size_t waiting_changes() const REQUIRES(mutex_);
  void Measure();

  kv::Store& store_;
  const GraphOptions options_;
  const std::string prefix_;
  const types::VectorDistance distance_;
  ChangeQueue queue_;
  std::unique_ptr<kv::Feed> feed_;
  kv::SnapshotPtr snapshot_;            // while entries are read
  std::unique_ptr<kv::Cursor> cursor_;  // the same
  kv::Version base_ = 0;
  uint64_t saved_changes_ = 0;

  // Closed when the Hnsw changes, or what only it and its readers see of a point.
  Gate gate_;
  std::unique_ptr<Hnsw> hnsw_;

  mutable runtime::Mutex mutex_;
  bool complete_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = false;
  ChangeQueue::Batch batch_ GUARDED_BY(mutex_);  // being applied
  size_t batch_change_ GUARDED_BY(mutex_) = 0;
  size_t batch_byte_ GUARDED_BY(mutex_) = 0;
  // The points that the newest version known here shows. Keys are the points' own.
  std::unordered_map<std::string_view, Point*> current_ GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Point>> waiting_ GUARDED_BY(mutex_);
  size_t waiting_bytes_ GUARDED_BY(mutex_) = 0;
  uint64_t next_number_ GUARDED_BY(mutex_) = 0;
  uint64_t all_points_ GUARDED_BY(mutex_) = 0;  // waiting or in the Hnsw
  uint64_t changes_ GUARDED_BY(mutex_) = 0;

  std::atomic<size_t> bytes_ = 0;
};

}  // namespace sundog::vectors
