// LIKE and ILIKE, over text and bytea.
#include <cstring>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "functions/text_case.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

[[noreturn]] void ThrowTrailingEscape() {
  throw SqlError(sqlstate::kInvalidEscapeSequence,
                 "LIKE pattern must not end with escape character");
}

// Bytes a wildcard swallows: a character of text, one of bytea.
size_t Utf8Step(char lead) { return types::Utf8Length(lead); }
size_t ByteStep(char) { return 1; }

// Matches greedily from left to right and returns to the last % when stuck: where the rest cannot
// match behind a later %, it cannot behind an earlier one either.
template <size_t (*Step)(char)>
bool Matches(string_view text, string_view pattern) {
  size_t t = 0;
  size_t p = 0;
  size_t star = string_view::npos;  // after the last %
  size_t star_text = 0;             // where its rest was last tried
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '_') {
      t += Step(text[t]);
      ++p;
      continue;
    }
    size_t escaped = p < pattern.size() && pattern[p] == '\\';
    if (escaped && p + 1 == pattern.size()) ThrowTrailingEscape();
    if (p < pattern.size() && pattern[p + escaped] == text[t]) {
      ++t;
      p += 1 + escaped;
      continue;
    }
    if (star == string_view::npos) return false;
    star_text += Step(text[star_text]);
    t = star_text;
    p = star;
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

// What a pattern without _ and escapes may be reduced to.
enum class Shape { kGeneral, kExact, kPrefix, kSuffix, kContains, kAll };

struct ClassifiedPattern {
  Shape shape;
  string_view literal;

  explicit ClassifiedPattern(string_view pattern) : shape(Shape::kGeneral), literal(pattern) {
    if (pattern.find_first_of("_\\") != string_view::npos) return;
    bool starts = pattern.starts_with('%');
    while (literal.starts_with('%')) literal.remove_prefix(1);
    bool ends = literal.ends_with('%');
    while (literal.ends_with('%')) literal.remove_suffix(1);
    if (literal.find('%') != string_view::npos) return;
    shape = literal.empty() && starts ? Shape::kAll
            : starts && ends          ? Shape::kContains
            : starts                  ? Shape::kSuffix
            : ends                    ? Shape::kPrefix
                                      : Shape::kExact;
  }
};

bool Contains(string_view text, string_view part) {
  return text.size() >= part.size() &&
         memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

// The shape is found once for a pattern that is the same in all rows.
template <bool negated, size_t (*Step)(char)>
void LikeKernel(CallContext&, std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  const Vector& texts = *arguments[0];
  const Vector& patterns = *arguments[1];
  auto fill = [&](auto&& test) {
    rows.ForEach(
        [&](size_t row) { out.Set<bool>(row, test(texts.At<string_view>(row), row) != negated); });
  };
  if (patterns.constant() && !rows.empty()) {
    ClassifiedPattern pattern(patterns.At<string_view>(0));
    string_view literal = pattern.literal;
    switch (pattern.shape) {
      case Shape::kAll: return fill([](string_view, size_t) { return true; });
      case Shape::kExact: return fill([&](string_view text, size_t) { return text == literal; });
      case Shape::kPrefix:
        return fill([&](string_view text, size_t) { return text.starts_with(literal); });
      case Shape::kSuffix:
        return fill([&](string_view text, size_t) { return text.ends_with(literal); });
      case Shape::kContains:
        return fill([&](string_view text, size_t) { return Contains(text, literal); });
      case Shape::kGeneral: break;
    }
  }
  fill([&](string_view text, size_t row) {
    return Matches<Step>(text, patterns.At<string_view>(row));
  });
}

template <bool negated>
bool LikeIgnoringCase(string_view text, string_view pattern) {
  base::Arena arena;
  return Matches<Utf8Step>(ToLower(arena, text), ToLower(arena, pattern)) != negated;
}

// The pattern with `escape` as its escape character rewritten to use a backslash.
string_view LikeEscape(CallContext& call, string_view pattern, string_view escape) {
  if (types::CountCharacters(escape) > 1) {
    throw SqlError(sqlstate::kInvalidEscapeSequence, "invalid escape string")
        .Hint("Escape string must be empty or one character.");
  }
  if (escape == "\\") return pattern;
  TextBuilder result;
  bool after_escape = false;
  while (!pattern.empty()) {
    size_t length = types::Utf8Length(pattern[0]);
    string_view character = pattern.substr(0, length);
    pattern.remove_prefix(length);
    if (!escape.empty() && character == escape && !after_escape) {
      result.Append('\\');
      after_escape = true;
      continue;
    }
    if (character == "\\" && !after_escape) result.Append('\\');
    result.Append(character);
    after_escape = false;
  }
  return result.Finish(call);
}

constexpr ScalarEntry kEntries[] = {
    {"textlike", LikeKernel<false, Utf8Step>},
    {"textnlike", LikeKernel<true, Utf8Step>},
    {"namelike", LikeKernel<false, Utf8Step>},
    {"namenlike", LikeKernel<true, Utf8Step>},
    {"bytealike", LikeKernel<false, ByteStep>},
    {"byteanlike", LikeKernel<true, ByteStep>},
    {"texticlike", Kernel<LikeIgnoringCase<false>>},
    {"texticnlike", Kernel<LikeIgnoringCase<true>>},
    {"nameiclike", Kernel<LikeIgnoringCase<false>>},
    {"nameicnlike", Kernel<LikeIgnoringCase<true>>},
    {"like_escape", Kernel<LikeEscape>},
    {"like_escape_bytea", Kernel<LikeEscape>},
};

}  // namespace

void RegisterLikeFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
