// The lexical side of regular expressions: characters, escapes, quantifiers.
#pragma once

#include <string>
#include <string_view>

namespace sundog::functions {

inline constexpr int kUnlimited = -1;

struct RegexQuantifier {
  std::string text;  // as PCRE2 writes it, without the ? of laziness
  int minimum = 1;
  int maximum = 1;
  bool lazy = false;
};

// 2201B `invalid regular expression: <problem>`.
[[noreturn]] void ThrowRegex(const char* problem);

// Quotes what is special to PCRE2.
void AppendRegexLiteral(std::string_view text, std::string& to);

// An escape outside brackets, or inside where it is a character or a class.
struct RegexEscape {
  enum Kind { kCharacter, kClass, kConstraint, kBackreference };
  Kind kind = kCharacter;
  std::string pattern;
  char32_t character = 0;  // of kCharacter
  int number = 0;          // of kBackreference
};

class RegexReader {
 public:
  explicit RegexReader(std::string_view pattern) : rest_(pattern) {}

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  // Zero past the end.
  char Peek(size_t ahead = 0) const { return ahead < rest_.size() ? rest_[ahead] : '\0'; }
  bool Looking(std::string_view text) const { return rest_.starts_with(text); }
  bool Take(std::string_view text) {
    if (!Looking(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  char Next();
  std::string_view NextCharacter();

  // The escape at the backslash; \mnn is a back reference if there are as many groups.
  RegexEscape TakeEscape(int groups);
  // [[:<:]] or [[:>:]] as PCRE2 writes it; empty if there is none.
  std::string TakeWordBoundary();

 private:
  bool TakeHex(int digits, char32_t* value);
  RegexEscape TakeNumericEscape(int groups);

  std::string_view rest_;
};

}  // namespace sundog::functions
