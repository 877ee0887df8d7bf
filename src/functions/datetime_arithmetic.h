// Adding intervals to dates and times, and to each other. All throw 22008 where the result is out
// of range.
#pragma once

#include <cstdint>

#include "types/physical_kind.h"

namespace sundog::types {
class TimeZone;
}

namespace sundog::functions {

using types::Interval;

// Months first (the day is cut to the month's end), then days, then time. Infinities stay.
int64_t AddToTimestamp(int64_t timestamp, const Interval& interval);
// The same by the zone's clocks: a day is 23 or 25 hours long where they change.
int64_t AddToTimestamptz(const types::TimeZone& zone, int64_t timestamptz,
                         const Interval& interval);

// A time of day so much later, going round at midnight. Sums beyond int64 wrap, as in PostgreSQL.
int64_t WrapAroundClock(int64_t time, int64_t micros);

// Each field negated; the smallest values stay as they are.
Interval WrappingNegate(const Interval& interval);
Interval NegateInterval(const Interval& interval);
Interval AddIntervals(const Interval& a, const Interval& b);
Interval SubtractIntervals(const Interval& a, const Interval& b);

// What does not make whole months becomes days, of days time.
Interval MultiplyInterval(const Interval& interval, double factor);
Interval DivideInterval(const Interval& interval, double divisor);  // 22012 by zero

// Whole 24 hours become days.
Interval JustifyHours(Interval interval);

}  // namespace sundog::functions
