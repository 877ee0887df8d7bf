// What the text forms of vector, halfvec and sparsevec share: a scanner with their errors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sundog::types {

class VectorScanner {
 public:
  // `type` is the name in errors.
  VectorScanner(const char* type, std::string_view text)
      : type_(type), text_(text), at_(text_.c_str()) {}

  void SkipSpaces();
  bool AtEnd() const { return *at_ == '\0'; }
  char next() const { return *at_; }
  // True if it was there, and is behind now.
  bool Take(char c);
  // The number as strtof() reads it. 22P02 where there is none, 22003 where it is not finite
  // though written in digits; `zero_is_error`: nor may it vanish. `text` is set to what was read.
  float TakeFloat(bool zero_is_error, std::string& text);
  // The number as strtol() reads it, or the nearest int32 that is not the least.
  int32_t TakeInteger();

  // 22P02 `invalid input syntax for type …`; the detail may be empty.
  [[noreturn]] void ThrowSyntax(const char* detail = "") const;
  // 22003 `"…" is out of range for type …`.
  [[noreturn]] void ThrowRange(std::string_view number) const;

 private:
  const char* type_;
  std::string text_;
  const char* at_;
};

// The one argument of vector(n) and kin: 22023 unless it is between 1 and `limit`.
int32_t DimensionsTypmod(const char* type, int32_t limit,
                         std::span<const std::string_view> arguments);

}  // namespace sundog::types
