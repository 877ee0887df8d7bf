// Text of dates and times in the DateStyles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/calendar.h"

namespace sundog::types {

struct IoSettings;

// Decimal digits of a number that is not negative, with zeros in front up to `width`.
void AppendPadded(std::string& to, uint64_t value, int width);

// ".789" without trailing zeros; nothing for 0.
void AppendFraction(std::string& to, int micros);

void AppendDate(const IoSettings& settings, const CivilTime& civil, std::string& to);

// "04:05:06.789"
void AppendTimeOfDay(const CivilTime& civil, std::string& to);

// "+05", "-03:30", "+00:19:32"
void AppendZoneOffset(int32_t west_s, std::string& to);

struct ZoneText {
  int32_t west_s;
  std::string_view abbreviation;
};

// `zone` is null for timestamps without one.
void AppendDateTime(const IoSettings& settings, const CivilTime& civil, const ZoneText* zone,
                    std::string& to);

}  // namespace sundog::types
