// What is wrong with the text of a date, time or interval, and PostgreSQL's words for it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sundog::types {

enum class DateTimeError : uint8_t {
  kBadFormat,         // 22007 invalid input syntax
  kFieldOverflow,     // 22008 date/time field value out of range
  kMonthDayOverflow,  // the same, with a hint at DateStyle
  kIntervalOverflow,  // 22015
  kZoneOverflow,      // 22009
};

// `text` is the whole input, `type_name` the SQL name of the type it was meant for.
[[noreturn]] void ThrowDateTimeError(DateTimeError error, std::string_view text,
                                     std::string_view type_name);

// 22023 time zone "…" not recognized
[[noreturn]] void ThrowUnknownTimeZone(std::string_view name);

// 22008 <what> out of range
[[noreturn]] void ThrowOutOfRange(std::string_view what);
// 22008 <what> out of range: "<text>"
[[noreturn]] void ThrowOutOfRange(std::string_view what, std::string_view text);

}  // namespace sundog::types
