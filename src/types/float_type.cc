#include "types/float_type.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/fixed_ops.h"
#include "types/io_settings.h"

namespace sundog::types {

namespace {

template <typename T>
constexpr std::string_view kSqlName = "";
template <>
constexpr std::string_view kSqlName<float> = "real";
template <>
constexpr std::string_view kSqlName<double> = "double precision";

template <typename T>
[[noreturn]] void ThrowSyntax(std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type {}: \"{}\"", kSqlName<T>, text));
}

struct NamedValue {
  std::string_view name;
  double value;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr NamedValue kNamedValues[] = {
    {"nan", std::numeric_limits<double>::quiet_NaN()},
    {"infinity", kInfinity},
    {"+infinity", kInfinity},
    {"-infinity", -kInfinity},
    {"inf", kInfinity},
    {"+inf", kInfinity},
    {"-inf", -kInfinity},
};

// strtod knows more spellings (hexadecimal, nan(…)) than from_chars; PostgreSQL takes its word.
template <typename T>
T ParseWithLibc(std::string_view trimmed, std::string_view text) {
  std::string copy(trimmed);
  char* end = nullptr;
  T value;
  if constexpr (sizeof(T) == 4) {
    value = std::strtof(copy.c_str(), &end);
  } else {
    value = std::strtod(copy.c_str(), &end);
  }
  if (end == copy.c_str() || !TrimSpaceLeft(end).empty()) ThrowSyntax<T>(text);
  return value;
}

bool HasNonzeroDigit(std::string_view number) {
  for (char c : number) {
    if (c == 'e' || c == 'E') return false;
    if (c >= '1' && c <= '9') return true;
  }
  return false;
}

template <typename T>
T Parse(std::string_view text) {
  std::string_view trimmed = TrimSpace(text);
  T value = 0;
  auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value);
  if (error == std::errc() && end == trimmed.data() + trimmed.size() && std::isfinite(value) &&
      value != 0) {
    return value;
  }
  for (const NamedValue& row : kNamedValues) {
    if (EqualsIgnoringCase(trimmed, row.name)) return static_cast<T>(row.value);
  }
  value = ParseWithLibc<T>(trimmed, text);
  if (std::isinf(value) || (value == 0 && HasNonzeroDigit(trimmed))) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("\"{}\" is out of range for type {}", trimmed, kSqlName<T>));
  }
  return value;
}

// Digits d1 d2 … dn mean d1.d2…dn × 10^exponent. Exponents below -4 or from `limit` up are written
// as such, with at least two digits.
void LayOut(std::string_view digits, int exponent, int limit, std::string& to) {
  int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= limit) {
    to += digits[0];
    if (count > 1) to.append(1, '.').append(digits.substr(1));
    to += fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  } else if (exponent < 0) {
    to += "0.";
    to.append(static_cast<size_t>(-exponent - 1), '0').append(digits);
  } else if (count <= exponent + 1) {
    to.append(digits).append(static_cast<size_t>(exponent + 1 - count), '0');
  } else {
    size_t point = static_cast<size_t>(exponent + 1);
    to.append(digits.substr(0, point)).append(1, '.').append(digits.substr(point));
  }
}

// True if the digits, which read back as `value`, name the exact middle between it and a
// neighbour. Reading ties to even makes them valid, but PostgreSQL's algorithm (Ryu with bounds
// excluded) does not print them. Only integers beyond the mantissa's range can be such a middle.
template <typename T>
bool IsTie(T value, const char* digits) {
  constexpr T kExactIntegers = static_cast<T>(int64_t{1} << std::numeric_limits<T>::digits);
  if (value < kExactIntegers) return false;
  long double read = std::strtold(digits, nullptr);
  T other = std::nextafter(value, read > value ? std::numeric_limits<T>::infinity() : T{0});
  if (read == value || read != (static_cast<long double>(value) + other) / 2) return false;
  char exact[512];
  std::snprintf(exact, sizeof(exact), "%.400Le", read);
  std::string_view shown(digits, std::string_view(digits).find('e'));
  std::string_view rest = std::string_view(exact).substr(shown.size());
  return std::string_view(exact).starts_with(shown) &&
         rest.substr(0, rest.find('e')).find_first_not_of("0.") == std::string_view::npos;
}

// The shortest digits that read back as `value`, in scientific notation.
template <typename T>
std::string ShortestDigits(T value) {
  char buffer[64];
  auto result =
      std::to_chars(buffer, buffer + sizeof(buffer) - 1, value, std::chars_format::scientific);
  *result.ptr = '\0';
  if (!IsTie(value, buffer)) return buffer;
  int precision = static_cast<int>(std::string_view(buffer).find('e')) - 1;
  for (precision = std::max(precision, 0);; ++precision) {
    std::snprintf(buffer, sizeof(buffer), "%.*e", precision, static_cast<double>(value));
    T read = 0;
    std::from_chars(buffer, buffer + std::strlen(buffer), read);
    if (read == value && !IsTie(value, buffer)) return buffer;
  }
}

template <typename T>
void Append(T value, int extra_float_digits, std::string& to) {
  constexpr int kDigits = std::numeric_limits<T>::digits10;
  if (std::isnan(value)) {
    to += "NaN";
  } else if (std::isinf(value)) {
    to += value > 0 ? "Infinity" : "-Infinity";
  } else if (extra_float_digits <= 0) {
    char buffer[64];
    int size = std::snprintf(buffer, sizeof(buffer), "%.*g",
                             std::max(1, kDigits + extra_float_digits), static_cast<double>(value));
    to.append(buffer, static_cast<size_t>(size));
  } else {
    if (std::signbit(value)) to += '-';
    std::string digits = ShortestDigits(std::abs(value));
    size_t e = digits.find('e');
    int exponent = std::atoi(digits.c_str() + e + 1);
    digits.resize(e);
    if (digits.size() > 1) digits.erase(1, 1);
    LayOut(digits, exponent, kDigits, to);
  }
}

template <typename T, T (*ParseText)(std::string_view)>
Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t, base::Arena&) {
  return Datum::From<T>(ParseText(text));
}

template <typename T>
void Output(const IoContext& io, const TypeInfo&, const Datum& value, std::string& to) {
  Append<T>(value.As<T>(), io.settings->extra_float_digits, to);
}

template <typename T, typename Bits>
Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t, base::Arena&) {
  WireReader reader(bytes);
  Bits bits = reader.Read<Bits>();
  reader.Finish();
  return Datum::From<T>(std::bit_cast<T>(bits));
}

template <typename T, typename Bits>
void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  base::AppendBigEndian<Bits>(to, std::bit_cast<Bits>(value.As<T>()));
}

template <typename T>
int Compare(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareFloats(a.As<T>(), b.As<T>());
}

// Both widths hash as doubles, zeros and NaNs each as one value.
template <typename T>
uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  double number = static_cast<double>(value.As<T>());
  if (number == 0) number = 0;
  if (std::isnan(number)) number = std::numeric_limits<double>::quiet_NaN();
  return HashInteger(std::bit_cast<uint64_t>(number));
}

template <typename T, typename Bits, T (*ParseText)(std::string_view)>
constexpr TypeOps MakeOps() {
  return {.input = Input<T, ParseText>,
          .output = Output<T>,
          .receive = Receive<T, Bits>,
          .send = Send<T, Bits>,
          .compare = Compare<T>,
          .hash = Hash<T>};
}

constexpr TypeOps kFloat4Ops = MakeOps<float, int32_t, ParseFloat32>();
constexpr TypeOps kFloat8Ops = MakeOps<double, int64_t, ParseFloat64>();

constexpr TypeOpsEntry kOps[] = {{oids::kFloat4, &kFloat4Ops}, {oids::kFloat8, &kFloat8Ops}};

}  // namespace

double ParseFloat64(std::string_view text) { return Parse<double>(text); }
float ParseFloat32(std::string_view text) { return Parse<float>(text); }

void AppendFloat64(double value, int extra_float_digits, std::string& to) {
  Append(value, extra_float_digits, to);
}

void AppendFloat32(float value, int extra_float_digits, std::string& to) {
  Append(value, extra_float_digits, to);
}

std::span<const TypeOpsEntry> FloatTypeOps() { return kOps; }

}  // namespace sundog::types
