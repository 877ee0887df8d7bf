// Reading intervals: "1 year 2 mons -3 days 04:05:06", "1-2 3 4:05:06", "P1Y2M3DT4H5M6S", "@ 1 day
// ago".
#include <charconv>
#include <cmath>
#include <optional>

#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/datetime_fields.h"
#include "types/datetime_number.h"
#include "types/interval.h"
#include "types/interval_builder.h"

namespace sundog::types {

namespace {

using internal::IntervalBuilder;

[[noreturn]] void FailFormat(std::string_view text) {
  ThrowDateTimeError(DateTimeError::kBadFormat, text, "interval");
}

void CheckFits(bool fits, std::string_view text) {
  if (!fits) ThrowDateTimeError(DateTimeError::kIntervalOverflow, text, "interval");
}

// The unit of a last number without one, as the declared fields say.
TimeUnit DefaultUnit(int fields) {
  if (fields == kIntervalYear) return TimeUnit::kYear;
  if (fields == kIntervalMonth || fields == (kIntervalYear | kIntervalMonth)) {
    return TimeUnit::kMonth;
  }
  if (fields == kIntervalDay) return TimeUnit::kDay;
  if (fields == kIntervalAllFields || (fields & kIntervalSecond) != 0) return TimeUnit::kSecond;
  return (fields & kIntervalMinute) != 0 ? TimeUnit::kMinute : TimeUnit::kHour;
}

// Each unit may be given once.
constexpr uint32_t Bit(TimeUnit unit) { return 1u << static_cast<int>(unit); }
constexpr uint32_t kSeconds =
    Bit(TimeUnit::kSecond) | Bit(TimeUnit::kMillisecond) | Bit(TimeUnit::kMicrosecond);
constexpr uint32_t kClock = Bit(TimeUnit::kHour) | Bit(TimeUnit::kMinute) | kSeconds;

// PostgreSQL's own syntax and the SQL standard's. Fields are read from the last to the first, so
// that a unit comes before its number.
class IntervalDecoder {
 public:
  IntervalDecoder(IntervalStyle style, std::string_view text, int fields)
      : style_(style), text_(text), declared_fields_(fields), fields_(256) {}

  IntervalBuilder Run() {
    if (!fields_.Split(text_)) FailFormat(text_);
    force_negative_ = AppliesSignToAll();
    for (size_t i = fields_.size(); i-- > 0;) {
      found_ = 0;
      if (!OnField(fields_[i])) continue;
      if ((found_ & seen_) != 0) FailFormat(text_);
      seen_ |= found_;
    }
    if (seen_ == 0) FailFormat(text_);
    if (ago_) CheckFits(builder_.Negate(), text_);
    return builder_;
  }

 private:
  // In the SQL standard "-1 1:00:00" is minus one day and one hour: a sole leading sign holds for
  // everything. Elsewhere it holds for its own field.
  bool AppliesSignToAll() const {
    if (style_ != IntervalStyle::kSqlStandard || fields_.size() == 0) return false;
    if (fields_[0].text[0] != '-') return false;
    for (size_t i = 1; i < fields_.size(); ++i) {
      char first = fields_[i].text[0];
      if (first == '-' || first == '+') return false;
    }
    return true;
  }

  // False for a word without meaning.
  bool OnField(const Field& field) {
    switch (field.kind) {
      case FieldKind::kClock:
        if (ClockStatus status = OnClock(field.text, false); status != ClockStatus::kOk) {
          CheckFits(status == ClockStatus::kBadFormat, text_);
          FailFormat(text_);
        }
        return true;
      case FieldKind::kSigned:
        if (field.text.find(':', 1) != std::string_view::npos &&
            OnClock(field.text.substr(1), field.text[0] == '-') == ClockStatus::kOk) {
          return true;
        }
        OnNumber(field.text);
        return true;
      case FieldKind::kDate:
      case FieldKind::kNumber: OnNumber(field.text); return true;
      case FieldKind::kWord:
      case FieldKind::kSignedWord: return OnWord(field.text);
    }
    return false;
  }

  ClockStatus OnClock(std::string_view text, bool negative) {
    ClockFields clock;
    ClockStatus status =
        ParseClock(text, declared_fields_ == (kIntervalMinute | kIntervalSecond), &clock);
    if (status != ClockStatus::kOk) return status;
    builder_.set_micros(clock.micros);
    if (!builder_.AddMicros(clock.hour, kMicrosPerHour) ||
        !builder_.AddMicros(clock.minute, kMicrosPerMinute) ||
        !builder_.AddMicros(clock.second, kMicrosPerSecond)) {
      return ClockStatus::kOverflow;
    }
    if (negative || (force_negative_ && builder_.micros() > 0)) {
      builder_.set_micros(-builder_.micros());
    }
    found_ = kClock;
    unit_ = TimeUnit::kDay;  // of the number before it: "1 04:05"
    has_unit_ = true;
    return ClockStatus::kOk;
  }

  bool OnWord(std::string_view text) {
    const DateTimeWord* word = FindIntervalWord(text);
    if (word == nullptr) FailFormat(text_);
    if (word->kind == WordKind::kIgnored) return false;
    has_unit_ = true;
    if (word->kind == WordKind::kAgo) {
      ago_ = true;
      unit_.reset();  // no number can come right before it
    } else {
      unit_ = static_cast<TimeUnit>(word->value);
    }
    return true;
  }

  void OnNumber(std::string_view text) {
    if (!has_unit_) {
      unit_ = DefaultUnit(declared_fields_);
      has_unit_ = true;
    }
    ParsedInteger integer = ParseLeadingInteger(text);
    CheckFits(!integer.overflow, text_);
    int64_t value = integer.value;
    double fraction = 0;
    if (integer.rest.starts_with('-')) {
      value = YearsAndMonths(text, value, integer.rest.substr(1));
      unit_ = TimeUnit::kMonth;
    } else if (integer.rest.starts_with('.')) {
      if (!ParseFraction(integer.rest, &fraction)) FailFormat(text_);
      if (text[0] == '-') fraction = -fraction;
    } else if (!integer.rest.empty()) {
      FailFormat(text_);
    }
    if (force_negative_) {
      if (value > 0) value = -value;
      if (fraction > 0) fraction = -fraction;
    }
    AddQuantity(value, fraction);
  }

  // "1-2": a year and two months, in months.
  int64_t YearsAndMonths(std::string_view text, int64_t years, std::string_view months_text) {
    ParsedInteger months = ParseLeadingInteger(months_text);
    CheckFits(months.fits_int() && months.value >= 0 && months.value < kMonthsPerYear, text_);
    if (!months.rest.empty()) FailFormat(text_);
    int64_t value;
    bool fits = !__builtin_mul_overflow(years, kMonthsPerYear, &value) &&
                !__builtin_add_overflow(value, text[0] == '-' ? -months.value : months.value,
                                        &value);
    CheckFits(fits, text_);
    return value;
  }

  void AddQuantity(int64_t value, double fraction) {
    if (!unit_.has_value() || !IsQuantity(*unit_)) FailFormat(text_);
    CheckFits(builder_.Add(*unit_, value, fraction), text_);
    found_ = *unit_ == TimeUnit::kSecond && fraction != 0 ? kSeconds : Bit(*unit_);
    if (*unit_ == TimeUnit::kHour) unit_ = TimeUnit::kDay;
  }

  static bool IsQuantity(TimeUnit unit) {
    return unit <= TimeUnit::kMillennium && unit != TimeUnit::kQuarter;
  }

  IntervalStyle style_;
  std::string_view text_;
  int declared_fields_;
  FieldList fields_;
  IntervalBuilder builder_;
  uint32_t seen_ = 0;
  uint32_t found_ = 0;
  bool has_unit_ = false;
  std::optional<TimeUnit> unit_;
  bool force_negative_ = false;
  bool ago_ = false;
};

// ISO 8601 durations: with designators ("P1Y2M3DT4H5M6S"), basic ("P00010203T040506") and extended
// ("P0001-02-03T04:05:06"). Beyond the standard weeks mix with other units, and any quantity may
// have a fraction or a sign.
class IsoDurationParser {
 public:
  explicit IsoDurationParser(std::string_view text) : text_(text) {}

  IntervalBuilder Run() {
    if (text_.size() < 2) FailFormat(text_);
    at_ = 1;
    while (!AtEnd()) {
      if (Accept('T')) {
        in_time_ = true;
        have_field_ = false;
        continue;
      }
      bool goes_on = in_time_ ? TimeField() : DateField();
      if (!goes_on) break;
    }
    return builder_;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  void Number() {
    constexpr double kLargest = 1e15;
    char first = Peek();
    if (!(first >= '0' && first <= '9') && first != '-' && first != '.') FailFormat(text_);
    double number;
    auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) FailFormat(text_);
    size_t begin = at_ + (first == '-' ? 1 : 0);
    at_ = static_cast<size_t>(end - text_.data());
    CheckFits(number >= -kLargest && number <= kLargest, text_);
    value_ = static_cast<int64_t>(number);
    fraction_ = number - static_cast<double>(value_);
    integer_digits_ = text_.find_first_not_of("0123456789", begin);
    integer_digits_ = std::min(integer_digits_, text_.size()) - begin;
  }

  void Add(TimeUnit unit) { Add(unit, value_, fraction_); }
  void Add(TimeUnit unit, int64_t value, double fraction) {
    CheckFits(builder_.Add(unit, value, fraction), text_);
    have_field_ = true;
  }

  // Both return false when the whole text is read.
  bool DateField() {
    Number();
    if (Accept('Y')) return Add(TimeUnit::kYear), true;
    if (Accept('M')) return Add(TimeUnit::kMonth), true;
    if (Accept('W')) return Add(TimeUnit::kWeek), true;
    if (Accept('D')) return Add(TimeUnit::kDay), true;
    bool at_boundary = AtEnd() || Peek() == 'T';
    if (at_boundary && integer_digits_ == 8 && !have_field_) {
      Add(TimeUnit::kYear, value_ / 10000, 0);
      Add(TimeUnit::kMonth, value_ / 100 % 100, 0);
      Add(TimeUnit::kDay, value_ % 100, fraction_);
      return !AtEnd();
    }
    if (have_field_ || !(at_boundary || Peek() == '-')) FailFormat(text_);
    constexpr TimeUnit kUnits[] = {TimeUnit::kYear, TimeUnit::kMonth, TimeUnit::kDay};
    return Extended(kUnits, '-', 'T');
  }

  bool TimeField() {
    Number();
    if (Accept('H')) return Add(TimeUnit::kHour), true;
    if (Accept('M')) return Add(TimeUnit::kMinute), true;
    if (Accept('S')) return Add(TimeUnit::kSecond), true;
    if (AtEnd() && integer_digits_ == 6 && !have_field_) {
      Add(TimeUnit::kHour, value_ / 10000, 0);
      Add(TimeUnit::kMinute, value_ / 100 % 100, 0);
      Add(TimeUnit::kSecond, value_ % 100, 0);
      Add(TimeUnit::kMicrosecond, 0, fraction_);
      return false;
    }
    if (have_field_ || !(AtEnd() || Peek() == ':')) FailFormat(text_);
    constexpr TimeUnit kUnits[] = {TimeUnit::kHour, TimeUnit::kMinute, TimeUnit::kSecond};
    return Extended(kUnits, ':', '\0');
  }

  // The first number is read. Trailing parts may be missing.
  bool Extended(const TimeUnit (&units)[3], char delimiter, char terminator) {
    Add(units[0]);
    for (size_t i = 1; i < 3; ++i) {
      if (AtEnd()) return false;
      if (terminator != '\0' && Peek() == terminator) return true;
      if (!Accept(delimiter)) FailFormat(text_);
      Number();
      Add(units[i]);
    }
    if (!AtEnd() && Peek() != terminator) FailFormat(text_);
    return !AtEnd();
  }

  std::string_view text_;
  size_t at_ = 0;
  IntervalBuilder builder_;
  bool in_time_ = false;
  bool have_field_ = false;
  int64_t value_ = 0;
  double fraction_ = 0;
  size_t integer_digits_ = 0;
};

}  // namespace

Interval ParseInterval(IntervalStyle style, std::string_view text, int32_t typmod) {
  // No other syntax begins with a P.
  IntervalBuilder builder =
      text.starts_with('P') ? IsoDurationParser(text).Run()
                            : IntervalDecoder(style, text, IntervalTypmodFields(typmod)).Run();
  Interval interval;
  if (!builder.Finish(&interval)) ThrowOutOfRange("interval");
  return ApplyIntervalTypmod(interval, typmod);
}

}  // namespace sundog::types
