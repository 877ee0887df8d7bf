// date_trunc() and date_bin().
#include "base/sql_error.h"
#include "functions/datetime_unit.h"
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

using types::CivilTime;
using types::Interval;
using types::ThrowOutOfRange;
using types::TimeUnit;

// The first year of a period of years. Centuries and millennia begin with their year 1.
int FirstYear(TimeUnit unit, int year) {
  auto counted = [year](int length) {
    if (year > 0) return (year + length - 1) / length * length - length + 1;
    return -((length - 1 - (year - 1)) / length) * length + 1;
  };
  switch (unit) {
    case TimeUnit::kMillennium: return counted(1000);
    case TimeUnit::kCentury: return counted(100);
    case TimeUnit::kDecade: return year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10) * 10;
    default: return year;
  }
}

// False for units that dates are not cut to.
bool TruncateDate(TimeUnit unit, CivilTime* civil) {
  switch (unit) {
    case TimeUnit::kMillennium:
    case TimeUnit::kCentury:
    case TimeUnit::kDecade:
    case TimeUnit::kYear:
      civil->year = FirstYear(unit, civil->year);
      civil->month = civil->day = 1;
      return true;
    case TimeUnit::kQuarter:
      civil->month = (civil->month - 1) / 3 * 3 + 1;
      civil->day = 1;
      return true;
    case TimeUnit::kMonth: civil->day = 1; return true;
    case TimeUnit::kWeek: {
      types::IsoWeek week = types::IsoWeekOf(civil->year, civil->month, civil->day);
      types::CivilFromJulian(types::JulianOfIsoWeek(week.year, week.week), civil);
      return true;
    }
    case TimeUnit::kDay: return true;
    default: return false;
  }
}

// False for units that times are not cut to.
bool TruncateTime(TimeUnit unit, CivilTime* civil) {
  switch (unit) {
    case TimeUnit::kHour: civil->minute = civil->second = civil->micros = 0; return true;
    case TimeUnit::kMinute: civil->second = civil->micros = 0; return true;
    case TimeUnit::kSecond: civil->micros = 0; return true;
    case TimeUnit::kMillisecond: civil->micros -= civil->micros % 1000; return true;
    case TimeUnit::kMicrosecond: return true;
    default: return false;
  }
}

// Returns whether the date, and so perhaps the zone's offset, changed.
bool Truncate(const UnitArgument& unit, std::string_view type_name, CivilTime* civil) {
  if (unit.kind != UnitKind::kUnit) ThrowUnknownUnit(unit, type_name);
  if (TruncateDate(unit.unit, civil)) {
    civil->hour = civil->minute = civil->second = civil->micros = 0;
    return true;
  }
  if (!TruncateTime(unit.unit, civil)) ThrowUnsupportedUnit(unit, type_name);
  return false;
}

int64_t TruncateTimestamp(CallContext& call, std::string_view unit, int64_t timestamp) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  CivilTime civil = types::CivilFromTimestamp(timestamp);
  Truncate(UnitCache::Of(call, unit, false), kTimestampName, &civil);
  int64_t result;
  if (!types::TimestampFromCivil(civil, 0, &result)) ThrowOutOfRange("timestamp");
  return result;
}

int64_t TruncateInZone(const UnitArgument& unit, const types::TimeZone& zone,
                       int64_t timestamptz) {
  types::ZonedTime zoned = types::ToZone(zone, timestamptz);
  bool new_date = Truncate(unit, kTimestamptzName, &zoned.civil);
  // Within an hour the offset stays, even where it is ambiguous.
  int32_t west_s =
      new_date ? types::ZoneWestOfCivil(zone, zoned.civil) : zoned.zone_west_s;
  int64_t result;
  if (!types::TimestampFromCivil(zoned.civil, west_s, &result)) ThrowOutOfRange("timestamp");
  return result;
}

int64_t TruncateTimestamptz(CallContext& call, std::string_view unit, int64_t timestamptz) {
  if (!types::IsFiniteTimestamp(timestamptz)) return timestamptz;
  return TruncateInZone(UnitCache::Of(call, unit, false), SessionZone(call), timestamptz);
}

int64_t TruncateTimestamptzInZone(CallContext& call, std::string_view unit, int64_t timestamptz,
                                  std::string_view zone) {
  // As PostgreSQL: an infinite instant is not even asked for its zone.
  if (!types::IsFiniteTimestamp(timestamptz)) return timestamptz;
  return TruncateInZone(ParseUnit(unit, false), ZoneArgumentCache::Of(call, zone).zone(),
                        timestamptz);
}

Interval TruncateInterval(CallContext& call, std::string_view text, Interval interval) {
  const UnitArgument& unit = UnitCache::Of(call, text, false);
  if (unit.kind != UnitKind::kUnit) ThrowUnknownUnit(unit, kIntervalName);
  auto cut = [](auto value, auto unit_size) { return value - value % unit_size; };
  switch (unit.unit) {
    case TimeUnit::kMillennium: return {0, 0, cut(interval.months, 12000)};
    case TimeUnit::kCentury: return {0, 0, cut(interval.months, 1200)};
    case TimeUnit::kDecade: return {0, 0, cut(interval.months, 120)};
    case TimeUnit::kYear: return {0, 0, cut(interval.months, 12)};
    case TimeUnit::kQuarter: return {0, 0, cut(interval.months, 3)};
    case TimeUnit::kMonth: return {0, 0, interval.months};
    case TimeUnit::kDay: interval.micros = 0; break;
    case TimeUnit::kHour: interval.micros = cut(interval.micros, types::kMicrosPerHour); break;
    case TimeUnit::kMinute:
      interval.micros = cut(interval.micros, types::kMicrosPerMinute);
      break;
    case TimeUnit::kSecond:
      interval.micros = cut(interval.micros, types::kMicrosPerSecond);
      break;
    case TimeUnit::kMillisecond: interval.micros = cut(interval.micros, int64_t{1000}); break;
    case TimeUnit::kMicrosecond: break;
    case TimeUnit::kWeek:
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "unit \"" + unit.text + "\" not supported for type interval")
          .Detail("Months usually have fractional weeks.");
    default: ThrowUnsupportedUnit(unit, kIntervalName);
  }
  return interval;
}

// The start of the stride, counted from the origin, in which the timestamp lies.
int64_t BinTimestamp(Interval stride, int64_t timestamp, int64_t origin) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  if (!types::IsFiniteTimestamp(origin)) ThrowOutOfRange("origin");
  if (stride.months != 0) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "timestamps cannot be binned into intervals containing months or years");
  }
  int64_t stride_us, distance;
  if (__builtin_mul_overflow(int64_t{stride.days}, types::kMicrosPerDay, &stride_us) ||
      __builtin_add_overflow(stride_us, stride.micros, &stride_us)) {
    ThrowOutOfRange("interval");
  }
  if (stride_us <= 0) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "stride must be greater than zero");
  }
  if (__builtin_sub_overflow(timestamp, origin, &distance)) ThrowOutOfRange("interval");
  int64_t rest = distance % stride_us;
  int64_t result = origin + (distance - rest);
  if (rest < 0 && (__builtin_sub_overflow(result, stride_us, &result) ||
                   !types::IsTimestampInRange(result))) {
    ThrowOutOfRange("timestamp");
  }
  return result;
}

constexpr ScalarEntry kEntries[] = {
    {"timestamp_trunc", Kernel<TruncateTimestamp>},
    {"timestamptz_trunc", Kernel<TruncateTimestamptz>},
    {"timestamptz_trunc_zone", Kernel<TruncateTimestamptzInZone>},
    {"interval_trunc", Kernel<TruncateInterval>},
    {"timestamp_bin", Kernel<BinTimestamp>},
    {"timestamptz_bin", Kernel<BinTimestamp>},
};

}  // namespace

void RegisterDateTimeTruncate(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
