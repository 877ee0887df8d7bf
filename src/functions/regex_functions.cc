// The ~ operators and the regexp_… functions.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/regex.h"
#include "functions/text_builder.h"
#include "types/array.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;
using Spans = std::vector<RegexSpan>;

template <bool negated, bool ignore_case>
bool MatchOperator(CallContext& call, string_view text, string_view pattern) {
  RegexFlags flags;
  flags.ignore_case = ignore_case;
  return RegexCache::For(call, pattern, flags).Matches(text) != negated;
}

// The flags of a function that takes no 'g'.
RegexFlags FlagsWithoutGlobal(string_view text, const char* function, const char* hint = nullptr) {
  RegexFlags flags = ParseRegexFlags(text);
  if (flags.global) {
    SqlError error(sqlstate::kInvalidParameterValue,
                   fmt::format("{} does not support the \"global\" option", function));
    if (hint != nullptr) error.Hint(hint);
    throw error;
  }
  return flags;
}

void CheckParameter(bool valid, const char* name, int32_t value) {
  if (valid) return;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid value for parameter \"{}\": {}", name, value));
}

// Where the next search starts: after an empty match, one character on.
size_t NextStart(string_view text, const RegexSpan& match) {
  size_t end = static_cast<size_t>(match.end);
  if (match.begin < match.end) return end;
  return end < text.size() ? end + types::Utf8Length(text[end]) : text.size() + 1;
}

// All matches from byte `start` on, or the first only.
std::vector<Spans> FindMatches(Regex& regex, string_view text, size_t start, bool all) {
  std::vector<Spans> matches;
  Spans spans;
  while (start <= text.size() && regex.Search(text, start, &spans)) {
    start = NextStart(text, spans[0]);
    matches.push_back(std::move(spans));
    if (!all) break;
  }
  return matches;
}

size_t StartOffset(string_view text, int32_t start) {
  size_t characters = types::CountCharacters(text);
  if (static_cast<size_t>(start - 1) > characters) return text.size() + 1;
  return types::CharacterOffset(text, static_cast<size_t>(start - 1));
}

// --- regexp_replace ---

// \1 … \9 and \& stand for what was matched, \\ for a backslash.
void AppendReplacement(string_view by, string_view text, const Spans& spans, TextBuilder& to) {
  for (size_t i = 0; i < by.size(); ++i) {
    char next = i + 1 < by.size() ? by[i + 1] : '\0';
    if (by[i] != '\\' || !((next >= '1' && next <= '9') || next == '&' || next == '\\')) {
      to.Append(by[i]);
      continue;
    }
    ++i;
    if (next == '\\') {
      to.Append('\\');
      continue;
    }
    size_t group = next == '&' ? 0 : static_cast<size_t>(next - '0');
    if (group < spans.size() && spans[group].matched()) to.Append(spans[group].In(text));
  }
}

// Replaces match number `n`, or all with 0.
string_view Replace(CallContext& call, string_view text, string_view pattern, string_view by,
                    RegexFlags flags, int32_t start, int32_t n) {
  Regex& regex = RegexCache::For(call, pattern, flags);
  TextBuilder result;
  size_t copied = 0;
  size_t at = StartOffset(text, start);
  int32_t count = 0;
  Spans spans;
  while (at <= text.size() && regex.Search(text, at, &spans)) {
    at = NextStart(text, spans[0]);
    if (++count < n) continue;
    result.Append(text.substr(copied, static_cast<size_t>(spans[0].begin) - copied));
    AppendReplacement(by, text, spans, result);
    copied = static_cast<size_t>(spans[0].end);
    if (n > 0) break;
  }
  if (copied == 0 && result.text().empty() && count < std::max(n, 1)) return text;
  return result.Append(text.substr(copied)).Finish(call);
}

RegexFlags CacheKey(RegexFlags flags) {
  flags.global = false;
  return flags;
}

string_view ReplaceFirst(CallContext& call, string_view text, string_view pattern,
                         string_view by) {
  return Replace(call, text, pattern, by, {}, 1, 1);
}

string_view ReplaceWithFlags(CallContext& call, string_view text, string_view pattern,
                             string_view by, string_view options) {
  if (!options.empty() && options[0] >= '0' && options[0] <= '9') {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid regular expression option: \"{}\"", options.substr(0, 1)))
        .Hint(
            "If you meant to use regexp_replace() with a start parameter, cast the fourth argument "
            "to integer explicitly.");
  }
  RegexFlags flags = ParseRegexFlags(options);
  return Replace(call, text, pattern, by, CacheKey(flags), 1, flags.global ? 0 : 1);
}

string_view ReplaceExtended(CallContext& call, string_view text, string_view pattern,
                            string_view by, int32_t start, int32_t n, string_view options) {
  CheckParameter(start > 0, "start", start);
  CheckParameter(n >= 0, "n", n);
  return Replace(call, text, pattern, by, CacheKey(ParseRegexFlags(options)), start, n);
}

string_view ReplaceNth(CallContext& call, string_view text, string_view pattern, string_view by,
                       int32_t start, int32_t n) {
  return ReplaceExtended(call, text, pattern, by, start, n, "");
}

string_view ReplaceFrom(CallContext& call, string_view text, string_view pattern, string_view by,
                        int32_t start) {
  return ReplaceExtended(call, text, pattern, by, start, 1, "");
}

// --- regexp_match, regexp_matches ---

// The groups of a match as text[], or the whole of it where there are none.
string_view GroupsArray(base::Arena& arena, string_view text, const Spans& spans) {
  types::ArrayBuilder builder(types::oids::kText, types::PhysicalKind::kVarlen);
  for (size_t i = spans.size() > 1 ? 1 : 0; i < spans.size(); ++i) {
    builder.Append(spans[i].matched() ? Datum::From(spans[i].In(text)) : Datum());
  }
  return builder.Finish(arena);
}

std::optional<string_view> MatchWithFlags(CallContext& call, string_view text, string_view pattern,
                                          string_view options) {
  RegexFlags flags = FlagsWithoutGlobal(options, "regexp_match()",
                                        "Use the regexp_matches function instead.");
  Spans spans;
  if (!RegexCache::For(call, pattern, flags).Search(text, 0, &spans)) return std::nullopt;
  return GroupsArray(call.arena(), text, spans);
}

std::optional<string_view> Match(CallContext& call, string_view text, string_view pattern) {
  return MatchWithFlags(call, text, pattern, "");
}

std::optional<string_view> SubstringByRegex(CallContext& call, string_view text,
                                            string_view pattern) {
  Spans spans;
  if (!RegexCache::For(call, pattern).Search(text, 0, &spans)) return std::nullopt;
  const RegexSpan& span = spans[spans.size() > 1 ? 1 : 0];
  if (!span.matched()) return std::nullopt;
  return span.In(text);
}

// --- regexp_split ---

// The pieces between matches; empty matches at either end, or right behind a match, do not split.
std::vector<string_view> Split(CallContext& call, string_view text, string_view pattern,
                               string_view options, const char* function) {
  RegexFlags flags = FlagsWithoutGlobal(options, function);
  std::vector<string_view> pieces;
  size_t previous_end = 0;
  for (const Spans& spans : FindMatches(RegexCache::For(call, pattern, flags), text, 0, true)) {
    auto begin = static_cast<size_t>(spans[0].begin);
    auto end = static_cast<size_t>(spans[0].end);
    if (begin >= text.size() || end <= previous_end) continue;
    pieces.push_back(text.substr(previous_end, begin - previous_end));
    previous_end = end;
  }
  pieces.push_back(text.substr(previous_end));
  return pieces;
}

string_view SplitToArrayWithFlags(CallContext& call, string_view text, string_view pattern,
                                  string_view options) {
  types::ArrayBuilder builder(types::oids::kText, types::PhysicalKind::kVarlen);
  for (string_view piece : Split(call, text, pattern, options, "regexp_split_to_array()")) {
    builder.Append(Datum::From(piece));
  }
  return builder.Finish(call.arena());
}

string_view SplitToArray(CallContext& call, string_view text, string_view pattern) {
  return SplitToArrayWithFlags(call, text, pattern, "");
}

// --- regexp_count, _instr, _like, _substr ---

int32_t CountExtended(CallContext& call, string_view text, string_view pattern, int32_t start,
                      string_view options) {
  CheckParameter(start > 0, "start", start);
  RegexFlags flags = FlagsWithoutGlobal(options, "regexp_count()");
  Regex& regex = RegexCache::For(call, pattern, flags);
  return static_cast<int32_t>(FindMatches(regex, text, StartOffset(text, start), true).size());
}
int32_t CountFrom(CallContext& call, string_view text, string_view pattern, int32_t start) {
  return CountExtended(call, text, pattern, start, "");
}
int32_t Count(CallContext& call, string_view text, string_view pattern) {
  return CountExtended(call, text, pattern, 1, "");
}

bool LikeWithFlags(CallContext& call, string_view text, string_view pattern, string_view options) {
  RegexFlags flags = FlagsWithoutGlobal(options, "regexp_like()");
  return RegexCache::For(call, pattern, flags).Matches(text);
}
bool Like(CallContext& call, string_view text, string_view pattern) {
  return LikeWithFlags(call, text, pattern, "");
}

// Group `subexpr` of match number `n`; false if there is none.
bool FindNth(CallContext& call, string_view text, string_view pattern, int32_t start, int32_t n,
             RegexFlags flags, int32_t subexpr, RegexSpan* span) {
  Regex& regex = RegexCache::For(call, pattern, flags);
  size_t at = StartOffset(text, start);
  Spans spans;
  for (int32_t i = 0; i < n; ++i) {
    if (at > text.size() || !regex.Search(text, at, &spans)) return false;
    at = NextStart(text, spans[0]);
  }
  if (static_cast<size_t>(subexpr) >= spans.size()) return false;
  *span = spans[static_cast<size_t>(subexpr)];
  return span->matched();
}

int32_t InstrExtended(CallContext& call, string_view text, string_view pattern, int32_t start,
                      int32_t n, int32_t end_option, string_view options, int32_t subexpr) {
  CheckParameter(start > 0, "start", start);
  CheckParameter(n > 0, "n", n);
  CheckParameter(end_option == 0 || end_option == 1, "endoption", end_option);
  CheckParameter(subexpr >= 0, "subexpr", subexpr);
  RegexFlags flags = FlagsWithoutGlobal(options, "regexp_instr()");
  RegexSpan span;
  if (!FindNth(call, text, pattern, start, n, flags, subexpr, &span)) return 0;
  auto offset = static_cast<size_t>(end_option == 1 ? span.end : span.begin);
  return static_cast<int32_t>(types::CountCharacters(text.substr(0, offset))) + 1;
}
int32_t InstrNoSubexpr(CallContext& call, string_view text, string_view pattern, int32_t start,
                       int32_t n, int32_t end_option, string_view options) {
  return InstrExtended(call, text, pattern, start, n, end_option, options, 0);
}
int32_t InstrNoFlags(CallContext& call, string_view text, string_view pattern, int32_t start,
                     int32_t n, int32_t end_option) {
  return InstrExtended(call, text, pattern, start, n, end_option, "", 0);
}
int32_t InstrNth(CallContext& call, string_view text, string_view pattern, int32_t start,
                 int32_t n) {
  return InstrExtended(call, text, pattern, start, n, 0, "", 0);
}
int32_t InstrFrom(CallContext& call, string_view text, string_view pattern, int32_t start) {
  return InstrExtended(call, text, pattern, start, 1, 0, "", 0);
}
int32_t Instr(CallContext& call, string_view text, string_view pattern) {
  return InstrExtended(call, text, pattern, 1, 1, 0, "", 0);
}

std::optional<string_view> SubstrExtended(CallContext& call, string_view text, string_view pattern,
                                          int32_t start, int32_t n, string_view options,
                                          int32_t subexpr) {
  CheckParameter(start > 0, "start", start);
  CheckParameter(n > 0, "n", n);
  CheckParameter(subexpr >= 0, "subexpr", subexpr);
  RegexFlags flags = FlagsWithoutGlobal(options, "regexp_substr()");
  RegexSpan span;
  if (!FindNth(call, text, pattern, start, n, flags, subexpr, &span)) return std::nullopt;
  return span.In(text);
}
std::optional<string_view> SubstrNoSubexpr(CallContext& call, string_view text,
                                           string_view pattern, int32_t start, int32_t n,
                                           string_view options) {
  return SubstrExtended(call, text, pattern, start, n, options, 0);
}
std::optional<string_view> SubstrNth(CallContext& call, string_view text, string_view pattern,
                                     int32_t start, int32_t n) {
  return SubstrExtended(call, text, pattern, start, n, "", 0);
}
std::optional<string_view> SubstrFrom(CallContext& call, string_view text, string_view pattern,
                                      int32_t start) {
  return SubstrExtended(call, text, pattern, start, 1, "", 0);
}
std::optional<string_view> Substr(CallContext& call, string_view text, string_view pattern) {
  return SubstrExtended(call, text, pattern, 1, 1, "", 0);
}

// --- sets ---

string_view ArgumentText(std::span<const Datum> arguments, size_t i) {
  return i < arguments.size() ? arguments[i].As<string_view>() : string_view();
}

class MatchesCall : public SetCall {
 public:
  MatchesCall(CallContext& call, std::span<const Datum> arguments)
      : text_(ArgumentText(arguments, 0)) {
    RegexFlags flags = ParseRegexFlags(ArgumentText(arguments, 2));
    Regex& regex = RegexCache::For(call, ArgumentText(arguments, 1), CacheKey(flags));
    matches_ = FindMatches(regex, text_, 0, flags.global);
  }

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t row = 0;
    for (; row < capacity && next_ < matches_.size(); ++row, ++next_) {
      columns[0]->Set(row, GroupsArray(columns[0]->arena(), text_, matches_[next_]));
    }
    return row;
  }

 private:
  string_view text_;
  std::vector<Spans> matches_;
  size_t next_ = 0;
};

class SplitCall : public SetCall {
 public:
  SplitCall(CallContext& call, std::span<const Datum> arguments)
      : pieces_(Split(call, ArgumentText(arguments, 0), ArgumentText(arguments, 1),
                      ArgumentText(arguments, 2), "regexp_split_to_table()")) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t row = 0;
    for (; row < capacity && next_ < pieces_.size(); ++row, ++next_) {
      columns[0]->Set(row, columns[0]->CopyBytes(pieces_[next_]));
    }
    return row;
  }

 private:
  std::vector<string_view> pieces_;
  size_t next_ = 0;
};

template <typename Call>
std::unique_ptr<SetCall> StartSet(CallContext& call, std::span<const Datum> arguments) {
  return std::make_unique<Call>(call, arguments);
}

constexpr ScalarEntry kEntries[] = {
    {"textregexeq", Kernel<MatchOperator<false, false>>},
    {"textregexne", Kernel<MatchOperator<true, false>>},
    {"texticregexeq", Kernel<MatchOperator<false, true>>},
    {"texticregexne", Kernel<MatchOperator<true, true>>},
    {"nameregexeq", Kernel<MatchOperator<false, false>>},
    {"nameregexne", Kernel<MatchOperator<true, false>>},
    {"nameicregexeq", Kernel<MatchOperator<false, true>>},
    {"nameicregexne", Kernel<MatchOperator<true, true>>},
    {"textregexreplace_noopt", Kernel<ReplaceFirst>},
    {"textregexreplace", Kernel<ReplaceWithFlags>},
    {"textregexreplace_extended", Kernel<ReplaceExtended>},
    {"textregexreplace_extended_no_flags", Kernel<ReplaceNth>},
    {"textregexreplace_extended_no_n", Kernel<ReplaceFrom>},
    {"regexp_match", Kernel<MatchWithFlags>},
    {"regexp_match_no_flags", Kernel<Match>},
    {"textregexsubstr", Kernel<SubstringByRegex>},
    {"regexp_split_to_array", Kernel<SplitToArrayWithFlags>},
    {"regexp_split_to_array_no_flags", Kernel<SplitToArray>},
    {"regexp_count", Kernel<CountExtended>},
    {"regexp_count_no_flags", Kernel<CountFrom>},
    {"regexp_count_no_start", Kernel<Count>},
    {"regexp_like", Kernel<LikeWithFlags>},
    {"regexp_like_no_flags", Kernel<Like>},
    {"regexp_instr", Kernel<InstrExtended>},
    {"regexp_instr_no_subexpr", Kernel<InstrNoSubexpr>},
    {"regexp_instr_no_flags", Kernel<InstrNoFlags>},
    {"regexp_instr_no_endoption", Kernel<InstrNth>},
    {"regexp_instr_no_n", Kernel<InstrFrom>},
    {"regexp_instr_no_start", Kernel<Instr>},
    {"regexp_substr", Kernel<SubstrExtended>},
    {"regexp_substr_no_subexpr", Kernel<SubstrNoSubexpr>},
    {"regexp_substr_no_flags", Kernel<SubstrNth>},
    {"regexp_substr_no_n", Kernel<SubstrFrom>},
    {"regexp_substr_no_start", Kernel<Substr>},
};

constexpr SetEntry kSets[] = {
    {"regexp_matches", StartSet<MatchesCall>},
    {"regexp_matches_no_flags", StartSet<MatchesCall>},
    {"regexp_split_to_table", StartSet<SplitCall>},
    {"regexp_split_to_table_no_flags", StartSet<SplitCall>},
};

}  // namespace

void RegisterRegexFunctions(Implementations& table) {
  table.Add(kEntries);
  table.Add(kSets);
}

}  // namespace sundog::functions
