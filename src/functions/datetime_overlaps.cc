// OVERLAPS: whether two periods, each given by its ends or by an end and a length, have a moment in
// common. Periods hold their start but not their end, unless that is all they are.
#include <optional>
#include <utility>

#include "functions/datetime_arithmetic.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/time_of_day.h"

namespace sundog::functions {

namespace {

using std::optional;
using types::TimeTz;

int CompareEnds(int64_t a, int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }
int CompareEnds(TimeTz a, TimeTz b) { return types::CompareTimetz(a, b); }

// A null end stands for one nobody knows, so that the answer may be unknown too.
template <typename T>
optional<bool> Overlap(optional<T> start1, optional<T> end1, optional<T> start2,
                       optional<T> end2) {
  auto order = [](optional<T>& start, optional<T>& end) {
    if (!start.has_value()) std::swap(start, end);
    if (start.has_value() && end.has_value() && CompareEnds(*start, *end) > 0) {
      std::swap(start, end);
    }
    return start.has_value();
  };
  if (!order(start1, end1) || !order(start2, end2)) return std::nullopt;
  int starts = CompareEnds(*start1, *start2);
  if (starts == 0) {
    if (!end1.has_value() || !end2.has_value()) return std::nullopt;
    return true;
  }
  const T& later_start = starts > 0 ? *start1 : *start2;
  const optional<T>& earlier_end = starts > 0 ? end2 : end1;
  const optional<T>& later_end = starts > 0 ? end1 : end2;
  if (!earlier_end.has_value()) return std::nullopt;
  if (CompareEnds(later_start, *earlier_end) < 0) return true;
  if (!later_end.has_value()) return std::nullopt;
  return false;
}

template <typename T>
optional<T> Known(const Nullable<T>& value) {
  return value.is_null ? std::nullopt : optional<T>(value.value);
}

// What a start and a length make of the types that OVERLAPS knows.
struct ByTime {
  using Value = int64_t;
  static int64_t Add(CallContext&, int64_t time, const Interval& length) {
    return WrapAroundClock(time, length.micros);
  }
};
struct ByTimestamp {
  using Value = int64_t;
  static int64_t Add(CallContext&, int64_t timestamp, const Interval& length) {
    return AddToTimestamp(timestamp, length);
  }
};
struct ByTimestamptz {
  using Value = int64_t;
  static int64_t Add(CallContext& call, int64_t timestamptz, const Interval& length) {
    return AddToTimestamptz(SessionZone(call), timestamptz, length);
  }
};

template <typename Type>
optional<typename Type::Value> End(CallContext& call, const Nullable<typename Type::Value>& start,
                                   const Nullable<Interval>& length) {
  if (start.is_null || length.is_null) return std::nullopt;
  return Type::Add(call, start.value, length.value);
}

template <typename T>
optional<bool> Ends(Nullable<T> start1, Nullable<T> end1, Nullable<T> start2, Nullable<T> end2) {
  return Overlap<T>(Known(start1), Known(end1), Known(start2), Known(end2));
}

template <typename Type, typename T = typename Type::Value>
optional<bool> LengthAndLength(CallContext& call, Nullable<T> start1, Nullable<Interval> length1,
                               Nullable<T> start2, Nullable<Interval> length2) {
  return Overlap<T>(Known(start1), End<Type>(call, start1, length1), Known(start2),
                    End<Type>(call, start2, length2));
}
template <typename Type, typename T = typename Type::Value>
optional<bool> EndAndLength(CallContext& call, Nullable<T> start1, Nullable<T> end1,
                            Nullable<T> start2, Nullable<Interval> length2) {
  return Overlap<T>(Known(start1), Known(end1), Known(start2), End<Type>(call, start2, length2));
}
template <typename Type, typename T = typename Type::Value>
optional<bool> LengthAndEnd(CallContext& call, Nullable<T> start1, Nullable<Interval> length1,
                            Nullable<T> start2, Nullable<T> end2) {
  return Overlap<T>(Known(start1), End<Type>(call, start1, length1), Known(start2), Known(end2));
}

#define SUNDOG_OVERLAPS(type, Type)                                                      \
  {"overlaps(" type ",interval," type ",interval)", Kernel<LengthAndLength<Type>>},      \
      {"overlaps(" type "," type "," type ",interval)", Kernel<EndAndLength<Type>>},     \
      {"overlaps(" type ",interval," type "," type ")", Kernel<LengthAndEnd<Type>>}

constexpr ScalarEntry kEntries[] = {
    {"overlaps_time", Kernel<Ends<int64_t>>},
    {"overlaps_timestamp", Kernel<Ends<int64_t>>},
    {"overlaps_timetz", Kernel<Ends<TimeTz>>},
    SUNDOG_OVERLAPS("time", ByTime),
    SUNDOG_OVERLAPS("timestamp", ByTimestamp),
    SUNDOG_OVERLAPS("timestamptz", ByTimestamptz),
};

}  // namespace

void RegisterOverlaps(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
