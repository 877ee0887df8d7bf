#include "types/calendar.h"

namespace sundog::types {

namespace {

constexpr int64_t kDaysPer400Years = 146097;
// The calculations count days from 0000-03-01, so that the leap day ends a year.
constexpr int64_t kMarchZeroJulian = 1721120;

}  // namespace

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && IsLeapYear(year) ? 1 : 0);
}

int64_t JulianFromCivil(int64_t year, int month, int64_t day) {
  if (month <= 2) --year;
  int64_t era = FloorDivide(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t shifted_month = (month + 9) % 12;  // March is 0
  int64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPer400Years + day_of_era + kMarchZeroJulian;
}

void CivilFromJulian(int64_t julian, CivilTime* civil) {
  int64_t days = julian - kMarchZeroJulian;
  int64_t era = FloorDivide(days, kDaysPer400Years);
  int64_t day_of_era = days - era * kDaysPer400Years;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  civil->day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  civil->month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  civil->year = static_cast<int>(year_of_era + era * 400 + (civil->month <= 2 ? 1 : 0));
}

bool IsJulianUsable(const CivilTime& civil) {
  constexpr int kFirstYear = -4713;
  constexpr int kLastYear = 5874898;
  bool late_enough =
      civil.year > kFirstYear || (civil.year == kFirstYear && civil.month >= 11);
  bool early_enough = civil.year < kLastYear || (civil.year == kLastYear && civil.month < 6);
  return late_enough && early_enough;
}

int DayOfWeek(int64_t julian) { return static_cast<int>(FloorModulo(julian + 1, 7)); }

int DayOfYear(const CivilTime& civil) {
  return static_cast<int>(JulianFromCivil(civil.year, civil.month, civil.day) -
                          JulianFromCivil(civil.year, 1, 1) + 1);
}

int64_t JulianOfIsoWeek(int year, int week) {
  int64_t fourth_of_january = JulianFromCivil(year, 1, 4);  // always in week 1
  int64_t days_after_monday = DayOfWeek(fourth_of_january - 1);
  return fourth_of_january - days_after_monday + int64_t{week - 1} * 7;
}

IsoWeek IsoWeekOf(int year, int month, int day) {
  int64_t julian = JulianFromCivil(year, month, day);
  int iso_year = year;
  if (julian < JulianOfIsoWeek(year, 1)) {
    --iso_year;
  } else if (julian >= JulianOfIsoWeek(year + 1, 1)) {
    ++iso_year;
  }
  return {iso_year, static_cast<int>((julian - JulianOfIsoWeek(iso_year, 1)) / 7 + 1)};
}

int64_t MicrosOfDay(int hour, int minute, int second, int64_t micros) {
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond + micros;
}

void SplitMicrosOfDay(int64_t micros, CivilTime* civil) {
  civil->hour = static_cast<int>(micros / kMicrosPerHour);
  civil->minute = static_cast<int>(micros / kMicrosPerMinute % 60);
  civil->second = static_cast<int>(micros / kMicrosPerSecond % 60);
  civil->micros = static_cast<int>(micros % kMicrosPerSecond);
}

bool IsTimeOfDay(const CivilTime& civil) {
  return civil.hour >= 0 && civil.hour <= 24 && civil.minute >= 0 && civil.minute < 60 &&
         civil.second >= 0 && civil.second <= 60 && civil.micros >= 0 &&
         civil.micros <= kMicrosPerSecond &&
         MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros) <= kMicrosPerDay;
}

bool TimestampFromCivil(const CivilTime& civil, int64_t zone_west_s, int64_t* timestamp) {
  if (!IsJulianUsable(civil)) return false;
  int64_t days = JulianFromCivil(civil.year, civil.month, civil.day) - kEpochJulian;
  __int128 micros = static_cast<__int128>(days) * kMicrosPerDay +
                    MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros) +
                    zone_west_s * kMicrosPerSecond;
  if (micros < kTimestampMinimum || micros >= kTimestampEnd) return false;
  *timestamp = static_cast<int64_t>(micros);
  return true;
}

CivilTime CivilFromTimestamp(int64_t timestamp) {
  CivilTime civil;
  int64_t days = FloorDivide(timestamp, kMicrosPerDay);
  CivilFromJulian(days + kEpochJulian, &civil);
  SplitMicrosOfDay(timestamp - days * kMicrosPerDay, &civil);
  return civil;
}

}  // namespace sundog::types
