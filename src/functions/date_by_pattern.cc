// to_date() and to_timestamp(text, text).
#include "functions/date_from_char.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/datetime_error.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

// The template as last read at this call site.
struct PatternCache {
  std::optional<DatePattern> pattern;
  const DatePattern& Of(std::string_view text) {
    if (!pattern.has_value() || pattern->text() != text) pattern.emplace(text);
    return *pattern;
  }
};

int32_t ToDate(CallContext& call, std::string_view text, std::string_view pattern) {
  types::CivilTime civil =
      ReadByPattern(call.State<PatternCache>().Of(pattern), text).civil;
  int64_t date =
      types::JulianFromCivil(civil.year, civil.month, civil.day) - types::kEpochJulian;
  if (!types::IsJulianUsable(civil) || !types::IsDateInRange(date)) {
    types::ThrowOutOfRange("date", text);
  }
  return static_cast<int32_t>(date);
}

int64_t ToTimestamp(CallContext& call, std::string_view text, std::string_view pattern) {
  PatternResult result = ReadByPattern(call.State<PatternCache>().Of(pattern), text);
  int32_t west_s = result.zone_west_s.has_value()
                       ? *result.zone_west_s
                       : types::ZoneWestOfCivil(SessionZone(call), result.civil);
  int64_t timestamptz;
  if (!types::TimestampFromCivil(result.civil, west_s, &timestamptz)) {
    types::ThrowOutOfRange("timestamp");
  }
  if (result.fraction_digits == 0) return timestamptz;
  return types::RoundToPrecision(timestamptz, result.fraction_digits);
}

constexpr ScalarEntry kEntries[] = {
    {"to_date", Kernel<ToDate>},
    {"to_timestamp", Kernel<ToTimestamp>},
};

}  // namespace

void RegisterDateByPattern(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
