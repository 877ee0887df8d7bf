// The format pictures of to_char() and to_number() for numbers: '999G990D99MI'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sundog::functions {

// What a picture is made of.
enum class NumberPattern : uint8_t {
  kLiteral,        // copied as it is
  kComma,          // ,
  kPoint,          // .
  kZero,           // 0
  kNine,           // 9
  kBlank,          // B
  kNothing,        // C, SP: known and ignored
  kLocalePoint,    // D
  kScientific,     // EEEE
  kFill,           // FM
  kGroup,          // G
  kCurrency,       // L
  kMinus,          // MI
  kPlus,           // PL
  kBracket,        // PR
  kRoman,          // RN
  kRomanLower,     // rn
  kSign,           // S
  kPlusOrMinus,    // SG
  kOrdinal,        // TH
  kOrdinalLower,   // th
  kMultiply,       // V
};

struct NumberNode {
  NumberPattern pattern;
  std::string literal;  // of kLiteral: one character
};

// Where a locale sign (S) stands: before or behind the digits.
enum class LocaleSign : uint8_t { kNone, kBefore, kBehind };

// A parsed picture and what follows from all of it.
struct NumberFormat {
  std::vector<NumberNode> nodes;
  int pre = 0;         // digits before the point
  int post = 0;        // digits behind it
  int multiply = 0;    // digits behind V
  int zero_start = 0;  // place of the first 0, from 1; 0 for none
  int zero_end = 0;    // place of the last 0
  int digits_before_sign = 0;
  LocaleSign sign = LocaleSign::kNone;
  bool decimal = false;
  bool zero = false;
  bool blank = false;
  bool fill = false;
  bool bracket = false;
  bool minus = false;
  bool plus = false;
  bool roman = false;
  bool multi = false;
  bool scientific = false;
  bool has_sign = false;

  // Throws 42601 for patterns that do not go together.
  static NumberFormat Parse(std::string_view text);

 private:
  void Add(NumberPattern pattern);
  void AddDigit(bool is_zero);
  void AddSign();
};

// Everything but S in a locale-neutral world.
inline constexpr char kGroupSeparator = ',';

// A number taken apart for to_char(): its digits with the point, without sign, rounded already.
struct NumberText {
  std::string digits;
  char sign = '+';
  int leading_blanks = 0;  // digit places before the number
};

// `format` is a copy: writing adjusts it to the number.
std::string WriteNumber(NumberFormat format, const NumberText& number);

// to_number()'s reading: a sign or blank, then digits and perhaps a point, for numeric's input.
// Sets format->post to the digits read behind the point. 0A000 for EEEE and RN.
std::string ReadNumber(NumberFormat* format, std::string_view text);

}  // namespace sundog::functions
