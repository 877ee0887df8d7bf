// Casts between dates, times, timestamps and intervals, and to their precisions.
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/interval.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using std::optional;
using types::CivilTime;
using types::Interval;
using types::kMicrosPerDay;
using types::TimeTz;

int64_t TimeOf(const CivilTime& civil) {
  return types::MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros);
}

int64_t DateToTimestamptz(CallContext& call, int32_t date) {
  return types::DateToTimestamptz(SessionZone(call), date);
}
int64_t TimestampToTimestamptz(CallContext& call, int64_t timestamp) {
  return types::TimestampToTimestamptz(SessionZone(call), timestamp);
}
int64_t TimestamptzToTimestamp(CallContext& call, int64_t timestamptz) {
  return types::TimestamptzToTimestamp(SessionZone(call), timestamptz);
}
int32_t TimestamptzToDate(CallContext& call, int64_t timestamptz) {
  return types::TimestamptzToDate(SessionZone(call), timestamptz);
}

// An infinite instant has no time of day: null.
optional<int64_t> TimestampToTime(int64_t timestamp) {
  if (!types::IsFiniteTimestamp(timestamp)) return std::nullopt;
  return types::FloorModulo(timestamp, kMicrosPerDay);
}
optional<int64_t> TimestamptzToTime(CallContext& call, int64_t timestamptz) {
  if (!types::IsFiniteTimestamp(timestamptz)) return std::nullopt;
  return TimeOf(types::ToZone(SessionZone(call), timestamptz).civil);
}
optional<TimeTz> TimestamptzToTimetz(CallContext& call, int64_t timestamptz) {
  if (!types::IsFiniteTimestamp(timestamptz)) return std::nullopt;
  types::ZonedTime zoned = types::ToZone(SessionZone(call), timestamptz);
  return TimeTz{TimeOf(zoned.civil), zoned.zone_west_s};
}

// In the zone's offset of today at that time.
TimeTz TimeToTimetz(CallContext& call, int64_t time) {
  CivilTime civil = types::ToZone(SessionZone(call), TransactionStart(call)).civil;
  types::SplitMicrosOfDay(time, &civil);
  return {time, types::ZoneWestOfCivil(SessionZone(call), civil)};
}
int64_t TimetzToTime(TimeTz time) { return time.micros; }

Interval TimeToInterval(int64_t time) { return {time, 0, 0}; }
int64_t IntervalToTime(Interval interval) {
  return types::FloorModulo(interval.micros, kMicrosPerDay);
}

// The only way to 24:00:00 here is by rounding.
int64_t ScaleTime(int64_t time, int32_t typmod) { return types::RoundToPrecision(time, typmod); }
TimeTz ScaleTimetz(TimeTz time, int32_t typmod) {
  return {types::RoundToPrecision(time.micros, typmod), time.zone};
}
int64_t ScaleTimestamp(int64_t timestamp, int32_t typmod) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  return types::RoundToPrecision(timestamp, typmod);
}
Interval ScaleInterval(Interval interval, int32_t typmod) {
  return types::ApplyIntervalTypmod(interval, typmod);
}

constexpr ScalarEntry kEntries[] = {
    {"date_timestamp", Kernel<types::DateToTimestamp>},
    {"date_timestamptz", Kernel<DateToTimestamptz>},
    {"timestamp_date", Kernel<types::TimestampToDate>},
    {"timestamp_time", Kernel<TimestampToTime>},
    {"timestamp_timestamptz", Kernel<TimestampToTimestamptz>},
    {"timestamptz_date", Kernel<TimestamptzToDate>},
    {"timestamptz_time", Kernel<TimestamptzToTime>},
    {"timestamptz_timetz", Kernel<TimestamptzToTimetz>},
    {"timestamptz_timestamp", Kernel<TimestamptzToTimestamp>},
    {"time_timetz", Kernel<TimeToTimetz>},
    {"timetz_time", Kernel<TimetzToTime>},
    {"time_interval", Kernel<TimeToInterval>},
    {"interval_time", Kernel<IntervalToTime>},
    {"time_scale", Kernel<ScaleTime>},
    {"timetz_scale", Kernel<ScaleTimetz>},
    {"timestamp_scale", Kernel<ScaleTimestamp>},
    {"timestamptz_scale", Kernel<ScaleTimestamp>},
    {"interval_scale", Kernel<ScaleInterval>},
};

}  // namespace

void RegisterDateTimeCasts(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
