#include "types/time_zone_abbreviations.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/sql_error.h"
#include "base/tsv.h"
#include "types/ascii.h"
#include "types/time_zone.h"

extern "C" const char sundog_time_zone_abbreviations[], sundog_time_zone_abbreviations_end[];

namespace sundog::types {

namespace {

std::vector<TimeZoneAbbreviation> Load() {
  base::Tsv rows({sundog_time_zone_abbreviations,
                  static_cast<size_t>(sundog_time_zone_abbreviations_end -
                                      sundog_time_zone_abbreviations)});
  std::vector<TimeZoneAbbreviation> all;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    all.push_back({.name = *rows.Cell(i, "abbreviation"),
                   .offset_s = static_cast<int32_t>(rows.Number(i, "offset_s")),
                   .is_dst = rows.Flag(i, "is_dst"),
                   .zone_name = rows.Cell(i, "zone").value_or("")});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

}  // namespace

std::span<const TimeZoneAbbreviation> TimeZoneAbbreviations() {
  static const auto* const all = new std::vector<TimeZoneAbbreviation>(Load());
  return *all;
}

const TimeZoneAbbreviation* FindTimeZoneAbbreviation(std::string_view word) {
  constexpr size_t kCountedLetters = 10;
  std::string name = UpperAscii(word.substr(0, kCountedLetters));
  auto all = TimeZoneAbbreviations();
  auto at = std::lower_bound(all.begin(), all.end(), name,
                             [](const auto& entry, const auto& key) { return entry.name < key; });
  return at != all.end() && at->name == name ? &*at : nullptr;
}

const TimeZone& ZoneOfAbbreviation(const TimeZoneAbbreviation& abbreviation) {
  const TimeZone* zone = TimeZone::Find(abbreviation.zone_name);
  if (zone == nullptr) {
    throw SqlError(sqlstate::kConfigFileError,
                   fmt::format("time zone \"{}\" not recognized", abbreviation.zone_name))
        .Detail(fmt::format("This time zone name appears in the configuration file for time zone "
                            "abbreviation \"{}\".",
                            abbreviation.name));
  }
  return *zone;
}

}  // namespace sundog::types
