// PostgreSQL's advanced regular expressions ("AREs") rewritten as PCRE2 patterns.
//
// The languages differ in escapes (\m, \y, \B), bracket expressions ([[:<:]], [[.x.]]), embedded
// options and directors, in what is an error, and in which of several matches is chosen:
// PostgreSQL takes the longest (or, where the expression as a whole is non-greedy, the shortest)
// that starts leftmost, PCRE2 the first its backtracking meets. The translation tells what kind of
// match is meant, and whether PCRE2's own choice may differ.
#pragma once

#include <string>
#include <string_view>

namespace sundog::functions {

// What the flags argument of the regexp functions says, and embedded options change.
struct RegexFlags {
  bool literal = false;            // q
  bool ignore_case = false;        // i
  bool expanded = false;           // x: white space and comments in the pattern are ignored
  bool newline_stops = false;      // n, m, p: . and [^…] do not match a newline
  bool newline_anchors = false;    // n, m, w: ^ and $ match at newlines
  bool global = false;             // g
  friend bool operator==(const RegexFlags&, const RegexFlags&) = default;
};

// Throws 22023 `invalid regular expression option: "…"`.
RegexFlags ParseRegexFlags(std::string_view text);

struct TranslatedRegex {
  std::string pattern;  // for PCRE2
  RegexFlags flags;     // with embedded options
  int groups = 0;
  bool has_backreference = false;
  bool shortest = false;           // the shortest match is wanted, not the longest
  bool choice_may_differ = false;  // from the one PCRE2 would make
};

// Throws 2201B `invalid regular expression: …`.
TranslatedRegex TranslateRegex(std::string_view pattern, RegexFlags flags);

}  // namespace sundog::functions
