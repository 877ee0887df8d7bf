// SQL's numeric: exact decimals of PostgreSQL's whole range (131072 digits before the point, 16383
// after it), NaN and ±Infinity.
//
// A value knows its display scale ("dscale"): 1.0 and 1.00 are equal and hash alike but print
// differently. Its bytes are one of
//
//   form     | byte 0        | bytes 1…                                             | total
//   ---------+---------------+------------------------------------------------------+----------
//   small    | dscale, 0…18  | mantissa: two's complement, little-endian,           | 2, 3, 5, 9
//            |               | in the fewest of 1, 2, 4, 8 bytes                    |
//   big      | 0x80 positive | dscale u16, weight i16, then digits u16, all         | 5 + 2n
//            | 0x81 negative | little-endian; digits are base 10000, first first    |
//   special  | 0xC0 NaN, 0xC1 Infinity, 0xC2 -Infinity                             | 1
//
// Example: 12.50 is small: dscale 2, mantissa 1250 = 0x04E2: 02 E2 04.
// Example: 10^20 is big: dscale 0, weight 5 (10000^5 = 10^20), one digit 1: 80 00 00 05 00 01 00.
//
// Invariants:
//  1. A finite value is small if its dscale is at most 18 and value × 10^dscale fits an int64_t;
//     otherwise it is big. So a value with its dscale has exactly one byte string.
//  2. A big value's first and last digits are not zero; zero with a dscale over 18 has none.
//  3. The value of big is the sum of digit[i] × 10000^(weight - i).
//  4. dscale ≤ 16383.
//
// Access goes through NumericView and the functions below; arithmetic on big values unpacks to
// NumericVar (types/numeric_var.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "types/physical_kind.h"

namespace sundog::types {

using Int128 = __int128;

inline constexpr int kNumericSmallMaxScale = 18;
inline constexpr int kNumericMaxScale = 16383;

// Reads a numeric's bytes.
class NumericView {
 public:
  explicit NumericView(std::string_view bytes) : bytes_(bytes) {}

  bool is_small() const { return static_cast<uint8_t>(bytes_[0]) < 0x80; }
  bool is_special() const { return static_cast<uint8_t>(bytes_[0]) >= 0xC0; }
  bool is_nan() const { return static_cast<uint8_t>(bytes_[0]) == 0xC0; }
  bool is_positive_infinity() const { return static_cast<uint8_t>(bytes_[0]) == 0xC1; }
  bool is_negative_infinity() const { return static_cast<uint8_t>(bytes_[0]) == 0xC2; }
  // Digits after the point that are shown; 0 for specials.
  int dscale() const;

  // Of the small form: the value is mantissa() / 10^dscale.
  int64_t mantissa() const {
    const char* at = bytes_.data() + 1;
    switch (bytes_.size()) {
      case 2: return static_cast<int8_t>(*at);
      case 3: return Load<int16_t>(at);
      case 5: return Load<int32_t>(at);
      default: return Load<int64_t>(at);
    }
  }
  int small_scale() const { return bytes_[0]; }

  // Of the big form.
  bool is_negative() const { return bytes_[0] == '\x81'; }
  int weight() const { return Load<int16_t>(bytes_.data() + 3); }
  int digit_count() const { return static_cast<int>((bytes_.size() - 5) / 2); }
  int digit(int i) const { return Load<uint16_t>(bytes_.data() + 5 + 2 * i); }

  std::string_view bytes() const { return bytes_; }

 private:
  template <typename T>
  static T Load(const char* from) {
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return value;
  }

  std::string_view bytes_;
};

// --- making ---
std::string_view NumericFromInt64(int64_t value, base::Arena& arena);
// mantissa / 10^dscale; any dscale 0 … kNumericMaxScale.
std::string_view NumericFromScaled(Int128 mantissa, int dscale, base::Arena& arena);
// The shortest decimal with 15 (float: 6) significant digits, as PostgreSQL's casts give it.
std::string_view NumericFromDouble(double value, base::Arena& arena);
std::string_view NumericFromFloat(float value, base::Arena& arena);
std::string_view NumericNan();
std::string_view NumericInfinity(bool negative);

// PostgreSQL's numeric_in with a typmod (-1: none); throws 22P02, 22003.
std::string_view ParseNumeric(std::string_view text, int32_t typmod, base::Arena& arena);
// The same without errors for text that is a plain number as JSON writes it: false if it is not.
bool IsNumericText(std::string_view text);
void AppendNumericText(std::string_view numeric, std::string& to);
std::string NumericText(std::string_view numeric);
// Wire format; throws 08P01/22P03.
std::string_view ReceiveNumeric(std::string_view wire, int32_t typmod, base::Arena& arena);
void SendNumeric(std::string_view numeric, std::string& to);

// Rounds to the typmod's scale; 22003 `numeric field overflow` if the precision does not hold it.
std::string_view ApplyNumericTypmod(std::string_view numeric, int32_t typmod, base::Arena& arena);
constexpr int NumericTypmodPrecision(int32_t typmod) { return ((typmod - 4) >> 16) & 0xffff; }
// -1000 … 1000.
constexpr int NumericTypmodScale(int32_t typmod) { return (((typmod - 4) & 0x7ff) ^ 1024) - 1024; }
constexpr int32_t MakeNumericTypmod(int precision, int scale) {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

// --- to other types; 22003 where it does not fit, 0A000 for NaN and infinities ---
int64_t NumericToInt64(std::string_view numeric);
int32_t NumericToInt32(std::string_view numeric);
int16_t NumericToInt16(std::string_view numeric);
double NumericToDouble(std::string_view numeric);
float NumericToFloat(std::string_view numeric);
// Like NumericToInt64, false instead of an error; rounds half away from zero.
bool TryNumericToInt64(std::string_view numeric, int64_t* value);

// --- comparing ---
// The btree order: -Infinity < finite < Infinity < NaN.
int CompareNumeric(std::string_view a, std::string_view b);
uint64_t HashNumeric(std::string_view numeric);

// --- arithmetic, with PostgreSQL's result scales; 22003 overflow, 22012 division by zero ---
std::string_view NumericAdd(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericSubtract(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericMultiply(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericDivide(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericDivideTruncated(std::string_view a, std::string_view b,
                                        base::Arena& arena);
std::string_view NumericModulo(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericNegate(std::string_view a, base::Arena& arena);
std::string_view NumericAbs(std::string_view a, base::Arena& arena);
// -1, 0, 1; 2 for NaN.
int NumericSign(std::string_view a);
// `scale` may be negative: 1250 rounded to -2 is 1300.
std::string_view NumericRound(std::string_view a, int scale, base::Arena& arena);
std::string_view NumericTruncate(std::string_view a, int scale, base::Arena& arena);
std::string_view NumericCeil(std::string_view a, base::Arena& arena);
std::string_view NumericFloor(std::string_view a, base::Arena& arena);


}  // namespace sundog::types
