#include "functions/number_format.h"

#include "base/sql_error.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

struct Keyword {
  std::string_view name;
  NumberPattern pattern;
};

// Longer words before their prefixes.
constexpr Keyword kKeywords[] = {
    {",", NumberPattern::kComma},        {".", NumberPattern::kPoint},
    {"0", NumberPattern::kZero},         {"9", NumberPattern::kNine},
    {"B", NumberPattern::kBlank},        {"C", NumberPattern::kNothing},
    {"D", NumberPattern::kLocalePoint},  {"EEEE", NumberPattern::kScientific},
    {"FM", NumberPattern::kFill},        {"G", NumberPattern::kGroup},
    {"L", NumberPattern::kCurrency},     {"MI", NumberPattern::kMinus},
    {"PL", NumberPattern::kPlus},        {"PR", NumberPattern::kBracket},
    {"RN", NumberPattern::kRoman},       {"SG", NumberPattern::kPlusOrMinus},
    {"SP", NumberPattern::kNothing},     {"S", NumberPattern::kSign},
    {"TH", NumberPattern::kOrdinal},     {"V", NumberPattern::kMultiply},
    {"b", NumberPattern::kBlank},        {"c", NumberPattern::kNothing},
    {"d", NumberPattern::kLocalePoint},  {"eeee", NumberPattern::kScientific},
    {"fm", NumberPattern::kFill},        {"g", NumberPattern::kGroup},
    {"l", NumberPattern::kCurrency},     {"mi", NumberPattern::kMinus},
    {"pl", NumberPattern::kPlus},        {"pr", NumberPattern::kBracket},
    {"rn", NumberPattern::kRomanLower},  {"sg", NumberPattern::kPlusOrMinus},
    {"sp", NumberPattern::kNothing},     {"s", NumberPattern::kSign},
    {"th", NumberPattern::kOrdinalLower}, {"v", NumberPattern::kMultiply},
};

const Keyword* FindKeyword(std::string_view text) {
  for (const Keyword& keyword : kKeywords) {
    if (text.starts_with(keyword.name)) return &keyword;
  }
  return nullptr;
}

[[noreturn]] void ThrowFormat(const char* message, const char* detail = nullptr) {
  SqlError error(sqlstate::kSyntaxError, message);
  if (detail != nullptr) error.Detail(detail);
  throw error;
}

}  // namespace

void NumberFormat::AddDigit(bool is_zero) {
  if (bracket) {
    ThrowFormat(is_zero ? "\"0\" must be ahead of \"PR\"" : "\"9\" must be ahead of \"PR\"");
  }
  if (is_zero) {
    if (!zero && !decimal) {
      zero = true;
      zero_start = pre + 1;
    }
  } else if (multi) {
    ++multiply;
    return;
  }
  ++(decimal ? post : pre);
  if (is_zero) zero_end = pre + post;
}

void NumberFormat::AddSign() {
  if (has_sign) ThrowFormat("cannot use \"S\" twice");
  if (plus || minus || bracket) {
    ThrowFormat("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
  }
  if (!decimal) {
    sign = LocaleSign::kBefore;
    digits_before_sign = pre;
  } else if (sign == LocaleSign::kNone) {
    sign = LocaleSign::kBehind;
  }
  has_sign = true;
}

void NumberFormat::Add(NumberPattern pattern) {
  if (scientific && pattern != NumberPattern::kScientific) {
    ThrowFormat("\"EEEE\" must be the last pattern used");
  }
  switch (pattern) {
    case NumberPattern::kNine: return AddDigit(false);
    case NumberPattern::kZero: return AddDigit(true);
    case NumberPattern::kBlank:
      if (pre == 0 && post == 0 && !zero) blank = true;
      return;
    case NumberPattern::kLocalePoint:
    case NumberPattern::kPoint:
      if (decimal) ThrowFormat("multiple decimal points");
      if (multi) ThrowFormat("cannot use \"V\" and decimal point together");
      decimal = true;
      return;
    case NumberPattern::kFill: fill = true; return;
    case NumberPattern::kSign: return AddSign();
    case NumberPattern::kMinus:
      if (has_sign) ThrowFormat("cannot use \"S\" and \"MI\" together");
      minus = true;
      return;
    case NumberPattern::kPlus:
      if (has_sign) ThrowFormat("cannot use \"S\" and \"PL\" together");
      plus = true;
      return;
    case NumberPattern::kPlusOrMinus:
      if (has_sign) ThrowFormat("cannot use \"S\" and \"SG\" together");
      minus = plus = true;
      return;
    case NumberPattern::kBracket:
      if (has_sign || plus || minus) {
        ThrowFormat("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
      }
      bracket = true;
      return;
    case NumberPattern::kRoman:
    case NumberPattern::kRomanLower: roman = true; return;
    case NumberPattern::kMultiply:
      if (decimal) ThrowFormat("cannot use \"V\" and decimal point together");
      multi = true;
      return;
    case NumberPattern::kScientific:
      if (scientific) ThrowFormat("cannot use \"EEEE\" twice");
      if (blank || fill || has_sign || bracket || minus || plus || roman || multi) {
        ThrowFormat("\"EEEE\" is incompatible with other formats",
                    "\"EEEE\" may only be used together with digit and decimal point patterns.");
      }
      scientific = true;
      return;
    default: return;
  }
}

NumberFormat NumberFormat::Parse(std::string_view text) {
  NumberFormat format;
  bool quoted = false;
  while (!text.empty()) {
    const Keyword* keyword = quoted ? nullptr : FindKeyword(text);
    if (keyword != nullptr) {
      format.nodes.push_back({keyword->pattern, ""});
      format.Add(keyword->pattern);
      text.remove_prefix(keyword->name.size());
      continue;
    }
    if (text[0] == '"') {
      quoted = !quoted;
      text.remove_prefix(1);
      continue;
    }
    // In quotes a backslash quotes anything, outside only a quote.
    bool escapes = text[0] == '\\' && text.size() > 1 && (quoted || text[1] == '"');
    if (escapes) text.remove_prefix(1);
    size_t length = types::Utf8Length(text[0]);
    format.nodes.push_back({NumberPattern::kLiteral, std::string(text.substr(0, length))});
    text.remove_prefix(std::min(length, text.size()));
  }
  return format;
}

}  // namespace sundog::functions
