// numeric's arithmetic, functions and casts. The work is done in types/numeric.h and
// types/numeric_math.h.
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/range_offset.h"
#include "types/numeric.h"
#include "types/numeric_math.h"

namespace sundog::functions {

namespace {

using std::string_view;

template <auto Operation>
string_view Unary(CallContext& call, string_view a) {
  return Operation(a, call.arena());
}

template <auto Operation>
string_view Binary(CallContext& call, string_view a, string_view b) {
  return Operation(a, b, call.arena());
}

template <typename T>
string_view FromInteger(CallContext& call, T value) {
  return types::NumericFromInt64(value, call.arena());
}

string_view FromFloat4(CallContext& call, float value) {
  return types::NumericFromFloat(value, call.arena());
}
string_view FromFloat8(CallContext& call, double value) {
  return types::NumericFromDouble(value, call.arena());
}

string_view Same(string_view a) { return a; }

string_view Increment(CallContext& call, string_view a) {
  return types::NumericAdd(a, types::NumericFromInt64(1, call.arena()), call.arena());
}

string_view Sign(CallContext& call, string_view a) {
  int sign = types::NumericSign(a);
  return sign == 2 ? types::NumericNan() : types::NumericFromInt64(sign, call.arena());
}

string_view Round(CallContext& call, string_view a, int32_t scale) {
  return types::NumericRound(a, scale, call.arena());
}
string_view RoundToInteger(CallContext& call, string_view a) {
  return types::NumericRound(a, 0, call.arena());
}
string_view Truncate(CallContext& call, string_view a, int32_t scale) {
  return types::NumericTruncate(a, scale, call.arena());
}
string_view TruncateToInteger(CallContext& call, string_view a) {
  return types::NumericTruncate(a, 0, call.arena());
}

string_view Log10(CallContext& call, string_view a) {
  return types::NumericLog(types::NumericFromInt64(10, call.arena()), a, call.arena());
}

string_view Factorial(CallContext& call, int64_t n) {
  return types::NumericFactorial(n, call.arena());
}

std::optional<int32_t> Scale(string_view a) {
  types::NumericView view(a);
  if (view.is_special()) return std::nullopt;
  return view.dscale();
}

std::optional<int32_t> MinScale(string_view a) {
  int scale = types::NumericMinScale(a);
  if (scale < 0) return std::nullopt;
  return scale;
}

string_view TrimScale(CallContext& call, string_view a) {
  int scale = types::NumericMinScale(a);
  return scale < 0 ? a : types::NumericRound(a, scale, call.arena());
}

string_view ApplyTypmod(CallContext& call, string_view a, int32_t typmod) {
  return types::ApplyNumericTypmod(a, typmod, call.arena());
}

// NaN comes after all other numbers; an infinite offset reaches from one infinity to anywhere.
bool InRange(CallContext& call, string_view value, string_view base, string_view offset,
             bool subtract, bool less) {
  types::NumericView offset_view(offset);
  CheckRangeOffset(!offset_view.is_nan() && types::NumericSign(offset) >= 0);
  types::NumericView value_view(value);
  types::NumericView base_view(base);
  if (value_view.is_nan()) return base_view.is_nan() || !less;
  if (base_view.is_nan()) return less;
  if (offset_view.is_special() && base_view.is_special() &&
      (types::NumericSign(base) > 0) == subtract) {
    return true;
  }
  string_view limit = subtract ? types::NumericSubtract(base, offset, call.arena())
                               : types::NumericAdd(base, offset, call.arena());
  return InRangeOrder(types::CompareNumeric(value, limit), less);
}

constexpr ScalarEntry kEntries[] = {
    {"in_range_numeric_numeric", Kernel<InRange>},
    {"numeric_add", Kernel<Binary<types::NumericAdd>>},
    {"numeric_sub", Kernel<Binary<types::NumericSubtract>>},
    {"numeric_mul", Kernel<Binary<types::NumericMultiply>>},
    {"numeric_div", Kernel<Binary<types::NumericDivide>>},
    {"numeric_div_trunc", Kernel<Binary<types::NumericDivideTruncated>>},
    {"numeric_mod", Kernel<Binary<types::NumericModulo>>},
    {"numeric_power", Kernel<Binary<types::NumericPower>>},
    {"numeric_log", Kernel<Binary<types::NumericLog>>},
    {"numeric_gcd", Kernel<Binary<types::NumericGcd>>},
    {"numeric_lcm", Kernel<Binary<types::NumericLcm>>},
    {"numeric_uminus", Kernel<Unary<types::NumericNegate>>},
    {"numeric_abs", Kernel<Unary<types::NumericAbs>>},
    {"numeric_ceil", Kernel<Unary<types::NumericCeil>>},
    {"numeric_floor", Kernel<Unary<types::NumericFloor>>},
    {"numeric_sqrt", Kernel<Unary<types::NumericSqrt>>},
    {"numeric_exp", Kernel<Unary<types::NumericExp>>},
    {"numeric_ln", Kernel<Unary<types::NumericLn>>},
    {"log(numeric)", Kernel<Log10>},
    {"log10(numeric)", Kernel<Log10>},
    {"numeric_uplus", Kernel<Same>},
    {"numeric_inc", Kernel<Increment>},
    {"numeric_sign", Kernel<Sign>},
    {"numeric_round", Kernel<Round>},
    {"round(numeric)", Kernel<RoundToInteger>},
    {"numeric_trunc", Kernel<Truncate>},
    {"trunc(numeric)", Kernel<TruncateToInteger>},
    {"numeric_fac", Kernel<Factorial>},
    {"numeric_scale", Kernel<Scale>},
    {"numeric_min_scale", Kernel<MinScale>},
    {"numeric_trim_scale", Kernel<TrimScale>},
    {"width_bucket_numeric", Kernel<types::NumericWidthBucket>},

    {"numeric", Kernel<ApplyTypmod>},
    {"int2_numeric", Kernel<FromInteger<int16_t>>},
    {"int4_numeric", Kernel<FromInteger<int32_t>>},
    {"int8_numeric", Kernel<FromInteger<int64_t>>},
    {"float4_numeric", Kernel<FromFloat4>},
    {"float8_numeric", Kernel<FromFloat8>},
    {"numeric_int2", Kernel<types::NumericToInt16>},
    {"numeric_int4", Kernel<types::NumericToInt32>},
    {"numeric_int8", Kernel<types::NumericToInt64>},
    {"numeric_float4", Kernel<types::NumericToFloat>},
    {"numeric_float8", Kernel<types::NumericToDouble>},
};

}  // namespace

void RegisterNumericFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
