// in_range(): whether a row lies within RANGE … PRECEDING / FOLLOWING of another in a window.
#include "base/sql_error.h"
#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/interval.h"
#include "types/time_of_day.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::TimeTz;

void CheckSize(bool valid) {
  if (!valid) {
    throw SqlError(sqlstate::kInvalidPrecedingOrFollowingSize,
                   "invalid preceding or following size in window function");
  }
}

void CheckNotNegative(const Interval& offset) {
  CheckSize(types::CompareIntervals(offset, {}) >= 0);
}

// `less`: value <= base ± offset; otherwise value >= it.
bool InOrder(int comparison, bool less) { return less ? comparison <= 0 : comparison >= 0; }

int CompareMicros(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

int64_t Step(int64_t base, int64_t offset, bool subtract) {
  return subtract ? base - offset : base + offset;
}

bool TimestampInRange(int64_t value, int64_t base, Interval offset, bool subtract, bool less) {
  CheckNotNegative(offset);
  int64_t limit = AddToTimestamp(base, subtract ? WrappingNegate(offset) : offset);
  return InOrder(CompareMicros(value, limit), less);
}

bool TimestamptzInRange(CallContext& call, int64_t value, int64_t base, Interval offset,
                        bool subtract, bool less) {
  CheckNotNegative(offset);
  int64_t limit =
      AddToTimestamptz(SessionZone(call), base, subtract ? WrappingNegate(offset) : offset);
  return InOrder(CompareMicros(value, limit), less);
}

bool DateInRange(int32_t value, int32_t base, Interval offset, bool subtract, bool less) {
  return TimestampInRange(types::DateToTimestamp(value), types::DateToTimestamp(base), offset,
                          subtract, less);
}

bool IntervalInRange(Interval value, Interval base, Interval offset, bool subtract, bool less) {
  CheckNotNegative(offset);
  Interval limit = subtract ? SubtractIntervals(base, offset) : AddIntervals(base, offset);
  return InOrder(types::CompareIntervals(value, limit), less);
}

// Of times of day only the offset's time counts, and nothing wraps at midnight.
bool TimeInRange(int64_t value, int64_t base, Interval offset, bool subtract, bool less) {
  CheckSize(offset.micros >= 0);
  return InOrder(CompareMicros(value, Step(base, offset.micros, subtract)), less);
}

bool TimetzInRange(TimeTz value, TimeTz base, Interval offset, bool subtract, bool less) {
  CheckSize(offset.micros >= 0);
  TimeTz limit{Step(base.micros, offset.micros, subtract), base.zone};
  return InOrder(types::CompareTimetz(value, limit), less);
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
