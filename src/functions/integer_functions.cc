// Integer arithmetic and bit operations, casts among integers, boolean and oid.
#include <limits>
#include <type_traits>

#include "base/sql_error.h"
#include "functions/fast_kernel.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/range_offset.h"

namespace sundog::functions {

namespace {

template <typename T>
[[noreturn, gnu::cold]] void ThrowRange() {
  constexpr const char* kMessage = sizeof(T) == 2   ? "smallint out of range"
                                   : sizeof(T) == 4 ? "integer out of range"
                                                    : "bigint out of range";
  throw SqlError(sqlstate::kNumericValueOutOfRange, kMessage);
}

[[noreturn, gnu::cold]] void ThrowDivisionByZero() {
  throw SqlError(sqlstate::kDivisionByZero, "division by zero");
}

// The result type of mixed arithmetic is the wider.
template <typename A, typename B>
using Wider = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;

template <typename A, typename B>
Wider<A, B> Add(A a, B b) {
  Wider<A, B> result;
  if (__builtin_add_overflow(a, b, &result)) ThrowRange<Wider<A, B>>();
  return result;
}

template <typename A, typename B>
Wider<A, B> Subtract(A a, B b) {
  Wider<A, B> result;
  if (__builtin_sub_overflow(a, b, &result)) ThrowRange<Wider<A, B>>();
  return result;
}

template <typename A, typename B>
Wider<A, B> Multiply(A a, B b) {
  Wider<A, B> result;
  if (__builtin_mul_overflow(a, b, &result)) ThrowRange<Wider<A, B>>();
  return result;
}

template <typename A, typename B>
Wider<A, B> Divide(A a, B b) {
  using Result = Wider<A, B>;
  if (b == 0) ThrowDivisionByZero();
  if (b == -1) {
    Result wide = a;
    if (wide == std::numeric_limits<Result>::min()) ThrowRange<Result>();
    return static_cast<Result>(-wide);
  }
  return static_cast<Result>(a / b);
}

template <typename T>
T Modulo(T a, T b) {
  if (b == 0) ThrowDivisionByZero();
  return b == -1 ? T{0} : static_cast<T>(a % b);
}

template <typename T>
T Negate(T a) {
  if (a == std::numeric_limits<T>::min()) ThrowRange<T>();
  return static_cast<T>(-a);
}

template <typename T>
T Plus(T a) {
  return a;
}

template <typename T>
T Abs(T a) {
  return a < 0 ? Negate(a) : a;
}

template <typename T>
T And(T a, T b) {
  return a & b;
}
template <typename T>
T Or(T a, T b) {
  return a | b;
}
template <typename T>
T Xor(T a, T b) {
  return a ^ b;
}
template <typename T>
T Not(T a) {
  return static_cast<T>(~a);
}

// Shift counts wrap as the hardware's: int2 is shifted as int4 and cut.
template <typename T>
constexpr int kShiftMask = sizeof(T) == 8 ? 63 : 31;

template <typename T>
T ShiftLeft(T a, int32_t count) {
  using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  return static_cast<T>(static_cast<Wide>(a) << (count & kShiftMask<T>));
}

template <typename T>
T ShiftRight(T a, int32_t count) {
  return static_cast<T>(a >> (count & kShiftMask<T>));
}

template <typename T>
T Increment(T a) {
  return Add<T, T>(a, 1);
}

template <typename T>
T Decrement(T a) {
  return Subtract<T, T>(a, 1);
}

// Euclid on non-positive numbers, which hold the most negative value too.
template <typename T>
T Gcd(T a, T b) {
  if (a > 0) a = static_cast<T>(-a);
  if (b > 0) b = static_cast<T>(-b);
  if (a > b) std::swap(a, b);
  while (b != 0) {
    T remainder = b == -1 ? T{0} : static_cast<T>(a % b);
    a = b;
    b = remainder;
  }
  return Negate(a);
}

template <typename T>
T Lcm(T a, T b) {
  if (a == 0 || b == 0) return 0;
  return Abs(Multiply<T, T>(static_cast<T>(a / Gcd(a, b)), b));
}

template <typename To, typename From>
To Cast(From value) {
  if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) {
    ThrowRange<To>();
  }
  return static_cast<To>(value);
}

template <typename To, typename From>
To Widen(From value) {
  return static_cast<To>(value);
}

int32_t BoolToInt(bool value) { return value ? 1 : 0; }
bool IntToBool(int32_t value) { return value != 0; }

bool BoolAnd(bool a, bool b) { return a && b; }
bool BoolOr(bool a, bool b) { return a || b; }

uint32_t Int8ToOid(int64_t value) {
  if (value < 0 || value > std::numeric_limits<uint32_t>::max()) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "OID out of range");
  }
  return static_cast<uint32_t>(value);
}

char Int4ToChar(int32_t value) {
  if (value < -128 || value > 127) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "\"char\" out of range");
  }
  return static_cast<char>(value);
}

int32_t CharToInt4(char value) { return static_cast<int8_t>(value); }

uint32_t Xid8ToXid(int64_t value) { return static_cast<uint32_t>(value); }

#define SUNDOG_ARITHMETIC(prefix, A, B)                                                   \
  {prefix "pl", FastKernel<Add<A, B>>}, {prefix "mi", FastKernel<Subtract<A, B>>},        \
      {prefix "mul", FastKernel<Multiply<A, B>>}, {prefix "div", FastKernel<Divide<A, B>>}

#define SUNDOG_BITS(prefix, T)                                                       \
  {prefix "and", FastKernel<And<T>>}, {prefix "or", FastKernel<Or<T>>},              \
      {prefix "xor", FastKernel<Xor<T>>}, {prefix "not", FastKernel<Not<T>>},        \
      {prefix "shl", FastKernel<ShiftLeft<T>>}, {prefix "shr", FastKernel<ShiftRight<T>>}

#define SUNDOG_UNARY(prefix, T)                                                      \
  {prefix "um", FastKernel<Negate<T>>}, {prefix "up", FastKernel<Plus<T>>},          \
      {prefix "abs", FastKernel<Abs<T>>}, {prefix "mod", FastKernel<Modulo<T>>}

// Where base ± offset does not fit, no value reaches it.
template <typename Value, typename Offset>
bool InRange(Value value, Value base, Offset offset, bool subtract, bool less) {
  CheckRangeOffset(offset >= 0);
  Wider<Value, Offset> limit = 0;
  bool beyond = subtract ? __builtin_sub_overflow(base, offset, &limit)
                         : __builtin_add_overflow(base, offset, &limit);
  if (beyond) return subtract ? !less : less;
  return less ? value <= limit : value >= limit;
}

constexpr ScalarEntry kEntries[] = {
    {"in_range_int8_int8", Kernel<InRange<int64_t, int64_t>>},
    {"in_range_int4_int8", Kernel<InRange<int32_t, int64_t>>},
    {"in_range_int4_int4", Kernel<InRange<int32_t, int32_t>>},
    {"in_range_int4_int2", Kernel<InRange<int32_t, int16_t>>},
    {"in_range_int2_int8", Kernel<InRange<int16_t, int64_t>>},
    {"in_range_int2_int4", Kernel<InRange<int16_t, int32_t>>},
    {"in_range_int2_int2", Kernel<InRange<int16_t, int16_t>>},
    SUNDOG_ARITHMETIC("int2", int16_t, int16_t),
    SUNDOG_ARITHMETIC("int24", int16_t, int32_t),
    SUNDOG_ARITHMETIC("int28", int16_t, int64_t),
    SUNDOG_ARITHMETIC("int42", int32_t, int16_t),
    SUNDOG_ARITHMETIC("int4", int32_t, int32_t),
    SUNDOG_ARITHMETIC("int48", int32_t, int64_t),
    SUNDOG_ARITHMETIC("int82", int64_t, int16_t),
    SUNDOG_ARITHMETIC("int84", int64_t, int32_t),
    SUNDOG_ARITHMETIC("int8", int64_t, int64_t),
    SUNDOG_BITS("int2", int16_t),
    SUNDOG_BITS("int4", int32_t),
    SUNDOG_BITS("int8", int64_t),
    SUNDOG_UNARY("int2", int16_t),
    SUNDOG_UNARY("int4", int32_t),
    SUNDOG_UNARY("int8", int64_t),
    {"int4inc", FastKernel<Increment<int32_t>>},
    {"int8inc", FastKernel<Increment<int64_t>>},
    {"int8dec", FastKernel<Decrement<int64_t>>},
    {"int4gcd", FastKernel<Gcd<int32_t>>},
    {"int8gcd", FastKernel<Gcd<int64_t>>},
    {"int4lcm", FastKernel<Lcm<int32_t>>},
    {"int8lcm", FastKernel<Lcm<int64_t>>},

    {"i2toi4", FastKernel<Widen<int32_t, int16_t>>},
    {"int28", FastKernel<Widen<int64_t, int16_t>>},
    {"int48", FastKernel<Widen<int64_t, int32_t>>},
    {"i4toi2", FastKernel<Cast<int16_t, int32_t>>},
    {"int82", FastKernel<Cast<int16_t, int64_t>>},
    {"int84", FastKernel<Cast<int32_t, int64_t>>},
    {"oidtoi8", FastKernel<Widen<int64_t, uint32_t>>},
    {"i8tooid", FastKernel<Int8ToOid>},
    {"booland_statefunc", FastKernel<BoolAnd>},
    {"boolor_statefunc", FastKernel<BoolOr>},
    {"bool_int4", FastKernel<BoolToInt>},
    {"int4_bool", FastKernel<IntToBool>},
    {"i4tochar", FastKernel<Int4ToChar>},
    {"chartoi4", FastKernel<CharToInt4>},
    {"xid8toxid", FastKernel<Xid8ToXid>},
};

}  // namespace

void RegisterIntegerFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
