// Time as an argument: everything that asks for it gets a Clock, so that tests can set it.
#pragma once

#include <cstdint>

namespace sundog::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01 00:00 UTC.
  virtual int64_t WallMicros() const = 0;
  // Microseconds since an arbitrary start; never goes back.
  virtual int64_t MonotonicMicros() const = 0;
};

// The machine's clocks; lives for ever.
Clock& SystemClock();

class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t wall_us = 0) : wall_us_(wall_us) {}
  int64_t WallMicros() const override { return wall_us_; }
  int64_t MonotonicMicros() const override { return wall_us_; }
  void Advance(int64_t us) { wall_us_ += us; }

 private:
  int64_t wall_us_;
};

}  // namespace sundog::base
