// AT TIME ZONE: timezone(zone, value), with the zone as text or as an interval.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "functions/zone_argument.h"
#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/interval.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::Interval;
using types::kMicrosPerDay;
using types::kMicrosPerSecond;
using types::TimeTz;

int64_t Shift(int64_t timestamp, int64_t west_s) {
  int64_t shifted;
  if (__builtin_add_overflow(timestamp, west_s * kMicrosPerSecond, &shifted) ||
      !types::IsTimestampInRange(shifted)) {
    types::ThrowOutOfRange("timestamp");
  }
  return shifted;
}

int32_t WestOfInterval(CallContext& call, const Interval& zone) {
  if (zone.months != 0 || zone.days != 0) {
    std::string text;
    types::AppendIntervalText(call.io().settings->interval_style, zone, text);
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("interval time zone \"{}\" must not include months or days", text));
  }
  // Offsets are 32 bits wide; what is longer is cut, as in PostgreSQL.
  return static_cast<int32_t>(-(zone.micros / kMicrosPerSecond));
}

// A local time in the zone, as an instant.
int64_t TimestampInZone(CallContext& call, std::string_view zone, int64_t timestamp) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  const ZoneArgument& argument = ZoneArgumentCache::Of(call, zone);
  return Shift(timestamp, argument.WestOfCivil(types::CivilFromTimestamp(timestamp)));
}
int64_t TimestampInOffset(CallContext& call, Interval zone, int64_t timestamp) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  return Shift(timestamp, WestOfInterval(call, zone));
}

// An instant, as the zone's local time.
int64_t TimestamptzInZone(CallContext& call, std::string_view zone, int64_t timestamptz) {
  if (!types::IsFiniteTimestamp(timestamptz)) return timestamptz;
  return Shift(timestamptz, -ZoneArgumentCache::Of(call, zone).WestAt(timestamptz));
}
int64_t TimestamptzInOffset(CallContext& call, Interval zone, int64_t timestamptz) {
  if (!types::IsFiniteTimestamp(timestamptz)) return timestamptz;
  return Shift(timestamptz, -WestOfInterval(call, zone));
}

TimeTz MoveTime(TimeTz time, int64_t west_s) {
  int64_t micros = time.micros + (time.zone - west_s) * kMicrosPerSecond;
  return {types::FloorModulo(micros, kMicrosPerDay), static_cast<int32_t>(west_s)};
}
TimeTz TimetzInZone(CallContext& call, std::string_view zone, TimeTz time) {
  return MoveTime(time, ZoneArgumentCache::Of(call, zone).WestAt(TransactionStart(call)));
}
TimeTz TimetzInOffset(CallContext& call, Interval zone, TimeTz time) {
  return MoveTime(time, WestOfInterval(call, zone));
}

constexpr ScalarEntry kEntries[] = {
    {"timestamp_zone", Kernel<TimestampInZone>},
    {"timestamp_izone", Kernel<TimestampInOffset>},
    {"timestamptz_zone", Kernel<TimestamptzInZone>},
    {"timestamptz_izone", Kernel<TimestamptzInOffset>},
    {"timetz_zone", Kernel<TimetzInZone>},
    {"timetz_izone", Kernel<TimetzInOffset>},
};

}  // namespace

void RegisterAtTimeZone(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
