#include "functions/regex_translate.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/regex_bracket.h"
#include "functions/regex_reader.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

// Which of several matches a part prefers; none where it can match in one length only.
enum class Preference { kNone, kGreedy, kLazy };

struct Part {
  std::string pattern;
  Preference preference = Preference::kNone;
};

constexpr int kMaxRepetitions = 255;
// Of parentheses: what the stack has room for wherever a pattern is read.
constexpr int kMostDepth = 120;

class Translator {
 public:
  Translator(string_view pattern, RegexFlags flags) : in_(pattern) { out_.flags = flags; }

  TranslatedRegex Run() {
    TakeDirectorsAndOptions();
    if (out_.flags.literal) {
      AppendRegexLiteral(in_.rest(), out_.pattern);
      return std::move(out_);
    }
    Part whole = Expression();
    if (!in_.done()) ThrowRegex("parentheses () not balanced");
    out_.pattern = std::move(whole.pattern);
    out_.shortest = whole.preference == Preference::kLazy;
    return std::move(out_);
  }

 private:
  void TakeDirectorsAndOptions() {
    if (out_.flags.literal) return;
    if (in_.Take("***=")) {
      out_.flags.literal = true;
      return;
    }
    in_.Take("***:");
    if (!in_.Looking("(?") || !types::IsAlpha(in_.Peek(2))) return;
    in_.Take("(?");
    while (types::IsAlpha(in_.Peek())) ApplyOption(in_.Next());
    if (!in_.Take(")")) ThrowRegex("invalid embedded option");
  }

  void ApplyOption(char option) {
    RegexFlags& flags = out_.flags;
    switch (option) {
      case 'b':
      case 'e':
        base::ThrowNotSupported(fmt::format("embedded regular expression option \"{}\"", option));
      case 'c': flags.ignore_case = false; break;
      case 'i': flags.ignore_case = true; break;
      case 'm':
      case 'n': flags.newline_stops = flags.newline_anchors = true; break;
      case 'p': flags.newline_stops = true, flags.newline_anchors = false; break;
      case 'q': flags.literal = true; break;
      case 's': flags.newline_stops = flags.newline_anchors = false; break;
      case 't': flags.expanded = false; break;
      case 'w': flags.newline_stops = false, flags.newline_anchors = true; break;
      case 'x': flags.expanded = true; break;
      default: ThrowRegex("invalid embedded option");
    }
  }

  // White space and comments, where the expanded syntax allows them.
  void SkipInsignificant() {
    while (true) {
      if (in_.Looking("(?#")) {
        while (!in_.done() && in_.Peek() != ')') in_.Next();
        if (!in_.Take(")")) ThrowRegex("parentheses () not balanced");
      } else if (out_.flags.expanded && types::IsSpace(in_.Peek())) {
        in_.Next();
      } else if (out_.flags.expanded && in_.Peek() == '#') {
        while (!in_.done() && in_.Peek() != '\n') in_.Next();
      } else {
        return;
      }
    }
  }

  // Branches separated by bars, up to the end or a closing parenthesis.
  Part Expression() {
    Part result = Branch();
    SkipInsignificant();
    bool many = false;
    while (in_.Take("|")) {
      many = true;
      result.pattern += '|' + Branch().pattern;
      SkipInsignificant();
    }
    if (many) {
      result.preference = Preference::kGreedy;
      out_.choice_may_differ = true;
    }
    return result;
  }

  Part Branch() {
    Part branch;
    while (true) {
      SkipInsignificant();
      if (in_.done() || in_.Peek() == '|' || (in_.Peek() == ')' && depth_ > 0)) return branch;
      Part piece = Quantified();
      branch.pattern += piece.pattern;
      if (branch.preference == Preference::kNone) branch.preference = piece.preference;
    }
  }

  // An atom or constraint with its quantifier.
  Part Quantified() {
    RegexReader before = in_;
    int groups_before = out_.groups;
    bool is_constraint = false;
    Part atom = Atom(&is_constraint);
    SkipInsignificant();
    RegexQuantifier quantifier;
    if (!TakeQuantifier(&quantifier)) return atom;
    if (is_constraint) ThrowRegex("quantifier operand invalid");
    bool single_lazy = quantifier.minimum == 1 && quantifier.maximum == 1 && quantifier.lazy;
    if (single_lazy && !force_lazy_) {
      // {1,1}? changes nothing but what the atom prefers: read it again with that in mind.
      RegexReader after = in_;
      in_ = before;
      out_.groups = groups_before;
      force_lazy_ = true;
      atom = Atom(&is_constraint);
      force_lazy_ = false;
      in_ = after;
      atom.preference = Preference::kLazy;
      return atom;
    }
    atom.pattern += quantifier.text;
    if (quantifier.minimum != quantifier.maximum || quantifier.lazy) {
      bool lazy = quantifier.lazy || force_lazy_;
      atom.preference = lazy ? Preference::kLazy : Preference::kGreedy;
      if (lazy) atom.pattern += '?';
      if (quantifier.lazy || atom.pattern[0] == '(') out_.choice_may_differ = true;
    }
    char next = in_.Peek();
    bool again = next == '*' || next == '+' || next == '?' ||
                 (next == '{' && types::IsDigit(in_.Peek(1)));
    if (again) ThrowRegex("quantifier operand invalid");
    return atom;
  }

  bool TakeQuantifier(RegexQuantifier* quantifier) {
    char c = in_.Peek();
    if (c == '*' || c == '+' || c == '?') {
      in_.Next();
      *quantifier = {std::string(1, c), c == '+' ? 1 : 0, c == '?' ? 1 : kUnlimited, false};
    } else if (c == '{' && types::IsDigit(in_.Peek(1))) {
      in_.Next();
      TakeBounds(quantifier);
    } else {
      return false;
    }
    quantifier->lazy = in_.Take("?");
    return true;
  }

  void TakeBounds(RegexQuantifier* quantifier) {
    quantifier->minimum = TakeCount();
    quantifier->maximum = quantifier->minimum;
    quantifier->text = fmt::format("{{{}", quantifier->minimum);
    if (in_.Take(",")) {
      quantifier->text += ',';
      quantifier->maximum = kUnlimited;
      if (types::IsDigit(in_.Peek())) {
        quantifier->maximum = TakeCount();
        quantifier->text += fmt::format("{}", quantifier->maximum);
        if (quantifier->maximum < quantifier->minimum) ThrowRegex("invalid repetition count(s)");
      }
    }
    if (in_.done()) ThrowRegex("braces {} not balanced");
    if (!in_.Take("}")) ThrowRegex("invalid repetition count(s)");
    quantifier->text += '}';
  }

  int TakeCount() {
    int count = 0;
    while (types::IsDigit(in_.Peek())) {
      count = count * 10 + (in_.Next() - '0');
      if (count > kMaxRepetitions) ThrowRegex("invalid repetition count(s)");
    }
    return count;
  }

  Part Atom(bool* is_constraint) {
    *is_constraint = false;
    char c = in_.Peek();
    switch (c) {
      case '(': return Group(is_constraint);
      case '[': {
        std::string word_boundary = in_.TakeWordBoundary();
        *is_constraint = !word_boundary.empty();
        if (*is_constraint) return {word_boundary};
        return {TranslateBracket(in_, out_.flags)};
      }
      case '*':
      case '+':
      case '?': ThrowRegex("quantifier operand invalid");
      case ')': ThrowRegex("parentheses () not balanced");
      case '^':
        in_.Next();
        *is_constraint = true;
        return {out_.flags.newline_anchors ? "(?m:^)" : "\\A"};
      case '$':
        in_.Next();
        *is_constraint = true;
        return {out_.flags.newline_anchors ? "(?m:$)" : "\\z"};
      case '.':
        in_.Next();
        return {out_.flags.newline_stops ? "[^\\n]" : "(?s:.)"};
      case '\\': return Escape(is_constraint);
      case '{':
        if (types::IsDigit(in_.Peek(1))) ThrowRegex("quantifier operand invalid");
        break;
      default: break;
    }
    Part atom;
    AppendRegexLiteral(in_.NextCharacter(), atom.pattern);
    return atom;
  }

  Part Group(bool* is_constraint) {
    constexpr string_view kLookarounds[] = {"(?=", "(?!", "(?<=", "(?<!"};
    for (string_view start : kLookarounds) {
      if (!in_.Take(start)) continue;
      *is_constraint = true;
      ++lookaround_depth_;
      Part inside = Enclosed(std::string(start));
      --lookaround_depth_;
      inside.preference = Preference::kNone;
      return inside;
    }
    if (in_.Take("(?:")) return Enclosed("(?:");
    if (in_.Looking("(?")) ThrowRegex("quantifier operand invalid");
    in_.Next();
    if (lookaround_depth_ > 0) return Enclosed("(?:");
    ++out_.groups;
    return Enclosed("(");
  }

  Part Enclosed(std::string start) {
    if (++depth_ > kMostDepth) ThrowRegex("regular expression is too complex");
    Part inside = Expression();
    --depth_;
    if (!in_.Take(")")) ThrowRegex("parentheses () not balanced");
    inside.pattern = start + inside.pattern + ')';
    return inside;
  }

  Part Escape(bool* is_constraint) {
    RegexEscape escape = in_.TakeEscape(out_.groups);
    *is_constraint = escape.kind == RegexEscape::kConstraint;
    if (escape.kind == RegexEscape::kBackreference) {
      if (lookaround_depth_ > 0 || escape.number > out_.groups) {
        ThrowRegex("invalid backreference number");
      }
      out_.has_backreference = true;
    }
    return {escape.pattern};
  }

  RegexReader in_;
  TranslatedRegex out_;
  int depth_ = 0;
  int lookaround_depth_ = 0;
  bool force_lazy_ = false;
};

}  // namespace

RegexFlags ParseRegexFlags(string_view text) {
  RegexFlags flags;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case 'g': flags.global = true; break;
      case 'c': flags.ignore_case = false; break;
      case 'i': flags.ignore_case = true; break;
      case 'm':
      case 'n': flags.newline_stops = flags.newline_anchors = true; break;
      case 'p': flags.newline_stops = true, flags.newline_anchors = false; break;
      case 'q': flags.literal = true; break;
      case 's': flags.newline_stops = flags.newline_anchors = false; break;
      case 't': flags.expanded = false; break;
      case 'w': flags.newline_stops = false, flags.newline_anchors = true; break;
      case 'x': flags.expanded = true; break;
      case 'b':
      case 'e':
        base::ThrowNotSupported(fmt::format("regular expression option \"{}\"", text[i]));
      default:
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("invalid regular expression option: \"{}\"",
                                   text.substr(i, types::Utf8Length(text[i]))));
    }
  }
  return flags;
}

TranslatedRegex TranslateRegex(string_view pattern, RegexFlags flags) {
  return Translator(pattern, flags).Run();
}

}  // namespace sundog::functions
