// The parts of dates in DateTimeDecoder, and what is checked once all fields are read.
#include <charconv>
#include <cmath>

#include "types/ascii.h"
#include "types/datetime_decoder.h"
#include "types/datetime_number.h"
#include "types/time_zone.h"

namespace sundog::types::internal {

namespace {

// Digits to int; a number too large keeps its low bits, as it does in PostgreSQL, so that the range
// check afterwards complains alike.
int WrappedInteger(std::string_view digits) {
  return static_cast<int>(ParseLeadingInteger(digits).value);
}

// Cuts the next run of digits or letters off a date such as "8-jan-1999", with the one character
// after it. False if there is none.
bool NextDatePart(std::string_view* text, std::string_view* part) {
  size_t begin = 0;
  while (begin < text->size() && !IsDigit((*text)[begin]) && !IsAlpha((*text)[begin])) ++begin;
  if (begin == text->size()) return false;
  auto same_class = IsDigit((*text)[begin]) ? IsDigit : IsAlpha;
  size_t end = begin;
  while (end < text->size() && same_class((*text)[end])) ++end;
  *part = text->substr(begin, end - begin);
  text->remove_prefix(end < text->size() ? end + 1 : end);
  return true;
}

}  // namespace

uint32_t DateTimeDecoder::DateWithDelimiters(std::string_view text) {
  std::string_view parts[FieldList::kMaxFields];
  size_t count = 0;
  while (!text.empty() && count < FieldList::kMaxFields) {
    if (!NextDatePart(&text, &parts[count])) FailFormat();
    ++count;
  }
  // A name can only be the month; it makes the numbers easier to tell apart.
  bool has_text_month = false;
  uint32_t seen = seen_, found = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!IsAlpha(parts[i][0])) continue;
    uint32_t part = MonthNameInDate(parts[i], seen);
    seen |= part;
    found |= part;
    has_text_month = true;
  }
  for (size_t i = 0; i < count; ++i) {
    if (IsAlpha(parts[i][0])) continue;
    uint32_t part = NumberInContext(parts[i], has_text_month, seen);
    if ((seen & part) != 0) FailFormat();
    seen |= part;
    found |= part;
  }
  if ((seen & ~uint32_t{kDayOfYear | kZone}) != kFullDate) FailFormat();
  return found;
}

uint32_t DateTimeDecoder::MonthNameInDate(std::string_view word, uint32_t seen) {
  const DateTimeWord* known = FindDateWord(word);
  if (known == nullptr || known->kind != WordKind::kMonth || (seen & kMonth) != 0) FailFormat();
  civil_.month = known->value;
  return kMonth;
}

uint32_t DateTimeDecoder::NumberInContext(std::string_view text, bool has_text_month,
                                          uint32_t seen) {
  std::string_view rest;
  int value = IntegerOrFail(text, &rest);
  size_t digits = text.size() - rest.size();
  if (digits == 0) FailFormat();
  if (!rest.empty()) {
    if (rest[0] != '.') FailFormat();
    // "2001.360", "20011225.5", "040506.789"
    if (digits > 2) return ConcatenatedNumber(text, seen | kFullDate);
    if (!ParseFractionalSecond(rest, &civil_.micros)) FailFormat();
  }
  if (text.size() == 3 && (seen & kFullDate) == kYear && value >= 1 && value <= 366) {
    day_of_year_ = value;
    return kDayOfYear | kMonth | kDay;
  }
  if ((seen & kFullDate) == kFullDate) return ConcatenatedNumber(text, seen);
  uint32_t part = ChooseDatePart(text, value, has_text_month, seen);
  switch (part) {
    case kYear:
      civil_.year = value;
      two_digit_year_ = text.size() <= 2;
      break;
    case kMonth: civil_.month = value; break;
    case kDay:
      // YearAndMonthKnown may have moved things around already.
      if ((seen & kFullDate) != (kYear | kMonth)) civil_.day = value;
      break;
    default: break;
  }
  return part;
}

// Which part a number is, given those already seen.
uint32_t DateTimeDecoder::ChooseDatePart(std::string_view text, int value, bool has_text_month,
                                         uint32_t seen) {
  bool year_like = text.size() >= 3 || settings_.date_order == DateOrder::kYmd;
  switch (seen & kFullDate) {
    case kNoPart:
      if (year_like) return kYear;
      return settings_.date_order == DateOrder::kDmy ? kDay : kMonth;
    case kYear: return kMonth;
    case kMonth: return has_text_month && year_like ? kYear : kDay;
    case kYear | kMonth: return YearAndMonthKnown(text, value, has_text_month);
    case kDay: return kMonth;
    case kMonth | kDay: return kYear;
    default: FailFormat();
  }
}

// Usually the day; but in YMD order "08-Jan-1999" made the 8 a year before the 1999 came.
uint32_t DateTimeDecoder::YearAndMonthKnown(std::string_view text, int value,
                                            bool has_text_month) {
  if (has_text_month && text.size() >= 3 && two_digit_year_) {
    civil_.day = civil_.year;
    civil_.year = value;
    two_digit_year_ = false;
  } else {
    civil_.day = value;
  }
  return kDay;
}

// "19990108", "990108", "040506", "0405", each with a fraction of seconds if it is a time.
uint32_t DateTimeDecoder::ConcatenatedNumber(std::string_view text, uint32_t seen) {
  size_t point = text.find('.');
  if (point != std::string_view::npos) {
    std::string_view fraction_text = text.substr(point);
    double fraction = 0;
    if (fraction_text.size() > 1) {
      // What follows the fraction, if anything, is ignored, as in PostgreSQL.
      auto [end, error] =
          std::from_chars(fraction_text.data(), fraction_text.data() + fraction_text.size(),
                          fraction, std::chars_format::fixed);
      if (error == std::errc::result_out_of_range) FailFormat();
    }
    civil_.micros = static_cast<int>(std::rint(fraction * 1e6));
    text = text.substr(0, point);
  } else if ((seen & kFullDate) != kFullDate && text.size() >= 6) {
    size_t size = text.size();
    civil_.day = WrappedInteger(text.substr(size - 2));
    civil_.month = WrappedInteger(text.substr(size - 4, 2));
    civil_.year = WrappedInteger(text.substr(0, size - 4));
    if (size == 6) two_digit_year_ = true;
    return kFullDate;
  }
  if ((seen & kFullTime) != kFullTime && (text.size() == 6 || text.size() == 4)) {
    civil_.second = text.size() == 6 ? WrappedInteger(text.substr(4)) : 0;
    civil_.minute = WrappedInteger(text.substr(2, 2));
    civil_.hour = WrappedInteger(text.substr(0, 2));
    return kFullTime;
  }
  FailFormat();
}

void DateTimeDecoder::ValidateDate() {
  if ((seen_ & kYear) != 0 && !is_julian_) {
    if (is_bc_ || !two_digit_year_) {
      if (civil_.year <= 0) Fail(DateTimeError::kFieldOverflow);
      if (is_bc_) civil_.year = 1 - civil_.year;
    } else {
      if (civil_.year < 0) Fail(DateTimeError::kFieldOverflow);
      civil_.year = ExpandTwoDigitYear(civil_.year);
    }
  }
  if ((seen_ & kDayOfYear) != 0) {
    CivilFromJulian(JulianFromCivil(civil_.year, 1, 1) + day_of_year_ - 1, &civil_);
  }
  if ((seen_ & kMonth) != 0 && (civil_.month < 1 || civil_.month > 12)) {
    Fail(DateTimeError::kMonthDayOverflow);
  }
  if ((seen_ & kDay) != 0 && (civil_.day < 1 || civil_.day > 31)) {
    Fail(DateTimeError::kMonthDayOverflow);
  }
  if ((seen_ & kFullDate) == kFullDate && civil_.day > DaysInMonth(civil_.year, civil_.month)) {
    Fail(DateTimeError::kFieldOverflow);
  }
}

void DateTimeDecoder::ApplyMeridiem() {
  if (!meridiem_.has_value()) return;
  if (civil_.hour > 12) Fail(DateTimeError::kFieldOverflow);
  if (*meridiem_ == AmPm::kAm && civil_.hour == 12) {
    civil_.hour = 0;
  } else if (*meridiem_ == AmPm::kPm && civil_.hour != 12) {
    civil_.hour += 12;
  }
}

void DateTimeDecoder::ResolveZoneOfDateTime() {
  if ((seen_ & kFullDate) != kFullDate) FailFormat();
  bool modified = (seen_ & kDaylightModifier) != 0;
  bool needs_zone = named_zone_ != nullptr || dynamic_zone_ != nullptr || (seen_ & kZone) == 0;
  if (modified && needs_zone) FailFormat();
  if (named_zone_ != nullptr) {
    result_.zone_west_s = ZoneWestOfCivil(*named_zone_, civil_);
  }
  if (dynamic_zone_ != nullptr) {
    result_.zone_west_s = ZoneWestOfAbbreviation(*dynamic_zone_, dynamic_abbreviation_, civil_);
  }
  if ((seen_ & kZone) == 0) result_.zone_west_s = ZoneWestOfCivil(ZoneOf(settings_), civil_);
}

void DateTimeDecoder::ResolveZoneOfTime() {
  if (!IsTimeOfDay(civil_)) Fail(DateTimeError::kFieldOverflow);
  if ((seen_ & kFullTime) != kFullTime) FailFormat();
  bool modified = (seen_ & kDaylightModifier) != 0;
  bool needs_zone = named_zone_ != nullptr || dynamic_zone_ != nullptr || (seen_ & kZone) == 0;
  if (modified && needs_zone) FailFormat();
  if (named_zone_ != nullptr) {
    if (auto fixed_s = named_zone_->fixed_offset_s()) {
      result_.zone_west_s = -*fixed_s;
    } else {
      if ((seen_ & kFullDate) != kFullDate) FailFormat();
      result_.zone_west_s = ZoneWestOfCivil(*named_zone_, civil_);
    }
  }
  if (dynamic_zone_ != nullptr) {
    result_.zone_west_s =
        ZoneWestOfAbbreviation(*dynamic_zone_, dynamic_abbreviation_, DateForZone());
  }
  if ((seen_ & kZone) == 0) {
    result_.zone_west_s = ZoneWestOfCivil(ZoneOf(settings_), DateForZone());
  }
}

// The time of day with the date that was written, or else today's.
CivilTime DateTimeDecoder::DateForZone() const {
  CivilTime date = civil_;
  if ((seen_ & kFullDate) == 0) {
    CivilTime now = Now();
    date.year = now.year;
    date.month = now.month;
    date.day = now.day;
  } else if ((seen_ & kFullDate) != kFullDate) {
    FailFormat();
  }
  return date;
}

}  // namespace sundog::types::internal
