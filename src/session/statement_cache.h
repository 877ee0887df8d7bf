// Plans of texts that sessions send again and again without preparing them. Shared by all sessions
// of a server; a plan is found by its text, its declared parameter types and its scope, which is
// whatever else of a session decides on binding and planning (user, database, settings).
//
// What the key does not hold is asked when a plan is used: PreparedPlan::IsCurrent() compares
// catalogs. Tables grow and are analyzed without a change of the catalog, so a plan is good for a
// second and then made anew; plans of prepared statements live on.
//
// A text is kept when it is seen for the second time: those that never come again cost nothing.
// Safe from all threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/mutex.h"
#include "session/statement_pipeline.h"

namespace sundog::session {

// A plan with the executions that wait for their next run: there are never more than have run at
// one time.
class CachedPlan {
 public:
  // No plan: there is none for this text that would be good for other values too.
  explicit CachedPlan(std::shared_ptr<const PreparedPlan> plan) : plan_(std::move(plan)) {}

  const std::shared_ptr<const PreparedPlan>& plan() const { return plan_; }
  std::unique_ptr<Execution> TakeExecution();
  void GiveBack(std::unique_ptr<Execution> execution);

 private:
  const std::shared_ptr<const PreparedPlan> plan_;
  runtime::Mutex mutex_;
  std::vector<std::unique_ptr<Execution>> idle_ GUARDED_BY(mutex_);
};

class StatementCache {
 public:
  struct Key {
    std::string_view text;
    std::span<const types::Oid> types;
    std::string_view scope;
  };

  // Null if there is none, or none that is young enough.
  std::shared_ptr<CachedPlan> Find(const Key& key, int64_t now_us);
  // Whether the text has been asked about before.
  bool SeenBefore(const Key& key);
  std::shared_ptr<CachedPlan> Put(const Key& key, std::shared_ptr<const PreparedPlan> plan,
                                  int64_t now_us);
  void Remove(const Key& key);
  // Lets go of the plans that are too old to be found, and so of the catalogs they were made in.
  void RemoveOld(int64_t now_us);

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kShardEntries = 64;
  static constexpr size_t kRemembered = 4096;
  static constexpr int64_t kLifetimeUs = 1'000'000;

  struct Entry {
    std::shared_ptr<CachedPlan> plan;
    int64_t planned_at_us = 0;
    uint64_t last_use = 0;
  };
  struct Shard {
    runtime::Mutex mutex;
    std::unordered_map<std::string, Entry> entries GUARDED_BY(mutex);
    uint64_t uses GUARDED_BY(mutex) = 0;
  };

  static bool IsYoung(const Entry& entry, int64_t now_us) {
    int64_t age_us = now_us - entry.planned_at_us;
    return age_us >= 0 && age_us <= kLifetimeUs;
  }
  static const std::string& Flatten(const Key& key);
  Shard& ShardOf(const std::string& flat);

  std::array<Shard, kShards> shards_;
  std::array<std::atomic<uint64_t>, kRemembered> seen_{};
};

}  // namespace sundog::session
