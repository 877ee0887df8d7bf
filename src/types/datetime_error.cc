#include "types/datetime_error.h"

#include <fmt/format.h>

#include "base/sql_error.h"

namespace sundog::types {

void ThrowDateTimeError(DateTimeError error, std::string_view text, std::string_view type_name) {
  switch (error) {
    case DateTimeError::kFieldOverflow:
      throw SqlError(sqlstate::kDatetimeFieldOverflow,
                     fmt::format("date/time field value out of range: \"{}\"", text));
    case DateTimeError::kMonthDayOverflow:
      throw SqlError(sqlstate::kDatetimeFieldOverflow,
                     fmt::format("date/time field value out of range: \"{}\"", text))
          .Hint("Perhaps you need a different \"datestyle\" setting.");
    case DateTimeError::kIntervalOverflow:
      throw SqlError(sqlstate::kIntervalFieldOverflow,
                     fmt::format("interval field value out of range: \"{}\"", text));
    case DateTimeError::kZoneOverflow:
      throw SqlError(sqlstate::kInvalidTimeZoneDisplacementValue,
                     fmt::format("time zone displacement out of range: \"{}\"", text));
    case DateTimeError::kBadFormat: break;
  }
  throw SqlError(sqlstate::kInvalidDatetimeFormat,
                 fmt::format("invalid input syntax for type {}: \"{}\"", type_name, text));
}

void ThrowUnknownTimeZone(std::string_view name) {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("time zone \"{}\" not recognized", name));
}

void ThrowOutOfRange(std::string_view what) {
  throw SqlError(sqlstate::kDatetimeValueOutOfRange, fmt::format("{} out of range", what));
}

void ThrowOutOfRange(std::string_view what, std::string_view text) {
  throw SqlError(sqlstate::kDatetimeValueOutOfRange,
                 fmt::format("{} out of range: \"{}\"", what, text));
}

}  // namespace sundog::types
