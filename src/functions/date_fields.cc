#include "functions/date_fields.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/date_from_char.h"
#include "types/datetime_error.h"

namespace sundog::functions {

namespace {

using types::CivilTime;
using types::DateTimeError;

// Turns fields into a civil time in the order in which later ones win over earlier ones.
class FieldResolver {
 public:
  FieldResolver(const DateFields& fields, std::string_view text) : fields_(fields), text_(text) {
    civil_.month = civil_.day = 1;
  }

  PatternResult Run() {
    ResolveTime();
    ResolveYear();
    ResolveDate();
    ResolveDayOfYear();
    int64_t micros = int64_t{fields_.millis} * 1000 + fields_.micros;
    Check(micros >= 0 && micros < types::kMicrosPerSecond);
    civil_.micros = static_cast<int>(micros);
    CheckRanges();
    PatternResult result;
    result.civil = civil_;
    result.fraction_digits = fields_.fraction_digits;
    if (fields_.zone_sign != 0) result.zone_west_s = ZoneWest();
    return result;
  }

 private:
  void Check(bool in_range) const {
    if (!in_range) types::ThrowDateTimeError(DateTimeError::kFieldOverflow, text_, "timestamp");
  }

  void ResolveTime() {
    if (fields_.second_of_day != 0) {
      civil_.hour = fields_.second_of_day / 3600;
      civil_.minute = fields_.second_of_day / 60 % 60;
      civil_.second = fields_.second_of_day % 60;
    }
    if (fields_.second != 0) civil_.second = fields_.second;
    if (fields_.minute != 0) civil_.minute = fields_.minute;
    if (fields_.hour != 0) civil_.hour = fields_.hour;
    if (!fields_.twelve_hour_clock) return;
    if (civil_.hour < 1 || civil_.hour > 12) {
      throw SqlError(sqlstate::kInvalidDatetimeFormat,
                     fmt::format("hour \"{}\" is invalid for the 12-hour clock", civil_.hour))
          .Hint("Use the 24-hour clock, or give an hour between 1 and 12.");
    }
    if (fields_.pm != 0 && civil_.hour < 12) {
      civil_.hour += 12;
    } else if (fields_.pm == 0 && civil_.hour == 12) {
      civil_.hour = 0;
    }
  }

  void ResolveYear() {
    int64_t century = fields_.bc != 0 ? -int64_t{fields_.century} : fields_.century;
    int64_t year = 0;
    if (fields_.year != 0 && fields_.century != 0 && fields_.year_digits <= 2) {
      // The last two digits in that century, which begins with the year 1.
      year = fields_.year % 100;
      if (year == 0) {
        year = century * 100 + (century >= 0 ? 0 : 1);
      } else {
        year = century >= 0 ? year + (century - 1) * 100 : (century + 1) * 100 - year + 1;
      }
    } else if (fields_.year != 0) {
      year = fields_.bc != 0 ? -int64_t{fields_.year} : fields_.year;
      if (year < 0) ++year;
    } else if (fields_.century != 0) {
      year = century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    } else {
      return;
    }
    civil_.year = static_cast<int>(year);
  }

  void ResolveDate() {
    day_of_year_ = fields_.day_of_year;
    int64_t day = fields_.day;
    if (fields_.julian != 0) {
      types::CivilFromJulian(fields_.julian, &civil_);
      month_given_ = day_given_ = true;
    }
    if (fields_.week != 0 && fields_.convention == DateConvention::kIsoWeek) {
      int64_t julian = types::JulianOfIsoWeek(civil_.year, fields_.week);
      if (fields_.day_of_week > 1) {
        julian += fields_.day_of_week - 2;
      } else if (fields_.day_of_week == 1) {
        julian += 6;
      }
      types::CivilFromJulian(julian, &civil_);
      month_given_ = day_given_ = true;
    } else if (fields_.week != 0) {
      day_of_year_ = (int64_t{fields_.week} - 1) * 7 + 1;
    }
    if (fields_.week_of_month != 0) day = (int64_t{fields_.week_of_month} - 1) * 7 + 1;
    if (day != 0) {
      civil_.day = static_cast<int>(day);
      day_given_ = true;
    }
    if (fields_.month != 0) {
      civil_.month = fields_.month;
      month_given_ = true;
    }
  }

  // Only where neither month nor day are given.
  void ResolveDayOfYear() {
    if (day_of_year_ == 0 || (civil_.month > 1 && civil_.day > 1)) return;
    if (civil_.year == 0 && fields_.bc == 0) {
      throw SqlError(sqlstate::kInvalidDatetimeFormat,
                     "cannot calculate day of year without year information");
    }
    month_given_ = day_given_ = true;
    if (fields_.convention == DateConvention::kIsoWeek) {
      types::CivilFromJulian(types::JulianOfIsoWeek(civil_.year, 1) - 1 + day_of_year_, &civil_);
      return;
    }
    int month = 1;
    int64_t days_before = 0;
    while (month <= 12) {
      int64_t days = days_before + types::DaysInMonth(civil_.year, month);
      if (day_of_year_ <= days) break;
      days_before = days;
      ++month;
    }
    if (civil_.month <= 1) civil_.month = month;
    if (civil_.day <= 1) civil_.day = static_cast<int>(day_of_year_ - days_before);
  }

  void CheckRanges() const {
    bool date_given = month_given_ && day_given_;
    if (month_given_) Check(civil_.month >= 1 && civil_.month <= 12);
    if (day_given_) Check(civil_.day >= 1 && civil_.day <= 31);
    // A year that was not given is not looked at, but the other fields need one.
    bool year_given = fields_.year != 0 || fields_.century != 0 || fields_.julian != 0 ||
                      fields_.convention == DateConvention::kIsoWeek;
    if (date_given && year_given) {
      Check(civil_.day <= types::DaysInMonth(civil_.year, civil_.month));
    }
    Check(civil_.hour >= 0 && civil_.hour < 24 && civil_.minute >= 0 && civil_.minute < 60 &&
          civil_.second >= 0 && civil_.second < 60);
  }

  int32_t ZoneWest() const {
    constexpr int kMaxHour = 15;
    if (fields_.zone_hour < 0 || fields_.zone_hour > kMaxHour || fields_.zone_minute < 0 ||
        fields_.zone_minute >= 60) {
      types::ThrowDateTimeError(DateTimeError::kZoneOverflow, text_, "timestamp");
    }
    return -fields_.zone_sign * (fields_.zone_hour * 3600 + fields_.zone_minute * 60);
  }

  const DateFields& fields_;
  std::string_view text_;
  CivilTime civil_;
  int64_t day_of_year_ = 0;
  bool month_given_ = false;
  bool day_given_ = false;
};

}  // namespace

PatternResult ResolveDateFields(const DateFields& fields, std::string_view text) {
  return FieldResolver(fields, text).Run();
}

}  // namespace sundog::functions
