#include "functions/regex_bracket.h"

#include <fmt/format.h>

#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

// Class names with what stands for them inside PCRE2's brackets.
struct CharacterClass {
  string_view name;
  string_view pattern;
};

constexpr CharacterClass kClasses[] = {
    {"alnum", "[:alnum:]"}, {"alpha", "[:alpha:]"}, {"ascii", "[:ascii:]"}, {"blank", "[:blank:]"},
    {"cntrl", "[:cntrl:]"}, {"digit", "0-9"},       {"graph", "[:graph:]"}, {"lower", "[:lower:]"},
    {"print", "[:print:]"}, {"punct", "[:punct:]"}, {"space", "\\s"},       {"upper", "[:upper:]"},
    {"word", "\\w"},        {"xdigit", "[:xdigit:]"}};

std::string ClassPattern(string_view name, const RegexFlags& flags) {
  if (flags.ignore_case && (name == "lower" || name == "upper")) name = "alpha";
  for (const CharacterClass& row : kClasses) {
    if (row.name == name) return std::string(row.pattern);
  }
  ThrowRegex("invalid character class");
}

// A member of the brackets: one character, which may begin or end a range, or a class.
struct Member {
  bool is_class = false;
  char32_t character = 0;
  std::string pattern;
};

// The text of [:name:], [.name.] or [=name=], whose start is taken.
string_view TakeDelimited(RegexReader& in, string_view end) {
  size_t at = in.rest().find(end);
  if (at == string_view::npos) ThrowRegex("brackets [] not balanced");
  string_view name = in.rest().substr(0, at);
  in.Take(name);
  in.Take(end);
  return name;
}

char32_t SingleCharacter(string_view text) {
  if (types::CountCharacters(text) != 1) ThrowRegex("invalid collating element");
  size_t offset = 0;
  return types::NextCharacter(text, &offset);
}

Member TakeMember(RegexReader& in, const RegexFlags& flags) {
  Member member;
  if (in.Take("[:")) {
    member.is_class = true;
    member.pattern = ClassPattern(TakeDelimited(in, ":]"), flags);
  } else if (in.Take("[.")) {
    member.character = SingleCharacter(TakeDelimited(in, ".]"));
  } else if (in.Take("[=")) {
    member.character = SingleCharacter(TakeDelimited(in, "=]"));
  } else if (in.Peek() == '\\') {
    RegexEscape escape = in.TakeEscape(0);
    if (escape.kind == RegexEscape::kClass) {
      member.is_class = true;
      member.pattern = escape.pattern == "[0-9]" ? "0-9" : escape.pattern;
      if (member.pattern == "[^0-9]") member.pattern = "\\D";
    } else if (escape.kind == RegexEscape::kCharacter) {
      member.character = escape.character;
    } else {
      ThrowRegex("invalid escape \\ sequence");
    }
  } else {
    size_t offset = 0;
    member.character = types::NextCharacter(in.NextCharacter(), &offset);
  }
  return member;
}

std::string CodePoint(char32_t character) {
  return fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(character));
}

void AppendMember(RegexReader& in, const RegexFlags& flags, std::string& to) {
  Member first = TakeMember(in, flags);
  bool range = in.Peek() == '-' && in.Peek(1) != ']' && in.Peek(1) != '\0';
  if (!range) {
    to += first.is_class ? first.pattern : CodePoint(first.character);
    return;
  }
  in.Take("-");
  Member last = TakeMember(in, flags);
  bool chained = in.Peek() == '-' && in.Peek(1) != ']' && in.Peek(1) != '\0';
  if (first.is_class || last.is_class || first.character > last.character || chained) {
    ThrowRegex("invalid character range");
  }
  to += CodePoint(first.character) + "-" + CodePoint(last.character);
}

}  // namespace

std::string TranslateBracket(RegexReader& in, const RegexFlags& flags) {
  in.Take("[");
  std::string pattern = "[";
  if (in.Take("^")) {
    pattern += '^';
    if (flags.newline_stops) pattern += "\\n";
  }
  bool first = true;
  while (first || in.Peek() != ']') {
    if (in.done()) ThrowRegex("brackets [] not balanced");
    AppendMember(in, flags, pattern);
    first = false;
  }
  in.Take("]");
  return pattern + ']';
}

}  // namespace sundog::functions
