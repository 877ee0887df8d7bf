// A time zone given to a function as text: an abbreviation, the name of a zone, a POSIX string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "functions/function.h"
#include "types/calendar.h"

namespace sundog::types {
class TimeZone;
}

namespace sundog::functions {

class ZoneArgument {
 public:
  // Throws 22023 `time zone "…" not recognized`.
  explicit ZoneArgument(std::string_view text);

  // Seconds west of UTC that the zone means at an instant or at a local time. An abbreviation
  // means its own offset even where the zone's clocks went by another.
  int32_t WestAt(int64_t timestamptz) const;
  int32_t WestOfCivil(const types::CivilTime& civil) const;

  // The zone itself; of an abbreviation of a fixed offset a zone of that offset.
  const types::TimeZone& zone() const { return *zone_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string abbreviation_;  // upper case; empty where it is none or is fixed
  std::optional<int32_t> fixed_west_s_;
  const types::TimeZone* zone_ = nullptr;
};

// The argument as last read at this call site.
class ZoneArgumentCache {
 public:
  static const ZoneArgument& Of(CallContext& call, std::string_view text);

 private:
  std::optional<ZoneArgument> last_;
};

}  // namespace sundog::functions
