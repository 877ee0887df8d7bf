#include "functions/zone_argument.h"

#include "types/ascii.h"
#include "types/datetime_decode.h"
#include "types/datetime_error.h"
#include "types/time_zone.h"
#include "types/time_zone_abbreviations.h"

namespace sundog::functions {

using types::TimeZone;

ZoneArgument::ZoneArgument(std::string_view text) : text_(text) {
  const types::TimeZoneAbbreviation* abbreviation =
      types::FindTimeZoneAbbreviation(types::LowerAscii(text));
  if (abbreviation == nullptr) {
    zone_ = TimeZone::Find(text);
    if (zone_ == nullptr) types::ThrowUnknownTimeZone(text);
  } else if (abbreviation->zone_name.empty()) {
    fixed_west_s_ = -abbreviation->offset_s;
    zone_ = TimeZone::OfOffset(abbreviation->offset_s);
  } else {
    zone_ = &types::ZoneOfAbbreviation(*abbreviation);
    abbreviation_ = abbreviation->name;
  }
}

int32_t ZoneArgument::WestAt(int64_t timestamptz) const {
  if (fixed_west_s_.has_value()) return *fixed_west_s_;
  int64_t unix_s =
      types::FloorDivide(timestamptz, types::kMicrosPerSecond) - types::kUnixEpochSeconds;
  if (!abbreviation_.empty()) {
    const types::ZonePeriod* named = zone_->PeriodOfAbbreviation(abbreviation_, unix_s);
    if (named != nullptr) return -named->offset_s;
  }
  return -zone_->PeriodAt(unix_s).offset_s;
}

int32_t ZoneArgument::WestOfCivil(const types::CivilTime& civil) const {
  if (fixed_west_s_.has_value()) return *fixed_west_s_;
  if (!abbreviation_.empty()) {
    return types::ZoneWestOfAbbreviation(*zone_, abbreviation_, civil);
  }
  return types::ZoneWestOfCivil(*zone_, civil);
}

const ZoneArgument& ZoneArgumentCache::Of(CallContext& call, std::string_view text) {
  auto& cache = call.State<ZoneArgumentCache>();
  if (!cache.last_.has_value() || cache.last_->text() != text) cache.last_.emplace(text);
  return *cache.last_;
}

}  // namespace sundog::functions
