// to_char() of timestamps and intervals.
#include <cstdlib>

#include "base/sql_error.h"
#include "functions/date_pattern.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/interval.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::CivilTime;
using types::Interval;

// What is to be written. Of intervals, years to days may be zero or negative.
struct PatternValue {
  bool is_interval = false;
  int year = 0, month = 0, day = 0;
  int64_t hour = 0;
  int minute = 0, second = 0, micros = 0;
  int day_of_week = 0;  // 0 is Sunday
  int day_of_year = 0;
  int32_t east_s = 0;
  std::string_view zone;  // empty for timestamps without one
};

class PatternWriter {
 public:
  PatternWriter(const DatePattern& pattern, const PatternValue& value)
      : pattern_(pattern), value_(value) {}

  std::string Run() {
    for (const PatternNode& node : pattern_.nodes()) {
      if (node.kind != PatternNode::Kind::kField) {
        out_ += node.text;
        continue;
      }
      node_ = &node;
      keyword_ = node.keyword;
      WriteField();
    }
    return std::move(out_);
  }

 private:
  void WriteField() {
    if (WriteTime() || WriteDayOrWeek() || WriteMonthOrYear()) return;
    WriteCalendarOnly();
  }

  // The number with at least `width` places, a sign among them, and its ordinal suffix.
  void Number(int64_t value, int width) {
    std::string digits = std::to_string(std::abs(value));
    std::string text = value < 0 ? "-" : "";
    if (node_->fill_mode) width = 0;
    int missing = width - static_cast<int>(text.size() + digits.size());
    if (missing > 0) text.append(static_cast<size_t>(missing), '0');
    Plain(text + digits);
  }
  // A number that FM leaves alone.
  void Plain(const std::string& number) {
    out_ += number;
    if (node_->ordinal != OrdinalSuffix::kNone) out_ += OrdinalOf(number, node_->ordinal);
  }
  void Plain(int64_t value) { Plain(std::to_string(value)); }

  // Two places, and one more for a minus.
  void Signed(int64_t value, bool negative, int width = 2) {
    Number(value, negative ? width + 1 : width);
  }

  void Name(std::string_view name, size_t width) {
    std::string text = keyword_->letter_case == LetterCase::kUpper   ? types::UpperAscii(name)
                       : keyword_->letter_case == LetterCase::kLower ? types::LowerAscii(name)
                                                                     : std::string(name);
    bool roman = keyword_->field == PatternField::kMonthRoman;
    bool padded = !node_->fill_mode && (!node_->localized || roman);
    if (padded && text.size() < width) text.resize(width, ' ');
    out_ += text;
  }

  bool WriteTime() {
    switch (keyword_->field) {
      case PatternField::kMeridiem:
      case PatternField::kMeridiemDots: {
        bool dots = keyword_->field == PatternField::kMeridiemDots;
        bool pm = value_.hour % 24 >= 12;
        Name(pm ? (dots ? "P.M." : "PM") : (dots ? "A.M." : "AM"), 0);
        return true;
      }
      case PatternField::kHour12:
        Signed(value_.hour % 12 == 0 ? 12 : value_.hour % 12, value_.hour < 0);
        return true;
      case PatternField::kHour24: Signed(value_.hour, value_.hour < 0); return true;
      case PatternField::kMinute: Signed(value_.minute, value_.minute < 0); return true;
      case PatternField::kSecond: Signed(value_.second, value_.second < 0); return true;
      case PatternField::kFraction:
      case PatternField::kMillisecond:
      case PatternField::kMicrosecond: Fraction(keyword_->width); return true;
      case PatternField::kSecondOfDay:
        Plain(value_.hour * 3600 + value_.minute * 60 + value_.second);
        return true;
      default: return false;
    }
  }

  void Fraction(int digits) {
    int value = value_.micros;
    for (int i = digits; i < 6; ++i) value /= 10;
    std::string text = std::to_string(std::abs(value));
    std::string sign = value < 0 ? "-" : "";
    int missing = digits - static_cast<int>(sign.size() + text.size());
    if (missing > 0) sign.append(static_cast<size_t>(missing), '0');
    Plain(sign + text);
  }

  bool WriteDayOrWeek() {
    int64_t julian = types::JulianFromCivil(value_.year, value_.month, value_.day);
    switch (keyword_->field) {
      case PatternField::kDayOfYear: Number(value_.day_of_year, 3); return true;
      case PatternField::kIsoDayOfYear:
        Number(julian - types::JulianOfIsoWeek(Iso().year, 1) + 1, 3);
        return true;
      case PatternField::kDayOfMonth: Number(value_.day, 2); return true;
      case PatternField::kWeekOfYear: Number((value_.day_of_year - 1) / 7 + 1, 2); return true;
      case PatternField::kIsoWeek: Number(Iso().week, 2); return true;
      case PatternField::kWeekOfMonth: Plain((value_.day - 1) / 7 + 1); return true;
      case PatternField::kJulian: Plain(julian); return true;
      default: return false;
    }
  }

  types::IsoWeek Iso() const {
    return types::IsoWeekOf(value_.year, value_.month, value_.day);
  }

  // Years before Christ lose their sign: the era tells.
  int Shown(int year) const { return value_.is_interval || year > 0 ? year : 1 - year; }

  bool WriteMonthOrYear() {
    switch (keyword_->field) {
      case PatternField::kMonth: Signed(value_.month, value_.month < 0); return true;
      case PatternField::kMonthRoman: Roman(); return true;
      case PatternField::kQuarter:
        if (value_.month != 0) Plain((value_.month - 1) / 3 + 1);
        return true;
      case PatternField::kCentury: Century(); return true;
      case PatternField::kYearComma: {
        int year = Shown(value_.year);
        std::string rest = std::to_string(year - year / 1000 * 1000);
        if (rest.size() < 3) rest.insert(rest[0] == '-' ? 1 : 0, 3 - rest.size(), '0');
        Plain(std::to_string(year / 1000) + "," + rest);
        return true;
      }
      case PatternField::kYear: Year(Shown(value_.year)); return true;
      case PatternField::kIsoYear: Year(Shown(Iso().year)); return true;
      default: return false;
    }
  }

  // The last digits of a year.
  void Year(int year) {
    static constexpr int kModulus[] = {1, 10, 100, 1000};
    bool negative = Shown(value_.year) < 0;
    int digits = keyword_->width;
    if (digits < 4) year %= kModulus[digits];
    if (digits == 1) {
      Plain(year);
    } else {
      Number(year, negative ? digits + 1 : digits);
    }
  }

  void Century() {
    int century = value_.year > 0 ? (value_.year - 1) / 100 + 1 : value_.year / 100 - 1;
    if (value_.is_interval) century = value_.year / 100;
    if (std::abs(century) <= 99) {
      Signed(century, century < 0);
    } else {
      Plain(century);
    }
  }

  // Of intervals, -1 is December, and twelve months, which are a year, are too.
  void Roman() {
    if (value_.month == 0 && value_.year == 0) return;
    int index = 12 - value_.month;
    if (value_.month == 0) {
      index = value_.year >= 0 ? 0 : 11;
    } else if (value_.month < 0) {
      index = -(value_.month + 1);
    }
    Name(kMonthsRoman[index], 4);
  }

  void WriteCalendarOnly() {
    if (keyword_->field == PatternField::kFixed) return;
    if (value_.is_interval) {
      throw SqlError(sqlstate::kInvalidDatetimeFormat,
                     "invalid format specification for an interval value")
          .Hint("Intervals are not tied to specific calendar dates.");
    }
    int32_t amount_s = std::abs(value_.east_s);
    switch (keyword_->field) {
      case PatternField::kEra: Name(value_.year <= 0 ? "BC" : "AD", 0); return;
      case PatternField::kEraDots: Name(value_.year <= 0 ? "B.C." : "A.D.", 0); return;
      case PatternField::kMonthName: Name(kMonthNames[value_.month - 1], 9); return;
      case PatternField::kMonthNameShort: Name(kMonthNamesShort[value_.month - 1], 0); return;
      case PatternField::kDayName: Name(kDayNames[value_.day_of_week], 9); return;
      case PatternField::kDayNameShort: Name(kDayNamesShort[value_.day_of_week], 0); return;
      case PatternField::kDayOfWeek: Plain(value_.day_of_week + 1); return;
      case PatternField::kIsoDayOfWeek:
        Plain(value_.day_of_week == 0 ? 7 : value_.day_of_week);
        return;
      case PatternField::kZone:
        out_ += keyword_->letter_case == LetterCase::kLower ? types::LowerAscii(value_.zone)
                                                            : std::string(value_.zone);
        return;
      case PatternField::kZoneHour:
        out_ += value_.east_s >= 0 ? '+' : '-';
        TwoDigits(amount_s / 3600, false);
        return;
      case PatternField::kZoneMinute: TwoDigits(amount_s % 3600 / 60, false); return;
      case PatternField::kOffset:
        out_ += value_.east_s >= 0 ? '+' : '-';
        TwoDigits(amount_s / 3600, node_->fill_mode);
        if (amount_s % 3600 != 0) {
          out_ += ':';
          TwoDigits(amount_s % 3600 / 60, false);
        }
        return;
      default: return;
    }
  }

  void TwoDigits(int value, bool fill_mode) {
    if (value < 10 && !fill_mode) out_ += '0';
    out_ += std::to_string(value);
  }

  const DatePattern& pattern_;
  const PatternValue& value_;
  const PatternNode* node_ = nullptr;
  const PatternKeyword* keyword_ = nullptr;
  std::string out_;
};

// The template as last read at this call site.
struct PatternCache {
  std::optional<DatePattern> pattern;
  const DatePattern& Of(std::string_view text) {
    if (!pattern.has_value() || pattern->text() != text) pattern.emplace(text);
    return *pattern;
  }
};

std::string_view Write(CallContext& call, std::string_view pattern, const PatternValue& value) {
  const DatePattern& parsed = call.State<PatternCache>().Of(pattern);
  return call.arena().Copy(PatternWriter(parsed, value).Run());
}

PatternValue ValueOf(const CivilTime& civil) {
  PatternValue value;
  value.year = civil.year;
  value.month = civil.month;
  value.day = civil.day;
  value.hour = civil.hour;
  value.minute = civil.minute;
  value.second = civil.second;
  value.micros = civil.micros;
  value.day_of_week =
      types::DayOfWeek(types::JulianFromCivil(civil.year, civil.month, civil.day));
  value.day_of_year = types::DayOfYear(civil);
  return value;
}

std::optional<std::string_view> TimestampToChar(CallContext& call, int64_t timestamp,
                                                std::string_view pattern) {
  if (pattern.empty() || !types::IsFiniteTimestamp(timestamp)) return std::nullopt;
  return Write(call, pattern, ValueOf(types::CivilFromTimestamp(timestamp)));
}

std::optional<std::string_view> TimestamptzToChar(CallContext& call, int64_t timestamptz,
                                                  std::string_view pattern) {
  if (pattern.empty() || !types::IsFiniteTimestamp(timestamptz)) return std::nullopt;
  types::ZonedTime zoned = types::ToZone(SessionZone(call), timestamptz);
  PatternValue value = ValueOf(zoned.civil);
  value.east_s = -zoned.zone_west_s;
  value.zone = zoned.abbreviation;
  return Write(call, pattern, value);
}

std::optional<std::string_view> IntervalToChar(CallContext& call, Interval interval,
                                               std::string_view pattern) {
  if (pattern.empty()) return std::nullopt;
  types::IntervalFields fields = types::SplitInterval(interval);
  PatternValue value;
  value.is_interval = true;
  value.year = fields.years;
  value.month = fields.months;
  value.day = fields.days;
  value.hour = fields.hours;
  value.minute = fields.minutes;
  value.second = fields.seconds;
  value.micros = fields.micros;
  value.day_of_year = interval.months * types::kDaysPerMonth + fields.days;
  return Write(call, pattern, value);
}

constexpr ScalarEntry kEntries[] = {
    {"timestamp_to_char", Kernel<TimestampToChar>},
    {"timestamptz_to_char", Kernel<TimestamptzToChar>},
    {"interval_to_char", Kernel<IntervalToChar>},
};

}  // namespace

void RegisterDateToChar(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
