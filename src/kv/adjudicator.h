// The adjudicator: decides which commits happen, in which order, and makes them durable together.
//
// One thread does it:
//   1. takes all requests that wait;
//   2. judges each, in order, against the ConflictWindow, which already holds the winners before
//      it, and gives each winner the next version;
//   3. hands the winners to the backend as one unit, which is synced once, and then to the feeds;
//   4. lets the backend publish a snapshot of the newest version;
//   5. wakes every requester with its outcome.
// While step 3 waits for the disk the next requests gather; so the busier the server, the more
// commits share one sync.
//
// If the backend fails in step 3, its winners get the error, and their versions pass as commits
// that changed nothing: others may see a conflict that is none, never the opposite.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "kv/conflict_window.h"
#include "kv/feeds.h"
#include "kv/store.h"

namespace sundog::kv {

// What the adjudicator asks of a backend. Called by its thread only.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  struct Winner {
    const CommitRequest* request;
    Version version;
  };
  // All or nothing. On disk on return if `sync`. Throws SqlError when the environment fails.
  virtual void Apply(std::span<const Winner> winners, bool sync) = 0;
  // Snapshots opened from now on are of this version.
  virtual void Publish(Version newest) = 0;
};

class Adjudicator {
 public:
  // `newest` is the version the sink has published already. Both must outlive this object.
  Adjudicator(CommitSink& sink, Version newest, ConflictWindow::Limits limits = {});
  // All requesters must have returned.
  ~Adjudicator();

  // Suspends until the outcome is known. `alone` asks that the request shares no unit with others.
  CommitOutcome Commit(const CommitRequest& request, bool alone = false);
  Changed ChangedSince(std::string_view key, Version since) const;
  // See ConflictWindow; commits that are judged but not yet published count too.
  bool RangeUnchanged(std::string_view begin, std::string_view end, Version since) const {
    return window_.RangeUnchanged(begin, end, since);
  }
  std::unique_ptr<Watch> WatchKey(std::string_view key);
  std::unique_ptr<Feed> OpenFeed(std::string_view prefix, FeedSink& sink) {
    return feeds_.Open(prefix, sink);
  }
  Version newest() const { return newest_.load(std::memory_order_acquire); }

 private:
  struct Pending;
  class KeyWatch;

  void Run();
  // Takes the requests of one group off the queue; waits for the first. False: stop.
  bool TakeGroup(std::vector<Pending*>& group);
  void JudgeGroup(std::span<Pending* const> group, std::vector<CommitSink::Winner>& winners);
  // False if the backend failed.
  bool ApplyGroup(std::span<Pending* const> group, std::span<const CommitSink::Winner> winners);
  // With the feeds' mutex held for as long as they know more than snapshots show.
  void DeliverAndPublish(std::span<const CommitSink::Winner> winners);
  void FireWatches(std::span<const CommitSink::Winner> winners);

  CommitSink& sink_;
  ConflictWindow window_;
  Feeds feeds_;
  std::atomic<Version> newest_;
  Version last_given_;  // the adjudicating thread's

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::vector<Pending*> queue_;  // guarded by queue_mutex_
  bool stop_ = false;            // guarded by queue_mutex_

  std::mutex watch_mutex_;
  std::atomic<size_t> watch_count_ = 0;
  std::unordered_multimap<std::string, KeyWatch*> watches_;  // guarded by watch_mutex_

  std::thread thread_;
};

}  // namespace sundog::kv
