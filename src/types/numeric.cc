#include "types/numeric.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/sql_error.h"
#include "types/float_type.h"
#include "types/hash.h"
#include "types/numeric_var.h"

namespace sundog::types {

namespace {

constexpr std::string_view kNan = "\xC0";
constexpr std::string_view kPositiveInfinity = "\xC1";
constexpr std::string_view kNegativeInfinity = "\xC2";

constexpr int64_t kPowersOfTen[] = {1LL,
                                    10LL,
                                    100LL,
                                    1000LL,
                                    10000LL,
                                    100000LL,
                                    1000000LL,
                                    10000000LL,
                                    100000000LL,
                                    1000000000LL,
                                    10000000000LL,
                                    100000000000LL,
                                    1000000000000LL,
                                    10000000000000LL,
                                    100000000000000LL,
                                    1000000000000000LL,
                                    10000000000000000LL,
                                    100000000000000000LL,
                                    1000000000000000000LL};

std::string_view EncodeSmall(int64_t mantissa, int dscale, base::Arena& arena) {
  size_t width = mantissa == static_cast<int8_t>(mantissa)    ? 1
                 : mantissa == static_cast<int16_t>(mantissa) ? 2
                 : mantissa == static_cast<int32_t>(mantissa) ? 4
                                                              : 8;
  // Nine bytes are always there to write to, which makes the copy one store.
  char* bytes = arena.AllocateBytes(9);
  bytes[0] = static_cast<char>(dscale);
  std::memcpy(bytes + 1, &mantissa, 8);
  return {bytes, 1 + width};
}

// Both mantissas at the larger of the two scales. Each is below 2^63 × 10^18 < 2^123.
struct Aligned {
  Int128 a;
  Int128 b;
  int scale;
};

Aligned Align(NumericView a, NumericView b) {
  int scale_a = a.small_scale();
  int scale_b = b.small_scale();
  int scale = std::max(scale_a, scale_b);
  return {static_cast<Int128>(a.mantissa()) * kPowersOfTen[scale - scale_a],
          static_cast<Int128>(b.mantissa()) * kPowersOfTen[scale - scale_b], scale};
}

// -2: NaN; -1, 0, 1: sign, with infinities being as large as can be.
int SignOrNan(NumericView v) {
  if (v.is_nan()) return -2;
  if (v.is_positive_infinity()) return 1;
  if (v.is_negative_infinity()) return -1;
  if (v.is_small()) return v.mantissa() > 0 ? 1 : v.mantissa() < 0 ? -1 : 0;
  if (v.digit_count() == 0) return 0;
  return v.is_negative() ? -1 : 1;
}

std::string_view InfinityWithSign(int sign) {
  return sign > 0 ? kPositiveInfinity : kNegativeInfinity;
}

// a + b where at least one is not finite.
std::string_view AddSpecial(NumericView a, NumericView b) {
  if (a.is_nan() || b.is_nan()) return kNan;
  if (!b.is_special()) return a.bytes();
  if (!a.is_special()) return b.bytes();
  return a.bytes() == b.bytes() ? a.bytes() : kNan;
}

std::string_view MultiplySpecial(NumericView a, NumericView b) {
  if (a.is_nan() || b.is_nan()) return kNan;
  int sign = SignOrNan(a) * SignOrNan(b);
  return sign == 0 ? kNan : InfinityWithSign(sign);
}

std::string_view DivideSpecial(NumericView a, NumericView b, base::Arena& arena) {
  if (a.is_nan() || b.is_nan()) return kNan;
  if (!a.is_special()) return NumericFromInt64(0, arena);
  if (b.is_special()) return kNan;
  if (SignOrNan(b) == 0) ThrowDivisionByZero();
  return InfinityWithSign(SignOrNan(a) * SignOrNan(b));
}

std::string_view ModuloSpecial(NumericView a, NumericView b) {
  if (a.is_nan() || b.is_nan()) return kNan;
  if (a.is_special()) {
    if (!b.is_special() && SignOrNan(b) == 0) ThrowDivisionByZero();
    return kNan;
  }
  return a.bytes();  // of a finite number by an infinite one
}

bool BothSmall(NumericView a, NumericView b) { return a.is_small() && b.is_small(); }
bool AnySpecial(NumericView a, NumericView b) { return a.is_special() || b.is_special(); }

NumericVar Var(NumericView view) { return NumericVar::FromView(view); }

// The base-10000 digit that the mantissa's first decimal falls into, and its weight.
void FirstDigit(int64_t mantissa, int scale, int* digit, int* weight) {
  *digit = 0;
  *weight = 0;
  if (mantissa == 0) return;
  int pad = (kNumericDigitWidth - scale % kNumericDigitWidth) % kNumericDigitWidth;
  auto rest = static_cast<unsigned __int128>(mantissa < 0 ? -static_cast<Int128>(mantissa)
                                                          : static_cast<Int128>(mantissa)) *
              static_cast<unsigned>(kPowersOfTen[pad]);
  *weight = -(scale + pad) / kNumericDigitWidth;
  while (rest >= kNumericBase) {
    rest /= kNumericBase;
    ++*weight;
  }
  *digit = static_cast<int>(rest);
}

// a / b within 128 bits; false if they do not suffice. 10^18 × 2^63 is the largest dividend.
bool DivideSmall(NumericView a, NumericView b, base::Arena& arena, std::string_view* result) {
  if (b.mantissa() == 0) ThrowDivisionByZero();
  int digit_a;
  int weight_a;
  int digit_b;
  int weight_b;
  FirstDigit(a.mantissa(), a.small_scale(), &digit_a, &weight_a);
  FirstDigit(b.mantissa(), b.small_scale(), &digit_b, &weight_b);
  int quotient_weight = weight_a - weight_b - (digit_a <= digit_b ? 1 : 0);
  int scale = 16 - quotient_weight * kNumericDigitWidth;
  scale = std::max({scale, a.small_scale(), b.small_scale(), 0});
  int shift = scale - a.small_scale() + b.small_scale();
  if (shift < 0 || shift > kNumericSmallMaxScale) return false;
  Int128 dividend = static_cast<Int128>(a.mantissa()) * kPowersOfTen[shift];
  Int128 divisor = b.mantissa();
  Int128 quotient = dividend / divisor;
  Int128 rest = dividend - quotient * divisor;
  if (rest < 0) rest = -rest;
  if (divisor < 0) divisor = -divisor;
  if (rest * 2 >= divisor) quotient += (a.mantissa() < 0) != (b.mantissa() < 0) ? -1 : 1;
  *result = NumericFromScaled(quotient, scale, arena);
  return true;
}

// mantissa / 10^drop, half away from zero.
Int128 DropDigits(Int128 mantissa, int drop) {
  Int128 unit = kPowersOfTen[drop];
  Int128 quotient = mantissa / unit;
  Int128 rest = mantissa - quotient * unit;
  if ((rest < 0 ? -rest : rest) * 2 >= unit) quotient += mantissa < 0 ? -1 : 1;
  return quotient;
}

template <typename T>
T ToInteger(std::string_view numeric, const char* type_name) {
  NumericView view(numeric);
  if (view.is_special()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("cannot convert {} to {}", view.is_nan() ? "NaN" : "infinity",
                               type_name));
  }
  int64_t value = 0;
  if (!TryNumericToInt64(numeric, &value) || value < std::numeric_limits<T>::min() ||
      value > std::numeric_limits<T>::max()) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, fmt::format("{} out of range", type_name));
  }
  return static_cast<T>(value);
}

// A scale below rounds every value to zero.
constexpr int kMinRoundingScale = -32768 * kNumericDigitWidth - 1;

}  // namespace

int NumericView::dscale() const {
  if (is_small()) return small_scale();
  return is_special() ? 0 : Load<uint16_t>(bytes_.data() + 1);
}

std::string_view NumericNan() { return kNan; }
std::string_view NumericInfinity(bool negative) { return InfinityWithSign(negative ? -1 : 1); }

std::string_view NumericFromInt64(int64_t value, base::Arena& arena) {
  return EncodeSmall(value, 0, arena);
}

std::string_view NumericFromScaled(Int128 mantissa, int dscale, base::Arena& arena) {
  auto low = static_cast<int64_t>(mantissa);
  if (dscale <= kNumericSmallMaxScale && low == mantissa) return EncodeSmall(low, dscale, arena);
  return NumericVar::FromScaled(mantissa, dscale).Encode(arena);
}

std::string_view NumericFromDouble(double value, base::Arena& arena) {
  if (std::isnan(value)) return kNan;
  if (std::isinf(value)) return InfinityWithSign(value > 0 ? 1 : -1);
  return ParseNumeric(fmt::format("{:.15g}", value), -1, arena);
}

std::string_view NumericFromFloat(float value, base::Arena& arena) {
  if (std::isnan(value)) return kNan;
  if (std::isinf(value)) return InfinityWithSign(value > 0 ? 1 : -1);
  return ParseNumeric(fmt::format("{:.6g}", static_cast<double>(value)), -1, arena);
}

bool TryNumericToInt64(std::string_view numeric, int64_t* value) {
  NumericView view(numeric);
  if (view.is_special()) return false;
  if (view.is_small()) {
    *value = static_cast<int64_t>(DropDigits(view.mantissa(), view.small_scale()));
    return true;
  }
  NumericVar var = Var(view);
  var.Round(0);
  Int128 scaled = 0;
  if (!var.ToScaled(0, &scaled) || scaled != static_cast<int64_t>(scaled)) return false;
  *value = static_cast<int64_t>(scaled);
  return true;
}

int64_t NumericToInt64(std::string_view numeric) { return ToInteger<int64_t>(numeric, "bigint"); }
int32_t NumericToInt32(std::string_view numeric) { return ToInteger<int32_t>(numeric, "integer"); }
int16_t NumericToInt16(std::string_view numeric) {
  return ToInteger<int16_t>(numeric, "smallint");
}

double NumericToDouble(std::string_view numeric) {
  NumericView view(numeric);
  constexpr int64_t kExact = int64_t{1} << 53;
  // Both operands are exact, so the one rounding of the division is the right one.
  if (view.is_small() && std::abs(view.mantissa()) <= kExact) {
    return static_cast<double>(view.mantissa()) /
           static_cast<double>(kPowersOfTen[view.small_scale()]);
  }
  return ParseFloat64(NumericText(numeric));
}

float NumericToFloat(std::string_view numeric) { return ParseFloat32(NumericText(numeric)); }

int CompareNumeric(std::string_view a, std::string_view b) {
  NumericView va(a);
  NumericView vb(b);
  if (BothSmall(va, vb)) {
    if (va.small_scale() == vb.small_scale()) {
      return va.mantissa() < vb.mantissa() ? -1 : va.mantissa() > vb.mantissa() ? 1 : 0;
    }
    Aligned aligned = Align(va, vb);
    return aligned.a < aligned.b ? -1 : aligned.a > aligned.b ? 1 : 0;
  }
  if (AnySpecial(va, vb)) {
    auto rank = [](NumericView v) {
      return v.is_nan() ? 2 : v.is_special() ? SignOrNan(v) : 0;
    };
    return rank(va) < rank(vb) ? -1 : rank(va) > rank(vb) ? 1 : 0;
  }
  return Compare(Var(va), Var(vb));
}

// Trailing zeros after the point do not count, in either form.
uint64_t HashNumeric(std::string_view numeric) {
  NumericView view(numeric);
  if (view.is_special()) return HashBytes(numeric);
  if (view.is_small()) {
    int64_t mantissa = view.mantissa();
    int scale = view.small_scale();
    while (scale > 0 && mantissa % 10 == 0) {
      mantissa /= 10;
      --scale;
    }
    return HashInteger(static_cast<uint64_t>(mantissa) + (static_cast<uint64_t>(scale) << 59));
  }
  NumericVar var = Var(view);
  int last_weight = var.weight - static_cast<int>(var.digits.size()) + 1;
  var.dscale = std::max(0, -last_weight * kNumericDigitWidth);
  if (var.dscale > 0) {
    for (int32_t digit = var.digits.back(); digit % 10 == 0; digit /= 10) --var.dscale;
  }
  base::Arena arena;
  std::string_view canonical = var.Encode(arena);
  if (NumericView(canonical).is_small()) return HashNumeric(canonical);
  return HashBytes(canonical);
}

std::string_view NumericAdd(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  if (BothSmall(va, vb)) {
    int64_t sum;
    if (va.small_scale() == vb.small_scale() &&
        !__builtin_add_overflow(va.mantissa(), vb.mantissa(), &sum)) {
      return EncodeSmall(sum, va.small_scale(), arena);
    }
    Aligned aligned = Align(va, vb);
    return NumericFromScaled(aligned.a + aligned.b, aligned.scale, arena);
  }
  if (AnySpecial(va, vb)) return AddSpecial(va, vb);
  return Add(Var(va), Var(vb)).Encode(arena);
}

std::string_view NumericSubtract(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  if (BothSmall(va, vb)) {
    Aligned aligned = Align(va, vb);
    return NumericFromScaled(aligned.a - aligned.b, aligned.scale, arena);
  }
  if (AnySpecial(va, vb)) return AddSpecial(va, NumericView(NumericNegate(b, arena)));
  return Subtract(Var(va), Var(vb)).Encode(arena);
}

std::string_view NumericMultiply(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  if (BothSmall(va, vb)) {
    Int128 product = static_cast<Int128>(va.mantissa()) * vb.mantissa();
    return NumericFromScaled(product, va.small_scale() + vb.small_scale(), arena);
  }
  if (AnySpecial(va, vb)) return MultiplySpecial(va, vb);
  NumericVar product = Multiply(Var(va), Var(vb));
  if (product.dscale > kNumericMaxScale) product.Round(kNumericMaxScale);
  return product.Encode(arena);
}

std::string_view NumericDivide(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  std::string_view result;
  if (BothSmall(va, vb) && DivideSmall(va, vb, arena, &result)) return result;
  if (AnySpecial(va, vb)) return DivideSpecial(va, vb, arena);
  NumericVar dividend = Var(va);
  NumericVar divisor = Var(vb);
  return Divide(dividend, divisor, SelectDivisionScale(dividend, divisor), true).Encode(arena);
}

std::string_view NumericDivideTruncated(std::string_view a, std::string_view b,
                                        base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  if (AnySpecial(va, vb)) return DivideSpecial(va, vb, arena);
  return Divide(Var(va), Var(vb), 0, false).Encode(arena);
}

std::string_view NumericModulo(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView va(a);
  NumericView vb(b);
  if (BothSmall(va, vb)) {
    Aligned aligned = Align(va, vb);
    if (aligned.b == 0) ThrowDivisionByZero();
    return NumericFromScaled(aligned.a % aligned.b, aligned.scale, arena);
  }
  if (AnySpecial(va, vb)) return ModuloSpecial(va, vb);
  return Modulo(Var(va), Var(vb)).Encode(arena);
}

std::string_view NumericNegate(std::string_view a, base::Arena& arena) {
  NumericView view(a);
  if (view.is_nan()) return a;
  if (view.is_special()) return InfinityWithSign(view.is_negative_infinity() ? 1 : -1);
  if (view.is_small()) {
    return NumericFromScaled(-static_cast<Int128>(view.mantissa()), view.small_scale(), arena);
  }
  NumericVar var = Var(view);
  if (!var.is_zero()) var.negative = !var.negative;
  return var.Encode(arena);
}

std::string_view NumericAbs(std::string_view a, base::Arena& arena) {
  return SignOrNan(NumericView(a)) == -1 ? NumericNegate(a, arena) : a;
}

int NumericSign(std::string_view a) {
  int sign = SignOrNan(NumericView(a));
  return sign == -2 ? 2 : sign;
}

std::string_view NumericRound(std::string_view a, int scale, base::Arena& arena) {
  NumericView view(a);
  if (view.is_special()) return a;
  scale = std::clamp(scale, kMinRoundingScale, kNumericMaxScale);
  if (view.is_small() && scale >= 0 && scale <= view.small_scale()) {
    Int128 rounded = DropDigits(view.mantissa(), view.small_scale() - scale);
    return NumericFromScaled(rounded, scale, arena);
  }
  NumericVar var = Var(view);
  var.Round(scale);
  var.dscale = std::max(var.dscale, 0);
  return var.Encode(arena);
}

std::string_view NumericTruncate(std::string_view a, int scale, base::Arena& arena) {
  NumericView view(a);
  if (view.is_special()) return a;
  scale = std::clamp(scale, kMinRoundingScale, kNumericMaxScale);
  if (view.is_small() && scale >= 0 && scale <= view.small_scale()) {
    return EncodeSmall(view.mantissa() / kPowersOfTen[view.small_scale() - scale], scale, arena);
  }
  NumericVar var = Var(view);
  var.Truncate(scale);
  var.dscale = std::max(var.dscale, 0);
  return var.Encode(arena);
}

std::string_view NumericCeil(std::string_view a, base::Arena& arena) {
  std::string_view whole = NumericTruncate(a, 0, arena);
  if (NumericView(a).is_special() || CompareNumeric(a, whole) <= 0) return whole;
  return NumericAdd(whole, NumericFromInt64(1, arena), arena);
}

std::string_view NumericFloor(std::string_view a, base::Arena& arena) {
  std::string_view whole = NumericTruncate(a, 0, arena);
  if (NumericView(a).is_special() || CompareNumeric(a, whole) >= 0) return whole;
  return NumericSubtract(whole, NumericFromInt64(1, arena), arena);
}

// Of a value that is small and stays so, rounding is one division and the check one comparison.
std::string_view ApplyNumericTypmod(std::string_view numeric, int32_t typmod, base::Arena& arena) {
  if (typmod < 4) return numeric;
  int precision = NumericTypmodPrecision(typmod);
  int scale = NumericTypmodScale(typmod);
  NumericView view(numeric);
  if (view.is_nan()) return numeric;
  if (view.is_special()) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "numeric field overflow")
        .Detail(fmt::format("A field with precision {}, scale {} cannot hold an infinite value.",
                            precision, scale));
  }
  if (view.is_small() && view.small_scale() == scale && precision <= kNumericSmallMaxScale) {
    int64_t mantissa = view.mantissa();
    int64_t limit = kPowersOfTen[precision];
    if (mantissa < limit && mantissa > -limit) return numeric;
  }
  NumericVar var = Var(view);
  var.Round(scale);
  var.dscale = std::max(var.dscale, 0);
  int max_digits = precision - scale;
  if (!var.is_zero()) {
    int digits = (var.weight + 1) * kNumericDigitWidth;
    for (int limit = kNumericBase / 10; var.digits[0] < limit; limit /= 10) --digits;
    if (digits > max_digits) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "numeric field overflow")
          .Detail(fmt::format("A field with precision {}, scale {} must round to an absolute value "
                              "less than {}.",
                              precision, scale,
                              max_digits != 0 ? fmt::format("10^{}", max_digits) : "1"));
    }
  }
  return var.Encode(arena);
}

}  // namespace sundog::types
