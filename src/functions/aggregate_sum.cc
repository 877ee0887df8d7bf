// sum() of small integers (bigint), money and interval, and avg() of interval.
#include "base/sql_error.h"
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
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

using types::Interval;

[[noreturn]] void ThrowIntervalRange() {
  throw SqlError(sqlstate::kDatetimeValueOutOfRange, "interval out of range");
}

Interval AddIntervals(const Interval& a, const Interval& b, bool subtract) {
  Interval sum;
  bool overflow =
      subtract ? __builtin_sub_overflow(a.months, b.months, &sum.months) ||
                     __builtin_sub_overflow(a.days, b.days, &sum.days) ||
                     __builtin_sub_overflow(a.micros, b.micros, &sum.micros)
               : __builtin_add_overflow(a.months, b.months, &sum.months) ||
                     __builtin_add_overflow(a.days, b.days, &sum.days) ||
                     __builtin_add_overflow(a.micros, b.micros, &sum.micros);
  if (overflow) ThrowIntervalRange();
  return sum;
}

struct IntervalSum {
  using Value = Interval;
  struct State {
    Interval sum;
    int64_t count = 0;
  };
  static void Add(State& state, const Interval& value) {
    state.sum = AddIntervals(state.sum, value, false);
    ++state.count;
  }
  static void Remove(State& state, const Interval& value) {
    state.sum = AddIntervals(state.sum, value, true);
    --state.count;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<Interval>(row, state.sum);
  }
};

// Divides as PostgreSQL's interval_div does: what is left of months becomes days, of days time.
struct IntervalAverage : IntervalSum {
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    constexpr double kDaysAMonth = 30;
    constexpr double kSecondsADay = 86400;
    constexpr double kMicros = 1000000;
    auto rounded_to_micros = [](double x) { return __builtin_rint(x * kMicros) / kMicros; };
    const Interval& sum = state.sum;
    double divisor = static_cast<double>(state.count);
    Interval result;
    result.months = static_cast<int32_t>(sum.months / divisor);
    result.days = static_cast<int32_t>(sum.days / divisor);
    double month_rest_days = (sum.months / divisor - result.months) * kDaysAMonth;
    month_rest_days = rounded_to_micros(month_rest_days);
    double seconds = (sum.days / divisor - result.days + month_rest_days -
                      static_cast<int32_t>(month_rest_days)) *
                     kSecondsADay;
    seconds = rounded_to_micros(seconds);
    if (__builtin_fabs(seconds) >= kSecondsADay) {
      result.days += static_cast<int32_t>(seconds / kSecondsADay);
      seconds -= static_cast<int32_t>(seconds / kSecondsADay) * kSecondsADay;
    }
    result.days += static_cast<int32_t>(month_rest_days);
    result.micros = static_cast<int64_t>(__builtin_rint(
        static_cast<double>(sum.micros) / divisor + seconds * kMicros));
    out.Set<Interval>(row, result);
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
