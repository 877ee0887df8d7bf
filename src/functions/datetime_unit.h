// The unit given to EXTRACT, date_part() and date_trunc().
#pragma once

#include <string>
#include <string_view>

#include "functions/function.h"
#include "types/datetime_words.h"

namespace sundog::functions {

// What a unit's name turned out to be.
enum class UnitKind : uint8_t { kUnit, kEpoch, kReserved, kUnknown };

struct UnitArgument {
  std::string text;  // in lower case, as in messages
  UnitKind kind = UnitKind::kUnknown;
  types::TimeUnit unit = types::TimeUnit::kDay;
};

// Words of dates ("epoch", "dow", "julian") count too if `date_words`.
UnitArgument ParseUnit(std::string_view text, bool date_words);

// The argument as last read at this call site.
class UnitCache {
 public:
  static const UnitArgument& Of(CallContext& call, std::string_view text, bool date_words);

 private:
  std::string text_;
  bool valid_ = false;
  UnitArgument unit_;
};

// 22023 `unit "…" not recognized for type …` and 0A000 `unit "…" not supported for type …`.
[[noreturn]] void ThrowUnknownUnit(const UnitArgument& unit, std::string_view type_name);
[[noreturn]] void ThrowUnsupportedUnit(const UnitArgument& unit, std::string_view type_name);

inline constexpr std::string_view kTimestampName = "timestamp without time zone";
inline constexpr std::string_view kTimestamptzName = "timestamp with time zone";
inline constexpr std::string_view kTimeName = "time without time zone";
inline constexpr std::string_view kTimetzName = "time with time zone";
inline constexpr std::string_view kDateName = "date";
inline constexpr std::string_view kIntervalName = "interval";

}  // namespace sundog::functions
