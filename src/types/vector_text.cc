#include "types/vector_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/sql_error.h"
#include "types/integer_type.h"

namespace sundog::types {

void VectorScanner::SkipSpaces() {
  while (*at_ != '\0' && std::string_view(" \t\n\r\v\f").find(*at_) != std::string_view::npos) {
    ++at_;
  }
}

bool VectorScanner::Take(char c) {
  if (*at_ != c || c == '\0') return false;
  ++at_;
  return true;
}

float VectorScanner::TakeFloat(bool zero_is_error, std::string& text) {
  char* end = nullptr;
  errno = 0;
  float value = std::strtof(at_, &end);
  if (end == at_) ThrowSyntax();
  text.assign(at_, static_cast<size_t>(end - at_));
  if (errno == ERANGE && (std::isinf(value) || (zero_is_error && value == 0))) ThrowRange(text);
  at_ = end;
  return value;
}

int32_t VectorScanner::TakeInteger() {
  char* end = nullptr;
  long value = std::strtol(at_, &end, 10);
  if (end == at_) ThrowSyntax();
  at_ = end;
  constexpr long kLimit = std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(std::clamp(value, -kLimit, kLimit));
}

void VectorScanner::ThrowSyntax(const char* detail) const {
  SqlError error(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type {}: \"{}\"", type_, text_));
  if (*detail != '\0') error.Detail(detail);
  throw error;
}

void VectorScanner::ThrowRange(std::string_view number) const {
  throw SqlError(sqlstate::kNumericValueOutOfRange,
                 fmt::format("\"{}\" is out of range for type {}", number, type_));
}

int32_t DimensionsTypmod(const char* type, int32_t limit,
                         std::span<const std::string_view> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  int32_t count = ParseInt32(arguments[0]);
  if (count < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("dimensions for type {} must be at least 1", type));
  }
  if (count > limit) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("dimensions for type {} cannot exceed {}", type, limit));
  }
  return count;
}

}  // namespace sundog::types
