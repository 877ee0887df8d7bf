// sum() of small integers (bigint), money and interval, and avg() of interval.
#include "base/sql_error.h"
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
#include "functions/datetime_arithmetic.h"
#include "functions/integer_sum.h"

namespace sundog::functions {

namespace {

// sum(int2), sum(int4): bigint.
template <typename T>
struct SumToInt64 : IntegerSum<T, int64_t> {
  using State = typename IntegerSum<T, int64_t>::State;
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<int64_t>(row, state.sum);
  }
};

struct MoneySum : IntegerSum<int64_t, int64_t> {
  static void Add(State& state, int64_t value) {
    if (__builtin_add_overflow(state.sum, value, &state.sum)) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "money out of range");
    }
    ++state.count;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<int64_t>(row, state.sum);
  }
};


struct IntervalSum {
  using Value = Interval;
  struct State {
    Interval sum;
    int64_t count = 0;
  };
  static void Add(State& state, const Interval& value) {
    state.sum = AddIntervals(state.sum, value);
    ++state.count;
  }
  static void Remove(State& state, const Interval& value) {
    state.sum = SubtractIntervals(state.sum, value);
    --state.count;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<Interval>(row, state.sum);
  }
};

struct IntervalAverage : IntervalSum {
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<Interval>(row, DivideInterval(state.sum, static_cast<double>(state.count)));
  }
};

const AggregateEntry kEntries[] = {
    {"sum(int2)", AggregateOf<SumToInt64<int16_t>>},
    {"sum(int4)", AggregateOf<SumToInt64<int32_t>>},
    {"sum(money)", AggregateOf<MoneySum>},
    {"sum(interval)", AggregateOf<IntervalSum>},
    {"avg(interval)", AggregateOf<IntervalAverage>},
};

}  // namespace

void RegisterSumAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
