// How many connections one cluster may have, and how fast they may come: the limits of Aurora DSQL,
// for clusters of that profile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/token_bucket.h"
#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}

namespace sundog::pgwire {

struct AdmissionLimits {
  int64_t most_connections = 10'000;
  base::RateLimit new_ones{.burst = 1'000, .per_second = 100};
};

// Safe from all threads.
class Admission {
 public:
  Admission(base::Clock& clock, const AdmissionLimits& limits) : clock_(clock), limits_(limits) {}

  // A connection's place; given back with it.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

   private:
    friend class Admission;
    Ticket(Admission* from, uint32_t tenant) : from_(from), tenant_(tenant) {}
    Admission* from_ = nullptr;
    uint32_t tenant_ = 0;
  };

  // How many clusters there is something to be remembered of.
  size_t remembered() const {
    runtime::MutexLock lock(mutex_);
    return clusters_.size();
  }

  // Throws FATAL 53300 `Unable to accept connection, too many open connections.` or 53400 `Unable
  // to accept connection, rate exceeded.`
  Ticket Admit(uint32_t tenant);

 private:
  struct Cluster {
    int64_t connections = 0;
    base::TokenBucket new_ones;
  };

  // So many are kept until there are more.
  static constexpr size_t kFew = 64;

  void Release(uint32_t tenant);
  bool IsAsNew(const Cluster& cluster, int64_t now_us) const;
  // Those that had not been as new yet when their last connection ended.
  void ForgetOld() REQUIRES(mutex_);

  base::Clock& clock_;
  const AdmissionLimits limits_;
  mutable runtime::Mutex mutex_;
  // Those that have a connection, or had one just now, and some more.
  std::unordered_map<uint32_t, Cluster> clusters_ GUARDED_BY(mutex_);
  size_t forget_at_ GUARDED_BY(mutex_) = kFew;
};

}  // namespace sundog::pgwire
