// to_char() and to_number() for numbers.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/number_format.h"
#include "types/numeric.h"
#include "types/numeric_math.h"
#include "types/numeric_var.h"

namespace sundog::functions {

namespace {

using std::string_view;

// The picture of a call site, parsed again only when it changes.
struct FormatCache {
  std::string text;
  NumberFormat format;
  bool filled = false;
};

const NumberFormat& CachedFormat(CallContext& call, string_view text) {
  FormatCache& cache = call.State<FormatCache>();
  if (!cache.filled || cache.text != text) {
    cache.filled = false;
    cache.format = NumberFormat::Parse(text);
    cache.text = text;
    cache.filled = true;
  }
  return cache.format;
}

// One decimal digit, written with the numerals for one, five and ten of its place.
std::string RomanDigit(int32_t digit, char one, char five, char ten) {
  if (digit == 9) return {one, ten};
  if (digit == 4) return {one, five};
  std::string text(digit >= 5 ? 1 : 0, five);
  return text.append(static_cast<size_t>(digit % 5), one);
}

std::string RomanNumeral(int32_t number) {
  if (number > 3999 || number < 1) return std::string(15, '#');
  return std::string(static_cast<size_t>(number / 1000), 'M') +
         RomanDigit(number / 100 % 10, 'C', 'D', 'M') +
         RomanDigit(number / 10 % 10, 'X', 'L', 'C') + RomanDigit(number % 10, 'I', 'V', 'X');
}

// Splits the sign off and counts how many places of the picture stay blank; a number too long for
// its picture becomes hash marks.
NumberText FitNumber(const NumberFormat& format, std::string text) {
  NumberText number;
  if (text.starts_with('-')) {
    number.sign = '-';
    text.erase(0, 1);
  }
  int pre_length = static_cast<int>(std::min(text.find('.'), text.size()));
  number.digits = std::move(text);
  if (pre_length < format.pre) {
    number.leading_blanks = format.pre - pre_length;
  } else if (pre_length > format.pre) {
    number.digits.assign(static_cast<size_t>(format.pre + format.post + 1), '#');
    number.digits[static_cast<size_t>(format.pre)] = '.';
  }
  return number;
}

// What EEEE shows of NaN and infinities.
std::string ScientificHashes(const NumberFormat& format) {
  std::string text(static_cast<size_t>(format.pre + format.post + 6), '#');
  text[0] = ' ';
  text[static_cast<size_t>(format.pre + 1)] = '.';
  return text;
}

string_view Finish(CallContext& call, const NumberFormat& format, const NumberText& number) {
  return call.arena().Copy(WriteNumber(format, number));
}

// --- numeric ---

std::string NumericScientific(const NumberFormat& format, string_view value, base::Arena& arena) {
  if (types::NumericView(value).is_special()) return ScientificHashes(format);
  types::NumericVar var = types::NumericVar::FromView(types::NumericView(value));
  int exponent = 0;
  if (!var.is_zero()) {
    exponent = var.weight * types::kNumericDigitWidth;
    for (int32_t digit = var.digits[0]; digit >= 10; digit /= 10) ++exponent;
  }
  types::NumericVar unit = types::NumericVar::FromInt(10);
  string_view power = types::NumericPower(
      unit.Encode(arena), types::NumericFromInt64(std::abs(exponent), arena), arena);
  types::NumericVar scale = types::NumericVar::FromView(types::NumericView(power));
  types::NumericVar significand = exponent < 0 ? types::Multiply(var, scale, format.post)
                                               : types::Divide(var, scale, format.post, true);
  std::string text =
      fmt::format("{}e{:+03d}", types::NumericText(significand.Encode(arena)), exponent);
  return text.starts_with('-') ? text : " " + text;
}

string_view NumericToChar(CallContext& call, string_view value, string_view picture) {
  if (picture.empty()) return "";
  NumberFormat format = CachedFormat(call, picture);
  base::Arena& arena = call.arena();
  if (format.roman) {
    return Finish(call, format, {RomanNumeral(types::NumericToInt32(
                                     types::NumericRound(value, 0, arena)))});
  }
  if (format.scientific) return Finish(call, format, {NumericScientific(format, value, arena)});
  if (format.multi) {
    string_view exponent = types::NumericFromInt64(format.multiply, arena);
    string_view factor = types::NumericPower(types::NumericFromInt64(10, arena), exponent, arena);
    value = types::NumericMultiply(value, factor, arena);
    format.pre += format.multiply;
  }
  std::string text = types::NumericText(types::NumericRound(value, format.post, arena));
  return Finish(call, format, FitNumber(format, std::move(text)));
}

// --- integers ---

template <typename T>
T MultiplyByPower(T value, int power) {
  T result = value;
  for (int i = 0; i < power; ++i) {
    if (__builtin_mul_overflow(result, static_cast<T>(10), &result)) {
      throw SqlError(sqlstate::kNumericValueOutOfRange,
                     sizeof(T) == 4 ? "integer out of range" : "bigint out of range");
    }
  }
  return result;
}

std::string Scientific(double value, int digits) {
  std::string text = fmt::format("{:+.{}e}", value, digits);
  if (text[0] == '+') text[0] = ' ';
  return text;
}

template <typename T>
string_view IntegerToChar(CallContext& call, T value, string_view picture) {
  if (picture.empty()) return "";
  NumberFormat format = CachedFormat(call, picture);
  if (format.roman) {
    if (value != static_cast<int32_t>(value)) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
    }
    return Finish(call, format, {RomanNumeral(static_cast<int32_t>(value))});
  }
  if (format.scientific) {
    if constexpr (sizeof(T) == 8) {
      string_view numeric = types::NumericFromInt64(value, call.arena());
      return Finish(call, format, {NumericScientific(format, numeric, call.arena())});
    }
    return Finish(call, format, {Scientific(static_cast<double>(value), format.post)});
  }
  if (format.multi) {
    value = MultiplyByPower(value, format.multiply);
    format.pre += format.multiply;
  }
  std::string text = fmt::format("{}", value);
  if (format.post > 0) text += '.' + std::string(static_cast<size_t>(format.post), '0');
  return Finish(call, format, FitNumber(format, std::move(text)));
}

// --- floats ---

std::string Fixed(double value, int digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{:.{}f}", value, digits);
}

template <typename T>
string_view FloatToChar(CallContext& call, T number, string_view picture) {
  if (picture.empty()) return "";
  NumberFormat format = CachedFormat(call, picture);
  auto value = static_cast<double>(number);
  if (format.roman) {
    double whole = std::rint(value);
    bool fits = whole > -2147483649.0 && whole < 2147483648.0;
    return Finish(call, format, {RomanNumeral(fits ? static_cast<int32_t>(whole) : 0)});
  }
  if (format.scientific) {
    std::string text = std::isfinite(value) ? Scientific(value, format.post)
                                            : ScientificHashes(format);
    return Finish(call, format, {text});
  }
  if (format.multi) {
    value = static_cast<double>(static_cast<T>(value * std::pow(10.0, format.multiply)));
    format.pre += format.multiply;
  }
  // No more digits than the type is good for.
  constexpr int kDigits = std::numeric_limits<T>::digits10;
  auto pre_length = static_cast<int>(Fixed(std::abs(value), 0).size());
  if (pre_length >= kDigits) {
    format.post = 0;
  } else if (pre_length + format.post > kDigits) {
    format.post = kDigits - pre_length;
  }
  return Finish(call, format, FitNumber(format, Fixed(value, format.post)));
}

// --- to_number ---

std::optional<string_view> ToNumber(CallContext& call, string_view text, string_view picture) {
  if (picture.empty()) return std::nullopt;
  NumberFormat format = CachedFormat(call, picture);
  std::string number = ReadNumber(&format, text);
  int precision = format.pre + format.multiply + format.post;
  string_view value = types::ParseNumeric(
      number, types::MakeNumericTypmod(precision, format.post), call.arena());
  if (!format.multi) return value;
  base::Arena& arena = call.arena();
  string_view factor = types::NumericPower(types::NumericFromInt64(10, arena),
                                           types::NumericFromInt64(-format.multiply, arena), arena);
  return types::NumericMultiply(value, factor, arena);
}

constexpr ScalarEntry kEntries[] = {
    {"numeric_to_char", Kernel<NumericToChar>},
    {"int4_to_char", Kernel<IntegerToChar<int32_t>>},
    {"int8_to_char", Kernel<IntegerToChar<int64_t>>},
    {"float4_to_char", Kernel<FloatToChar<float>>},
    {"float8_to_char", Kernel<FloatToChar<double>>},
    {"numeric_to_number", Kernel<ToNumber>},
};

}  // namespace

void RegisterNumberFormatFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
