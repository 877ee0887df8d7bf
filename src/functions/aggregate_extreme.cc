// min() and max(). Numbers compare inline; every other type by its own order (TypeOps::compare),
// which for bpchar ignores trailing spaces, for enums goes by label order, and so on.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
#include "types/type_info.h"

namespace sundog::functions {

namespace {

// NaN is the greatest float, and equal to itself.
template <typename T>
bool Less(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(b) ? !std::isnan(a) : a < b;
  } else {
    return a < b;
  }
}

template <typename T, bool kMax>
struct Extreme {
  using Value = T;
  struct State {
    T value{};
    bool any = false;
  };
  static void Add(State& state, const T& value) {
    // Of equal values the last stays: of 0 and -0 that shows.
    if (!state.any || !(kMax ? Less(value, state.value) : Less(state.value, value))) {
      state = {value, true};
    }
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<T>(row, state.value);
  }
};

// Fixed-width types that compare through their TypeOps.
template <typename T, bool kMax>
struct OrderedExtreme {
  using Value = T;
  using State = typename Extreme<T, kMax>::State;
  static void Add(CallContext& call, State& state, const T& value) {
    if (state.any) {
      const types::TypeInfo& type = call.argument_type_info(0);
      int order = type.ops->compare(call.types(), type, Datum::From(value),
                                    Datum::From(state.value));
      if (order != 0 && (order < 0) == kMax) return;
    }
    state = {value, true};
  }
  static void Finish(CallContext& call, State& state, Vector& out, size_t row) {
    Extreme<T, kMax>::Finish(call, state, out, row);
  }
};

// A varlen value in memory of its own, reused while values fit.
struct OwnedBytes {
  char* bytes = nullptr;
  uint32_t size = 0;
  uint32_t capacity = 0;
  bool any = false;
  const types::TypeInfo* type = nullptr;  // set with the first value

  OwnedBytes() = default;
  OwnedBytes(const OwnedBytes&) = delete;
  OwnedBytes& operator=(const OwnedBytes&) = delete;
  ~OwnedBytes() { std::free(bytes); }

  std::string_view view() const { return {bytes, size}; }
  void Assign(std::string_view value) {
    if (value.size() > capacity) {
      capacity = static_cast<uint32_t>(value.size());
      std::free(bytes);
      bytes = static_cast<char*>(std::malloc(capacity));
      CHECK(bytes != nullptr);
    }
    if (!value.empty()) std::memcpy(bytes, value.data(), value.size());
    size = static_cast<uint32_t>(value.size());
    any = true;
  }
};

// Of equal values that print differently (1.0 and 1.00) the last one stays, as in PostgreSQL; of
// bpchar the first.
template <bool kMax, bool kKeepsFirst = false>
struct VarlenExtreme {
  using Value = std::string_view;
  using State = OwnedBytes;
  static void Add(CallContext& call, State& state, const std::string_view& value) {
    if (!state.any) {
      state.type = &call.argument_type_info(0);
    } else {
      int order = state.type->ops->compare(call.types(), *state.type, Datum::From(value),
                                           Datum::From(state.view()));
      if (order == 0 ? kKeepsFirst : (order < 0) == kMax) return;
    }
    state.Assign(value);
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<std::string_view>(row, out.CopyBytes(state.view()));
  }
};

#define SUNDOG_EXTREMES(type, Policy, ...)                   \
  {"max(" type ")", AggregateOf<Policy<__VA_ARGS__, true>>}, \
      {"min(" type ")", AggregateOf<Policy<__VA_ARGS__, false>>}
#define SUNDOG_VARLEN_EXTREMES(type)                     \
  {"max(" type ")", AggregateOf<VarlenExtreme<true>>}, \
      {"min(" type ")", AggregateOf<VarlenExtreme<false>>}

const AggregateEntry kEntries[] = {
    SUNDOG_EXTREMES("int2", Extreme, int16_t),
    SUNDOG_EXTREMES("int4", Extreme, int32_t),
    SUNDOG_EXTREMES("int8", Extreme, int64_t),
    SUNDOG_EXTREMES("oid", Extreme, uint32_t),
    SUNDOG_EXTREMES("float4", Extreme, float),
    SUNDOG_EXTREMES("float8", Extreme, double),
    SUNDOG_EXTREMES("money", Extreme, int64_t),
    SUNDOG_EXTREMES("date", Extreme, int32_t),
    SUNDOG_EXTREMES("time", Extreme, int64_t),
    SUNDOG_EXTREMES("timestamp", Extreme, int64_t),
    SUNDOG_EXTREMES("timestamptz", Extreme, int64_t),
    SUNDOG_EXTREMES("timetz", OrderedExtreme, types::TimeTz),
    SUNDOG_EXTREMES("interval", OrderedExtreme, types::Interval),
    SUNDOG_EXTREMES("anyenum", OrderedExtreme, uint32_t),
    SUNDOG_EXTREMES("tid", OrderedExtreme, int64_t),
    SUNDOG_EXTREMES("pg_lsn", OrderedExtreme, int64_t),
    SUNDOG_EXTREMES("xid8", OrderedExtreme, int64_t),
    SUNDOG_VARLEN_EXTREMES("text"),
    {"max(bpchar)", AggregateOf<VarlenExtreme<true, true>>},
    {"min(bpchar)", AggregateOf<VarlenExtreme<false, true>>},
    SUNDOG_VARLEN_EXTREMES("numeric"),
    SUNDOG_VARLEN_EXTREMES("anyarray"),
    SUNDOG_VARLEN_EXTREMES("inet"),
};

#undef SUNDOG_EXTREMES
#undef SUNDOG_VARLEN_EXTREMES

}  // namespace

void RegisterExtremeAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
