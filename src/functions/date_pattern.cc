#include "functions/date_pattern.h"

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

using enum PatternField;
using Kind = PatternNode::Kind;

const std::string_view kMonthNames[12] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
const std::string_view kMonthNamesShort[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
const std::string_view kDayNames[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
const std::string_view kDayNamesShort[7] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
const std::string_view kMonthsRoman[12] = {"xii", "xi", "x",   "ix", "viii", "vii",
                                           "vi",  "v",  "iv",  "iii", "ii",  "i"};

namespace {

constexpr auto kUpper = LetterCase::kUpper;
constexpr auto kCapital = LetterCase::kCapital;
constexpr auto kLower = LetterCase::kLower;
constexpr auto kNone = DateConvention::kNone;
constexpr auto kGregorian = DateConvention::kGregorian;
constexpr auto kIsoWeekDate = DateConvention::kIsoWeek;

// The first match counts, so that longer keywords come before their beginnings.
constexpr PatternKeyword kKeywords[] = {
    {"A.D.", kEraDots, kUpper, 4, false, kNone},
    {"A.M.", kMeridiemDots, kUpper, 4, false, kNone},
    {"AD", kEra, kUpper, 2, false, kNone},
    {"AM", kMeridiem, kUpper, 2, false, kNone},
    {"B.C.", kEraDots, kUpper, 4, false, kNone},
    {"BC", kEra, kUpper, 2, false, kNone},
    {"CC", kCentury, kUpper, 2, true, kNone},
    {"DAY", kDayName, kUpper, 3, false, kNone},
    {"DDD", kDayOfYear, kUpper, 3, true, kGregorian},
    {"DD", kDayOfMonth, kUpper, 2, true, kGregorian},
    {"DY", kDayNameShort, kUpper, 2, false, kNone},
    {"Day", kDayName, kCapital, 3, false, kNone},
    {"Dy", kDayNameShort, kCapital, 2, false, kNone},
    {"D", kDayOfWeek, kUpper, 1, true, kGregorian},
    {"FF1", kFraction, kUpper, 1, true, kNone},
    {"FF2", kFraction, kUpper, 2, true, kNone},
    {"FF3", kFraction, kUpper, 3, true, kNone},
    {"FF4", kFraction, kUpper, 4, true, kNone},
    {"FF5", kFraction, kUpper, 5, true, kNone},
    {"FF6", kFraction, kUpper, 6, true, kNone},
    {"FX", kFixed, kUpper, 2, false, kNone},
    {"HH24", kHour24, kUpper, 2, true, kNone},
    {"HH12", kHour12, kUpper, 2, true, kNone},
    {"HH", kHour12, kUpper, 2, true, kNone},
    {"IDDD", kIsoDayOfYear, kUpper, 3, true, kIsoWeekDate},
    {"ID", kIsoDayOfWeek, kUpper, 1, true, kIsoWeekDate},
    {"IW", kIsoWeek, kUpper, 2, true, kIsoWeekDate},
    {"IYYY", kIsoYear, kUpper, 4, true, kIsoWeekDate},
    {"IYY", kIsoYear, kUpper, 3, true, kIsoWeekDate},
    {"IY", kIsoYear, kUpper, 2, true, kIsoWeekDate},
    {"I", kIsoYear, kUpper, 1, true, kIsoWeekDate},
    {"J", kJulian, kUpper, 1, true, kNone},
    {"MI", kMinute, kUpper, 2, true, kNone},
    {"MM", kMonth, kUpper, 2, true, kGregorian},
    {"MONTH", kMonthName, kUpper, 5, false, kGregorian},
    {"MON", kMonthNameShort, kUpper, 3, false, kGregorian},
    {"MS", kMillisecond, kUpper, 3, true, kNone},
    {"Month", kMonthName, kCapital, 5, false, kGregorian},
    {"Mon", kMonthNameShort, kCapital, 3, false, kGregorian},
    {"OF", kOffset, kUpper, 2, false, kNone},
    {"P.M.", kMeridiemDots, kUpper, 4, false, kNone},
    {"PM", kMeridiem, kUpper, 2, false, kNone},
    {"Q", kQuarter, kUpper, 1, true, kNone},
    {"RM", kMonthRoman, kUpper, 2, false, kGregorian},
    {"SSSSS", kSecondOfDay, kUpper, 5, true, kNone},
    {"SSSS", kSecondOfDay, kUpper, 4, true, kNone},
    {"SS", kSecond, kUpper, 2, true, kNone},
    {"TZH", kZoneHour, kUpper, 2, false, kNone},
    {"TZM", kZoneMinute, kUpper, 2, true, kNone},
    {"TZ", kZone, kUpper, 2, false, kNone},
    {"US", kMicrosecond, kUpper, 6, true, kNone},
    {"WW", kWeekOfYear, kUpper, 2, true, kGregorian},
    {"W", kWeekOfMonth, kUpper, 1, true, kGregorian},
    {"Y,YYY", kYearComma, kUpper, 5, true, kGregorian},
    {"YYYY", kYear, kUpper, 4, true, kGregorian},
    {"YYY", kYear, kUpper, 3, true, kGregorian},
    {"YY", kYear, kUpper, 2, true, kGregorian},
    {"Y", kYear, kUpper, 1, true, kGregorian},
    {"a.d.", kEraDots, kLower, 4, false, kNone},
    {"a.m.", kMeridiemDots, kLower, 4, false, kNone},
    {"ad", kEra, kLower, 2, false, kNone},
    {"am", kMeridiem, kLower, 2, false, kNone},
    {"b.c.", kEraDots, kLower, 4, false, kNone},
    {"bc", kEra, kLower, 2, false, kNone},
    {"cc", kCentury, kUpper, 2, true, kNone},
    {"day", kDayName, kLower, 3, false, kNone},
    {"ddd", kDayOfYear, kUpper, 3, true, kGregorian},
    {"dd", kDayOfMonth, kUpper, 2, true, kGregorian},
    {"dy", kDayNameShort, kLower, 2, false, kNone},
    {"d", kDayOfWeek, kUpper, 1, true, kGregorian},
    {"ff1", kFraction, kUpper, 1, true, kNone},
    {"ff2", kFraction, kUpper, 2, true, kNone},
    {"ff3", kFraction, kUpper, 3, true, kNone},
    {"ff4", kFraction, kUpper, 4, true, kNone},
    {"ff5", kFraction, kUpper, 5, true, kNone},
    {"ff6", kFraction, kUpper, 6, true, kNone},
    {"fx", kFixed, kUpper, 2, false, kNone},
    {"hh24", kHour24, kUpper, 2, true, kNone},
    {"hh12", kHour12, kUpper, 2, true, kNone},
    {"hh", kHour12, kUpper, 2, true, kNone},
    {"iddd", kIsoDayOfYear, kUpper, 3, true, kIsoWeekDate},
    {"id", kIsoDayOfWeek, kUpper, 1, true, kIsoWeekDate},
    {"iw", kIsoWeek, kUpper, 2, true, kIsoWeekDate},
    {"iyyy", kIsoYear, kUpper, 4, true, kIsoWeekDate},
    {"iyy", kIsoYear, kUpper, 3, true, kIsoWeekDate},
    {"iy", kIsoYear, kUpper, 2, true, kIsoWeekDate},
    {"i", kIsoYear, kUpper, 1, true, kIsoWeekDate},
    {"j", kJulian, kUpper, 1, true, kNone},
    {"mi", kMinute, kUpper, 2, true, kNone},
    {"mm", kMonth, kUpper, 2, true, kGregorian},
    {"month", kMonthName, kLower, 5, false, kGregorian},
    {"mon", kMonthNameShort, kLower, 3, false, kGregorian},
    {"ms", kMillisecond, kUpper, 3, true, kNone},
    {"of", kOffset, kUpper, 2, false, kNone},
    {"p.m.", kMeridiemDots, kLower, 4, false, kNone},
    {"pm", kMeridiem, kLower, 2, false, kNone},
    {"q", kQuarter, kUpper, 1, true, kNone},
    {"rm", kMonthRoman, kLower, 2, false, kGregorian},
    {"sssss", kSecondOfDay, kUpper, 5, true, kNone},
    {"ssss", kSecondOfDay, kUpper, 4, true, kNone},
    {"ss", kSecond, kUpper, 2, true, kNone},
    {"tzh", kZoneHour, kUpper, 2, false, kNone},
    {"tzm", kZoneMinute, kUpper, 2, true, kNone},
    {"tz", kZone, kLower, 2, false, kNone},
    {"us", kMicrosecond, kUpper, 6, true, kNone},
    {"ww", kWeekOfYear, kUpper, 2, true, kGregorian},
    {"w", kWeekOfMonth, kUpper, 1, true, kGregorian},
    {"y,yyy", kYearComma, kUpper, 5, true, kGregorian},
    {"yyyy", kYear, kUpper, 4, true, kGregorian},
    {"yyy", kYear, kUpper, 3, true, kGregorian},
    {"yy", kYear, kUpper, 2, true, kGregorian},
    {"y", kYear, kUpper, 1, true, kGregorian},
};

const PatternKeyword* FindKeyword(std::string_view text) {
  for (const PatternKeyword& keyword : kKeywords) {
    if (text.starts_with(keyword.name)) return &keyword;
  }
  return nullptr;
}

bool Accept(std::string_view* rest, std::string_view word) {
  if (!rest->starts_with(word)) return false;
  rest->remove_prefix(word.size());
  return true;
}

bool IsSeparator(char c) {
  return c > ' ' && c < 0x7F && !types::IsAlpha(c) && !types::IsDigit(c);
}

}  // namespace

DatePattern::DatePattern(std::string_view text, bool strict) : text_(text) {
  std::string_view rest = text_;
  while (!rest.empty()) {
    PatternNode field{.kind = Kind::kField};
    if (Accept(&rest, "FM") || Accept(&rest, "fm")) {
      field.fill_mode = true;
    } else if (Accept(&rest, "TM") || Accept(&rest, "tm")) {
      field.localized = true;
    }
    if (rest.empty()) break;
    if (const PatternKeyword* keyword = FindKeyword(rest)) {
      nodes_.push_back(std::move(field));
      TakeField(&rest, *keyword);
    } else if (rest[0] == '"') {
      TakeQuoted(&rest);
    } else if (strict) {
      if (std::string_view("-./,':; ").find(rest[0]) == std::string_view::npos) {
        size_t size = types::FirstCharacterLength(rest);
        throw SqlError(sqlstate::kInvalidDatetimeFormat,
                       "invalid datetime format separator: \"" +
                           std::string(rest.substr(0, size)) + "\"");
      }
      TakeCharacter(&rest, rest[0] == ' ' ? Kind::kSpace : Kind::kSeparator);
    } else {
      // Outside quotes a backslash only guards a double quote.
      if (rest.starts_with("\\\"")) rest.remove_prefix(1);
      Kind kind = IsSeparator(rest[0])    ? Kind::kSeparator
                  : types::IsSpace(rest[0]) ? Kind::kSpace
                                            : Kind::kText;
      TakeCharacter(&rest, kind);
    }
  }
}

// Completes the node begun with the prefixes.
void DatePattern::TakeField(std::string_view* rest, const PatternKeyword& keyword) {
  PatternNode& node = nodes_.back();
  node.keyword = &keyword;
  rest->remove_prefix(keyword.name.size());
  if (Accept(rest, "TH")) {
    node.ordinal = OrdinalSuffix::kUpper;
  } else if (Accept(rest, "th")) {
    node.ordinal = OrdinalSuffix::kLower;
  } else {
    Accept(rest, "SP");  // read and without effect in PostgreSQL too
  }
}

void DatePattern::TakeQuoted(std::string_view* rest) {
  rest->remove_prefix(1);
  while (!rest->empty() && !Accept(rest, "\"")) {
    if ((*rest)[0] == '\\' && rest->size() > 1) rest->remove_prefix(1);
    TakeCharacter(rest, Kind::kText);
  }
}

void DatePattern::TakeCharacter(std::string_view* rest, PatternNode::Kind kind) {
  size_t size = types::FirstCharacterLength(*rest);
  nodes_.push_back({.kind = kind, .text = std::string(rest->substr(0, size))});
  rest->remove_prefix(size);
}

bool DatePattern::EndsBeforeNonDigit(size_t node) const {
  if (nodes_[node].ordinal != OrdinalSuffix::kNone || node + 1 == nodes_.size()) return true;
  const PatternNode& next = nodes_[node + 1];
  if (next.kind == Kind::kField) return !next.keyword->is_digit;
  return !(next.text.size() == 1 && types::IsDigit(next.text[0]));
}

std::string_view OrdinalOf(std::string_view number, OrdinalSuffix suffix) {
  bool upper = suffix == OrdinalSuffix::kUpper;
  bool teen = number.size() > 1 && number[number.size() - 2] == '1';
  switch (teen ? '0' : number.back()) {
    case '1': return upper ? "ST" : "st";
    case '2': return upper ? "ND" : "nd";
    case '3': return upper ? "RD" : "rd";
    default: return upper ? "TH" : "th";
  }
}

}  // namespace sundog::functions
