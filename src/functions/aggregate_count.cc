// count(*), count(x), and the boolean and bit aggregates.
#include <string>

#include "base/sql_error.h"
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
#include "types/bit_string.h"

namespace sundog::functions {

namespace {

int64_t& Counter(void* state) { return *static_cast<int64_t*>(state); }

void CountInitialize(CallContext&, void* state) { Counter(state) = 0; }

void CountFinalize(CallContext&, void* state, Vector& out, size_t row) {
  out.Set<int64_t>(row, Counter(state));
}

void CountRows(CallContext&, void* const* states, std::span<const Vector* const>, RowSet rows) {
  rows.ForEach([&](size_t row) { ++Counter(states[row]); });
}

void CountRowsOne(CallContext&, void* state, std::span<const Vector* const>, RowSet rows) {
  Counter(state) += static_cast<int64_t>(rows.count());
}

void UncountRowsOne(CallContext&, void* state, std::span<const Vector* const>, RowSet rows) {
  Counter(state) -= static_cast<int64_t>(rows.count());
}

void CountValues(CallContext&, void* const* states, std::span<const Vector* const> arguments,
                 RowSet rows) {
  const Vector& values = *arguments[0];
  if (!values.may_have_nulls()) {
    rows.ForEach([&](size_t row) { ++Counter(states[row]); });
  } else {
    rows.ForEach([&](size_t row) { Counter(states[row]) += values.IsNull(row) ? 0 : 1; });
  }
}

int64_t NotNullCount(const Vector& values, RowSet rows) {
  if (!values.may_have_nulls()) return static_cast<int64_t>(rows.count());
  int64_t count = 0;
  rows.ForEach([&](size_t row) { count += values.IsNull(row) ? 0 : 1; });
  return count;
}

void CountValuesOne(CallContext&, void* state, std::span<const Vector* const> arguments,
                    RowSet rows) {
  Counter(state) += NotNullCount(*arguments[0], rows);
}

void UncountValuesOne(CallContext&, void* state, std::span<const Vector* const> arguments,
                      RowSet rows) {
  Counter(state) -= NotNullCount(*arguments[0], rows);
}

constexpr AggregateImplementation CountLike(
    decltype(AggregateImplementation::update) update,
    decltype(AggregateImplementation::update_one) update_one,
    decltype(AggregateImplementation::retract_one) retract_one) {
  return {.state_bytes = 16,
          .initialize = CountInitialize,
          .update = update,
          .update_one = update_one,
          .retract_one = retract_one,
          .finalize = CountFinalize};
}

struct BoolState {
  int64_t false_count = 0;
  int64_t true_count = 0;
};

template <bool kAnd>
struct BoolAggregate {
  using Value = bool;
  using State = BoolState;
  static void Add(State& state, bool value) { ++(value ? state.true_count : state.false_count); }
  static void Remove(State& state, bool value) {
    --(value ? state.true_count : state.false_count);
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.false_count + state.true_count == 0) return out.SetNull(row);
    out.Set<bool>(row, kAnd ? state.false_count == 0 : state.true_count > 0);
  }
};

enum class BitOperation { kAnd, kOr, kXor };

template <typename T, BitOperation kOperation>
struct BitAggregate {
  using Value = T;
  struct State {
    T value = 0;
    bool any = false;
  };
  static void Add(State& state, T value) {
    if (!state.any) {
      state = {value, true};
    } else if constexpr (kOperation == BitOperation::kAnd) {
      state.value = static_cast<T>(state.value & value);
    } else if constexpr (kOperation == BitOperation::kOr) {
      state.value = static_cast<T>(state.value | value);
    } else {
      state.value = static_cast<T>(state.value ^ value);
    }
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<T>(row, state.value);
  }
};

// Of bit strings, which must all have the same length.
template <BitOperation kOperation>
struct BitStringAggregate {
  using Value = std::string_view;
  struct State {
    std::string bits;
    bool any = false;
  };
  static void Add(State& state, std::string_view value) {
    if (!state.any) {
      state.bits = value;
      state.any = true;
      return;
    }
    if (types::BitView(state.bits).size() != types::BitView(value).size()) {
      constexpr const char* kName = kOperation == BitOperation::kAnd  ? "AND"
                                    : kOperation == BitOperation::kOr ? "OR"
                                                                      : "XOR";
      throw SqlError(sqlstate::kStringDataLengthMismatch,
                     std::string("cannot ") + kName + " bit strings of different sizes");
    }
    for (size_t i = 4; i < value.size(); ++i) {
      auto a = static_cast<uint8_t>(state.bits[i]);
      auto b = static_cast<uint8_t>(value[i]);
      state.bits[i] = static_cast<char>(kOperation == BitOperation::kAnd  ? a & b
                                        : kOperation == BitOperation::kOr ? a | b
                                                                          : a ^ b);
    }
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<std::string_view>(row, out.CopyBytes(state.bits));
  }
};

const AggregateEntry kEntries[] = {
    {"bit_and(bit)", AggregateOf<BitStringAggregate<BitOperation::kAnd>>},
    {"bit_or(bit)", AggregateOf<BitStringAggregate<BitOperation::kOr>>},
    {"bit_xor(bit)", AggregateOf<BitStringAggregate<BitOperation::kXor>>},
    {"count()", CountLike(CountRows, CountRowsOne, UncountRowsOne)},
    {"count(any)", CountLike(CountValues, CountValuesOne, UncountValuesOne)},
    {"bool_and(bool)", AggregateOf<BoolAggregate<true>>},
    {"every(bool)", AggregateOf<BoolAggregate<true>>},
    {"bool_or(bool)", AggregateOf<BoolAggregate<false>>},
    {"bit_and(int2)", AggregateOf<BitAggregate<int16_t, BitOperation::kAnd>>},
    {"bit_and(int4)", AggregateOf<BitAggregate<int32_t, BitOperation::kAnd>>},
    {"bit_and(int8)", AggregateOf<BitAggregate<int64_t, BitOperation::kAnd>>},
    {"bit_or(int2)", AggregateOf<BitAggregate<int16_t, BitOperation::kOr>>},
    {"bit_or(int4)", AggregateOf<BitAggregate<int32_t, BitOperation::kOr>>},
    {"bit_or(int8)", AggregateOf<BitAggregate<int64_t, BitOperation::kOr>>},
    {"bit_xor(int2)", AggregateOf<BitAggregate<int16_t, BitOperation::kXor>>},
    {"bit_xor(int4)", AggregateOf<BitAggregate<int32_t, BitOperation::kXor>>},
    {"bit_xor(int8)", AggregateOf<BitAggregate<int64_t, BitOperation::kXor>>},
};

}  // namespace

void RegisterCountAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
