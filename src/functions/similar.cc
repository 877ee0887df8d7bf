// SIMILAR TO: SQL's own regular expressions, rewritten as PostgreSQL's.
#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/regex.h"
#include "functions/text_builder.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

// How the three parts that escape-double-quotes make are joined: the first as short, the second as
// long as possible; only the second is a group.
constexpr string_view kPartSeparators[] = {"){1,1}?(", "){1,1}(?:"};

class SimilarPattern {
 public:
  // An empty escape means none.
  SimilarPattern(string_view pattern, string_view escape) : escape_(escape) {
    if (types::CountCharacters(escape) > 1) {
      throw SqlError(sqlstate::kInvalidEscapeSequence, "invalid escape string")
          .Hint("Escape string must be empty or one character.");
    }
    out_.Append("^(?:");
    bool after_escape = false;
    while (!pattern.empty()) {
      string_view character = pattern.substr(0, types::Utf8Length(pattern[0]));
      pattern.remove_prefix(character.size());
      if (after_escape) {
        Escaped(character);
        after_escape = false;
      } else if (!escape_.empty() && character == escape_) {
        after_escape = true;
      } else if (bracket_depth_ > 0) {
        InsideBrackets(character);
      } else {
        Plain(character);
      }
    }
    out_.Append(")$");
  }

  string_view Finish(CallContext& call) const { return out_.Finish(call); }

 private:
  void Escaped(string_view character) {
    if (character != "\"" || bracket_depth_ > 0) {
      out_.Append('\\').Append(character);
      position_ = 3;
      return;
    }
    if (separators_ == 2) {
      throw SqlError(sqlstate::kInvalidUseOfEscapeCharacter,
                     "SQL regular expression may not contain more than two escape-double-quote "
                     "separators");
    }
    out_.Append(kPartSeparators[separators_++]);
  }

  // A closing bracket right behind the opening one, or behind its ^, is a member.
  void InsideBrackets(string_view character) {
    if (character == "\\") out_.Append('\\');
    out_.Append(character);
    if (character == "]" && position_ > 2) {
      --bracket_depth_;
    } else if (character == "[") {
      ++bracket_depth_;
      position_ = 3;
    } else if (character == "^") {
      ++position_;
    } else {
      position_ = 3;
    }
  }

  void Plain(string_view character) {
    if (character == "[") {
      bracket_depth_ = 1;
      position_ = 1;
      out_.Append('[');
    } else if (character == "%") {
      out_.Append(".*");
    } else if (character == "_") {
      out_.Append('.');
    } else if (character == "(") {
      out_.Append("(?:");
    } else {
      if (string_view("\\.^$").find(character) != string_view::npos) out_.Append('\\');
      out_.Append(character);
    }
  }

  string_view escape_;
  TextBuilder out_;
  int separators_ = 0;
  int bracket_depth_ = 0;
  int position_ = 0;  // in the brackets: 1 behind [, 2 behind [^, 3 further on
};

string_view ToEscapeDefault(CallContext& call, string_view pattern) {
  return SimilarPattern(pattern, "\\").Finish(call);
}

string_view ToEscape(CallContext& call, string_view pattern, string_view escape) {
  return SimilarPattern(pattern, escape).Finish(call);
}

// The older form, where a null escape means the default one.
std::optional<string_view> SimilarEscape(CallContext& call, Nullable<string_view> pattern,
                                         Nullable<string_view> escape) {
  if (pattern.is_null) return std::nullopt;
  return ToEscape(call, pattern.value, escape.is_null ? "\\" : escape.value);
}

// substring(text similar pattern escape escape).
std::optional<string_view> Substring(CallContext& call, string_view text, string_view pattern,
                                     string_view escape) {
  Regex& regex = RegexCache::For(call, ToEscape(call, pattern, escape));
  std::vector<RegexSpan> spans;
  if (!regex.Search(text, 0, &spans)) return std::nullopt;
  const RegexSpan& span = spans[spans.size() > 1 ? 1 : 0];
  if (!span.matched()) return std::nullopt;
  return span.In(text);
}

constexpr ScalarEntry kEntries[] = {
    {"similar_to_escape_1", Kernel<ToEscapeDefault>},
    {"similar_to_escape_2", Kernel<ToEscape>},
    {"similar_escape", Kernel<SimilarEscape>},
    {"substring(text,text,text)", Kernel<Substring>},
};

}  // namespace

void RegisterSimilarFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
