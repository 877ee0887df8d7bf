// Comparison operators, btree support functions and larger/smaller of the basic types: numbers,
// oids, characters, bytes, uuid. (Types with families of their own bring theirs.)
#include <cstring>

#include "functions/families.h"
#include "functions/fast_kernel.h"
#include "functions/implementations.h"
#include "types/float_type.h"
#include "types/numeric.h"
#include "types/text_type.h"

namespace sundog::functions {

namespace {

using std::string_view;

// An order of two C++ types: equality apart from the rest, because it is often cheaper.
template <typename T, typename U = T>
struct ByValue {
  using A = T;
  using B = U;
  static bool Equal(A a, B b) { return a == b; }
  static bool Less(A a, B b) { return a < b; }
  static int Compare(A a, B b) { return a < b ? -1 : a > b ? 1 : 0; }
};

template <typename T, typename U = T>
struct ByFloat {
  using A = T;
  using B = U;
  static bool Equal(A a, B b) { return a == b || (a != a && b != b); }
  static bool Less(A a, B b) { return a < b || (a == a && b != b); }
  static int Compare(A a, B b) {
    return types::CompareFloats(static_cast<double>(a), static_cast<double>(b));
  }
};

bool EqualXidInt4(uint32_t xid, int32_t number) { return xid == static_cast<uint32_t>(number); }
bool DifferentXidInt4(uint32_t xid, int32_t number) { return !EqualXidInt4(xid, number); }

struct ByUnsigned64 {
  using A = int64_t;
  using B = int64_t;
  static bool Equal(A a, B b) { return a == b; }
  static bool Less(A a, B b) { return static_cast<uint64_t>(a) < static_cast<uint64_t>(b); }
  static int Compare(A a, B b) { return a == b ? 0 : Less(a, b) ? -1 : 1; }
};

struct ByUnsignedChar {
  using A = char;
  using B = char;
  static bool Equal(A a, B b) { return a == b; }
  static bool Less(A a, B b) { return static_cast<uint8_t>(a) < static_cast<uint8_t>(b); }
  static int Compare(A a, B b) { return a == b ? 0 : Less(a, b) ? -1 : 1; }
};

struct ByBytes {
  using A = string_view;
  using B = string_view;
  static bool Equal(A a, B b) { return a == b; }
  static bool Less(A a, B b) { return a.compare(b) < 0; }
  static int Compare(A a, B b) {
    int order = a.compare(b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
};

struct ByTrimmedBytes {
  using A = string_view;
  using B = string_view;
  static bool Equal(A a, B b) {
    return ByBytes::Equal(types::TrimBlanksRight(a), types::TrimBlanksRight(b));
  }
  static bool Less(A a, B b) { return Compare(a, b) < 0; }
  static int Compare(A a, B b) {
    return ByBytes::Compare(types::TrimBlanksRight(a), types::TrimBlanksRight(b));
  }
};

struct ByNumeric {
  using A = string_view;
  using B = string_view;
  static bool Equal(A a, B b) { return types::CompareNumeric(a, b) == 0; }
  static bool Less(A a, B b) { return types::CompareNumeric(a, b) < 0; }
  static int Compare(A a, B b) { return types::CompareNumeric(a, b); }
};

struct ByUuid {
  using A = types::Uuid;
  using B = types::Uuid;
  static bool Equal(A a, B b) { return a == b; }
  static bool Less(A a, B b) { return std::memcmp(a.bytes, b.bytes, 16) < 0; }
  static int Compare(A a, B b) {
    int order = std::memcmp(a.bytes, b.bytes, 16);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
};

template <typename Order>
bool Eq(typename Order::A a, typename Order::B b) {
  return Order::Equal(a, b);
}
template <typename Order>
bool Ne(typename Order::A a, typename Order::B b) {
  return !Order::Equal(a, b);
}
template <typename Order>
bool Lt(typename Order::A a, typename Order::B b) {
  return Order::Less(a, b);
}
template <typename Order>
bool Ge(typename Order::A a, typename Order::B b) {
  return !Order::Less(a, b);
}
template <typename Order>
bool Le(typename Order::A a, typename Order::B b) {
  if constexpr (std::is_same_v<typename Order::A, typename Order::B>) return !Order::Less(b, a);
  return Order::Equal(a, b) || Order::Less(a, b);
}
template <typename Order>
bool Gt(typename Order::A a, typename Order::B b) {
  return !Le<Order>(a, b);
}
template <typename Order>
int32_t Cmp(typename Order::A a, typename Order::B b) {
  return Order::Compare(a, b);
}
template <typename Order>
typename Order::A Larger(typename Order::A a, typename Order::A b) {
  return Order::Less(b, a) ? a : b;
}
template <typename Order>
typename Order::A Smaller(typename Order::A a, typename Order::A b) {
  return Order::Less(a, b) ? a : b;
}

#define SUNDOG_ORDER_OPERATORS(prefix, ...)                                          \
  {prefix "lt", FastKernel<Lt<__VA_ARGS__>>}, {prefix "le", FastKernel<Le<__VA_ARGS__>>}, \
      {prefix "gt", FastKernel<Gt<__VA_ARGS__>>}, {prefix "ge", FastKernel<Ge<__VA_ARGS__>>}

#define SUNDOG_OPERATORS(prefix, ...)                                                \
  {prefix "eq", FastKernel<Eq<__VA_ARGS__>>}, {prefix "ne", FastKernel<Ne<__VA_ARGS__>>}, \
      SUNDOG_ORDER_OPERATORS(prefix, __VA_ARGS__)

#define SUNDOG_LARGER(larger, smaller, ...) \
  {larger, FastKernel<Larger<__VA_ARGS__>>}, {smaller, FastKernel<Smaller<__VA_ARGS__>>}

using Float48 = ByFloat<float, double>;
using Float84 = ByFloat<double, float>;

constexpr ScalarEntry kEntries[] = {
    SUNDOG_OPERATORS("int2", ByValue<int16_t>),
    SUNDOG_OPERATORS("int4", ByValue<int32_t>),
    SUNDOG_OPERATORS("int8", ByValue<int64_t>),
    SUNDOG_OPERATORS("int24", ByValue<int16_t, int32_t>),
    SUNDOG_OPERATORS("int28", ByValue<int16_t, int64_t>),
    SUNDOG_OPERATORS("int42", ByValue<int32_t, int16_t>),
    SUNDOG_OPERATORS("int48", ByValue<int32_t, int64_t>),
    SUNDOG_OPERATORS("int82", ByValue<int64_t, int16_t>),
    SUNDOG_OPERATORS("int84", ByValue<int64_t, int32_t>),
    SUNDOG_OPERATORS("float4", ByFloat<float>),
    SUNDOG_OPERATORS("float8", ByFloat<double>),
    SUNDOG_OPERATORS("float48", Float48),
    SUNDOG_OPERATORS("float84", Float84),
    SUNDOG_OPERATORS("bool", ByValue<bool>),
    SUNDOG_OPERATORS("oid", ByValue<uint32_t>),
    SUNDOG_OPERATORS("tid", ByValue<int64_t>),
    SUNDOG_OPERATORS("cash_", ByValue<int64_t>),
    SUNDOG_OPERATORS("xid8", ByUnsigned64),
    SUNDOG_OPERATORS("pg_lsn_", ByUnsigned64),
    SUNDOG_OPERATORS("char", ByUnsignedChar),
    SUNDOG_OPERATORS("name", ByBytes),
    SUNDOG_OPERATORS("bytea", ByBytes),
    SUNDOG_OPERATORS("bpchar", ByTrimmedBytes),
    SUNDOG_OPERATORS("numeric_", ByNumeric),
    SUNDOG_OPERATORS("uuid_", ByUuid),
    SUNDOG_ORDER_OPERATORS("text_", ByBytes),
    SUNDOG_ORDER_OPERATORS("text_pattern_", ByBytes),
    SUNDOG_ORDER_OPERATORS("bpchar_pattern_", ByTrimmedBytes),
    {"texteq", FastKernel<Eq<ByBytes>>},
    {"textne", FastKernel<Ne<ByBytes>>},
    {"nameeqtext", FastKernel<Eq<ByBytes>>},
    {"namenetext", FastKernel<Ne<ByBytes>>},
    {"namelttext", FastKernel<Lt<ByBytes>>},
    {"nameletext", FastKernel<Le<ByBytes>>},
    {"namegttext", FastKernel<Gt<ByBytes>>},
    {"namegetext", FastKernel<Ge<ByBytes>>},
    {"texteqname", FastKernel<Eq<ByBytes>>},
    {"textnename", FastKernel<Ne<ByBytes>>},
    {"textltname", FastKernel<Lt<ByBytes>>},
    {"textlename", FastKernel<Le<ByBytes>>},
    {"textgtname", FastKernel<Gt<ByBytes>>},
    {"textgename", FastKernel<Ge<ByBytes>>},
    {"xideq", FastKernel<Eq<ByValue<uint32_t>>>},
    {"xidneq", FastKernel<Ne<ByValue<uint32_t>>>},
    {"xideqint4(xid,int4)", FastKernel<EqualXidInt4>},
    {"xidneqint4(xid,int4)", FastKernel<DifferentXidInt4>},
    {"cideq", FastKernel<Eq<ByValue<uint32_t>>>},

    {"btboolcmp", FastKernel<Cmp<ByValue<bool>>>},
    {"btint2cmp", FastKernel<Cmp<ByValue<int16_t>>>},
    {"btint4cmp", FastKernel<Cmp<ByValue<int32_t>>>},
    {"btint8cmp", FastKernel<Cmp<ByValue<int64_t>>>},
    {"btint24cmp", FastKernel<Cmp<ByValue<int16_t, int32_t>>>},
    {"btint28cmp", FastKernel<Cmp<ByValue<int16_t, int64_t>>>},
    {"btint42cmp", FastKernel<Cmp<ByValue<int32_t, int16_t>>>},
    {"btint48cmp", FastKernel<Cmp<ByValue<int32_t, int64_t>>>},
    {"btint82cmp", FastKernel<Cmp<ByValue<int64_t, int16_t>>>},
    {"btint84cmp", FastKernel<Cmp<ByValue<int64_t, int32_t>>>},
    {"btfloat4cmp", FastKernel<Cmp<ByFloat<float>>>},
    {"btfloat8cmp", FastKernel<Cmp<ByFloat<double>>>},
    {"btfloat48cmp", FastKernel<Cmp<Float48>>},
    {"btfloat84cmp", FastKernel<Cmp<Float84>>},
    {"btoidcmp", FastKernel<Cmp<ByValue<uint32_t>>>},
    {"bttidcmp", FastKernel<Cmp<ByValue<int64_t>>>},
    {"btcharcmp", FastKernel<Cmp<ByUnsignedChar>>},
    {"btnamecmp", FastKernel<Cmp<ByBytes>>},
    {"btnametextcmp", FastKernel<Cmp<ByBytes>>},
    {"bttextnamecmp", FastKernel<Cmp<ByBytes>>},
    {"bttextcmp", FastKernel<Cmp<ByBytes>>},
    {"bttext_pattern_cmp", FastKernel<Cmp<ByBytes>>},
    {"bpcharcmp", FastKernel<Cmp<ByTrimmedBytes>>},
    {"btbpchar_pattern_cmp", FastKernel<Cmp<ByTrimmedBytes>>},
    {"byteacmp", FastKernel<Cmp<ByBytes>>},
    {"numeric_cmp", FastKernel<Cmp<ByNumeric>>},
    {"uuid_cmp", FastKernel<Cmp<ByUuid>>},
    {"cash_cmp", FastKernel<Cmp<ByValue<int64_t>>>},
    {"xid8cmp", FastKernel<Cmp<ByUnsigned64>>},
    {"pg_lsn_cmp", FastKernel<Cmp<ByUnsigned64>>},

    SUNDOG_LARGER("int2larger", "int2smaller", ByValue<int16_t>),
    SUNDOG_LARGER("int4larger", "int4smaller", ByValue<int32_t>),
    SUNDOG_LARGER("int8larger", "int8smaller", ByValue<int64_t>),
    SUNDOG_LARGER("float4larger", "float4smaller", ByFloat<float>),
    SUNDOG_LARGER("float8larger", "float8smaller", ByFloat<double>),
    SUNDOG_LARGER("oidlarger", "oidsmaller", ByValue<uint32_t>),
    SUNDOG_LARGER("tidlarger", "tidsmaller", ByValue<int64_t>),
    SUNDOG_LARGER("xid8_larger", "xid8_smaller", ByUnsigned64),
    SUNDOG_LARGER("pg_lsn_larger", "pg_lsn_smaller", ByUnsigned64),
    SUNDOG_LARGER("text_larger", "text_smaller", ByBytes),
    SUNDOG_LARGER("bpchar_larger", "bpchar_smaller", ByTrimmedBytes),
    SUNDOG_LARGER("numeric_larger", "numeric_smaller", ByNumeric),
    SUNDOG_LARGER("cashlarger", "cashsmaller", ByValue<int64_t>),
};

}  // namespace

void RegisterComparisonFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
