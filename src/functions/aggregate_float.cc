// sum(), avg(), the variance family and the regression family of floating point.
//
// Sums of squares are kept by Youngs and Cramer's updates, in PostgreSQL's order of operations, so
// that results agree to the last bit:
//   N += 1;  Sx += x;  Sxx += (x·N − Sx)² / (N·(N−1))
#include <cmath>
#include <limits>

#include "base/sql_error.h"
#include "functions/aggregate_kernel.h"
#include "functions/aggregates.h"

namespace sundog::functions {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void ThrowOverflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value out of range: overflow");
}

template <typename T>
struct FloatSum {
  using Value = T;
  struct State {
    T sum = 0;
    bool any = false;
  };
  static void Add(State& state, T value) {
    T sum = state.any ? state.sum + value : value;
    if (std::isinf(sum) && !std::isinf(state.sum) && !std::isinf(value)) ThrowOverflow();
    state.sum = sum;
    state.any = true;
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (!state.any) return out.SetNull(row);
    out.Set<T>(row, state.sum);
  }
};

struct Moments {
  double count = 0;
  double sum = 0;
  double squares = 0;  // of the distances from the mean

  void Add(double x) {
    double old_sum = sum;
    double old_count = count;
    count += 1;
    sum += x;
    if (old_count > 0) {
      double distance = x * count - sum;
      squares += distance * distance / (count * old_count);
      if (std::isinf(sum) || std::isinf(squares)) {
        if (!std::isinf(old_sum) && !std::isinf(x)) ThrowOverflow();
        squares = kNan;
      }
    } else if (!std::isfinite(x)) {
      squares = kNan;
    }
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

// Of pairs (Y, X), in SQL's order of arguments.
struct Regression {
  double count = 0;
  double sum_x = 0;
  double squares_x = 0;
  double sum_y = 0;
  double squares_y = 0;
  double products = 0;

  void Add(double y, double x) {
    double old_count = count;
    double old_x = sum_x;
    double old_y = sum_y;
    count += 1;
    sum_x += x;
    sum_y += y;
    if (old_count > 0) {
      double distance_x = x * count - sum_x;
      double distance_y = y * count - sum_y;
      double scale = 1.0 / (count * old_count);
      squares_x += distance_x * distance_x * scale;
      squares_y += distance_y * distance_y * scale;
      products += distance_x * distance_y * scale;
      bool finite_x = !std::isinf(old_x) && !std::isinf(x);
      bool finite_y = !std::isinf(old_y) && !std::isinf(y);
      CheckOverflow(finite_x, finite_y);
    } else {
      if (!std::isfinite(x)) squares_x = products = kNan;
      if (!std::isfinite(y)) squares_y = products = kNan;
    }
  }

  void CheckOverflow(bool finite_x, bool finite_y) {
    bool x = std::isinf(sum_x) || std::isinf(squares_x);
    bool y = std::isinf(sum_y) || std::isinf(squares_y);
    bool product = std::isinf(products);
    if ((x && finite_x) || (y && finite_y) || (product && finite_x && finite_y)) ThrowOverflow();
    if (std::isinf(squares_x)) squares_x = kNan;
    if (std::isinf(squares_y)) squares_y = kNan;
    if (product) products = kNan;
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
