// sum() and avg() of integers and numeric where the result is numeric, and the variance family of
// both. All exact: integers are summed in 64 or 128 bits, numeric in a NumericAccumulator.
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
#include "functions/integer_sum.h"
#include "types/numeric.h"
#include "types/numeric_accumulator.h"

namespace sundog::functions {

namespace {

using types::Int128;
using types::NumericAccumulator;

void SetText(Vector& out, size_t row, std::string_view bytes) {
  out.Set<std::string_view>(row, bytes);
}

// sum(int8): numeric.
struct SumToNumeric : IntegerSum<int64_t, Int128> {
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    SetText(out, row, types::NumericFromScaled(state.sum, 0, out.arena()));
  }
};

template <typename T, typename Wide>
struct IntegerAverage : IntegerSum<T, Wide> {
  using State = typename IntegerSum<T, Wide>::State;
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    base::Arena& arena = out.arena();
    SetText(out, row,
            types::NumericDivide(types::NumericFromScaled(state.sum, 0, arena),
                                 types::NumericFromInt64(state.count, arena), arena));
  }
};

// What is asked of an accumulator.
enum class Statistic { kSum, kAverage, kSampleVariance, kVariance, kSampleDeviation, kDeviation };

constexpr bool NeedsSquares(Statistic statistic) { return statistic > Statistic::kAverage; }

template <typename T, Statistic kStatistic>
struct NumericStatistic {
  using Value = T;
  struct State {
    NumericAccumulator values{NeedsSquares(kStatistic)};
  };
  static void Add(State& state, const T& value) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      state.values.Add(value);
    } else {
      state.values.AddInt(value);
    }
  }
  static void Remove(State& state, const T& value) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      state.values.Remove(value);
    } else {
      state.values.RemoveInt(value);
    }
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    constexpr bool kSample =
        kStatistic == Statistic::kSampleVariance || kStatistic == Statistic::kSampleDeviation;
    NumericAccumulator& values = state.values;
    if (values.count() < (kSample ? 2 : 1)) return out.SetNull(row);
    if constexpr (kStatistic == Statistic::kSum) {
      SetText(out, row, values.Sum(out.arena()));
    } else if constexpr (kStatistic == Statistic::kAverage) {
      SetText(out, row, values.Average(out.arena()));
    } else if constexpr (kStatistic == Statistic::kSampleDeviation ||
                         kStatistic == Statistic::kDeviation) {
      SetText(out, row, values.StandardDeviation(kSample, out.arena()));
    } else {
      SetText(out, row, values.Variance(kSample, out.arena()));
    }
  }
};

template <typename T, Statistic kStatistic>
constexpr AggregateImplementation Numeric = AggregateOf<NumericStatistic<T, kStatistic>>;

using std::string_view;

const AggregateEntry kSums[] = {
    {"sum(int8)", AggregateOf<SumToNumeric>},
    {"sum(numeric)", Numeric<string_view, Statistic::kSum>},
    {"avg(int2)", AggregateOf<IntegerAverage<int16_t, int64_t>>},
    {"avg(int4)", AggregateOf<IntegerAverage<int32_t, int64_t>>},
    {"avg(int8)", AggregateOf<IntegerAverage<int64_t, Int128>>},
    {"avg(numeric)", Numeric<string_view, Statistic::kAverage>},
};

const AggregateEntry kVariances[] = {
    {"variance(int2)", Numeric<int16_t, Statistic::kSampleVariance>},
    {"variance(int4)", Numeric<int32_t, Statistic::kSampleVariance>},
    {"variance(int8)", Numeric<int64_t, Statistic::kSampleVariance>},
    {"variance(numeric)", Numeric<string_view, Statistic::kSampleVariance>},
    {"var_samp(int2)", Numeric<int16_t, Statistic::kSampleVariance>},
    {"var_samp(int4)", Numeric<int32_t, Statistic::kSampleVariance>},
    {"var_samp(int8)", Numeric<int64_t, Statistic::kSampleVariance>},
    {"var_samp(numeric)", Numeric<string_view, Statistic::kSampleVariance>},
    {"var_pop(int2)", Numeric<int16_t, Statistic::kVariance>},
    {"var_pop(int4)", Numeric<int32_t, Statistic::kVariance>},
    {"var_pop(int8)", Numeric<int64_t, Statistic::kVariance>},
    {"var_pop(numeric)", Numeric<string_view, Statistic::kVariance>},
    {"stddev(int2)", Numeric<int16_t, Statistic::kSampleDeviation>},
    {"stddev(int4)", Numeric<int32_t, Statistic::kSampleDeviation>},
    {"stddev(int8)", Numeric<int64_t, Statistic::kSampleDeviation>},
    {"stddev(numeric)", Numeric<string_view, Statistic::kSampleDeviation>},
    {"stddev_samp(int2)", Numeric<int16_t, Statistic::kSampleDeviation>},
    {"stddev_samp(int4)", Numeric<int32_t, Statistic::kSampleDeviation>},
    {"stddev_samp(int8)", Numeric<int64_t, Statistic::kSampleDeviation>},
    {"stddev_samp(numeric)", Numeric<string_view, Statistic::kSampleDeviation>},
    {"stddev_pop(int2)", Numeric<int16_t, Statistic::kDeviation>},
    {"stddev_pop(int4)", Numeric<int32_t, Statistic::kDeviation>},
    {"stddev_pop(int8)", Numeric<int64_t, Statistic::kDeviation>},
    {"stddev_pop(numeric)", Numeric<string_view, Statistic::kDeviation>},
};

}  // namespace

void RegisterNumericAggregates(Implementations& table) {
  table.Add(std::span(kSums));
  table.Add(std::span(kVariances));
}

}  // namespace sundog::functions
