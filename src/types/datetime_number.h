// Numbers inside the fields of dates, times and intervals.
#pragma once

#include <cstdint>
#include <string_view>

namespace sundog::types {

struct ParsedInteger {
  int64_t value = 0;
  bool overflow = false;      // of int64; `value` is then the nearest int64
  std::string_view rest;      // what follows the digits
  size_t consumed_bytes = 0;  // 0: no number

  bool fits_int() const {
    return !overflow && value == static_cast<int32_t>(value);
  }
};

// An optional sign and digits at the beginning of `text`.
ParsedInteger ParseLeadingInteger(std::string_view text);

// ".789", or "." for 0, to the end of the text; false if it is anything else.
[[nodiscard]] bool ParseFraction(std::string_view text, double* fraction);
// The same, rounded to microseconds (which may give a whole second).
[[nodiscard]] bool ParseFractionalSecond(std::string_view text, int* micros);

// "04:05[:06[.789]]". `hour` is as written, the rest is in range (second up to 60).
struct ClockFields {
  int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
};
enum class ClockStatus : uint8_t { kOk, kBadFormat, kOverflow };
// "04:05.6" always means minutes and seconds; "04:05" does if `two_are_minute_second`.
[[nodiscard]] ClockStatus ParseClock(std::string_view text, bool two_are_minute_second,
                                     ClockFields* clock);

// "+05", "+0530", "-05:30[:15]" to seconds *west* of UTC.
enum class OffsetStatus : uint8_t { kOk, kBadFormat, kOverflow };
[[nodiscard]] OffsetStatus ParseZoneOffset(std::string_view text, int32_t* west_s);

}  // namespace sundog::types
