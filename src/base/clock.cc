#include "base/clock.h"

#include <ctime>

namespace sundog::base {

namespace {

int64_t ReadClock(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

class MachineClock : public Clock {
 public:
  int64_t WallMicros() const override { return ReadClock(CLOCK_REALTIME); }
  int64_t MonotonicMicros() const override { return ReadClock(CLOCK_MONOTONIC); }
};

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

}  // namespace sundog::base
