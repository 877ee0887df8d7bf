#include "types/interval_builder.h"

#include <cmath>
#include <limits>

#include "types/calendar.h"

namespace sundog::types::internal {

namespace {

bool FitsInt32(int64_t value) { return value == static_cast<int32_t>(value); }

}  // namespace

bool IntervalBuilder::Add(TimeUnit unit, int64_t value, double fraction) {
  switch (unit) {
    case TimeUnit::kMicrosecond: return AddTime(value, fraction, 1);
    case TimeUnit::kMillisecond: return AddTime(value, fraction, 1000);
    case TimeUnit::kSecond: return AddTime(value, fraction, kMicrosPerSecond);
    case TimeUnit::kMinute: return AddTime(value, fraction, kMicrosPerMinute);
    case TimeUnit::kHour: return AddTime(value, fraction, kMicrosPerHour);
    case TimeUnit::kDay: return AddDays(value, 1) && AddTimeFraction(fraction, kMicrosPerDay);
    case TimeUnit::kWeek: return AddDays(value, 7) && AddDayFraction(fraction, 7);
    case TimeUnit::kMonth:
      return FitsInt32(value) &&
             !__builtin_add_overflow(months_, static_cast<int32_t>(value), &months_) &&
             AddDayFraction(fraction, kDaysPerMonth);
    case TimeUnit::kYear: return AddYears(value, fraction, 1);
    case TimeUnit::kDecade: return AddYears(value, fraction, 10);
    case TimeUnit::kCentury: return AddYears(value, fraction, 100);
    case TimeUnit::kMillennium: return AddYears(value, fraction, 1000);
    default: return false;
  }
}

bool IntervalBuilder::AddMicros(int64_t value, int64_t scale) {
  int64_t product;
  return !__builtin_mul_overflow(value, scale, &product) &&
         !__builtin_add_overflow(micros_, product, &micros_);
}

bool IntervalBuilder::AddTime(int64_t value, double fraction, int64_t scale) {
  return AddMicros(value, scale) && AddTimeFraction(fraction, scale);
}

bool IntervalBuilder::AddTimeFraction(double fraction, int64_t scale) {
  if (fraction == 0) return true;
  fraction *= static_cast<double>(scale);
  int64_t whole = static_cast<int64_t>(fraction);
  fraction -= static_cast<double>(whole);
  if (fraction > 0.5) {
    ++whole;
  } else if (fraction < -0.5) {
    --whole;
  }
  return !__builtin_add_overflow(micros_, whole, &micros_);
}

bool IntervalBuilder::AddDays(int64_t value, int scale) {
  int32_t days;
  return FitsInt32(value) && !__builtin_mul_overflow(static_cast<int32_t>(value), scale, &days) &&
         !__builtin_add_overflow(days_, days, &days_);
}

bool IntervalBuilder::AddDayFraction(double fraction, int scale) {
  if (fraction == 0) return true;
  fraction *= scale;
  int whole = static_cast<int>(fraction);
  if (__builtin_add_overflow(days_, whole, &days_)) return false;
  return AddTimeFraction(fraction - whole, kMicrosPerDay);
}

bool IntervalBuilder::AddYears(int64_t value, double fraction, int scale) {
  int32_t years;
  if (!FitsInt32(value) || __builtin_mul_overflow(static_cast<int32_t>(value), scale, &years) ||
      __builtin_add_overflow(years_, years, &years_)) {
    return false;
  }
  int months = static_cast<int>(std::rint(fraction * scale * kMonthsPerYear));
  return !__builtin_add_overflow(months_, months, &months_);
}

bool IntervalBuilder::Negate() {
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  if (micros_ == std::numeric_limits<int64_t>::min() || days_ == kMin || months_ == kMin ||
      years_ == kMin) {
    return false;
  }
  micros_ = -micros_;
  days_ = -days_;
  months_ = -months_;
  years_ = -years_;
  return true;
}

bool IntervalBuilder::Finish(Interval* interval) const {
  int64_t months = int64_t{years_} * kMonthsPerYear + months_;
  if (!FitsInt32(months)) return false;
  *interval = {micros_, days_, static_cast<int32_t>(months)};
  return true;
}

}  // namespace sundog::types::internal
