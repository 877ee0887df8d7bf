// real and double precision: arithmetic, rounding, powers and logarithms, casts, random().
// Overflow and underflow to zero are errors, infinities from infinities are not.
#include <fmt/format.h>

#include <limits>

#include "base/random.h"
#include "functions/families.h"
#include "functions/fast_kernel.h"
#include "functions/float_error.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/range_offset.h"

namespace sundog::functions {

namespace {

template <typename A, typename B>
using Wider = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;

template <typename A, typename B>
Wider<A, B> Add(A a, B b) {
  Wider<A, B> result = a + b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) ThrowFloatOverflow();
  return result;
}

template <typename A, typename B>
Wider<A, B> Subtract(A a, B b) {
  Wider<A, B> result = a - b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) ThrowFloatOverflow();
  return result;
}

template <typename A, typename B>
Wider<A, B> Multiply(A a, B b) {
  Wider<A, B> result = a * b;
  if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) ThrowFloatOverflow();
  if (result == 0 && a != 0 && b != 0) ThrowFloatUnderflow();
  return result;
}

template <typename A, typename B>
Wider<A, B> Divide(A a, B b) {
  if (b == 0 && !std::isnan(a)) ThrowFloatDivisionByZero();
  Wider<A, B> result = a / b;
  if (std::isinf(result) && !std::isinf(a)) ThrowFloatOverflow();
  if (result == 0 && a != 0 && !std::isinf(b)) ThrowFloatUnderflow();
  return result;
}

template <typename T>
T Negate(T a) {
  return -a;
}
template <typename T>
T Plus(T a) {
  return a;
}
template <typename T>
T Abs(T a) {
  return std::abs(a);
}

double Round(double a) { return std::rint(a); }
double Ceil(double a) { return std::ceil(a); }
double Floor(double a) { return std::floor(a); }
double Truncate(double a) { return std::trunc(a); }
double Sign(double a) { return a > 0 ? 1 : a < 0 ? -1 : 0; }

double SquareRoot(double a) {
  if (a < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                   "cannot take square root of a negative number");
  }
  return std::sqrt(a);
}

double CubeRoot(double a) { return std::cbrt(a); }

double Exp(double a) {
  double result = std::exp(a);
  if (std::isinf(a)) return result;
  if (std::isinf(result)) ThrowFloatOverflow();
  if (result == 0) ThrowFloatUnderflow();
  return result;
}

void CheckLogArgument(double a) {
  if (a == 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLog, "cannot take logarithm of zero");
  }
  if (a < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLog,
                   "cannot take logarithm of a negative number");
  }
}

double Ln(double a) {
  CheckLogArgument(a);
  return std::log(a);
}

double Log10(double a) {
  CheckLogArgument(a);
  return std::log10(a);
}

double Power(double a, double b) {
  if (std::isnan(a)) return b == 0 ? 1 : a;
  if (std::isnan(b)) return a == 1 ? 1 : b;
  if (a == 0 && b < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                   "zero raised to a negative power is undefined");
  }
  if (a < 0 && std::floor(b) != b) {
    throw SqlError(sqlstate::kInvalidArgumentForPowerFunction,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  double result = std::pow(a, b);
  if (std::isinf(a) || std::isinf(b)) return result;
  if (std::isinf(result)) ThrowFloatOverflow();
  if (result == 0 && a != 0) ThrowFloatUnderflow();
  return result;
}

int32_t WidthBucket(double operand, double low, double high, int32_t count) {
  auto fail = [](const char* message) {
    throw SqlError(sqlstate::kInvalidArgumentForWidthBucketFunction, message);
  };
  if (count <= 0) fail("count must be greater than zero");
  if (std::isnan(operand) || std::isnan(low) || std::isnan(high)) {
    fail("operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(low) || std::isinf(high)) fail("lower and upper bounds must be finite");
  if (low == high) fail("lower bound cannot equal upper bound");
  bool rising = low < high;
  if (rising ? operand < low : operand > low) return 0;
  if (rising ? operand >= high : operand <= high) {
    if (count == std::numeric_limits<int32_t>::max()) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
    }
    return count + 1;
  }
  double distance = rising ? operand - low : low - operand;
  double width = rising ? high - low : low - high;
  return static_cast<int32_t>(static_cast<double>(count) * distance / width + 1);
}

// --- casts ---

template <typename To, typename From>
To ToInteger(From value) {
  constexpr const char* kMessage = sizeof(To) == 2   ? "smallint out of range"
                                   : sizeof(To) == 4 ? "integer out of range"
                                                     : "bigint out of range";
  From rounded = std::rint(value);
  // The most negative value is a power of two and so exact in any binary format.
  constexpr From kLimit = -static_cast<From>(std::numeric_limits<To>::min());
  if (!(rounded >= -kLimit && rounded < kLimit)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, kMessage);
  }
  return static_cast<To>(rounded);
}

template <typename To, typename From>
To Widen(From value) {
  return static_cast<To>(value);
}

float ToFloat4(double value) {
  float result = static_cast<float>(value);
  if (std::isinf(result) && !std::isinf(value)) ThrowFloatOverflow();
  if (result == 0 && value != 0) ThrowFloatUnderflow();
  return result;
}

// --- random ---

double RandomDouble(CallContext& call) { return call.environment().random->NextDouble(); }

bool SetSeed(CallContext& call, double seed) {
  if (!(seed >= -1 && seed <= 1)) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("setseed parameter {:g} is out of allowed range [-1,1]", seed));
  }
  *call.environment().random = base::Random(static_cast<uint64_t>(
      static_cast<int64_t>(seed * static_cast<double>(std::numeric_limits<int32_t>::max()))));
  return false;
}

#define SUNDOG_FLOAT_ARITHMETIC(prefix, A, B)                                             \
  {prefix "pl", FastKernel<Add<A, B>>}, {prefix "mi", FastKernel<Subtract<A, B>>},        \
      {prefix "mul", FastKernel<Multiply<A, B>>}, {prefix "div", FastKernel<Divide<A, B>>}

#define SUNDOG_FLOAT_UNARY(prefix, T)                                         \
  {prefix "um", FastKernel<Negate<T>>}, {prefix "up", FastKernel<Plus<T>>},   \
      {prefix "abs", FastKernel<Abs<T>>}

// NaN comes after all other numbers; an infinite offset reaches from one infinity to anywhere.
template <typename T>
bool InRange(T value, T base, double offset, bool subtract, bool less) {
  CheckRangeOffset(!std::isnan(offset) && offset >= 0);
  if (std::isnan(value)) return std::isnan(base) || !less;
  if (std::isnan(base)) return less;
  if (std::isinf(offset) && std::isinf(base) && (base > 0) == subtract) return true;
  double limit = subtract ? base - offset : base + offset;
  return less ? value <= limit : value >= limit;
}

constexpr ScalarEntry kEntries[] = {
    {"in_range_float8_float8", Kernel<InRange<double>>},
    {"in_range_float4_float8", Kernel<InRange<float>>},
    SUNDOG_FLOAT_ARITHMETIC("float4", float, float),
    SUNDOG_FLOAT_ARITHMETIC("float8", double, double),
    SUNDOG_FLOAT_ARITHMETIC("float48", float, double),
    SUNDOG_FLOAT_ARITHMETIC("float84", double, float),
    SUNDOG_FLOAT_UNARY("float4", float),
    SUNDOG_FLOAT_UNARY("float8", double),
    {"dround", FastKernel<Round>},
    {"dceil", FastKernel<Ceil>},
    {"dfloor", FastKernel<Floor>},
    {"dtrunc", FastKernel<Truncate>},
    {"dsign", FastKernel<Sign>},
    {"dsqrt", FastKernel<SquareRoot>},
    {"dcbrt", FastKernel<CubeRoot>},
    {"dexp", FastKernel<Exp>},
    {"dlog1", FastKernel<Ln>},
    {"dlog10", FastKernel<Log10>},
    {"dpow", FastKernel<Power>},
    {"width_bucket_float8", Kernel<WidthBucket>},

    {"ftod", FastKernel<Widen<double, float>>},
    {"dtof", FastKernel<ToFloat4>},
    {"i2tof", FastKernel<Widen<float, int16_t>>},
    {"i4tof", FastKernel<Widen<float, int32_t>>},
    {"i8tof", FastKernel<Widen<float, int64_t>>},
    {"i2tod", FastKernel<Widen<double, int16_t>>},
    {"i4tod", FastKernel<Widen<double, int32_t>>},
    {"i8tod", FastKernel<Widen<double, int64_t>>},
    {"ftoi2", FastKernel<ToInteger<int16_t, float>>},
    {"ftoi4", FastKernel<ToInteger<int32_t, float>>},
    {"ftoi8", FastKernel<ToInteger<int64_t, float>>},
    {"dtoi2", FastKernel<ToInteger<int16_t, double>>},
    {"dtoi4", FastKernel<ToInteger<int32_t, double>>},
    {"dtoi8", FastKernel<ToInteger<int64_t, double>>},

    {"drandom", Kernel<RandomDouble>},
    {"setseed", Kernel<SetSeed>},
};

}  // namespace

void RegisterFloatFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
