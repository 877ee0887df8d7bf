// How much a tenant keeps, and the most that a cluster of profile dsql may keep. The store is asked
// for an estimate at most once a second, and not before the limit can have been reached: a tenant
// may go a little beyond. One a server; safe from all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}
namespace sundog::kv {
class Store;
}

namespace sundog::session {

// Aurora DSQL's own, which it raises on demand.
inline constexpr int64_t kDefaultClusterBytes = int64_t{10} << 40;

class ClusterSizes {
 public:
  // Both must outlive this.
  ClusterSizes(kv::Store& store, const base::Clock& clock, int64_t most_bytes)
      : store_(store), clock_(clock), most_bytes_(most_bytes) {}

  int64_t most_bytes() const { return most_bytes_; }
  // Of keys and values, definitions and indexes included; asks the store, and remembers nothing: of
  // a tenant that is not in memory, too.
  int64_t Measure(uint32_t tenant) const;
  // 53100 if the tenant keeps more than it may; before rows are added or changed.
  void Check(uint32_t tenant);
  void Forget(uint32_t tenant);
  // Of how many it knows the size.
  size_t count() const {
    runtime::MutexLock lock(mutex_);
    return measured_.size();
  }

 private:
  // Nobody writes faster.
  static constexpr int64_t kMostBytesAMicro = 1000;
  static constexpr int64_t kLeastPauseMicros = 1'000'000;

  struct Measured {
    int64_t bytes = 0;
    int64_t good_until_us = 0;
  };

  kv::Store& store_;
  const base::Clock& clock_;
  const int64_t most_bytes_;
  mutable runtime::Mutex mutex_;
  std::unordered_map<uint32_t, Measured> measured_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
