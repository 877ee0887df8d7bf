// make_date(), make_time(), make_timestamp[tz](), make_interval(), to_timestamp(double precision).
#include <fmt/format.h>

#include <cmath>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "functions/zone_argument.h"
#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/datetime_number.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::CivilTime;
using types::Interval;

// Negative years are before Christ. False if the date does not exist; the year may then already be
// the astronomical one, as make_date's message shows it.
bool CivilOf(int32_t year, int32_t month, int32_t day, CivilTime* civil) {
  civil->year = year;
  civil->month = month;
  civil->day = day;
  if (year == 0 || year == INT32_MIN) return false;
  if (year < 0) civil->year = 1 + year;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         day <= types::DaysInMonth(civil->year, month);
}

[[noreturn]] void ThrowDate(base::SqlState state, std::string_view what, int32_t year,
                            int32_t month, int32_t day) {
  throw SqlError(state, fmt::format("{}: {}-{:02}-{:02}", what, year, month, day));
}

int32_t MakeDate(int32_t year, int32_t month, int32_t day) {
  CivilTime civil;
  if (!CivilOf(year, month, day, &civil)) {
    ThrowDate(sqlstate::kDatetimeFieldOverflow, "date field value out of range", civil.year, month,
              day);
  }
  int64_t date = types::JulianFromCivil(civil.year, month, day) - types::kEpochJulian;
  if (!types::IsJulianUsable(civil) || !types::IsDateInRange(date)) {
    ThrowDate(sqlstate::kDatetimeValueOutOfRange, "date out of range", civil.year, month, day);
  }
  return static_cast<int32_t>(date);
}

// "4:05:6.7"
std::string ClockText(int32_t hour, int32_t minute, double second) {
  if (std::isnan(second)) return fmt::format("{}:{:02}:NaN", hour, minute);
  return fmt::format("{}:{:02}:{:02g}", hour, minute, second);
}

int64_t MakeTime(int32_t hour, int32_t minute, double second) {
  double micros = std::rint(second * 1e6);
  bool in_range = hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && micros >= 0 &&
                  micros <= 60e6;
  int64_t time =
      in_range ? types::MicrosOfDay(hour, minute, 0, static_cast<int64_t>(micros)) : -1;
  if (!in_range || time > types::kMicrosPerDay) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   "time field value out of range: " + ClockText(hour, minute, second));
  }
  return time;
}

int64_t MakeTimestamp(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute,
                      double second) {
  CivilTime civil;
  if (!CivilOf(year, month, day, &civil)) {
    ThrowDate(sqlstate::kDatetimeFieldOverflow, "date field value out of range", year, month, day);
  }
  if (!types::IsJulianUsable(civil)) {
    ThrowDate(sqlstate::kDatetimeValueOutOfRange, "date out of range", year, month, day);
  }
  int64_t time = MakeTime(hour, minute, second);
  int64_t days = types::JulianFromCivil(civil.year, month, day) - types::kEpochJulian;
  __int128 timestamp = static_cast<__int128>(days) * types::kMicrosPerDay + time;
  if (timestamp < types::kTimestampMinimum || timestamp >= types::kTimestampEnd) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange,
                   fmt::format("timestamp out of range: {}-{:02}-{:02} {}", year, month, day,
                               ClockText(hour, minute, second)));
  }
  return static_cast<int64_t>(timestamp);
}

int64_t MakeTimestamptz(CallContext& call, int32_t year, int32_t month, int32_t day, int32_t hour,
                        int32_t minute, double second) {
  return types::TimestampToTimestamptz(SessionZone(call),
                                       MakeTimestamp(year, month, day, hour, minute, second));
}

// Here a zone may also be a signed number.
int32_t WestOfZoneText(CallContext& call, std::string_view zone, const CivilTime& civil) {
  if (!zone.empty() && zone[0] >= '0' && zone[0] <= '9') {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid input syntax for type numeric time zone: \"{}\"", zone))
        .Hint("Numeric time zones must have \"-\" or \"+\" as first character.");
  }
  int32_t west_s;
  switch (types::ParseZoneOffset(zone, &west_s)) {
    case types::OffsetStatus::kOk: return west_s;
    case types::OffsetStatus::kOverflow:
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("numeric time zone \"{}\" out of range", zone));
    case types::OffsetStatus::kBadFormat: break;
  }
  return ZoneArgumentCache::Of(call, zone).WestOfCivil(civil);
}

int64_t MakeTimestamptzAtZone(CallContext& call, int32_t year, int32_t month, int32_t day,
                              int32_t hour, int32_t minute, double second,
                              std::string_view zone) {
  int64_t timestamp = MakeTimestamp(year, month, day, hour, minute, second);
  int64_t west_s = WestOfZoneText(call, zone, types::CivilFromTimestamp(timestamp));
  int64_t shifted;
  if (__builtin_add_overflow(timestamp, west_s * types::kMicrosPerSecond, &shifted) ||
      !types::IsTimestampInRange(shifted)) {
    types::ThrowOutOfRange("timestamp");
  }
  return shifted;
}

// Like PostgreSQL 15, without a look at overflow of the integers.
Interval MakeInterval(int32_t years, int32_t months, int32_t weeks, int32_t days, int32_t hours,
                      int32_t minutes, double seconds) {
  if (!std::isfinite(seconds)) types::ThrowOutOfRange("interval");
  auto wrap = [](int64_t value) { return static_cast<int32_t>(static_cast<uint64_t>(value)); };
  double micros = std::rint(seconds * 1e6);
  int64_t whole = std::abs(micros) < 9223372036854775808.0 ? static_cast<int64_t>(micros)
                                                           : INT64_MIN;
  uint64_t sum = static_cast<uint64_t>(hours * types::kMicrosPerHour) +
                 static_cast<uint64_t>(minutes * types::kMicrosPerMinute) +
                 static_cast<uint64_t>(whole);
  return {static_cast<int64_t>(sum), wrap(int64_t{weeks} * 7 + days),
          wrap(int64_t{years} * types::kMonthsPerYear + months)};
}

int64_t TimestamptzFromUnix(double seconds) {
  if (std::isnan(seconds)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "timestamp cannot be NaN");
  }
  if (std::isinf(seconds)) {
    return seconds < 0 ? types::kTimestampMinusInfinity : types::kTimestampInfinity;
  }
  double micros =
      std::rint((seconds + static_cast<double>(types::kUnixEpochSeconds)) * 1e6);
  if (!(micros >= static_cast<double>(types::kTimestampMinimum) &&
        micros < static_cast<double>(types::kTimestampEnd))) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange,
                   fmt::format("timestamp out of range: \"{:g}\"", seconds));
  }
  return static_cast<int64_t>(micros);
}

constexpr ScalarEntry kEntries[] = {
    {"make_date", Kernel<MakeDate>},
    {"make_time", Kernel<MakeTime>},
    {"make_timestamp", Kernel<MakeTimestamp>},
    {"make_timestamptz", Kernel<MakeTimestamptz>},
    {"make_timestamptz_at_timezone", Kernel<MakeTimestamptzAtZone>},
    {"make_interval", Kernel<MakeInterval>},
    {"float8_timestamptz", Kernel<TimestamptzFromUnix>},
};

}  // namespace

void RegisterDateTimeMakers(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
