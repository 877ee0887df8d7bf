// Abbreviations of time zones that input knows ("PST", "MSK"): PostgreSQL's Default set, embedded
// as time_zone_abbreviations.tsv. Some stand for a fixed offset, others for what a zone of the tz
// database calls so at the time in question.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sundog::types {

class TimeZone;

struct TimeZoneAbbreviation {
  std::string_view name;       // upper case
  int32_t offset_s = 0;        // east of UTC; of fixed ones
  bool is_dst = false;         // of fixed ones
  std::string_view zone_name;  // empty for fixed ones
};

// All, sorted by name.
std::span<const TimeZoneAbbreviation> TimeZoneAbbreviations();

// `word` is lower case; only its first ten letters count, as in PostgreSQL. Null if unknown.
const TimeZoneAbbreviation* FindTimeZoneAbbreviation(std::string_view word);

// The zone of an abbreviation that is not fixed; throws F0000 if the machine does not have it.
const TimeZone& ZoneOfAbbreviation(const TimeZoneAbbreviation& abbreviation);

}  // namespace sundog::types
