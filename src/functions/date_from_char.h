// Reading dates and times by a template: to_date(), to_timestamp(), jsonpath's datetime().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "functions/date_pattern.h"
#include "types/calendar.h"

namespace sundog::functions {

struct PatternResult {
  types::CivilTime civil;                // unset parts: 0000-01-01 00:00:00
  std::optional<int32_t> zone_west_s;    // if the text had TZH or TZM
  int fraction_digits = 0;               // of FF1 … FF6; 0 if there was none
};

// Throws 22007, 22008, 22009, 0A000. `strict` must be the pattern's too.
PatternResult ReadByPattern(const DatePattern& pattern, std::string_view text,
                            bool strict = false);

}  // namespace sundog::functions
