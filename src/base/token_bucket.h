// How often something may happen: so many times at once, and so many times a second in the long
// run. A bucket begins full, fills with time, and each time takes one out.
#pragma once

#include <algorithm>
#include <cstdint>

namespace sundog::base {

struct RateLimit {
  int64_t burst = 1;
  int64_t per_second = 1;
};

// Guarded by its owner. Times are of one Clock::MonotonicMicros().
class TokenBucket {
 public:
  // Microseconds until there is one to take; 0: one was taken.
  [[nodiscard]] int64_t Take(const RateLimit& limit, int64_t now_us) {
    micros_ = Filled(limit, now_us);
    is_new_ = false;
    filled_us_ = now_us;
    if (micros_ < kOne) return (kOne - micros_ + limit.per_second - 1) / limit.per_second;
    micros_ -= kOne;
    return 0;
  }

  // As good as new.
  bool IsFull(const RateLimit& limit, int64_t now_us) const {
    return Filled(limit, now_us) == limit.burst * kOne;
  }

 private:
  static constexpr int64_t kOne = 1'000'000;

  int64_t Filled(const RateLimit& limit, int64_t now_us) const {
    const int64_t full = limit.burst * kOne;
    // Past that long a bucket is full, whatever was in it; so the product below cannot overflow.
    int64_t since_us = std::min(now_us - filled_us_, full / limit.per_second + kOne);
    return is_new_ ? full : std::min(full, micros_ + since_us * limit.per_second);
  }

  bool is_new_ = true;
  int64_t micros_ = 0;  // in millionths of one
  int64_t filled_us_ = 0;
};

}  // namespace sundog::base
