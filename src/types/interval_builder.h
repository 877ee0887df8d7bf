// Sums up an interval from quantities of units, as its text gives them. Private to its input.
#pragma once

#include <cstdint>

#include "types/datetime_words.h"
#include "types/physical_kind.h"

namespace sundog::types::internal {

// Fractions fall to the next smaller unit: 1.5 months are a month and 15 days, 0.5 days 12 hours;
// a fraction of a year is rounded to months. All return false on overflow.
class IntervalBuilder {
 public:
  // `fraction` has the sign of `value` and is less than 1.
  [[nodiscard]] bool Add(TimeUnit unit, int64_t value, double fraction);
  [[nodiscard]] bool AddMicros(int64_t value, int64_t scale);
  [[nodiscard]] bool Negate();
  // False if the months do not fit.
  [[nodiscard]] bool Finish(Interval* interval) const;

  int64_t micros() const { return micros_; }
  void set_micros(int64_t micros) { micros_ = micros; }

 private:
  bool AddTime(int64_t value, double fraction, int64_t scale);
  bool AddTimeFraction(double fraction, int64_t scale);
  bool AddDays(int64_t value, int scale);
  bool AddDayFraction(double fraction, int scale);
  bool AddYears(int64_t value, double fraction, int scale);

  int64_t micros_ = 0;
  int32_t days_ = 0;
  int32_t months_ = 0;
  int32_t years_ = 0;
};

}  // namespace sundog::types::internal
