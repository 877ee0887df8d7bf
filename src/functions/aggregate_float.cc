// sum(), avg(), the variance family and the regression family of floating point.
#include <cmath>

#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"
#include "functions/float_moments.h"

namespace sundog::functions {

namespace {

template <typename T>
struct FloatSum {
  using Value = T;
  struct State {
    T sum = 0;
    bool any = false;
  };
  static void Add(State& state, T value) {
    T sum = state.any ? state.sum + value : value;
    if (std::isinf(sum) && !std::isinf(state.sum) && !std::isinf(value)) ThrowFloatOverflow();
    state.sum = sum;
    state.any = true;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<T>(row, state.sum);
  }
};

enum class Statistic { kAverage, kSampleVariance, kVariance, kSampleDeviation, kDeviation };

template <typename T, Statistic kStatistic>
struct FloatStatistic {
  using Value = T;
  using State = Moments;
  static void Add(State& state, T value) { state.Add(static_cast<double>(value)); }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    constexpr bool kSample =
        kStatistic == Statistic::kSampleVariance || kStatistic == Statistic::kSampleDeviation;
    if (state.count < (kSample ? 2 : 1)) return out.SetNull(row);
    if constexpr (kStatistic == Statistic::kAverage) {
      out.Set<double>(row, state.sum / state.count);
      return;
    }
    double variance = state.squares / (kSample ? state.count - 1 : state.count);
    constexpr bool kRoot =
        kStatistic == Statistic::kSampleDeviation || kStatistic == Statistic::kDeviation;
    out.Set<double>(row, kRoot ? std::sqrt(variance) : variance);
  }
};

// Each returns the statistic; `defined` is false for SQL null. Called with count ≥ 1.
double RegrSxx(const Regression& r, bool&) { return r.squares_x; }
double RegrSyy(const Regression& r, bool&) { return r.squares_y; }
double RegrSxy(const Regression& r, bool&) { return r.products; }
double RegrAvgX(const Regression& r, bool&) { return r.sum_x / r.count; }
double RegrAvgY(const Regression& r, bool&) { return r.sum_y / r.count; }
double CovarPop(const Regression& r, bool&) { return r.products / r.count; }
double CovarSamp(const Regression& r, bool& defined) {
  defined = r.count >= 2;
  return defined ? r.products / (r.count - 1) : 0;
}
double Corr(const Regression& r, bool& defined) {
  defined = r.squares_x != 0 && r.squares_y != 0;
  return defined ? r.products / std::sqrt(r.squares_x * r.squares_y) : 0;
}
double RegrR2(const Regression& r, bool& defined) {
  defined = r.squares_x != 0;
  if (!defined) return 0;
  if (r.squares_y == 0) return 1;
  return (r.products * r.products) / (r.squares_x * r.squares_y);
}
double RegrSlope(const Regression& r, bool& defined) {
  defined = r.squares_x != 0;
  return defined ? r.products / r.squares_x : 0;
}
double RegrIntercept(const Regression& r, bool& defined) {
  defined = r.squares_x != 0;
  return defined ? (r.sum_y - r.sum_x * r.products / r.squares_x) / r.count : 0;
}

template <auto Function>
struct RegressionStatistic {
  using Value = double;
  using Second = double;
  using State = Regression;
  static void Add(State& state, double y, double x) { state.Add(y, x); }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    bool defined = state.count >= 1;
    double result = defined ? Function(state, defined) : 0;
    if (!defined) return out.SetNull(row);
    out.Set<double>(row, result);
  }
};

struct RegressionCount {
  using Value = double;
  using Second = double;
  using State = int64_t;
  static void Add(State& state, double, double) { ++state; }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    out.Set<int64_t>(row, state);
  }
};

template <typename T, Statistic kStatistic>
constexpr AggregateImplementation Float = AggregateOf<FloatStatistic<T, kStatistic>>;
template <auto Function>
constexpr AggregateImplementation Pairs = AggregateOf<RegressionStatistic<Function>>;

const AggregateEntry kEntries[] = {
    {"sum(float4)", AggregateOf<FloatSum<float>>},
    {"sum(float8)", AggregateOf<FloatSum<double>>},
    {"avg(float4)", Float<float, Statistic::kAverage>},
    {"avg(float8)", Float<double, Statistic::kAverage>},
    {"variance(float4)", Float<float, Statistic::kSampleVariance>},
    {"variance(float8)", Float<double, Statistic::kSampleVariance>},
    {"var_samp(float4)", Float<float, Statistic::kSampleVariance>},
    {"var_samp(float8)", Float<double, Statistic::kSampleVariance>},
    {"var_pop(float4)", Float<float, Statistic::kVariance>},
    {"var_pop(float8)", Float<double, Statistic::kVariance>},
    {"stddev(float4)", Float<float, Statistic::kSampleDeviation>},
    {"stddev(float8)", Float<double, Statistic::kSampleDeviation>},
    {"stddev_samp(float4)", Float<float, Statistic::kSampleDeviation>},
    {"stddev_samp(float8)", Float<double, Statistic::kSampleDeviation>},
    {"stddev_pop(float4)", Float<float, Statistic::kDeviation>},
    {"stddev_pop(float8)", Float<double, Statistic::kDeviation>},
    {"regr_count(float8,float8)", AggregateOf<RegressionCount>},
    {"regr_sxx(float8,float8)", Pairs<RegrSxx>},
    {"regr_syy(float8,float8)", Pairs<RegrSyy>},
    {"regr_sxy(float8,float8)", Pairs<RegrSxy>},
    {"regr_avgx(float8,float8)", Pairs<RegrAvgX>},
    {"regr_avgy(float8,float8)", Pairs<RegrAvgY>},
    {"regr_r2(float8,float8)", Pairs<RegrR2>},
    {"regr_slope(float8,float8)", Pairs<RegrSlope>},
    {"regr_intercept(float8,float8)", Pairs<RegrIntercept>},
    {"covar_pop(float8,float8)", Pairs<CovarPop>},
    {"covar_samp(float8,float8)", Pairs<CovarSamp>},
    {"corr(float8,float8)", Pairs<Corr>},
};

}  // namespace

void RegisterFloatAggregates(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
