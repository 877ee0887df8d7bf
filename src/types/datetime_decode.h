// The second step of reading dates and times: fields (datetime_fields.h) to a civil time and zone.
//
// A field is understood from its shape, from what came before it and from DateStyle's order, like
// PostgreSQL does it ("paranoid": a first number of one or two digits is what the order says).
#pragma once

#include <cstdint>
#include <string_view>

#include "types/calendar.h"

namespace sundog::types {

struct IoSettings;
class TimeZone;

enum class DecodedKind : uint8_t { kCivil, kEpoch, kInfinity, kMinusInfinity };

struct DecodedDateTime {
  DecodedKind kind = DecodedKind::kCivil;
  CivilTime civil;          // of kCivil; its date may be out of range
  int32_t zone_west_s = 0;  // as written, or else of the session's zone at that time
};

// `type_name` is for error messages. Throws 22007, 22008, 22009, 22023.
DecodedDateTime DecodeDateTime(const IoSettings& settings, std::string_view text,
                               std::string_view type_name);

// The same for a time of day; a date may be written where it decides on the zone's offset.
DecodedDateTime DecodeTimeOfDay(const IoSettings& settings, std::string_view text,
                                std::string_view type_name);

// The session's zone.
const TimeZone& ZoneOf(const IoSettings& settings);

// Seconds west of UTC that the zone's wall clocks were at that time; 0 for dates far out of range.
int32_t ZoneWestOfCivil(const TimeZone& zone, const CivilTime& civil);

// The same if the zone was not simply in force, but called by this abbreviation (any case), which
// holds even where the zone's clocks went by another.
int32_t ZoneWestOfAbbreviation(const TimeZone& zone, std::string_view abbreviation,
                               const CivilTime& civil);

// A 4-digit year is meant as it is; of a year of one or two digits 1970 … 2069 is meant.
int ExpandTwoDigitYear(int year);

}  // namespace sundog::types
