// Templates of to_char(), to_date() and to_timestamp() for dates and times: "FMDay, DD HH12:MI:SS".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::functions {

// What a keyword stands for.
enum class PatternField : uint8_t {
  kEraDots,       // A.D., B.C.
  kEra,           // AD, BC
  kMeridiemDots,  // A.M., P.M.
  kMeridiem,      // AM, PM
  kCentury,
  kDayName,
  kDayNameShort,
  kDayOfYear,
  kDayOfMonth,
  kDayOfWeek,
  kFraction,  // FF1 … FF6
  kFixed,     // FX
  kHour24,
  kHour12,
  kIsoDayOfYear,
  kIsoDayOfWeek,
  kIsoWeek,
  kIsoYear,  // IYYY, IYY, IY, I
  kJulian,
  kMinute,
  kMonth,
  kMonthName,
  kMonthNameShort,
  kMonthRoman,
  kMillisecond,
  kMicrosecond,
  kOffset,  // OF
  kQuarter,
  kSecondOfDay,
  kSecond,
  kZoneHour,
  kZoneMinute,
  kZone,
  kWeekOfYear,
  kWeekOfMonth,
  kYear,       // YYYY, YYY, YY, Y
  kYearComma,  // Y,YYY
};

enum class LetterCase : uint8_t { kUpper, kCapital, kLower };

// Gregorian and ISO week dates do not mix in one template.
enum class DateConvention : uint8_t { kNone, kGregorian, kIsoWeek };

struct PatternKeyword {
  std::string_view name;
  PatternField field;
  LetterCase letter_case;
  // Digits of years and fractions, the keyword's length for all others.
  int width;
  bool is_digit;  // reads and writes a number
  DateConvention convention;
};

enum class OrdinalSuffix : uint8_t { kNone, kUpper, kLower };

struct PatternNode {
  enum class Kind : uint8_t { kField, kText, kSeparator, kSpace };
  Kind kind;
  const PatternKeyword* keyword = nullptr;  // of kField
  bool fill_mode = false;                   // FM
  bool localized = false;                   // TM
  OrdinalSuffix ordinal = OrdinalSuffix::kNone;
  std::string text;  // of all others: one character
};

class DatePattern {
 public:
  // `strict`: the SQL standard's rules, which jsonpath follows; throws 22007 where they forbid a
  // separator.
  explicit DatePattern(std::string_view text, bool strict = false);

  const std::vector<PatternNode>& nodes() const { return nodes_; }
  const std::string& text() const { return text_; }

  // Whether a number at this node ends where something else than a digit must follow.
  bool EndsBeforeNonDigit(size_t node) const;

 private:
  void TakeField(std::string_view* rest, const PatternKeyword& keyword);
  void TakeQuoted(std::string_view* rest);
  void TakeCharacter(std::string_view* rest, PatternNode::Kind kind);

  std::string text_;
  std::vector<PatternNode> nodes_;
};

// "st", "nd", "rd", "th" for a number's text.
std::string_view OrdinalOf(std::string_view number, OrdinalSuffix suffix);

extern const std::string_view kMonthNames[12];
extern const std::string_view kMonthNamesShort[12];
extern const std::string_view kDayNames[7];  // Sunday first
extern const std::string_view kDayNamesShort[7];
extern const std::string_view kMonthsRoman[12];  // lower case, December first

}  // namespace sundog::functions
