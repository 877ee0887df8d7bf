// The transition and combine functions of the floating-point aggregates, as SQL can call them:
// their state is a float8 array of count, sum and sum of squares, of pairs those of X, then of Y,
// then the sum of products.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/datum_kernel.h"
#include "functions/families.h"
#include "functions/float_moments.h"
#include "functions/implementations.h"
#include "types/array.h"

namespace sundog::functions {

namespace {

template <size_t kSize>
void ReadState(const Datum& array, const char* function, double* const (&fields)[kSize]) {
  types::ArrayReader reader(array.As<std::string_view>());
  bool fits = reader.dimensions() == 1 && reader.size() == static_cast<int32_t>(kSize);
  for (int32_t i = 0; fits && i < reader.size(); ++i) {
    Datum value = reader.At(i);
    fits = !value.is_null();
    if (fits) *fields[i] = value.As<double>();
  }
  if (fits) return;
  throw SqlError(sqlstate::kInternalError,
                 fmt::format("{}: expected {}-element float8 array", function, kSize));
}

template <size_t kSize>
Datum WriteState(CallContext& call, double* const (&fields)[kSize]) {
  types::ArrayBuilder builder(types::oids::kFloat8, types::PhysicalKind::kFloat64);
  for (double* field : fields) builder.Append(Datum::From(*field));
  return Datum::From(builder.Finish(call.arena()));
}

struct MomentsState : Moments {
  double* fields[3] = {&count, &sum, &squares};
};

struct RegressionState : Regression {
  double* fields[6] = {&count, &sum_x, &squares_x, &sum_y, &squares_y, &products};
};

template <typename Value>
Datum Accumulate(CallContext& call, std::span<const Datum> arguments) {
  MomentsState state;
  ReadState(arguments[0], "float8_accum", state.fields);
  state.Add(static_cast<double>(arguments[1].As<Value>()));
  return WriteState(call, state.fields);
}

Datum AccumulatePair(CallContext& call, std::span<const Datum> arguments) {
  RegressionState state;
  ReadState(arguments[0], "float8_regr_accum", state.fields);
  state.Add(arguments[1].As<double>(), arguments[2].As<double>());
  return WriteState(call, state.fields);
}

template <typename State>
Datum Combine(CallContext& call, std::span<const Datum> arguments) {
  State state;
  State other;
  ReadState(arguments[0], "float8_combine", state.fields);
  ReadState(arguments[1], "float8_combine", other.fields);
  state.Combine(other);
  return WriteState(call, state.fields);
}

const ScalarEntry kEntries[] = {
    {"float4_accum", DatumKernel<Accumulate<float>>},
    {"float8_accum", DatumKernel<Accumulate<double>>},
    {"float8_combine", DatumKernel<Combine<MomentsState>>},
    {"float8_regr_accum", DatumKernel<AccumulatePair>},
    {"float8_regr_combine", DatumKernel<Combine<RegressionState>>},
};

}  // namespace

void RegisterFloatTransitions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
