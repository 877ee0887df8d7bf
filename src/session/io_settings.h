// From the texts of DateStyle, IntervalStyle, TimeZone, bytea_output and extra_float_digits to the
// settings that type conversion works with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "types/io_settings.h"

namespace sundog::session {

class SessionSettings;

// "ISO, MDY", "german", "sql,dmy", …; what is not named keeps its default. Null if malformed.
std::optional<types::IoSettings> ParseDateStyle(std::string_view text);
// "ISO, MDY"
std::string FormatDateStyle(const types::IoSettings& settings);

// The zone's own spelling; null if there is no such zone.
std::optional<std::string> CanonicalTimeZone(std::string_view text);

// All but transaction_start_us.
types::IoSettings DeriveIoSettings(const SessionSettings& settings);

}  // namespace sundog::session
