#include "functions/regex_reader.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

struct ClassEscape {
  char letter;
  RegexEscape::Kind kind;
  std::string_view pattern;
};

constexpr ClassEscape kClassEscapes[] = {
    {'d', RegexEscape::kClass, "[0-9]"},
    {'D', RegexEscape::kClass, "[^0-9]"},
    {'s', RegexEscape::kClass, "\\s"},
    {'S', RegexEscape::kClass, "\\S"},
    {'w', RegexEscape::kClass, "\\w"},
    {'W', RegexEscape::kClass, "\\W"},
    {'A', RegexEscape::kConstraint, "\\A"},
    {'Z', RegexEscape::kConstraint, "\\z"},
    {'m', RegexEscape::kConstraint, "\\b(?=\\w)"},
    {'M', RegexEscape::kConstraint, "\\b(?<=\\w)"},
    {'y', RegexEscape::kConstraint, "\\b"},
    {'Y', RegexEscape::kConstraint, "\\B"},
};

struct CharacterEscape {
  char letter;
  char32_t character;
};

constexpr CharacterEscape kCharacterEscapes[] = {
    {'a', 7},    {'b', 8},    {'B', '\\'}, {'e', 27},  {'f', '\f'},
    {'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'v', '\v'},
};

RegexEscape Character(char32_t character) {
  RegexEscape escape;
  escape.character = character;
  if (character < 0x20) {
    escape.pattern = fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(character));
  } else {
    std::string text;
    types::AppendCharacter(character, text);
    AppendRegexLiteral(text, escape.pattern);
  }
  return escape;
}

}  // namespace

void ThrowRegex(const char* problem) {
  throw SqlError(sqlstate::kInvalidRegularExpression,
                 fmt::format("invalid regular expression: {}", problem));
}

void AppendRegexLiteral(std::string_view text, std::string& to) {
  for (char c : text) {
    bool plain = types::IsAlpha(c) || types::IsDigit(c) || static_cast<uint8_t>(c) >= 0x80;
    if (!plain && c > ' ') to += '\\';
    to += c;
  }
}

char RegexReader::Next() {
  char c = rest_[0];
  rest_.remove_prefix(1);
  return c;
}

std::string_view RegexReader::NextCharacter() {
  std::string_view character = rest_.substr(0, types::Utf8Length(rest_[0]));
  rest_.remove_prefix(character.size());
  return character;
}

std::string RegexReader::TakeWordBoundary() {
  if (Take("[[:<:]]")) return "\\b(?=\\w)";
  if (Take("[[:>:]]")) return "\\b(?<=\\w)";
  return "";
}

// `digits` of them exactly, or with 0 as many as there are.
bool RegexReader::TakeHex(int digits, char32_t* value) {
  *value = 0;
  int taken = 0;
  while ((digits == 0 || taken < digits) && types::HexDigitValue(Peek()) >= 0 && !done()) {
    *value = *value * 16 + static_cast<char32_t>(types::HexDigitValue(Next()));
    if (*value > 0x10FFFF) return false;
    ++taken;
  }
  return digits == 0 ? taken > 0 : taken == digits;
}

// \0, \oo and \ooo are characters; a single digit, or a number of a group there is, refers back.
RegexEscape RegexReader::TakeNumericEscape(int groups) {
  size_t digits = 0;
  int number = 0;
  while (types::IsDigit(Peek(digits)) && number < 1000) {
    number = number * 10 + (Peek(digits++) - '0');
  }
  if (Peek() != '0' && (digits == 1 || number <= groups)) {
    rest_.remove_prefix(digits);
    RegexEscape escape;
    escape.kind = RegexEscape::kBackreference;
    escape.number = number;
    escape.pattern = fmt::format("\\g{{{}}}", number);
    return escape;
  }
  char32_t character = 0;
  for (int i = 0; i < 3 && Peek() >= '0' && Peek() <= '7'; ++i) {
    character = character * 8 + static_cast<char32_t>(Next() - '0');
  }
  return Character(character);
}

RegexEscape RegexReader::TakeEscape(int groups) {
  Next();
  if (done()) ThrowRegex("invalid escape \\ sequence");
  if (types::IsDigit(Peek())) return TakeNumericEscape(groups);
  if (!types::IsAlpha(Peek())) {
    size_t offset = 0;
    return Character(types::NextCharacter(NextCharacter(), &offset));
  }
  char letter = Next();
  for (const ClassEscape& row : kClassEscapes) {
    if (row.letter == letter) return {row.kind, std::string(row.pattern)};
  }
  for (const CharacterEscape& row : kCharacterEscapes) {
    if (row.letter == letter) return Character(row.character);
  }
  char32_t character = 0;
  if (letter == 'c' && !done()) return Character(static_cast<char32_t>(Next()) & 31);
  if (letter == 'u' && TakeHex(4, &character)) return Character(character);
  if (letter == 'U' && TakeHex(8, &character)) return Character(character);
  if (letter == 'x' && TakeHex(0, &character)) return Character(character);
  ThrowRegex("invalid escape \\ sequence");
}

}  // namespace sundog::functions
