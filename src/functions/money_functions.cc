// money: arithmetic, casts, amounts in words.
#include <cmath>
#include <limits>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "types/ascii.h"
#include "types/numeric.h"

namespace sundog::functions {

namespace {

using std::string_view;

constexpr int64_t kCents = 100;

[[noreturn]] void ThrowRange() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "money out of range");
}

[[noreturn]] void ThrowDivisionByZero() {
  throw SqlError(sqlstate::kDivisionByZero, "division by zero");
}

int64_t Add(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) ThrowRange();
  return sum;
}

int64_t Subtract(int64_t a, int64_t b) {
  int64_t difference;
  if (__builtin_sub_overflow(a, b, &difference)) ThrowRange();
  return difference;
}

int64_t Rounded(double cents) {
  double whole = std::rint(cents);
  if (!(whole >= -0x1p63 && whole < 0x1p63)) ThrowRange();
  return static_cast<int64_t>(whole);
}

template <typename T>
int64_t MultiplyFloat(int64_t a, T b) {
  return Rounded(static_cast<double>(a) * static_cast<double>(b));
}
template <typename T>
int64_t MultiplyFloatLeft(T a, int64_t b) {
  return MultiplyFloat<T>(b, a);
}
template <typename T>
int64_t DivideFloat(int64_t a, T b) {
  if (b == 0) ThrowDivisionByZero();
  return Rounded(static_cast<double>(a) / static_cast<double>(b));
}
template <typename T>
int64_t Multiply(int64_t a, T b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) ThrowRange();
  return product;
}
template <typename T>
int64_t MultiplyLeft(T a, int64_t b) {
  return Multiply<T>(b, a);
}
template <typename T>
int64_t Divide(int64_t a, T b) {
  if (b == 0) ThrowDivisionByZero();
  if (b == -1) return Subtract(0, a);
  return a / b;
}

double DivideMoney(int64_t a, int64_t b) {
  if (b == 0) ThrowDivisionByZero();
  return static_cast<double>(a) / static_cast<double>(b);
}

template <typename T>
int64_t FromInteger(T amount) {
  int64_t cents;
  if (__builtin_mul_overflow(static_cast<int64_t>(amount), kCents, &cents)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "bigint out of range");
  }
  return cents;
}

int64_t FromNumeric(CallContext& call, string_view amount) {
  return types::NumericToInt64(types::NumericMultiply(
      amount, types::NumericFromInt64(kCents, call.arena()), call.arena()));
}

string_view ToNumeric(CallContext& call, int64_t cents) {
  return types::NumericFromScaled(cents, 2, call.arena());
}

// --- words ---

constexpr string_view kSmallNumbers[] = {
    "zero",    "one",     "two",       "three",    "four",     "five",    "six",
    "seven",   "eight",   "nine",      "ten",      "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen",  "seventeen", "eighteen", "nineteen"};
constexpr string_view kTens[] = {"",      "",      "twenty",  "thirty", "forty",
                                 "fifty", "sixty", "seventy", "eighty", "ninety"};

// 0 … 999.
void AppendWords(uint64_t value, TextBuilder& to) {
  uint64_t rest = value % 100;
  if (value >= 100) {
    to.Append(kSmallNumbers[value / 100]).Append(" hundred");
    if (rest == 0) return;
    to.Append(rest < 20 ? " and " : " ");
  }
  if (rest < 20) {
    to.Append(kSmallNumbers[rest]);
  } else {
    to.Append(kTens[rest / 10]);
    if (rest % 10 != 0) to.Append(' ').Append(kSmallNumbers[rest % 10]);
  }
}

constexpr string_view kGroups[] = {" quadrillion ", " trillion ", " billion ",
                                   " million ",     " thousand ", ""};

string_view Words(CallContext& call, int64_t cents) {
  TextBuilder result;
  auto absolute = static_cast<uint64_t>(cents);
  if (cents < 0) absolute = -absolute;
  if (cents < 0) result.Append("minus ");
  size_t start = result.text().size();
  uint64_t dollars = absolute / 100;
  uint64_t unit = 1000000000000000;
  for (string_view group : kGroups) {
    uint64_t value = dollars / unit % 1000;
    if (value != 0) {
      AppendWords(value, result);
      result.Append(group);
    }
    unit /= 1000;
  }
  if (result.text().size() == start) result.Append("zero");
  result.Append(dollars == 1 ? " dollar and " : " dollars and ");
  AppendWords(absolute % 100, result);
  result.Append(absolute % 100 == 1 ? " cent" : " cents");
  result.text()[0] = types::ToUpperAscii(result.text()[0]);
  return result.Finish(call);
}

constexpr ScalarEntry kEntries[] = {
    {"cash_pl", Kernel<Add>},
    {"cash_mi", Kernel<Subtract>},
    {"cash_div_cash", Kernel<DivideMoney>},
    {"cash_mul_flt4", Kernel<MultiplyFloat<float>>},
    {"cash_mul_flt8", Kernel<MultiplyFloat<double>>},
    {"flt4_mul_cash", Kernel<MultiplyFloatLeft<float>>},
    {"flt8_mul_cash", Kernel<MultiplyFloatLeft<double>>},
    {"cash_div_flt4", Kernel<DivideFloat<float>>},
    {"cash_div_flt8", Kernel<DivideFloat<double>>},
    {"cash_mul_int2", Kernel<Multiply<int16_t>>},
    {"cash_mul_int4", Kernel<Multiply<int32_t>>},
    {"cash_mul_int8", Kernel<Multiply<int64_t>>},
    {"int2_mul_cash", Kernel<MultiplyLeft<int16_t>>},
    {"int4_mul_cash", Kernel<MultiplyLeft<int32_t>>},
    {"int8_mul_cash", Kernel<MultiplyLeft<int64_t>>},
    {"cash_div_int2", Kernel<Divide<int16_t>>},
    {"cash_div_int4", Kernel<Divide<int32_t>>},
    {"cash_div_int8", Kernel<Divide<int64_t>>},
    {"int4_cash", Kernel<FromInteger<int32_t>>},
    {"int8_cash", Kernel<FromInteger<int64_t>>},
    {"numeric_cash", Kernel<FromNumeric>},
    {"cash_numeric", Kernel<ToNumeric>},
    {"cash_words", Kernel<Words>},
};

}  // namespace

void RegisterMoneyFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
