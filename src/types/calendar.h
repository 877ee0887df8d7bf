// The proleptic Gregorian calendar and the constants of date/time arithmetic.
//
// Dates are counted as PostgreSQL counts them: Julian day numbers (day 0 is 4714-11-24 BC) inside
// calculations, days since 2000-01-01 in values; instants are microseconds since 2000-01-01. Years
// are astronomical: 0 is 1 BC.
#pragma once

#include <cstdint>
#include <limits>

namespace sundog::types {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kSecondsPerDay = 86400;
inline constexpr int kMonthsPerYear = 12;
inline constexpr int kDaysPerMonth = 30;  // of an interval

inline constexpr int64_t kUnixEpochJulian = 2440588;
inline constexpr int64_t kEpochJulian = 2451545;  // 2000-01-01
inline constexpr int64_t kUnixEpochDays = kUnixEpochJulian - kEpochJulian;
inline constexpr int64_t kUnixEpochMicros = kUnixEpochDays * kMicrosPerDay;
inline constexpr int64_t kUnixEpochSeconds = kUnixEpochDays * kSecondsPerDay;

// The infinities of timestamp, timestamptz and date.
inline constexpr int64_t kTimestampMinusInfinity = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kTimestampInfinity = std::numeric_limits<int64_t>::max();
inline constexpr int32_t kDateMinusInfinity = std::numeric_limits<int32_t>::min();
inline constexpr int32_t kDateInfinity = std::numeric_limits<int32_t>::max();

// Finite values lie in [minimum, end).
inline constexpr int64_t kTimestampMinimum = -kEpochJulian * kMicrosPerDay;
inline constexpr int64_t kTimestampEnd = (109203528 - kEpochJulian) * kMicrosPerDay;  // 294277
inline constexpr int64_t kDateMinimum = -kEpochJulian;
inline constexpr int64_t kDateEnd = 2147483494 - kEpochJulian;  // 5874898-01-01

constexpr bool IsFiniteTimestamp(int64_t t) {
  return t != kTimestampMinusInfinity && t != kTimestampInfinity;
}
constexpr bool IsFiniteDate(int32_t d) { return d != kDateMinusInfinity && d != kDateInfinity; }
constexpr bool IsTimestampInRange(int64_t t) { return t >= kTimestampMinimum && t < kTimestampEnd; }
constexpr bool IsDateInRange(int64_t d) { return d >= kDateMinimum && d < kDateEnd; }

// A date and time of day as people write it. Also of unchecked input, hence the plain ints.
struct CivilTime {
  int year = 0;
  int month = 0;  // 1 … 12
  int day = 0;    // 1 … 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
};

constexpr int64_t FloorDivide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}
constexpr int64_t FloorModulo(int64_t a, int64_t b) { return a - FloorDivide(a, b) * b; }

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

// `day` may lie outside its month: it is simply added.
int64_t JulianFromCivil(int64_t year, int month, int64_t day);
// Sets year, month and day only.
void CivilFromJulian(int64_t julian, CivilTime* civil);

// False where the date is so far out that its Julian day must not be used (a slightly wider range
// than that of dates, so that a shift by a time zone stays inside).
bool IsJulianUsable(const CivilTime& civil);

// 0 is Sunday.
int DayOfWeek(int64_t julian);
// 1 … 366
int DayOfYear(const CivilTime& civil);

// ISO 8601 weeks, which begin on Monday; week 1 holds the year's first Thursday.
struct IsoWeek {
  int year;
  int week;  // 1 … 53
};
IsoWeek IsoWeekOf(int year, int month, int day);
// The Monday of the week.
int64_t JulianOfIsoWeek(int year, int week);

int64_t MicrosOfDay(int hour, int minute, int second, int64_t micros);
// Sets hour, minute, second and micros only.
void SplitMicrosOfDay(int64_t micros, CivilTime* civil);

// 00:00:00 … 24:00:00, with seconds up to 60 as long as the whole stays in the day.
bool IsTimeOfDay(const CivilTime& civil);

// False, and nothing set, if the instant is outside PostgreSQL's range of timestamps. The hour may
// be 24 and the second 60.
bool TimestampFromCivil(const CivilTime& civil, int64_t zone_west_s, int64_t* timestamp);
// `timestamp` is finite; any such value has a civil time.
CivilTime CivilFromTimestamp(int64_t timestamp);

}  // namespace sundog::types
