// Writing intervals in the four IntervalStyles.
#include <cstdlib>

#include "types/calendar.h"
#include "types/datetime_encode.h"
#include "types/interval.h"

namespace sundog::types {

namespace {

uint64_t Magnitude(int64_t value) {
  return value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

void AppendNumber(std::string& to, int64_t value) { to += std::to_string(value); }

// Seconds and their fraction, both without sign.
void AppendSeconds(std::string& to, const IntervalFields& fields, int width) {
  AppendPadded(to, Magnitude(fields.seconds), std::max(width, 1));
  AppendFraction(to, std::abs(fields.micros));
}

// "4:05:06.789" with at least `hour_width` digits of hours, without sign.
void AppendClock(std::string& to, const IntervalFields& fields, int hour_width) {
  AppendPadded(to, Magnitude(fields.hours), hour_width);
  to += ':';
  AppendPadded(to, Magnitude(fields.minutes), 2);
  to += ':';
  AppendSeconds(to, fields, 2);
}

bool HasTime(const IntervalFields& f) {
  return f.hours != 0 || f.minutes != 0 || f.seconds != 0 || f.micros != 0;
}
bool IsTimeNegative(const IntervalFields& f) {
  return f.hours < 0 || f.minutes < 0 || f.seconds < 0 || f.micros < 0;
}

// "1 year 2 mons -3 days +04:05:06": a field after a negative one gets an explicit sign.
void AppendPostgres(std::string& to, const IntervalFields& fields) {
  bool empty = true, after_negative = false;
  auto append = [&](int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (!empty) to += ' ';
    if (after_negative && value > 0) to += '+';
    AppendNumber(to, value);
    to += ' ';
    to += unit;
    if (value != 1) to += 's';
    after_negative = value < 0;
    empty = false;
  };
  append(fields.years, "year");
  append(fields.months, "mon");
  append(fields.days, "day");
  if (!empty && !HasTime(fields)) return;
  if (!empty) to += ' ';
  if (IsTimeNegative(fields)) {
    to += '-';
  } else if (after_negative) {
    to += '+';
  }
  AppendClock(to, fields, 2);
}

// "@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs ago": the first field's sign turns all.
void AppendVerbose(std::string& to, const IntervalFields& fields) {
  bool empty = true, ago = false;
  to += '@';
  auto append = [&](int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (empty) ago = value < 0;
    if (ago) value = -value;
    to += ' ';
    AppendNumber(to, value);
    to += ' ';
    to += unit;
    if (value != 1) to += 's';
    empty = false;
  };
  append(fields.years, "year");
  append(fields.months, "mon");
  append(fields.days, "day");
  append(fields.hours, "hour");
  append(fields.minutes, "min");
  if (fields.seconds != 0 || fields.micros != 0) {
    bool negative = fields.seconds < 0 || (fields.seconds == 0 && fields.micros < 0);
    if (empty) ago = negative;
    to += ' ';
    if (negative != ago) to += '-';
    AppendSeconds(to, fields, 1);
    to += std::abs(fields.seconds) == 1 && fields.micros == 0 ? " sec" : " secs";
    empty = false;
  }
  if (empty) to += " 0";
  if (ago) to += " ago";
}

// "1-2", "3 4:05:06", or, where the standard has no form, "+1-2 -3 +4:05:06".
void AppendSqlStandard(std::string& to, IntervalFields fields) {
  bool has_months = fields.years != 0 || fields.months != 0;
  bool has_rest = fields.days != 0 || HasTime(fields);
  bool months_negative = fields.years < 0 || fields.months < 0;
  bool negative = months_negative || fields.days < 0 || IsTimeNegative(fields);
  bool positive = fields.years > 0 || fields.months > 0 || fields.days > 0 || fields.hours > 0 ||
                  fields.minutes > 0 || fields.seconds > 0 || fields.micros > 0;
  if (!has_months && !has_rest) {
    to += '0';
    return;
  }
  bool standard = !(negative && positive) && !(has_months && has_rest);
  auto append_years = [&] {
    AppendPadded(to, Magnitude(fields.years), 1);
    to += '-';
    AppendPadded(to, Magnitude(fields.months), 1);
  };
  if (standard) {
    if (negative) to += '-';
    if (has_months) return append_years();
    if (fields.days != 0) {
      AppendPadded(to, Magnitude(fields.days), 1);
      to += ' ';
    }
    AppendClock(to, fields, 1);
    return;
  }
  to += months_negative ? '-' : '+';
  append_years();
  to += fields.days < 0 ? " -" : " +";
  AppendPadded(to, Magnitude(fields.days), 1);
  to += IsTimeNegative(fields) ? " -" : " +";
  AppendClock(to, fields, 1);
}

// "P1Y2M3DT4H5M6.789S"
void AppendIso8601(std::string& to, const IntervalFields& fields) {
  auto append = [&to](int64_t value, char unit) {
    if (value == 0) return;
    AppendNumber(to, value);
    to += unit;
  };
  size_t begin = to.size();
  to += 'P';
  append(fields.years, 'Y');
  append(fields.months, 'M');
  append(fields.days, 'D');
  if (HasTime(fields)) {
    to += 'T';
    append(fields.hours, 'H');
    append(fields.minutes, 'M');
    if (fields.seconds != 0 || fields.micros != 0) {
      if (fields.seconds < 0 || fields.micros < 0) to += '-';
      AppendSeconds(to, fields, 1);
      to += 'S';
    }
  }
  if (to.size() == begin + 1) to += "T0S";
}

}  // namespace

IntervalFields SplitInterval(const Interval& interval) {
  IntervalFields fields;
  fields.years = interval.months / kMonthsPerYear;
  fields.months = interval.months % kMonthsPerYear;
  fields.days = interval.days;
  fields.hours = interval.micros / kMicrosPerHour;
  fields.minutes = static_cast<int>(interval.micros / kMicrosPerMinute % 60);
  fields.seconds = static_cast<int>(interval.micros / kMicrosPerSecond % 60);
  fields.micros = static_cast<int>(interval.micros % kMicrosPerSecond);
  return fields;
}

void AppendIntervalText(IntervalStyle style, const Interval& interval, std::string& to) {
  IntervalFields fields = SplitInterval(interval);
  switch (style) {
    case IntervalStyle::kPostgres: return AppendPostgres(to, fields);
    case IntervalStyle::kPostgresVerbose: return AppendVerbose(to, fields);
    case IntervalStyle::kSqlStandard: return AppendSqlStandard(to, fields);
    case IntervalStyle::kIso8601: return AppendIso8601(to, fields);
  }
}

}  // namespace sundog::types
