#include "types/numeric_math.h"

#include <algorithm>
#include <cmath>

#include "base/sql_error.h"
#include "types/numeric.h"
#include "types/numeric_var.h"

namespace sundog::types {

namespace {

constexpr int kMinSignificantDigits = 16;
constexpr int kMaxDisplayScale = 1000;
constexpr int kMaxResultScale = 2000;
constexpr double kLog10OfE = 0.434294481903252;
constexpr double kLog10Of2 = 0.301029995663981;
constexpr int kGuardDigits = 10;

[[noreturn]] void ThrowNegativeRoot() {
  throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                 "cannot take square root of a negative number");
}

[[noreturn]] void ThrowLogOfZero() {
  throw SqlError(sqlstate::kInvalidArgumentForLog, "cannot take logarithm of zero");
}

[[noreturn]] void ThrowLogOfNegative() {
  throw SqlError(sqlstate::kInvalidArgumentForLog, "cannot take logarithm of a negative number");
}

[[noreturn]] void ThrowComplexPower() {
  throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                 "a negative number raised to a non-integer power yields a complex result");
}

int ClampScale(int scale) { return std::clamp(scale, 0, kMaxDisplayScale); }

const NumericVar& One() {
  static const NumericVar one = NumericVar::FromInt(1);
  return one;
}

NumericVar Var(std::string_view numeric) { return NumericVar::FromView(NumericView(numeric)); }

NumericVar Zero(int scale) {
  NumericVar zero;
  zero.dscale = scale;
  return zero;
}

NumericVar Doubled(const NumericVar& a) { return Add(a, a); }

// Taylor series of e^x after halving x until it is below 0.01, then squaring back.
NumericVar Exponential(const NumericVar& arg, int scale) {
  double value = arg.ToDouble();
  if (std::abs(value) >= kMaxResultScale * 3) {
    if (value > 0) ThrowNumericOverflow();
    return Zero(scale);
  }
  int result_digits = static_cast<int>(value * kLog10OfE);
  int halvings = 0;
  for (; std::abs(value) > 0.01; value /= 2) ++halvings;
  int digits = 1 + result_digits + scale + static_cast<int>(halvings * kLog10Of2);
  digits = std::max(digits, 0) + kGuardDigits;
  NumericVar x = arg;
  if (halvings > 0) x = DivideByInt(arg, 1 << halvings, std::max(arg.dscale, digits) + halvings);
  NumericVar sum = Add(One(), x);
  NumericVar term = x;
  for (int n = 2; !term.is_zero(); ++n) {
    term = DivideByInt(Multiply(term, x, digits), n, digits);
    sum = Add(sum, term);
  }
  while (halvings-- > 0) {
    int local = digits - sum.weight * 2 * kNumericDigitWidth;
    sum = Multiply(sum, sum, std::max(local, 0));
  }
  sum.Round(scale);
  return sum;
}

// Square roots bring the argument near 1; then ln x = 2 artanh((x - 1) / (x + 1)).
NumericVar Logarithm(const NumericVar& arg, int scale) {
  if (arg.is_zero()) ThrowLogOfZero();
  if (arg.negative) ThrowLogOfNegative();
  const NumericVar low = NumericVar::FromScaled(9, 1);
  const NumericVar high = NumericVar::FromScaled(11, 1);
  NumericVar x = arg;
  NumericVar factor = NumericVar::FromInt(2);
  int roots = 0;
  while (Compare(x, low) <= 0 || Compare(x, high) >= 0) {
    x = SquareRoot(x, std::max(0, scale - x.weight * kNumericDigitWidth / 2 + kGuardDigits));
    factor = Doubled(factor);
    ++roots;
  }
  int local = scale + static_cast<int>((roots + 1) * kLog10Of2) + kGuardDigits;
  NumericVar power = Divide(Subtract(x, One()), Add(x, One()), local, true);
  NumericVar square = Multiply(power, power, local);
  NumericVar sum = power;
  for (int n = 3;; n += 2) {
    power = Multiply(power, square, local);
    NumericVar term = DivideByInt(power, n, local);
    if (term.is_zero()) break;
    sum = Add(sum, term);
  }
  return Multiply(sum, factor, scale);
}

// The decimal weight of ln(a), nearly.
int EstimateLogWeight(const NumericVar& a) {
  if (a.negative || a.is_zero()) return 0;
  if (Compare(a, NumericVar::FromScaled(9, 1)) >= 0 &&
      Compare(a, NumericVar::FromScaled(11, 1)) <= 0) {
    NumericVar x = Subtract(a, One());
    if (x.is_zero()) return 0;
    return x.weight * kNumericDigitWidth + static_cast<int>(std::log10(x.digits[0]));
  }
  double digits = a.digits[0];
  int weight = a.weight * kNumericDigitWidth;
  if (a.digits.size() > 1) {
    digits = digits * kNumericBase + a.digits[1];
    weight -= kNumericDigitWidth;
  }
  double log = std::log(digits) + weight * 2.302585092994046;
  return static_cast<int>(std::log10(std::abs(log)));
}

// log10 of |a|, nearly.
double EstimateLog10(const NumericVar& a) {
  double digits = a.digits[0];
  int exponent = a.weight * kNumericDigitWidth;
  for (size_t i = 1; i < a.digits.size() && i < 4; ++i) {
    digits = digits * kNumericBase + a.digits[i];
    exponent -= kNumericDigitWidth;
  }
  return std::log10(digits) + exponent;
}

// Repeated squaring, keeping only as many digits as the result can show.
NumericVar SquareAndMultiply(const NumericVar& base, int32_t exponent, int digits, int scale) {
  bool inverse = exponent < 0;
  uint32_t bits = inverse ? 0u - static_cast<uint32_t>(exponent) : static_cast<uint32_t>(exponent);
  auto multiply = [&](const NumericVar& a, const NumericVar& b) {
    int local = digits - (a.weight + b.weight) * kNumericDigitWidth;
    return Multiply(a, b, std::max(std::min(local, a.dscale + b.dscale), 0));
  };
  NumericVar square = base;
  NumericVar result = (bits & 1) != 0 ? base : One();
  while ((bits >>= 1) > 0) {
    square = multiply(square, square);
    if ((bits & 1) != 0) result = multiply(square, result);
    constexpr int kMaxWeight = 32767;
    if (square.weight > kMaxWeight || result.weight > kMaxWeight) {
      if (!inverse) ThrowNumericOverflow();
      return Zero(scale);
    }
  }
  if (inverse) return Divide(One(), result, scale, true);
  result.Round(scale);
  return result;
}

NumericVar IntegerPower(const NumericVar& base, int32_t exponent, int scale) {
  if (exponent == 0) {
    NumericVar one = One();
    one.dscale = scale;
    return one;
  }
  if (exponent == 1) {
    NumericVar result = base;
    result.Round(scale);
    return result;
  }
  if (exponent == -1) return Divide(One(), base, scale, true);
  if (exponent == 2) return Multiply(base, base, scale);
  if (base.is_zero()) {
    if (exponent < 0) ThrowDivisionByZero();
    return Zero(scale);
  }
  double log10 = exponent * EstimateLog10(base);
  if (log10 > 3.0 * 32767 * kNumericDigitWidth) ThrowNumericOverflow();
  if (log10 + 1 < -scale || log10 + 1 < -kMaxDisplayScale) return Zero(scale);
  int digits = 1 + scale + static_cast<int>(log10);
  digits += static_cast<int>(std::log(std::abs(static_cast<double>(exponent)))) + kGuardDigits;
  return SquareAndMultiply(base, exponent, digits, scale);
}

// exp(exponent × ln(base)), with the sign of an odd power of a negative base.
NumericVar RealPower(NumericVar base, const NumericVar& exponent) {
  if (base.is_zero()) return Zero(kMinSignificantDigits);
  bool negative = false;
  if (base.negative) {
    if (!exponent.is_integral()) ThrowComplexPower();
    negative = exponent.is_odd();
    base.negative = false;
  }
  int log_weight = EstimateLogWeight(base);
  int local = std::max(8 - log_weight, 0);
  double value = Multiply(Logarithm(base, local), exponent, local).ToDouble();
  if (std::abs(value) > kMaxResultScale * 3.01) {
    if (value > 0) ThrowNumericOverflow();
    return Zero(kMaxDisplayScale);
  }
  value *= kLog10OfE;
  int scale = kMinSignificantDigits - static_cast<int>(value);
  scale = ClampScale(std::max({scale, base.dscale, exponent.dscale}));
  int digits = std::max(scale + static_cast<int>(value), 0);
  local = std::max(digits - log_weight + kGuardDigits, 0);
  NumericVar log = Logarithm(base, local);
  NumericVar result = Exponential(Multiply(log, exponent, local), scale);
  if (negative && !result.is_zero()) result.negative = true;
  return result;
}

NumericVar Power(const NumericVar& base, const NumericVar& exponent) {
  Int128 whole = 0;
  if (exponent.is_integral() && exponent.ToScaled(0, &whole) &&
      whole == static_cast<int32_t>(whole)) {
    int scale = ClampScale(std::max(kMinSignificantDigits, base.dscale));
    return IntegerPower(base, static_cast<int32_t>(whole), scale);
  }
  return RealPower(base, exponent);
}

bool IsFiniteOne(std::string_view a, int sign) {
  NumericView view(a);
  if (!view.is_small()) return false;
  base::Arena arena;
  return CompareNumeric(a, NumericFromInt64(sign, arena)) == 0;
}

}  // namespace

// Newton's iteration from a double's root, doubling the precision each time, to a root that is off
// by a few units at most; then the exact one is found, rounded down to two digits more than wanted,
// because what decides the rounding may lie far behind the guard digits: √(1 + 10^-21).
NumericVar SquareRoot(const NumericVar& a, int scale) {
  if (a.negative) ThrowNegativeRoot();
  if (a.is_zero()) return Zero(scale);
  // a = m × 10000^(2k) with 1 <= m < 10^8.
  int k = a.weight >= 0 ? a.weight / 2 : -((-a.weight + 1) / 2);
  NumericVar shifted = a;
  shifted.weight -= 2 * k;
  int wanted = scale + k * kNumericDigitWidth + kGuardDigits;  // digits after the point of root m
  wanted = std::max(wanted, kGuardDigits);
  double start = std::sqrt(shifted.ToDouble());
  NumericVar root = NumericVar::FromScaled(static_cast<Int128>(start * 1e11), 11);
  const NumericVar half = NumericVar::FromScaled(5, 1);
  for (int precision = 11; precision < 2 * wanted;) {
    precision *= 2;
    int local = std::min(precision, wanted) + 2;
    root = Multiply(Add(root, Divide(shifted, root, local, true)), half, local);
  }
  root.weight += k;
  root.Truncate(scale + 2);
  const NumericVar unit = NumericVar::FromScaled(1, scale + 2);
  while (Compare(Multiply(root, root), a) > 0) root = Subtract(root, unit);
  for (NumericVar next = Add(root, unit); Compare(Multiply(next, next), a) <= 0;
       next = Add(root, unit)) {
    root = next;
  }
  root.Round(scale);
  return root;
}

std::string_view NumericSqrt(std::string_view a, base::Arena& arena) {
  NumericView view(a);
  if (view.is_special()) {
    if (view.is_negative_infinity()) ThrowNegativeRoot();
    return a;
  }
  NumericVar arg = Var(a);
  int root_weight = (arg.weight + 1) * kNumericDigitWidth / 2 - 1;
  int scale = ClampScale(std::max(kMinSignificantDigits - root_weight, arg.dscale));
  return SquareRoot(arg, scale).Encode(arena);
}

std::string_view NumericExp(std::string_view a, base::Arena& arena) {
  NumericView view(a);
  if (view.is_special()) return view.is_negative_infinity() ? NumericFromInt64(0, arena) : a;
  NumericVar arg = Var(a);
  double weight = arg.ToDouble() * kLog10OfE;
  weight = std::clamp<double>(weight, -kMaxResultScale, kMaxResultScale);
  int scale = std::max(kMinSignificantDigits - static_cast<int>(weight), arg.dscale);
  return Exponential(arg, ClampScale(scale)).Encode(arena);
}

std::string_view NumericLn(std::string_view a, base::Arena& arena) {
  NumericView view(a);
  if (view.is_special()) {
    if (view.is_negative_infinity()) ThrowLogOfNegative();
    return a;
  }
  NumericVar arg = Var(a);
  int scale = std::max(kMinSignificantDigits - EstimateLogWeight(arg), arg.dscale);
  return Logarithm(arg, ClampScale(scale)).Encode(arena);
}

std::string_view NumericLog(std::string_view base_of, std::string_view a, base::Arena& arena) {
  NumericView base_view(base_of);
  NumericView view(a);
  if (base_view.is_special() || view.is_special()) {
    if (base_view.is_nan() || view.is_nan()) return NumericNan();
    int base_sign = NumericSign(base_of);
    int sign = NumericSign(a);
    if (base_sign < 0 || sign < 0) ThrowLogOfNegative();
    if (base_sign == 0 || sign == 0) ThrowLogOfZero();
    if (!base_view.is_special()) return NumericInfinity(false);
    return view.is_special() ? NumericNan() : NumericFromInt64(0, arena);
  }
  NumericVar base_var = Var(base_of);
  NumericVar arg = Var(a);
  int base_weight = EstimateLogWeight(base_var);
  int arg_weight = EstimateLogWeight(arg);
  int weight = arg_weight - base_weight;
  int scale = std::max({kMinSignificantDigits - weight, base_var.dscale, arg.dscale});
  scale = ClampScale(scale);
  int base_scale = std::max(scale + weight - base_weight + kGuardDigits, 0);
  int arg_scale = std::max(scale + weight - arg_weight + kGuardDigits, 0);
  NumericVar log_base = Logarithm(base_var, base_scale);
  return Divide(Logarithm(arg, arg_scale), log_base, scale, true).Encode(arena);
}

namespace {

// pow(3)'s rules for NaN and infinities, with SQL's errors.
std::string_view PowerOfSpecials(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView base_view(a);
  NumericView exponent_view(b);
  std::string_view one = NumericFromInt64(1, arena);
  std::string_view zero = NumericFromInt64(0, arena);
  int base_sign = NumericSign(a);
  int exponent_sign = NumericSign(b);
  if (base_view.is_nan()) return exponent_sign == 0 ? one : NumericNan();
  if (exponent_view.is_nan()) return IsFiniteOne(a, 1) ? one : NumericNan();
  if (base_sign == 0 && exponent_sign < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                   "zero raised to a negative power is undefined");
  }
  bool integral = exponent_view.is_special() || Var(b).is_integral();
  if (base_sign < 0 && !integral) ThrowComplexPower();
  if (IsFiniteOne(a, 1) || exponent_sign == 0) return one;
  if (base_sign == 0) return zero;
  if (exponent_view.is_special()) {
    if (IsFiniteOne(a, -1)) return one;
    bool grows = base_view.is_special() || CompareNumeric(NumericAbs(a, arena), one) > 0;
    return grows == (exponent_sign > 0) ? NumericInfinity(false) : zero;
  }
  if (exponent_sign < 0) return zero;
  return NumericInfinity(base_sign < 0 && Var(b).is_odd());
}

}  // namespace

std::string_view NumericPower(std::string_view a, std::string_view b, base::Arena& arena) {
  if (NumericView(a).is_special() || NumericView(b).is_special()) {
    return PowerOfSpecials(a, b, arena);
  }
  if (NumericSign(a) == 0 && NumericSign(b) < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                   "zero raised to a negative power is undefined");
  }
  return Power(Var(a), Var(b)).Encode(arena);
}

std::string_view NumericFactorial(int64_t n, base::Arena& arena) {
  if (n < 0) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   "factorial of a negative number is undefined");
  }
  constexpr int64_t kLargest = 32177;
  if (n > kLargest) ThrowNumericOverflow();
  NumericVar product = One();
  for (int64_t i = 2; i <= n; ++i) product = Multiply(product, NumericVar::FromInt(i));
  return product.Encode(arena);
}

std::string_view NumericGcd(std::string_view a, std::string_view b, base::Arena& arena) {
  NumericView view_a(a);
  NumericView view_b(b);
  if (view_a.is_special() || view_b.is_special()) return NumericNan();
  NumericVar x = Var(a);
  NumericVar y = Var(b);
  int scale = std::max(x.dscale, y.dscale);
  while (!y.is_zero()) {
    NumericVar rest = Modulo(x, y);
    x = std::move(y);
    y = std::move(rest);
  }
  x.negative = false;
  x.dscale = scale;
  return x.Encode(arena);
}

std::string_view NumericLcm(std::string_view a, std::string_view b, base::Arena& arena) {
  if (NumericView(a).is_special() || NumericView(b).is_special()) return NumericNan();
  NumericVar x = Var(a);
  NumericVar y = Var(b);
  int scale = std::max(x.dscale, y.dscale);
  if (x.is_zero() || y.is_zero()) return Zero(scale).Encode(arena);
  NumericVar result = Multiply(Divide(x, Var(NumericGcd(a, b, arena)), 0, false), y);
  result.negative = false;
  result.dscale = scale;
  return result.Encode(arena);
}

int32_t NumericWidthBucket(std::string_view operand, std::string_view low, std::string_view high,
                           int32_t count) {
  auto fail = [](const char* message) {
    throw SqlError(sqlstate::kInvalidArgumentForWidthBucketFunction, message);
  };
  if (count <= 0) fail("count must be greater than zero");
  if (NumericView(operand).is_nan() || NumericView(low).is_nan() || NumericView(high).is_nan()) {
    fail("operand, lower bound, and upper bound cannot be NaN");
  }
  if (NumericView(low).is_special() || NumericView(high).is_special()) {
    fail("lower and upper bounds must be finite");
  }
  int order = CompareNumeric(low, high);
  if (order == 0) fail("lower bound cannot equal upper bound");
  Int128 bucket = 0;
  if (CompareNumeric(operand, low) * order > 0) return 0;
  if (CompareNumeric(operand, high) * order <= 0) {
    bucket = Int128{count} + 1;
  } else {
    NumericVar distance = Subtract(Var(operand), Var(low));
    NumericVar width = Subtract(Var(high), Var(low));
    NumericVar scaled = Multiply(distance, NumericVar::FromInt(count));
    NumericVar quotient = Divide(scaled, width, SelectDivisionScale(scaled, width), true);
    quotient.Truncate(0);
    quotient.ToScaled(0, &bucket);
    ++bucket;
  }
  if (bucket != static_cast<int32_t>(bucket)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  return static_cast<int32_t>(bucket);
}

int NumericMinScale(std::string_view a) {
  NumericView view(a);
  if (view.is_special()) return -1;
  NumericVar var = Var(a);
  if (var.is_zero()) return 0;
  int last_weight = var.weight - static_cast<int>(var.digits.size()) + 1;
  int scale = std::max(0, -last_weight * kNumericDigitWidth);
  if (scale > 0) {
    for (int32_t digit = var.digits.back(); digit % 10 == 0; digit /= 10) --scale;
  }
  return scale;
}

}  // namespace sundog::types
