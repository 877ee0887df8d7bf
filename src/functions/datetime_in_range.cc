// in_range(): whether a row lies within RANGE … PRECEDING / FOLLOWING of another in a window.
#include "base/sql_error.h"
#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/range_offset.h"
#include "functions/session_zone.h"
#include "types/interval.h"
#include "types/time_of_day.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::TimeTz;

void CheckNotNegative(const Interval& offset) {
  CheckRangeOffset(types::CompareIntervals(offset, {}) >= 0);
}

int CompareMicros(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

int64_t Step(int64_t base, int64_t offset, bool subtract) {
  return subtract ? base - offset : base + offset;
}

bool TimestampInRange(int64_t value, int64_t base, Interval offset, bool subtract, bool less) {
  CheckNotNegative(offset);
  int64_t limit = AddToTimestamp(base, subtract ? WrappingNegate(offset) : offset);
  return InRangeOrder(CompareMicros(value, limit), less);
}

bool TimestamptzInRange(CallContext& call, int64_t value, int64_t base, Interval offset,
                        bool subtract, bool less) {
  CheckNotNegative(offset);
  int64_t limit =
      AddToTimestamptz(SessionZone(call), base, subtract ? WrappingNegate(offset) : offset);
  return InRangeOrder(CompareMicros(value, limit), less);
}

bool DateInRange(int32_t value, int32_t base, Interval offset, bool subtract, bool less) {
  return TimestampInRange(types::DateToTimestamp(value), types::DateToTimestamp(base), offset,
                          subtract, less);
}

bool IntervalInRange(Interval value, Interval base, Interval offset, bool subtract, bool less) {
  CheckNotNegative(offset);
  Interval limit = subtract ? SubtractIntervals(base, offset) : AddIntervals(base, offset);
  return InRangeOrder(types::CompareIntervals(value, limit), less);
}

// Of times of day only the offset's time counts, and nothing wraps at midnight.
bool TimeInRange(int64_t value, int64_t base, Interval offset, bool subtract, bool less) {
  CheckRangeOffset(offset.micros >= 0);
  return InRangeOrder(CompareMicros(value, Step(base, offset.micros, subtract)), less);
}

bool TimetzInRange(TimeTz value, TimeTz base, Interval offset, bool subtract, bool less) {
  CheckRangeOffset(offset.micros >= 0);
  TimeTz limit{Step(base.micros, offset.micros, subtract), base.zone};
  return InRangeOrder(types::CompareTimetz(value, limit), less);
}

constexpr ScalarEntry kEntries[] = {
    {"in_range_timestamp_interval", Kernel<TimestampInRange>},
    {"in_range_timestamptz_interval", Kernel<TimestamptzInRange>},
    {"in_range_date_interval", Kernel<DateInRange>},
    {"in_range_interval_interval", Kernel<IntervalInRange>},
    {"in_range_time_interval", Kernel<TimeInRange>},
    {"in_range_timetz_interval", Kernel<TimetzInRange>},
};

}  // namespace

void RegisterDateTimeInRange(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
