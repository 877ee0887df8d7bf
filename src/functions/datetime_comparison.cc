// Comparison operators, btree support functions and larger/smaller of dates, times and intervals,
// across types too. An instant and a local time compare in the session's zone.
#include "functions/fast_kernel.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/fixed_ops.h"
#include "types/interval.h"
#include "types/time_of_day.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::CompareIntervals;
using types::CompareValues;
using types::Interval;
using types::TimeTz;

int CompareIntervalValues(Interval a, Interval b) { return CompareIntervals(a, b); }

// Dates reach farther than timestamps: one beyond them is later than all but infinity.
int CompareConverted(int64_t converted, bool was_finite, int64_t other) {
  if (was_finite && converted == types::kTimestampInfinity) {
    return other == types::kTimestampInfinity ? -1 : 1;
  }
  if (was_finite && converted == types::kTimestampMinusInfinity) {
    return other == types::kTimestampMinusInfinity ? 1 : -1;
  }
  return CompareValues(converted, other);
}

int CompareDateTimestamp(int32_t date, int64_t timestamp) {
  return CompareConverted(types::DateToTimestampSaturated(date), types::IsFiniteDate(date),
                          timestamp);
}
int CompareTimestampDate(int64_t timestamp, int32_t date) {
  return -CompareDateTimestamp(date, timestamp);
}
int CompareDateTimestamptz(CallContext& call, int32_t date, int64_t timestamptz) {
  return CompareConverted(types::DateToTimestamptzSaturated(SessionZone(call), date),
                          types::IsFiniteDate(date), timestamptz);
}
int CompareTimestamptzDate(CallContext& call, int64_t timestamptz, int32_t date) {
  return -CompareDateTimestamptz(call, date, timestamptz);
}
int CompareTimestampTimestamptz(CallContext& call, int64_t timestamp, int64_t timestamptz) {
  return CompareConverted(types::TimestampToTimestamptzSaturated(SessionZone(call), timestamp),
                          types::IsFiniteTimestamp(timestamp), timestamptz);
}
int CompareTimestamptzTimestamp(CallContext& call, int64_t timestamptz, int64_t timestamp) {
  return -CompareTimestampTimestamptz(call, timestamp, timestamptz);
}

// The operators of a three-way comparison.
template <auto Compare>
struct Operators;

template <typename A, typename B, int (*Compare)(A, B)>
struct Operators<Compare> {
  static bool Eq(A a, B b) { return Compare(a, b) == 0; }
  static bool Ne(A a, B b) { return Compare(a, b) != 0; }
  static bool Lt(A a, B b) { return Compare(a, b) < 0; }
  static bool Le(A a, B b) { return Compare(a, b) <= 0; }
  static bool Gt(A a, B b) { return Compare(a, b) > 0; }
  static bool Ge(A a, B b) { return Compare(a, b) >= 0; }
  static int32_t Cmp(A a, B b) { return Compare(a, b); }
  static A Larger(A a, B b) { return Compare(a, b) > 0 ? a : b; }
  static A Smaller(A a, B b) { return Compare(a, b) < 0 ? a : b; }
};

template <typename A, typename B, int (*Compare)(CallContext&, A, B)>
struct Operators<Compare> {
  static bool Eq(CallContext& call, A a, B b) { return Compare(call, a, b) == 0; }
  static bool Ne(CallContext& call, A a, B b) { return Compare(call, a, b) != 0; }
  static bool Lt(CallContext& call, A a, B b) { return Compare(call, a, b) < 0; }
  static bool Le(CallContext& call, A a, B b) { return Compare(call, a, b) <= 0; }
  static bool Gt(CallContext& call, A a, B b) { return Compare(call, a, b) > 0; }
  static bool Ge(CallContext& call, A a, B b) { return Compare(call, a, b) >= 0; }
  static int32_t Cmp(CallContext& call, A a, B b) { return Compare(call, a, b); }
};

#define SUNDOG_COMPARISONS(type, suffix, Lift, ...)                     \
  {type "_eq" suffix, Lift<Operators<__VA_ARGS__>::Eq>},                \
      {type "_ne" suffix, Lift<Operators<__VA_ARGS__>::Ne>},            \
      {type "_lt" suffix, Lift<Operators<__VA_ARGS__>::Lt>},            \
      {type "_le" suffix, Lift<Operators<__VA_ARGS__>::Le>},            \
      {type "_gt" suffix, Lift<Operators<__VA_ARGS__>::Gt>},            \
      {type "_ge" suffix, Lift<Operators<__VA_ARGS__>::Ge>},            \
      {type "_cmp" suffix, Lift<Operators<__VA_ARGS__>::Cmp>}

#define SUNDOG_EXTREMES(type, ...)                                  \
  {type "_larger", FastKernel<Operators<__VA_ARGS__>::Larger>},     \
      {type "_smaller", FastKernel<Operators<__VA_ARGS__>::Smaller>}

constexpr ScalarEntry kEntries[] = {
    SUNDOG_COMPARISONS("date", "", FastKernel, CompareValues<int32_t>),
    SUNDOG_COMPARISONS("time", "", FastKernel, CompareValues<int64_t>),
    SUNDOG_COMPARISONS("timestamp", "", FastKernel, CompareValues<int64_t>),
    SUNDOG_COMPARISONS("timetz", "", FastKernel, types::CompareTimetz),
    SUNDOG_COMPARISONS("interval", "", FastKernel, CompareIntervalValues),
    SUNDOG_COMPARISONS("date", "_timestamp", FastKernel, CompareDateTimestamp),
    SUNDOG_COMPARISONS("timestamp", "_date", FastKernel, CompareTimestampDate),
    SUNDOG_COMPARISONS("date", "_timestamptz", Kernel, CompareDateTimestamptz),
    SUNDOG_COMPARISONS("timestamptz", "_date", Kernel, CompareTimestamptzDate),
    SUNDOG_COMPARISONS("timestamp", "_timestamptz", Kernel, CompareTimestampTimestamptz),
    SUNDOG_COMPARISONS("timestamptz", "_timestamp", Kernel, CompareTimestamptzTimestamp),
    SUNDOG_EXTREMES("date", CompareValues<int32_t>),
    SUNDOG_EXTREMES("time", CompareValues<int64_t>),
    SUNDOG_EXTREMES("timestamp", CompareValues<int64_t>),
    SUNDOG_EXTREMES("timetz", types::CompareTimetz),
    SUNDOG_EXTREMES("interval", CompareIntervalValues),
};

}  // namespace

void RegisterDateTimeComparisonFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
