// + and - of dates, timestamps and times of day, and age().
#include "base/sql_error.h"
#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/time_zone.h"
#include "types/timestamp.h"

namespace sundog::functions {

using types::CivilTime;
using types::kMicrosPerDay;
using types::ThrowOutOfRange;
using types::TimeTz;
using types::TimeZone;

namespace {

void AddMonths(CivilTime* civil, int32_t months) {
  int32_t sum;
  if (__builtin_add_overflow(civil->month, months, &sum)) ThrowOutOfRange("timestamp");
  int64_t from_zero = int64_t{sum} - 1;
  civil->year += static_cast<int>(types::FloorDivide(from_zero, types::kMonthsPerYear));
  civil->month = static_cast<int>(types::FloorModulo(from_zero, types::kMonthsPerYear)) + 1;
  civil->day = std::min(civil->day, types::DaysInMonth(civil->year, civil->month));
}

// `first_julian`: how far back the day may go before the zone is applied.
void AddDays(CivilTime* civil, int32_t days, int64_t first_julian) {
  int64_t julian = types::JulianFromCivil(civil->year, civil->month, civil->day) + days;
  if (julian < first_julian || julian > INT32_MAX) ThrowOutOfRange("timestamp");
  types::CivilFromJulian(julian, civil);
}

int64_t AddMicros(int64_t timestamp, int64_t micros) {
  int64_t sum;
  if (__builtin_add_overflow(timestamp, micros, &sum) || !types::IsTimestampInRange(sum)) {
    ThrowOutOfRange("timestamp");
  }
  return sum;
}

int64_t ToTimestamp(const CivilTime& civil) {
  int64_t timestamp;
  if (!types::TimestampFromCivil(civil, 0, &timestamp)) ThrowOutOfRange("timestamp");
  return timestamp;
}

}  // namespace

int64_t AddToTimestamp(int64_t timestamp, const Interval& interval) {
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  if (interval.months != 0) {
    CivilTime civil = types::CivilFromTimestamp(timestamp);
    AddMonths(&civil, interval.months);
    timestamp = ToTimestamp(civil);
  }
  if (interval.days != 0) {
    CivilTime civil = types::CivilFromTimestamp(timestamp);
    AddDays(&civil, interval.days, 0);
    timestamp = ToTimestamp(civil);
  }
  return AddMicros(timestamp, interval.micros);
}

int64_t AddToTimestamptz(const TimeZone& zone, int64_t timestamptz, const Interval& interval) {
  if (!types::IsFiniteTimestamp(timestamptz)) return timestamptz;
  if (interval.months != 0) {
    CivilTime civil = types::ToZone(zone, timestamptz).civil;
    AddMonths(&civil, interval.months);
    timestamptz = types::FromZone(zone, civil);
  }
  if (interval.days != 0) {
    CivilTime civil = types::ToZone(zone, timestamptz).civil;
    AddDays(&civil, interval.days, -1);
    timestamptz = types::FromZone(zone, civil);
  }
  return AddMicros(timestamptz, interval.micros);
}

int64_t WrapAroundClock(int64_t time, int64_t micros) {
  uint64_t sum = static_cast<uint64_t>(time) + static_cast<uint64_t>(micros);
  return types::FloorModulo(static_cast<int64_t>(sum), kMicrosPerDay);
}

namespace {

int64_t TimestampMinusInterval(int64_t timestamp, Interval interval) {
  return AddToTimestamp(timestamp, WrappingNegate(interval));
}
int64_t TimestampPlusInterval(int64_t timestamp, Interval interval) {
  return AddToTimestamp(timestamp, interval);
}
int64_t TimestamptzPlusInterval(CallContext& call, int64_t timestamptz, Interval interval) {
  return AddToTimestamptz(SessionZone(call), timestamptz, interval);
}
int64_t TimestamptzMinusInterval(CallContext& call, int64_t timestamptz, Interval interval) {
  return AddToTimestamptz(SessionZone(call), timestamptz, WrappingNegate(interval));
}
int64_t IntervalPlusTimestamp(Interval interval, int64_t timestamp) {
  return AddToTimestamp(timestamp, interval);
}
int64_t IntervalPlusTimestamptz(CallContext& call, Interval interval, int64_t timestamptz) {
  return AddToTimestamptz(SessionZone(call), timestamptz, interval);
}

Interval TimestampMinusTimestamp(int64_t a, int64_t b) {
  if (!types::IsFiniteTimestamp(a) || !types::IsFiniteTimestamp(b)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "cannot subtract infinite timestamps");
  }
  // PostgreSQL 15 does not look for overflow here.
  uint64_t difference = static_cast<uint64_t>(a) - static_cast<uint64_t>(b);
  return JustifyHours({static_cast<int64_t>(difference), 0, 0});
}

int32_t CheckedDate(int64_t date) {
  if (!types::IsDateInRange(date)) ThrowOutOfRange("date");
  return static_cast<int32_t>(date);
}

int32_t DatePlusDays(int32_t date, int32_t days) {
  return types::IsFiniteDate(date) ? CheckedDate(int64_t{date} + days) : date;
}
int32_t DaysPlusDate(int32_t days, int32_t date) { return DatePlusDays(date, days); }
int32_t DateMinusDays(int32_t date, int32_t days) {
  return types::IsFiniteDate(date) ? CheckedDate(int64_t{date} - days) : date;
}

int32_t DateMinusDate(int32_t a, int32_t b) {
  if (!types::IsFiniteDate(a) || !types::IsFiniteDate(b)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "cannot subtract infinite dates");
  }
  return static_cast<int32_t>(static_cast<uint32_t>(a) - static_cast<uint32_t>(b));
}

int64_t DatePlusInterval(int32_t date, Interval interval) {
  return AddToTimestamp(types::DateToTimestamp(date), interval);
}
int64_t IntervalPlusDate(Interval interval, int32_t date) {
  return DatePlusInterval(date, interval);
}
int64_t DateMinusInterval(int32_t date, Interval interval) {
  return AddToTimestamp(types::DateToTimestamp(date), WrappingNegate(interval));
}

int64_t DatePlusTime(int32_t date, int64_t time) {
  int64_t timestamp = types::DateToTimestamp(date);
  return types::IsFiniteTimestamp(timestamp) ? AddMicros(timestamp, time) : timestamp;
}
int64_t TimePlusDate(int64_t time, int32_t date) { return DatePlusTime(date, time); }

int64_t DateTimeToTimestamptz(CallContext& call, int32_t date, int64_t time) {
  return types::TimestampToTimestamptz(SessionZone(call), DatePlusTime(date, time));
}

int64_t DatePlusTimetz(int32_t date, TimeTz time) {
  int64_t timestamp = types::DateToTimestamp(date);
  if (!types::IsFiniteTimestamp(timestamp)) return timestamp;
  int64_t sum;
  if (__builtin_add_overflow(timestamp, time.micros + time.zone * types::kMicrosPerSecond,
                             &sum) ||
      !types::IsTimestampInRange(sum)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "date out of range for timestamp");
  }
  return sum;
}
int64_t TimetzPlusDate(TimeTz time, int32_t date) { return DatePlusTimetz(date, time); }

// Of an interval only its time counts, around the clock.
int64_t TimePlusInterval(int64_t time, Interval interval) {
  return WrapAroundClock(time, interval.micros);
}
int64_t IntervalPlusTime(Interval interval, int64_t time) {
  return WrapAroundClock(time, interval.micros);
}
int64_t TimeMinusInterval(int64_t time, Interval interval) {
  return WrapAroundClock(time, WrappingNegate(interval).micros);
}
TimeTz TimetzPlusInterval(TimeTz time, Interval interval) {
  return {WrapAroundClock(time.micros, interval.micros), time.zone};
}
TimeTz IntervalPlusTimetz(Interval interval, TimeTz time) {
  return TimetzPlusInterval(time, interval);
}
TimeTz TimetzMinusInterval(TimeTz time, Interval interval) {
  return {WrapAroundClock(time.micros, WrappingNegate(interval).micros), time.zone};
}
Interval TimeMinusTime(int64_t a, int64_t b) { return {a - b, 0, 0}; }

// The difference in years, months, days and time as people count it: fields are subtracted, and
// borrowed days are those of the earlier month.
Interval CivilAge(const CivilTime& later, const CivilTime& earlier, bool negative) {
  int64_t time = types::MicrosOfDay(later.hour, later.minute, later.second, later.micros) -
                 types::MicrosOfDay(earlier.hour, earlier.minute, earlier.second, earlier.micros);
  int64_t days = later.day - earlier.day;
  int64_t months =
      (int64_t{later.year} - earlier.year) * types::kMonthsPerYear + later.month - earlier.month;
  while (time < 0) {
    time += kMicrosPerDay;
    --days;
  }
  while (days < 0) {
    days += types::DaysInMonth(earlier.year, earlier.month);
    --months;
  }
  if (months > INT32_MAX) ThrowOutOfRange("interval");
  Interval age{time, static_cast<int32_t>(days), static_cast<int32_t>(months)};
  return negative ? WrappingNegate(age) : age;
}

CivilTime CivilForAge(int64_t timestamp) {
  if (timestamp < types::kTimestampMinimum) ThrowOutOfRange("timestamp");
  return types::CivilFromTimestamp(timestamp);
}

Interval TimestampAge(int64_t a, int64_t b) {
  return a < b ? CivilAge(CivilForAge(b), CivilForAge(a), true)
               : CivilAge(CivilForAge(a), CivilForAge(b), false);
}

Interval TimestamptzAge(CallContext& call, int64_t a, int64_t b) {
  if (std::min(a, b) < types::kTimestampMinimum) ThrowOutOfRange("timestamp");
  const TimeZone& zone = SessionZone(call);
  CivilTime first = types::ToZone(zone, a).civil, second = types::ToZone(zone, b).civil;
  return a < b ? CivilAge(second, first, true) : CivilAge(first, second, false);
}

int64_t TodayIn(CallContext& call) {
  return types::DateToTimestamp(
      types::TimestamptzToDate(SessionZone(call), TransactionStart(call)));
}
Interval TimestampAgeFromToday(CallContext& call, int64_t timestamp) {
  return TimestampAge(TodayIn(call), timestamp);
}
Interval TimestamptzAgeFromToday(CallContext& call, int64_t timestamptz) {
  int64_t midnight = types::TimestampToTimestamptz(SessionZone(call), TodayIn(call));
  return TimestamptzAge(call, midnight, timestamptz);
}

constexpr ScalarEntry kEntries[] = {
    {"timestamp_pl_interval", Kernel<TimestampPlusInterval>},
    {"timestamp_mi_interval", Kernel<TimestampMinusInterval>},
    {"timestamptz_pl_interval", Kernel<TimestamptzPlusInterval>},
    {"timestamptz_mi_interval", Kernel<TimestamptzMinusInterval>},
    {"interval_pl_timestamp(interval,timestamp)", Kernel<IntervalPlusTimestamp>},
    {"interval_pl_timestamptz(interval,timestamptz)", Kernel<IntervalPlusTimestamptz>},
    {"timestamp_mi", Kernel<TimestampMinusTimestamp>},
    {"date_pli", Kernel<DatePlusDays>},
    {"date_mii", Kernel<DateMinusDays>},
    {"integer_pl_date(int4,date)", Kernel<DaysPlusDate>},
    {"date_mi", Kernel<DateMinusDate>},
    {"date_pl_interval", Kernel<DatePlusInterval>},
    {"date_mi_interval", Kernel<DateMinusInterval>},
    {"interval_pl_date(interval,date)", Kernel<IntervalPlusDate>},
    {"datetime_timestamp", Kernel<DatePlusTime>},
    {"timedate_pl(time,date)", Kernel<TimePlusDate>},
    {"timestamptz(date,time)", Kernel<DateTimeToTimestamptz>},
    {"datetimetz_timestamptz", Kernel<DatePlusTimetz>},
    {"timetzdate_pl(timetz,date)", Kernel<TimetzPlusDate>},
    {"time_pl_interval", Kernel<TimePlusInterval>},
    {"time_mi_interval", Kernel<TimeMinusInterval>},
    {"interval_pl_time(interval,time)", Kernel<IntervalPlusTime>},
    {"timetz_pl_interval", Kernel<TimetzPlusInterval>},
    {"timetz_mi_interval", Kernel<TimetzMinusInterval>},
    {"interval_pl_timetz(interval,timetz)", Kernel<IntervalPlusTimetz>},
    {"time_mi_time", Kernel<TimeMinusTime>},
    {"timestamp_age", Kernel<TimestampAge>},
    {"timestamptz_age", Kernel<TimestamptzAge>},
    {"age(timestamp)", Kernel<TimestampAgeFromToday>},
    {"age(timestamptz)", Kernel<TimestamptzAgeFromToday>},
};

}  // namespace

void RegisterTimestampArithmetic(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
