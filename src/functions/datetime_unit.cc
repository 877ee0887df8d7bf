#include "functions/datetime_unit.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/ascii.h"

namespace sundog::functions {

using types::DateTimeWord;
using types::WordKind;

UnitArgument ParseUnit(std::string_view text, bool date_words) {
  constexpr size_t kLongestIdentifier = 63;
  UnitArgument argument;
  argument.text = types::LowerAscii(text.substr(0, kLongestIdentifier));
  const DateTimeWord* word = types::FindIntervalWord(argument.text);
  if (word == nullptr && date_words) word = types::FindDateWord(argument.text);
  if (word == nullptr) return argument;
  if (word->kind == WordKind::kUnit) {
    argument.kind = UnitKind::kUnit;
    argument.unit = static_cast<types::TimeUnit>(word->value);
  } else if (word->kind == WordKind::kReserved) {
    bool epoch = word->value == static_cast<int>(types::Reserved::kEpoch);
    argument.kind = epoch ? UnitKind::kEpoch : UnitKind::kReserved;
  }
  return argument;
}

const UnitArgument& UnitCache::Of(CallContext& call, std::string_view text, bool date_words) {
  auto& cache = call.State<UnitCache>();
  if (!cache.valid_ || cache.text_ != text) {
    cache.unit_ = ParseUnit(text, date_words);
    cache.text_ = text;
    cache.valid_ = true;
  }
  return cache.unit_;
}

void ThrowUnknownUnit(const UnitArgument& unit, std::string_view type_name) {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("unit \"{}\" not recognized for type {}", unit.text, type_name));
}

void ThrowUnsupportedUnit(const UnitArgument& unit, std::string_view type_name) {
  throw SqlError(sqlstate::kFeatureNotSupported,
                 fmt::format("unit \"{}\" not supported for type {}", unit.text, type_name));
}

}  // namespace sundog::functions
