#include "types/datetime_decode.h"

#include <cmath>
#include <string>

#include "types/ascii.h"
#include "types/datetime_decoder.h"
#include "types/datetime_number.h"
#include "types/time_zone.h"
#include "types/time_zone_abbreviations.h"

namespace sundog::types {

namespace {

bool StartsWithDigit(std::string_view text) {
  return !text.empty() && IsDigit(text[0]);
}

int64_t WallSeconds(const CivilTime& civil) {
  int64_t days = JulianFromCivil(civil.year, civil.month, civil.day) - kUnixEpochJulian;
  return days * kSecondsPerDay + civil.hour * 3600 + civil.minute * 60 + civil.second;
}

}  // namespace

const TimeZone& ZoneOf(const IoSettings& settings) {
  return settings.time_zone != nullptr ? *settings.time_zone : TimeZone::Utc();
}

int32_t ZoneWestOfCivil(const TimeZone& zone, const CivilTime& civil) {
  if (!IsJulianUsable(civil)) return 0;
  return -zone.PeriodOfWallClock(WallSeconds(civil)).offset_s;
}

int32_t ZoneWestOfAbbreviation(const TimeZone& zone, std::string_view abbreviation,
                               const CivilTime& civil) {
  if (!IsJulianUsable(civil)) return 0;
  int32_t in_force_s = zone.PeriodOfWallClock(WallSeconds(civil)).offset_s;
  const ZonePeriod* named = zone.PeriodOfAbbreviation(
      UpperAscii(abbreviation), WallSeconds(civil) - in_force_s);
  return -(named != nullptr ? named->offset_s : in_force_s);
}

int ExpandTwoDigitYear(int year) {
  if (year < 70) return year + 2000;
  return year < 100 ? year + 1900 : year;
}

DecodedDateTime DecodeDateTime(const IoSettings& settings, std::string_view text,
                               std::string_view type_name) {
  return internal::DateTimeDecoder(settings, text, type_name, false).Run();
}

DecodedDateTime DecodeTimeOfDay(const IoSettings& settings, std::string_view text,
                                std::string_view type_name) {
  return internal::DateTimeDecoder(settings, text, type_name, true).Run();
}

namespace internal {

DecodedDateTime DateTimeDecoder::Run() {
  if (!fields_.Split(text_)) FailFormat();
  for (size_t i = 0; i < fields_.size(); ++i) {
    found_ = kNoPart;
    switch (fields_[i].kind) {
      case FieldKind::kDate: OnDate(i); break;
      case FieldKind::kClock: OnClock(fields_[i].text); break;
      case FieldKind::kSigned:
        result_.zone_west_s = OffsetOrFail(fields_[i].text);
        found_ = kZone;
        break;
      case FieldKind::kNumber: OnNumber(i); break;
      case FieldKind::kWord:
      case FieldKind::kSignedWord:
        if (!OnWord(i)) continue;
        break;
    }
    if ((found_ & seen_) != 0) FailFormat();
    seen_ |= found_;
  }
  ValidateDate();
  ApplyMeridiem();
  if (time_only_) {
    ResolveZoneOfTime();
  } else if (result_.kind == DecodedKind::kCivil) {
    ResolveZoneOfDateTime();
  }
  return result_;
}

int DateTimeDecoder::IntegerOrFail(std::string_view text, std::string_view* rest) const {
  ParsedInteger integer = ParseLeadingInteger(text);
  if (!integer.fits_int()) Fail(DateTimeError::kFieldOverflow);
  *rest = integer.rest;
  return static_cast<int>(integer.value);
}

int32_t DateTimeDecoder::OffsetOrFail(std::string_view text) const {
  int32_t west_s = 0;
  switch (ParseZoneOffset(text, &west_s)) {
    case OffsetStatus::kOk: return west_s;
    case OffsetStatus::kOverflow: Fail(DateTimeError::kZoneOverflow);
    case OffsetStatus::kBadFormat: break;
  }
  FailFormat();
}

CivilTime DateTimeDecoder::Now() const {
  int64_t now = settings_.transaction_start_us;
  int64_t unix_s = FloorDivide(now, kMicrosPerSecond) - kUnixEpochSeconds;
  return CivilFromTimestamp(now +
                            ZoneOf(settings_).PeriodAt(unix_s).offset_s * kMicrosPerSecond);
}

void DateTimeDecoder::OnDate(size_t i) {
  std::string_view text = fields_[i].text;
  if (time_only_) {
    size_t count = fields_.size();
    bool is_date = i == 0 && count >= 2 &&
                   (fields_[count - 1].kind == FieldKind::kDate ||
                    fields_[1].kind == FieldKind::kClock);
    if (is_date) {
      found_ = DateWithDelimiters(text);
    } else {
      ZoneNameOrTimeWithZone(text);
    }
  } else if (label_ == TimeUnit::kJulian) {
    JulianWithZone(text);
  } else if (label_.has_value() || (seen_ & (kMonth | kDay)) == (kMonth | kDay)) {
    ZoneNameOrTimeWithZone(text);
  } else {
    found_ = DateWithDelimiters(text);
  }
}

// "J2451187-08": all other forms fall into fields of their own.
void DateTimeDecoder::JulianWithZone(std::string_view text) {
  std::string_view rest;
  int value = IntegerOrFail(text, &rest);
  if (value < 0) Fail(DateTimeError::kFieldOverflow);
  CivilFromJulian(value, &civil_);
  is_julian_ = true;
  result_.zone_west_s = OffsetOrFail(rest);
  found_ = kFullDate | kFullTime | kZone;
  label_.reset();
}

// After a date: "America/New_York", or a run-together time with its zone, "040506-08".
void DateTimeDecoder::ZoneNameOrTimeWithZone(std::string_view text) {
  if (!StartsWithDigit(text) && (time_only_ || !label_.has_value())) {
    NamedZone(text, true);
    return;
  }
  if (!time_only_ && label_.has_value()) {
    if (label_ != TimeUnit::kTime) FailFormat();
    label_.reset();
  }
  if ((seen_ & kFullTime) == kFullTime) FailFormat();
  size_t sign = text.find('-');
  if (sign == std::string_view::npos) FailFormat();
  result_.zone_west_s = OffsetOrFail(text.substr(sign));
  uint32_t seen = time_only_ ? seen_ | kFullDate : seen_;
  found_ = ConcatenatedNumber(text.substr(0, sign), seen) | kZone;
}

void DateTimeDecoder::NamedZone(std::string_view name, bool name_in_error) {
  named_zone_ = TimeZone::Find(name);
  if (named_zone_ == nullptr) {
    if (name_in_error) ThrowUnknownTimeZone(name);
    FailFormat();
  }
  found_ = kZone;
}

void DateTimeDecoder::OnClock(std::string_view text) {
  if (!time_only_ && label_.has_value()) {
    if (label_ != TimeUnit::kTime) FailFormat();
    label_.reset();
  }
  ClockFields clock;
  ClockStatus status = ParseClock(text, false, &clock);
  if (status == ClockStatus::kBadFormat) FailFormat();
  if (status == ClockStatus::kOverflow || clock.hour > INT32_MAX) {
    Fail(DateTimeError::kFieldOverflow);
  }
  civil_.hour = static_cast<int>(clock.hour);
  civil_.minute = clock.minute;
  civil_.second = clock.second;
  civil_.micros = clock.micros;
  if (!time_only_ && !IsTimeOfDay(civil_)) Fail(DateTimeError::kFieldOverflow);
  found_ = kFullTime;
}

void DateTimeDecoder::OnNumber(size_t i) {
  std::string_view text = fields_[i].text;
  if (label_.has_value()) {
    LabelledNumber(text);
  } else if (time_only_) {
    PlainNumberOfTime(i);
  } else {
    PlainNumberOfDateTime(text);
  }
}

// "y2001m02d04", "h04mm05s06": the label came as a word of its own.
void DateTimeDecoder::LabelledNumber(std::string_view text) {
  TimeUnit label = *label_;
  std::string_view rest;
  int value = IntegerOrFail(text, &rest);
  bool may_have_fraction =
      label == TimeUnit::kJulian || label == TimeUnit::kTime || label == TimeUnit::kSecond;
  if (!rest.empty() && !(rest[0] == '.' && may_have_fraction)) FailFormat();
  SetLabelled(label, text, value, rest);
  label_.reset();
  result_.kind = DecodedKind::kCivil;
}

void DateTimeDecoder::SetLabelled(TimeUnit label, std::string_view text, int value,
                                  std::string_view rest) {
  switch (label) {
    case TimeUnit::kYear: civil_.year = value, found_ = kYear; return;
    case TimeUnit::kMonth:
      if ((seen_ & kMonth) != 0 && (seen_ & kHour) != 0) {
        civil_.minute = value, found_ = kMinute;
      } else {
        civil_.month = value, found_ = kMonth;
      }
      return;
    case TimeUnit::kDay: civil_.day = value, found_ = kDay; return;
    case TimeUnit::kHour: civil_.hour = value, found_ = kHour; return;
    case TimeUnit::kMinute: civil_.minute = value, found_ = kMinute; return;
    case TimeUnit::kSecond:
      civil_.second = value, found_ = kSecond;
      if (!rest.empty()) {
        if (!ParseFractionalSecond(rest, &civil_.micros)) FailFormat();
        found_ = kAnySecond;
      }
      return;
    case TimeUnit::kJulian: SetJulian(value, rest); return;
    case TimeUnit::kTime:
      found_ = ConcatenatedNumber(text, seen_ | kFullDate);
      if (found_ != kFullTime) FailFormat();
      return;
    default: FailFormat();
  }
}

void DateTimeDecoder::SetJulian(int value, std::string_view fraction_text) {
  if (value < 0) Fail(DateTimeError::kFieldOverflow);
  CivilFromJulian(value, &civil_);
  is_julian_ = true;
  found_ = kFullDate;
  if (fraction_text.empty()) return;
  double fraction;
  if (!ParseFraction(fraction_text, &fraction)) FailFormat();
  SplitMicrosOfDay(static_cast<int64_t>(fraction * static_cast<double>(kMicrosPerDay)), &civil_);
  found_ |= kFullTime;
}

void DateTimeDecoder::PlainNumberOfDateTime(std::string_view text) {
  size_t point = text.find('.');
  bool has_point = point != std::string_view::npos;
  if (has_point && (seen_ & kFullDate) == 0) {
    found_ = DateWithDelimiters(text);
  } else if (has_point && point > 2) {
    found_ = ConcatenatedNumber(text, seen_);
  } else if (text.size() >= 6 && ((seen_ & kFullDate) == 0 || (seen_ & kFullTime) == 0)) {
    // Run-together date or time. So years of six digits go last, or into ISO dates.
    found_ = ConcatenatedNumber(text, seen_);
  } else {
    found_ = NumberInContext(text, has_text_month_, seen_);
  }
}

void DateTimeDecoder::PlainNumberOfTime(size_t i) {
  std::string_view text = fields_[i].text;
  size_t point = text.find('.');
  if (point != std::string_view::npos) {
    if (i == 0 && fields_.size() >= 2 && fields_[fields_.size() - 1].kind == FieldKind::kDate) {
      found_ = DateWithDelimiters(text);
    } else if (point > 2) {
      found_ = ConcatenatedNumber(text, seen_ | kFullDate);
    } else {
      FailFormat();
    }
  } else if (text.size() > 4) {
    found_ = ConcatenatedNumber(text, seen_ | kFullDate);
  } else {
    found_ = NumberInContext(text, false, seen_ | kFullDate);
  }
}

bool DateTimeDecoder::OnWord(size_t i) {
  std::string_view text = fields_[i].text;
  if (ZoneAbbreviation(text)) return true;
  const DateTimeWord* word = FindDateWord(text);
  if (word == nullptr) {
    NamedZone(text, false);
    return true;
  }
  switch (word->kind) {
    case WordKind::kIgnored: return false;
    case WordKind::kReserved:
      if (time_only_) {
        ReservedOfTime(static_cast<Reserved>(word->value));
      } else {
        ReservedOfDateTime(static_cast<Reserved>(word->value));
      }
      break;
    case WordKind::kMonth: MonthName(word->value); break;
    case WordKind::kDstModifier:
      found_ = kDaylightModifier | kDaylightZone;
      result_.zone_west_s -= word->value;
      break;
    case WordKind::kAmPm:
      found_ = kMeridiem;
      meridiem_ = static_cast<AmPm>(word->value);
      break;
    case WordKind::kEra:
      found_ = kEraPart;
      is_bc_ = word->value != 0;
      break;
    case WordKind::kDayOfWeek:
      if (time_only_) FailFormat();
      found_ = kWeekday;
      break;
    case WordKind::kUnit: label_ = static_cast<TimeUnit>(word->value); break;
    case WordKind::kIsoTime: ExpectTimeNext(i); break;
    case WordKind::kAgo: FailFormat();
  }
  return true;
}

bool DateTimeDecoder::ZoneAbbreviation(std::string_view word) {
  const TimeZoneAbbreviation* abbreviation = FindTimeZoneAbbreviation(word);
  if (abbreviation == nullptr) return false;
  if (!abbreviation->zone_name.empty()) {
    dynamic_zone_ = &ZoneOfAbbreviation(*abbreviation);
    dynamic_abbreviation_ = word;
    found_ = kZone | kDynamicZone;
  } else {
    result_.zone_west_s = -abbreviation->offset_s;
    found_ = kZone | (abbreviation->is_dst ? kDaylightZone : kNoPart);
  }
  return true;
}

void DateTimeDecoder::ReservedOfDateTime(Reserved reserved) {
  found_ = kFullDate;
  result_.kind = DecodedKind::kCivil;
  CivilTime now = Now();
  int64_t today = JulianFromCivil(now.year, now.month, now.day);
  switch (reserved) {
    case Reserved::kNow:
      civil_ = now;
      result_.zone_west_s = static_cast<int32_t>(
          (settings_.transaction_start_us -
           (JulianFromCivil(now.year, now.month, now.day) - kEpochJulian) * kMicrosPerDay -
           MicrosOfDay(now.hour, now.minute, now.second, now.micros)) /
          kMicrosPerSecond);
      found_ = kFullDate | kFullTime | kZone;
      return;
    case Reserved::kYesterday: CivilFromJulian(today - 1, &civil_); return;
    case Reserved::kToday: CivilFromJulian(today, &civil_); return;
    case Reserved::kTomorrow: CivilFromJulian(today + 1, &civil_); return;
    case Reserved::kMidnightUtc:
      civil_.hour = civil_.minute = civil_.second = 0;
      result_.zone_west_s = 0;
      found_ = kFullTime | kZone;
      return;
    case Reserved::kEpoch: result_.kind = DecodedKind::kEpoch; break;
    case Reserved::kInfinity: result_.kind = DecodedKind::kInfinity; break;
    case Reserved::kMinusInfinity: result_.kind = DecodedKind::kMinusInfinity; break;
  }
  found_ = kReservedWord;
}

void DateTimeDecoder::ReservedOfTime(Reserved reserved) {
  if (reserved == Reserved::kNow) {
    CivilTime now = Now();
    civil_ = now;
    found_ = kFullTime;
  } else if (reserved == Reserved::kMidnightUtc) {
    civil_.hour = civil_.minute = civil_.second = 0;
    found_ = kFullTime | kZone;
  } else {
    FailFormat();
  }
}

// In "8 Jan 1999" the 8 was taken for the month where DateStyle says MDY: it was the day.
void DateTimeDecoder::MonthName(int month) {
  if (time_only_) FailFormat();
  found_ = kMonth;
  if ((seen_ & kMonth) != 0 && !has_text_month_ && (seen_ & kDay) == 0 && civil_.month >= 1 &&
      civil_.month <= 31) {
    civil_.day = civil_.month;
    found_ = kDay;
  }
  has_text_month_ = true;
  civil_.month = month;
}

void DateTimeDecoder::ExpectTimeNext(size_t i) {
  if (!time_only_ && (seen_ & kFullDate) != kFullDate) FailFormat();
  if (i + 1 >= fields_.size()) FailFormat();
  FieldKind next = fields_[i + 1].kind;
  if (next != FieldKind::kNumber && next != FieldKind::kClock && next != FieldKind::kDate) {
    FailFormat();
  }
  label_ = TimeUnit::kTime;
}

}  // namespace internal

}  // namespace sundog::types
