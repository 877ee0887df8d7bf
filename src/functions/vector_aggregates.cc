// avg and sum of vector and halfvec, and the transition functions behind avg, which SQL may call.
// These keep float8[] of one element more than there are dimensions: the number of rows first.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "base/sql_error.h"
#include "functions/aggregate_kernel.h"
#include "functions/dense_vector_math.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/array.h"

namespace sundog::functions {

namespace {

using std::string_view;
using types::ArrayReader;

// The sums of a number of vectors, element by element.
struct VectorSums {
  double count = 0;
  std::vector<double> sums;  // empty: no vector yet
};

double CheckedSum(double a, double b) {
  double sum = a + b;
  if (std::isinf(sum)) ThrowFloatOverflow();
  return sum;
}

template <typename Stored>
void AddTo(VectorSums& state, string_view value) {
  Dense<Stored> x(value);
  if (state.sums.empty()) {
    state.sums.resize(static_cast<size_t>(x.size()));
  } else {
    types::CheckExpectedDimensions(static_cast<int32_t>(state.sums.size()), x.size());
  }
  state.count += 1;
  for (int32_t i = 0; i < x.size(); ++i) {
    double& sum = state.sums[static_cast<size_t>(i)];
    sum = CheckedSum(sum, x.At(i));
  }
}

template <typename Stored>
string_view Average(const VectorSums& state, base::Arena& arena) {
  const char* type = types::kVectorTypeName<Stored>;
  auto count = static_cast<int64_t>(state.sums.size());
  types::CheckVectorDimensions(type, count);
  types::DenseBuilder<Stored> result(static_cast<int32_t>(count), arena);
  for (int32_t i = 0; i < count; ++i) {
    result.Set(i, static_cast<float>(state.sums[static_cast<size_t>(i)] / state.count));
    types::CheckVectorElement(type, Dense<Stored>(result.value()).At(i));
  }
  return result.value();
}

// --- aggregates ---

template <typename Stored>
struct AvgVector {
  using Value = string_view;
  using State = VectorSums;
  static void Add(State& state, const Value& value) { AddTo<Stored>(state, value); }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.count == 0) return out.SetNull(row);
    out.Set<string_view>(row, Average<Stored>(state, out.arena()));
  }
};

template <typename Stored>
struct SumVector {
  using Value = string_view;
  struct State {
    std::string bytes;  // empty: no vector yet
  };
  static void Add(State& state, const Value& value) {
    if (state.bytes.empty()) {
      state.bytes = value;
      return;
    }
    Dense<Stored> sum(state.bytes);
    Dense<Stored> x(value);
    CheckSameDimensions(sum, x);
    for (int32_t i = 0; i < x.size(); ++i) {
      auto element = RoundedElement<Stored>(sum.At(i) + x.At(i));
      std::memcpy(state.bytes.data() + static_cast<size_t>(i) * sizeof element, &element,
                  sizeof element);
    }
  }
  static void Finish(CallContext&, State& state, Vector& out, size_t row) {
    if (state.bytes.empty()) return out.SetNull(row);
    out.Set<string_view>(row, out.CopyBytes(state.bytes));
  }
};

// --- the functions behind avg ---

VectorSums SumsOf(string_view bytes, const char* caller) {
  ArrayReader array(bytes);
  if (array.dimensions() != 1 || array.has_nulls()) {
    throw SqlError(sqlstate::kInternalError, fmt::format("{}: expected state array", caller));
  }
  VectorSums state;
  state.count = array.ValueAt<double>(0);
  for (int32_t i = 1; i < array.size(); ++i) state.sums.push_back(array.ValueAt<double>(i));
  return state;
}

string_view StateArray(const VectorSums& state, base::Arena& arena) {
  types::ArrayBuilder array(types::oids::kFloat8, types::PhysicalKind::kFloat64);
  array.Append(Datum::From(state.count));
  for (double sum : state.sums) array.Append(Datum::From(sum));
  return array.Finish(arena);
}

template <typename Stored>
string_view Accumulate(CallContext& call, string_view state, string_view value) {
  bool is_half = sizeof(Stored) == 2;
  VectorSums sums = SumsOf(state, is_half ? "halfvec_accum" : "vector_accum");
  AddTo<Stored>(sums, value);
  return StateArray(sums, call.arena());
}

template <typename Stored>
std::optional<string_view> Final(CallContext& call, string_view state) {
  VectorSums sums = SumsOf(state, sizeof(Stored) == 2 ? "halfvec_avg" : "vector_avg");
  if (sums.count == 0) return std::nullopt;
  return Average<Stored>(sums, call.arena());
}

string_view Combine(CallContext& call, string_view a, string_view b) {
  VectorSums left = SumsOf(a, "vector_combine");
  VectorSums right = SumsOf(b, "vector_combine");
  if (left.sums.empty()) left.sums.swap(right.sums);
  auto count = static_cast<int64_t>(left.sums.size());
  if (count > 0) types::CheckVectorDimensions("vector", count);
  if (!right.sums.empty()) {
    types::CheckExpectedDimensions(static_cast<int32_t>(count),
                                   static_cast<int64_t>(right.sums.size()));
  }
  for (size_t i = 0; i < right.sums.size(); ++i) {
    left.sums[i] = CheckedSum(left.sums[i], right.sums[i]);
  }
  left.count += right.count;
  return StateArray(left, call.arena());
}

using Half = uint16_t;

const AggregateEntry kAggregates[] = {
    {"avg(vector)", AggregateOf<AvgVector<float>>},
    {"avg(halfvec)", AggregateOf<AvgVector<Half>>},
    {"sum(vector)", AggregateOf<SumVector<float>>},
    {"sum(halfvec)", AggregateOf<SumVector<Half>>},
};

constexpr ScalarEntry kEntries[] = {
    {"vector_accum(_float8,vector)", Kernel<Accumulate<float>>},
    {"vector_avg(_float8)", Kernel<Final<float>>},
    {"vector_combine(_float8,_float8)", Kernel<Combine>},
    {"halfvec_accum(_float8,halfvec)", Kernel<Accumulate<Half>>},
    {"halfvec_avg(_float8)", Kernel<Final<Half>>},
    {"halfvec_combine(_float8,_float8)", Kernel<Combine>},
};

}  // namespace

void RegisterVectorAggregates(Implementations& table) {
  table.Add(std::span(kAggregates));
  table.Add(std::span(kEntries));
}

}  // namespace sundog::functions
