// Arithmetic of intervals, and justify_*().
#include <cmath>
#include <limits>

#include "base/sql_error.h"
#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/calendar.h"
#include "types/datetime_error.h"

namespace sundog::functions {

using types::kDaysPerMonth;
using types::kMicrosPerDay;
using types::ThrowOutOfRange;

Interval WrappingNegate(const Interval& interval) {
  return {static_cast<int64_t>(-static_cast<uint64_t>(interval.micros)),
          static_cast<int32_t>(-static_cast<uint32_t>(interval.days)),
          static_cast<int32_t>(-static_cast<uint32_t>(interval.months))};
}

Interval NegateInterval(const Interval& interval) { return SubtractIntervals({}, interval); }

Interval AddIntervals(const Interval& a, const Interval& b) {
  Interval sum;
  if (__builtin_add_overflow(a.months, b.months, &sum.months) ||
      __builtin_add_overflow(a.days, b.days, &sum.days) ||
      __builtin_add_overflow(a.micros, b.micros, &sum.micros)) {
    ThrowOutOfRange("interval");
  }
  return sum;
}

Interval SubtractIntervals(const Interval& a, const Interval& b) {
  Interval difference;
  if (__builtin_sub_overflow(a.months, b.months, &difference.months) ||
      __builtin_sub_overflow(a.days, b.days, &difference.days) ||
      __builtin_sub_overflow(a.micros, b.micros, &difference.micros)) {
    ThrowOutOfRange("interval");
  }
  return difference;
}

namespace {

// Moves whole `unit`s of `*from` into `*to`.
template <typename From>
void Carry(From* from, int64_t unit, int32_t* to) {
  int64_t whole = *from / unit;
  *from = static_cast<From>(*from - whole * unit);
  int64_t sum = *to + whole;
  if (sum != static_cast<int32_t>(sum)) ThrowOutOfRange("interval");
  *to = static_cast<int32_t>(sum);
}

// Makes days and time agree in sign.
void AlignTime(Interval* interval) {
  if (interval->days > 0 && interval->micros < 0) {
    interval->micros += kMicrosPerDay;
    --interval->days;
  } else if (interval->days < 0 && interval->micros > 0) {
    interval->micros -= kMicrosPerDay;
    ++interval->days;
  }
}

// Makes months and what is below them agree in sign.
void AlignDays(Interval* interval, int64_t below_days) {
  bool negative = interval->days < 0 || (interval->days == 0 && below_days < 0);
  bool positive = interval->days > 0 || (interval->days == 0 && below_days > 0);
  if (interval->months > 0 && negative) {
    interval->days += kDaysPerMonth;
    --interval->months;
  } else if (interval->months < 0 && positive) {
    interval->days -= kDaysPerMonth;
    ++interval->months;
  }
}

}  // namespace

Interval JustifyHours(Interval interval) {
  Carry(&interval.micros, kMicrosPerDay, &interval.days);
  AlignTime(&interval);
  return interval;
}

namespace {

Interval JustifyHoursOf(Interval interval) { return JustifyHours(interval); }

Interval JustifyDays(Interval interval) {
  Carry(&interval.days, kDaysPerMonth, &interval.months);
  AlignDays(&interval, 0);
  return interval;
}

Interval JustifyInterval(Interval interval) {
  // Days go first where adding whole days of time to them might overflow.
  if ((interval.days > 0 && interval.micros > 0) || (interval.days < 0 && interval.micros < 0)) {
    Carry(&interval.days, kDaysPerMonth, &interval.months);
  }
  Carry(&interval.micros, kMicrosPerDay, &interval.days);
  Carry(&interval.days, kDaysPerMonth, &interval.months);
  AlignDays(&interval, interval.micros);
  AlignTime(&interval);
  return interval;
}

template <typename Integer>
Integer ToInteger(double value) {
  constexpr double kLimit = -static_cast<double>(std::numeric_limits<Integer>::min());
  if (!(value >= -kLimit && value < kLimit)) ThrowOutOfRange("interval");
  return static_cast<Integer>(value);
}

double RoundToMicros(double value) { return std::rint(value * 1e6) / 1e6; }

// Scales each field; fractions of months become days of 30 a month, fractions of days time.
template <typename Scale>
Interval ScaleInterval(const Interval& interval, Scale scale) {
  constexpr double kSecondsPerDay = types::kSecondsPerDay;
  Interval result;
  result.months = ToInteger<int32_t>(scale(interval.months));
  result.days = ToInteger<int32_t>(scale(interval.days));
  double month_days =
      RoundToMicros((scale(interval.months) - result.months) * kDaysPerMonth);
  double seconds = (scale(interval.days) - result.days + month_days -
                    static_cast<int>(month_days)) *
                   kSecondsPerDay;
  seconds = RoundToMicros(seconds);
  // Rounding may have made a whole day of it.
  if (std::abs(seconds) >= kSecondsPerDay) {
    int whole_days = static_cast<int>(seconds / kSecondsPerDay);
    if (__builtin_add_overflow(result.days, whole_days, &result.days)) {
      ThrowOutOfRange("interval");
    }
    seconds -= whole_days * kSecondsPerDay;
  }
  if (__builtin_add_overflow(result.days, static_cast<int32_t>(month_days), &result.days)) {
    ThrowOutOfRange("interval");
  }
  result.micros = ToInteger<int64_t>(
      std::rint(scale(static_cast<double>(interval.micros)) + seconds * 1e6));
  return result;
}

Interval IntervalTimes(Interval interval, double factor) {
  return MultiplyInterval(interval, factor);
}
Interval TimesInterval(double factor, Interval interval) {
  return MultiplyInterval(interval, factor);
}
Interval IntervalDivided(Interval interval, double divisor) {
  return DivideInterval(interval, divisor);
}

Interval Negate(Interval interval) { return NegateInterval(interval); }
Interval Add(Interval a, Interval b) { return AddIntervals(a, b); }
Interval Subtract(Interval a, Interval b) { return SubtractIntervals(a, b); }

constexpr ScalarEntry kEntries[] = {
    {"interval_um", Kernel<Negate>},
    {"interval_pl", Kernel<Add>},
    {"interval_mi", Kernel<Subtract>},
    {"interval_mul", Kernel<IntervalTimes>},
    {"mul_d_interval", Kernel<TimesInterval>},
    {"interval_div", Kernel<IntervalDivided>},
    {"interval_justify_hours", Kernel<JustifyHoursOf>},
    {"interval_justify_days", Kernel<JustifyDays>},
    {"interval_justify_interval", Kernel<JustifyInterval>},
};

}  // namespace

Interval MultiplyInterval(const Interval& interval, double factor) {
  return ScaleInterval(interval, [factor](double field) { return field * factor; });
}

Interval DivideInterval(const Interval& interval, double divisor) {
  if (divisor == 0) throw SqlError(sqlstate::kDivisionByZero, "division by zero");
  return ScaleInterval(interval, [divisor](double field) { return field / divisor; });
}

void RegisterIntervalArithmetic(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
