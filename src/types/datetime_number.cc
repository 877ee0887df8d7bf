#include "types/datetime_number.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "types/calendar.h"

namespace sundog::types {

ParsedInteger ParseLeadingInteger(std::string_view text) {
  ParsedInteger result;
  size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  size_t first_digit = at;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    int digit = text[at] - '0';
    if (__builtin_mul_overflow(result.value, 10, &result.value) ||
        __builtin_add_overflow(result.value, negative ? -digit : digit, &result.value)) {
      result.overflow = true;
    }
    if (result.overflow) {
      result.value = negative ? std::numeric_limits<int64_t>::min()
                              : std::numeric_limits<int64_t>::max();
    }
  }
  result.consumed_bytes = at == first_digit ? 0 : at;
  result.rest = text.substr(result.consumed_bytes);
  return result;
}

bool ParseFraction(std::string_view text, double* fraction) {
  *fraction = 0;
  if (text == ".") return true;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *fraction,
                                      std::chars_format::fixed);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseFractionalSecond(std::string_view text, int* micros) {
  double fraction;
  if (!ParseFraction(text, &fraction)) return false;
  *micros = static_cast<int>(std::rint(fraction * 1e6));
  return true;
}

ClockStatus ParseClock(std::string_view text, bool two_are_minute_second, ClockFields* clock) {
  *clock = ClockFields();
  ParsedInteger hour = ParseLeadingInteger(text);
  if (hour.overflow) return ClockStatus::kOverflow;
  if (!hour.rest.starts_with(':')) return ClockStatus::kBadFormat;
  ParsedInteger minute = ParseLeadingInteger(hour.rest.substr(1));
  if (!minute.fits_int()) return ClockStatus::kOverflow;
  clock->hour = hour.value;
  clock->minute = static_cast<int>(minute.value);
  std::string_view rest = minute.rest;
  if (rest.starts_with('.') || (rest.empty() && two_are_minute_second)) {
    if (!rest.empty() && !ParseFractionalSecond(rest, &clock->micros)) {
      return ClockStatus::kBadFormat;
    }
    if (!hour.fits_int()) return ClockStatus::kOverflow;
    clock->second = clock->minute;
    clock->minute = static_cast<int>(hour.value);
    clock->hour = 0;
  } else if (rest.starts_with(':')) {
    ParsedInteger second = ParseLeadingInteger(rest.substr(1));
    if (!second.fits_int()) return ClockStatus::kOverflow;
    clock->second = static_cast<int>(second.value);
    if (!second.rest.empty() &&
        !(second.rest[0] == '.' && ParseFractionalSecond(second.rest, &clock->micros))) {
      return ClockStatus::kBadFormat;
    }
  } else if (!rest.empty()) {
    return ClockStatus::kBadFormat;
  }
  bool in_range = clock->hour >= 0 && clock->minute >= 0 && clock->minute < 60 &&
                  clock->second >= 0 && clock->second <= 60;
  return in_range ? ClockStatus::kOk : ClockStatus::kOverflow;
}

OffsetStatus ParseZoneOffset(std::string_view text, int32_t* west_s) {
  constexpr int kMaxHour = 15;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return OffsetStatus::kBadFormat;
  ParsedInteger hour = ParseLeadingInteger(text.substr(1));
  if (!hour.fits_int()) return OffsetStatus::kOverflow;
  int64_t hours = hour.value, minutes = 0, seconds = 0;
  std::string_view rest = hour.rest;
  if (rest.starts_with(':')) {
    ParsedInteger minute = ParseLeadingInteger(rest.substr(1));
    if (!minute.fits_int()) return OffsetStatus::kOverflow;
    minutes = minute.value;
    // Without digits the colon counts as read.
    rest = minute.rest;
    if (rest.starts_with(':')) {
      ParsedInteger second = ParseLeadingInteger(rest.substr(1));
      if (!second.fits_int()) return OffsetStatus::kOverflow;
      seconds = second.value;
      rest = second.rest;
    }
  } else if (rest.empty() && text.size() > 3) {
    minutes = hours % 100;
    hours /= 100;
  }
  if (hours < 0 || hours > kMaxHour || minutes < 0 || minutes >= 60 || seconds < 0 ||
      seconds >= 60) {
    return OffsetStatus::kOverflow;
  }
  int32_t east_s = static_cast<int32_t>((hours * 60 + minutes) * 60 + seconds);
  *west_s = text[0] == '-' ? east_s : -east_s;
  return rest.empty() ? OffsetStatus::kOk : OffsetStatus::kBadFormat;
}

}  // namespace sundog::types
