// A finite numeric unpacked for computing: base-10000 digits without a limit on their number.
// Kept normalised: no leading or trailing zero digits; zero has no digits and is not negative.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"
#include "types/numeric.h"

namespace sundog::types {

inline constexpr int kNumericBase = 10000;
inline constexpr int kNumericDigitWidth = 4;  // decimal digits in a digit

struct NumericVar {
  bool negative = false;
  int weight = 0;  // of digits[0]: the value is Σ digits[i] × 10000^(weight - i)
  int dscale = 0;
  std::vector<int32_t> digits;

  static NumericVar FromView(NumericView view);  // not of a special
  static NumericVar FromInt(int64_t value) { return FromScaled(value, 0); }
  static NumericVar FromScaled(Int128 mantissa, int dscale);

  // 22003 `value overflows numeric format` if the format cannot hold it.
  std::string_view Encode(base::Arena& arena) const;

  bool is_zero() const { return digits.empty(); }
  bool is_integral() const { return static_cast<int>(digits.size()) <= weight + 1; }
  bool is_odd() const {
    return static_cast<int>(digits.size()) == weight + 1 && (digits.back() & 1) != 0;
  }
  // value × 10^scale as a 128-bit integer, digits below cut; false if it has over 37 digits.
  bool ToScaled(int scale, Int128* value) const;
  double ToDouble() const;  // nearly: for estimates

  void Normalise();
  // Half away from zero, to `scale` digits after the point (before it if negative); sets dscale.
  void Round(int scale);
  void Truncate(int scale);
};

int CompareAbsolute(const NumericVar& a, const NumericVar& b);
int Compare(const NumericVar& a, const NumericVar& b);
NumericVar Add(const NumericVar& a, const NumericVar& b);
NumericVar Subtract(const NumericVar& a, const NumericVar& b);
NumericVar Multiply(const NumericVar& a, const NumericVar& b);
// The same rounded to `scale`.
NumericVar Multiply(const NumericVar& a, const NumericVar& b, int scale);
// Rounded or truncated to `scale`; 22012 for a zero divisor.
NumericVar Divide(const NumericVar& a, const NumericVar& b, int scale, bool round);
NumericVar DivideByInt(const NumericVar& a, int32_t divisor, int scale);
NumericVar Modulo(const NumericVar& a, const NumericVar& b);
// The scale PostgreSQL gives a quotient: at least 16 significant digits.
int SelectDivisionScale(const NumericVar& a, const NumericVar& b);

[[noreturn]] void ThrowNumericOverflow();
[[noreturn]] void ThrowDivisionByZero();

}  // namespace sundog::types
