// numeric's text and wire forms.
#include "types/numeric_type.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/integer_type.h"
#include "types/numeric.h"
#include "types/numeric_var.h"
#include "types/wire_reader.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowSyntax(std::string_view text) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type numeric: \"{}\"", text));
}

// A decimal number taken apart: the value is digits × 10^-scale.
struct Decimal {
  bool negative = false;
  std::string digits;  // may start with zeros
  int64_t scale = 0;
};

bool ScanExponent(std::string_view* rest, int64_t* exponent) {
  rest->remove_prefix(1);
  std::string copy(*rest);
  char* end = nullptr;
  *exponent = std::strtol(copy.c_str(), &end, 10);
  rest->remove_prefix(static_cast<size_t>(end - copy.c_str()));
  return end != copy.c_str();
}

// False if `text` does not begin with a number; leaves what follows it in `rest`.
bool ScanDecimal(std::string_view text, std::string_view* rest, Decimal* decimal) {
  *rest = text;
  auto peek = [&](size_t i) { return i < rest->size() ? (*rest)[i] : '\0'; };
  if (peek(0) == '+' || peek(0) == '-') {
    decimal->negative = peek(0) == '-';
    rest->remove_prefix(1);
  }
  if (!IsDigit(peek(peek(0) == '.' ? 1 : 0))) return false;
  bool after_point = false;
  while (!rest->empty()) {
    if (IsDigit((*rest)[0])) {
      decimal->digits += (*rest)[0];
      decimal->scale += after_point;
    } else if ((*rest)[0] == '.') {
      if (after_point) return false;
      after_point = true;
    } else {
      break;
    }
    rest->remove_prefix(1);
  }
  if (ToLowerAscii(peek(0)) == 'e') {
    int64_t exponent = 0;
    if (!ScanExponent(rest, &exponent)) return false;
    constexpr int64_t kLimit = std::numeric_limits<int32_t>::max() / 2;
    if (exponent >= kLimit || exponent <= -kLimit) ThrowNumericOverflow();
    decimal->scale -= exponent;
  }
  return true;
}

NumericVar ToVar(const Decimal& decimal) {
  NumericVar var;
  var.negative = decimal.negative;
  size_t zeros = std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size());
  std::string digits = decimal.digits.substr(zeros);
  int64_t dscale = std::max<int64_t>(decimal.scale, 0);
  constexpr int64_t kMaxDigits = 200000;
  bool is_zero = digits.empty();
  if (dscale > kNumericMaxScale && is_zero) ThrowNumericOverflow();
  if (!is_zero && static_cast<int64_t>(digits.size()) - decimal.scale > kMaxDigits) {
    ThrowNumericOverflow();
  }
  // Values too small for the format but rounded by a typmod pass through here: digits that weigh
  // less than any shown one can be are cut.
  var.dscale = static_cast<int>(std::min<int64_t>(dscale, std::numeric_limits<int32_t>::max() / 2));
  if (is_zero) {
    var.Normalise();
    return var;
  }
  // Pad to whole base-10000 digits on both sides of the point.
  int64_t scale = decimal.scale;
  int64_t pad = ((-scale % kNumericDigitWidth) + kNumericDigitWidth) % kNumericDigitWidth;
  digits.append(static_cast<size_t>(pad), '0');
  scale += pad;
  if (scale < 0) {
    var.weight = static_cast<int>(-scale / kNumericDigitWidth);
  } else {
    var.weight = static_cast<int>(-(scale / kNumericDigitWidth));
  }
  size_t lead = (kNumericDigitWidth - digits.size() % kNumericDigitWidth) % kNumericDigitWidth;
  digits.insert(0, lead, '0');
  for (size_t i = 0; i < digits.size(); i += kNumericDigitWidth) {
    int32_t digit = 0;
    std::from_chars(digits.data() + i, digits.data() + i + kNumericDigitWidth, digit);
    var.digits.push_back(digit);
  }
  var.weight += static_cast<int>(var.digits.size()) - 1;
  var.Normalise();
  return var;
}

// Up to 18 digits without exponent need nothing but an integer.
bool ParseShort(std::string_view text, int64_t* mantissa, int* scale) {
  bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18 || !IsDigit(text[0])) return false;
  int64_t value = 0;
  *scale = 0;
  bool after_point = false;
  for (char c : text) {
    if (IsDigit(c)) {
      value = value * 10 + (c - '0');
      *scale += after_point;
    } else if (c == '.' && !after_point) {
      after_point = true;
    } else {
      return false;
    }
  }
  *mantissa = negative ? -value : value;
  return true;
}

struct SpecialName {
  std::string_view name;
  std::string_view (*value)();
};

std::string_view PositiveInfinity() { return NumericInfinity(false); }
std::string_view NegativeInfinity() { return NumericInfinity(true); }

// Longer names first: a value is what the first matching prefix says.
constexpr SpecialName kSpecialNames[] = {
    {"NaN", NumericNan},
    {"Infinity", PositiveInfinity},
    {"+Infinity", PositiveInfinity},
    {"-Infinity", NegativeInfinity},
    {"inf", PositiveInfinity},
    {"+inf", PositiveInfinity},
    {"-inf", NegativeInfinity},
};

void AppendBig(const NumericVar& var, std::string& to) {
  if (var.negative) to += '-';
  auto digit_at = [&](int weight) {
    int i = var.weight - weight;
    bool inside = !var.is_zero() && i >= 0 && i < static_cast<int>(var.digits.size());
    return inside ? var.digits[static_cast<size_t>(i)] : 0;
  };
  if (var.is_zero() || var.weight < 0) {
    to += '0';
  } else {
    to += fmt::format("{}", var.digits[0]);
    for (int weight = var.weight - 1; weight >= 0; --weight) {
      to += fmt::format("{:04}", digit_at(weight));
    }
  }
  if (var.dscale <= 0) return;
  to += '.';
  size_t end = to.size() + static_cast<size_t>(var.dscale);
  for (int weight = -1; to.size() < end; --weight) to += fmt::format("{:04}", digit_at(weight));
  to.resize(end);
}

Datum Input(const IoContext&, const TypeInfo&, std::string_view text, int32_t typmod,
            base::Arena& arena) {
  return Datum::From(ParseNumeric(text, typmod, arena));
}

void Output(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  AppendNumericText(value.As<std::string_view>(), to);
}

Datum Receive(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
              base::Arena& arena) {
  return Datum::From(ReceiveNumeric(bytes, typmod, arena));
}

void Send(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  SendNumeric(value.As<std::string_view>(), to);
}

int CompareDatums(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareNumeric(a.As<std::string_view>(), b.As<std::string_view>());
}

uint64_t Hash(const TypeLookup&, const TypeInfo&, const Datum& value) {
  return HashNumeric(value.As<std::string_view>());
}

constexpr int kMaxPrecision = 1000;

int32_t TypmodIn(std::span<const std::string_view> arguments) {
  if (arguments.size() < 1 || arguments.size() > 2) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid NUMERIC type modifier");
  }
  int32_t precision = ParseInt32(arguments[0]);
  if (precision < 1 || precision > kMaxPrecision) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("NUMERIC precision {} must be between 1 and {}", precision,
                               kMaxPrecision));
  }
  int32_t scale = arguments.size() == 2 ? ParseInt32(arguments[1]) : 0;
  if (scale < -kMaxPrecision || scale > kMaxPrecision) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("NUMERIC scale {} must be between {} and {}", scale, -kMaxPrecision,
                               kMaxPrecision));
  }
  return MakeNumericTypmod(precision, scale);
}

std::string TypmodOut(int32_t typmod) {
  if (typmod < 4) return "";
  return fmt::format("({},{})", NumericTypmodPrecision(typmod), NumericTypmodScale(typmod));
}

constexpr TypeOps kNumericOps = {.input = Input,
                                 .output = Output,
                                 .receive = Receive,
                                 .send = Send,
                                 .compare = CompareDatums,
                                 .hash = Hash,
                                 .typmod_in = TypmodIn,
                                 .typmod_out = TypmodOut};

constexpr TypeOpsEntry kOps[] = {{oids::kNumeric, &kNumericOps}};

// The sign field of the wire form.
constexpr uint16_t kWirePositive = 0x0000;
constexpr uint16_t kWireNegative = 0x4000;
constexpr uint16_t kWireNan = 0xC000;
constexpr uint16_t kWireInfinity = 0xD000;
constexpr uint16_t kWireNegativeInfinity = 0xF000;

[[noreturn]] void ThrowBadWire(std::string_view part) {
  throw SqlError(sqlstate::kInvalidBinaryRepresentation,
                 fmt::format("invalid {} in external \"numeric\" value", part));
}

}  // namespace

std::string_view ParseNumeric(std::string_view text, int32_t typmod, base::Arena& arena) {
  int64_t mantissa;
  int scale;
  if (ParseShort(text, &mantissa, &scale)) {
    return ApplyNumericTypmod(NumericFromScaled(mantissa, scale, arena), typmod, arena);
  }
  std::string_view trimmed = TrimSpace(text);
  for (const SpecialName& row : kSpecialNames) {
    if (EqualsIgnoringCase(trimmed, row.name)) {
      return ApplyNumericTypmod(row.value(), typmod, arena);
    }
  }
  Decimal decimal;
  std::string_view rest;
  if (!ScanDecimal(trimmed, &rest, &decimal) || !rest.empty()) ThrowSyntax(text);
  NumericVar var = ToVar(decimal);
  if (typmod >= 4 && var.dscale > kNumericMaxScale) var.Round(kNumericMaxScale);
  return ApplyNumericTypmod(var.Encode(arena), typmod, arena);
}

bool IsNumericText(std::string_view text) {
  Decimal decimal;
  std::string_view rest;
  return ScanDecimal(text, &rest, &decimal) && rest.empty();
}

void AppendNumericText(std::string_view numeric, std::string& to) {
  NumericView view(numeric);
  if (view.is_special()) {
    to += view.is_nan() ? "NaN" : view.is_positive_infinity() ? "Infinity" : "-Infinity";
    return;
  }
  if (!view.is_small()) return AppendBig(NumericVar::FromView(view), to);
  int64_t mantissa = view.mantissa();
  size_t scale = static_cast<size_t>(view.small_scale());
  if (mantissa < 0) to += '-';
  char buffer[24];
  auto absolute = static_cast<uint64_t>(mantissa);
  if (mantissa < 0) absolute = -absolute;
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), absolute).ptr;
  std::string_view digits(buffer, static_cast<size_t>(end - buffer));
  if (digits.size() > scale) {
    to += digits.substr(0, digits.size() - scale);
    digits.remove_prefix(digits.size() - scale);
  } else {
    to += '0';
  }
  if (scale == 0) return;
  to += '.';
  to.append(scale - digits.size(), '0').append(digits);
}

std::string NumericText(std::string_view numeric) {
  std::string text;
  AppendNumericText(numeric, text);
  return text;
}

std::string_view ReceiveNumeric(std::string_view wire, int32_t typmod, base::Arena& arena) {
  WireReader reader(wire);
  auto count = static_cast<uint16_t>(reader.Read<int16_t>());
  int weight = reader.Read<int16_t>();
  auto sign = static_cast<uint16_t>(reader.Read<int16_t>());
  auto dscale = static_cast<uint16_t>(reader.Read<int16_t>());
  bool special = sign == kWireNan || sign == kWireInfinity || sign == kWireNegativeInfinity;
  if (!special && sign != kWirePositive && sign != kWireNegative) ThrowBadWire("sign");
  if (dscale > kNumericMaxScale) ThrowBadWire("scale");
  NumericVar var;
  for (int i = 0; i < count; ++i) {
    int digit = reader.Read<int16_t>();
    if (digit < 0 || digit >= kNumericBase) ThrowBadWire("digit");
    var.digits.push_back(digit);
  }
  reader.Finish();
  if (special) {
    bool negative = sign == kWireNegativeInfinity;
    std::string_view value = sign == kWireNan ? NumericNan() : NumericInfinity(negative);
    return ApplyNumericTypmod(value, typmod, arena);
  }
  var.weight = weight;
  var.negative = sign == kWireNegative;
  var.Normalise();
  var.Truncate(dscale);
  return ApplyNumericTypmod(var.Encode(arena), typmod, arena);
}

void SendNumeric(std::string_view numeric, std::string& to) {
  NumericView view(numeric);
  auto put = [&](int value) {
    base::AppendBigEndian<uint16_t>(to, static_cast<uint16_t>(value));
  };
  if (view.is_special()) {
    put(0);
    put(0);
    put(view.is_nan()                 ? kWireNan
        : view.is_positive_infinity() ? kWireInfinity
                                      : kWireNegativeInfinity);
    // PostgreSQL's infinities carry a scale that nobody reads.
    put(view.is_nan() ? 0 : 0x20);
    return;
  }
  NumericVar var = NumericVar::FromView(view);
  put(static_cast<int>(var.digits.size()));
  put(var.weight);
  put(var.negative ? kWireNegative : kWirePositive);
  put(var.dscale);
  for (int32_t digit : var.digits) put(digit);
}

std::span<const TypeOpsEntry> NumericTypeOps() { return kOps; }

}  // namespace sundog::types
