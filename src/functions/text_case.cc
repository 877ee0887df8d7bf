// Functions that look at characters as Unicode: case, code points, escapes, normalisation. Case
// mapping is one character to one, as the C library does it, so that lengths stay predictable.
#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "functions/text_case.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

bool IsAscii(string_view text) {
  for (char c : text) {
    if (static_cast<uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

template <char (*MapAscii)(char), UChar32 (*MapUnicode)(UChar32)>
string_view MapCase(base::Arena& arena, string_view text) {
  if (IsAscii(text)) {
    char* to = arena.AllocateBytes(text.size());
    for (size_t i = 0; i < text.size(); ++i) to[i] = MapAscii(text[i]);
    return {to, text.size()};
  }
  std::string mapped;
  for (size_t i = 0; i < text.size();) {
    char32_t c = types::NextCharacter(text, &i);
    types::AppendCharacter(static_cast<char32_t>(MapUnicode(static_cast<UChar32>(c))), mapped);
  }
  return arena.Copy(mapped);
}

string_view Lower(CallContext& call, string_view text) { return ToLower(call.arena(), text); }
string_view Upper(CallContext& call, string_view text) { return ToUpper(call.arena(), text); }

string_view InitCap(CallContext& call, string_view text) {
  std::string mapped;
  bool in_word = false;
  for (size_t i = 0; i < text.size();) {
    auto c = static_cast<UChar32>(types::NextCharacter(text, &i));
    c = in_word ? u_tolower(c) : u_toupper(c);
    in_word = u_isalnum(c);
    types::AppendCharacter(static_cast<char32_t>(c), mapped);
  }
  return call.arena().Copy(mapped);
}

int32_t Ascii(string_view text) {
  if (text.empty()) return 0;
  size_t offset = 0;
  return static_cast<int32_t>(types::NextCharacter(text, &offset));
}

string_view Chr(CallContext& call, int32_t code) {
  if (code < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "character number must be positive");
  }
  if (code == 0) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "null character not permitted");
  }
  if (code > 0x10FFFF) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("requested character too large for encoding: {}", code));
  }
  if (code >= 0xD800 && code <= 0xDFFF) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("requested character not valid for encoding: {}", code));
  }
  std::string text;
  types::AppendCharacter(static_cast<char32_t>(code), text);
  return call.arena().Copy(text);
}

// --- unistr ---

// Length of the escape at the start of `text` before its digits, and how many digits follow it.
struct EscapeForm {
  string_view prefix;
  size_t digits;
};

constexpr EscapeForm kEscapeForms[] = {{"\\u", 4}, {"\\+", 6}, {"\\U", 8}, {"\\", 4}};

// The code point of the escape that `text` starts with, moved past; false if there is none.
bool TakeEscape(string_view* text, char32_t* code) {
  for (const EscapeForm& form : kEscapeForms) {
    size_t size = form.prefix.size() + form.digits;
    if (!text->starts_with(form.prefix) || text->size() < size) continue;
    *code = 0;
    bool all_hex = true;
    for (char c : text->substr(form.prefix.size(), form.digits)) {
      int value = types::HexDigitValue(c);
      all_hex &= value >= 0;
      *code = *code * 16 + static_cast<char32_t>(value & 15);
    }
    if (!all_hex) continue;
    if (*code == 0 || *code > 0x10FFFF) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("invalid Unicode code point: {:04X}",
                                 static_cast<uint32_t>(*code)));
    }
    text->remove_prefix(size);
    return true;
  }
  return false;
}

[[noreturn]] void ThrowBadPair() {
  throw SqlError(sqlstate::kSyntaxError, "invalid Unicode surrogate pair");
}

string_view UnicodeString(CallContext& call, string_view text) {
  TextBuilder result;
  char32_t first = 0;  // of a surrogate pair, seen last
  while (!text.empty()) {
    char32_t code = 0;
    bool is_backslash_pair = text.starts_with("\\\\");
    if (text[0] != '\\' || is_backslash_pair) {
      if (first != 0) ThrowBadPair();
      result.Append(text[0]);
      text.remove_prefix(is_backslash_pair ? 2 : 1);
      continue;
    }
    if (!TakeEscape(&text, &code)) {
      throw SqlError(sqlstate::kSyntaxError, "invalid Unicode escape")
          .Hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
    }
    bool is_second = code >= 0xDC00 && code <= 0xDFFF;
    if (is_second != (first != 0)) ThrowBadPair();
    if (is_second) {
      code = 0x10000 + ((first - 0xD800) << 10) + (code - 0xDC00);
      first = 0;
    } else if (code >= 0xD800 && code <= 0xDBFF) {
      first = code;
      continue;
    }
    types::AppendCharacter(code, result.text());
  }
  if (first != 0) ThrowBadPair();
  return result.Finish(call);
}

// --- normalisation ---

const icu::Normalizer2& NormalizerNamed(string_view form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = nullptr;
  if (types::EqualsIgnoringCase(form, "nfc")) {
    normalizer = icu::Normalizer2::getNFCInstance(status);
  } else if (types::EqualsIgnoringCase(form, "nfd")) {
    normalizer = icu::Normalizer2::getNFDInstance(status);
  } else if (types::EqualsIgnoringCase(form, "nfkc")) {
    normalizer = icu::Normalizer2::getNFKCInstance(status);
  } else if (types::EqualsIgnoringCase(form, "nfkd")) {
    normalizer = icu::Normalizer2::getNFKDInstance(status);
  } else {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("invalid normalization form: {}", form));
  }
  CHECK(U_SUCCESS(status));
  return *normalizer;
}

icu::UnicodeString ToUnicode(string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

string_view Normalize(CallContext& call, string_view text, string_view form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2& normalizer = NormalizerNamed(form);
  icu::UnicodeString normalized = normalizer.normalize(ToUnicode(text), status);
  CHECK(U_SUCCESS(status));
  std::string utf8;
  normalized.toUTF8String(utf8);
  return call.arena().Copy(utf8);
}

bool IsNormalized(string_view text, string_view form) {
  UErrorCode status = U_ZERO_ERROR;
  bool normalized = NormalizerNamed(form).isNormalized(ToUnicode(text), status);
  CHECK(U_SUCCESS(status));
  return normalized;
}

constexpr ScalarEntry kEntries[] = {
    {"lower", Kernel<Lower>},
    {"upper", Kernel<Upper>},
    {"initcap", Kernel<InitCap>},
    {"ascii", Kernel<Ascii>},
    {"chr", Kernel<Chr>},
    {"unistr", Kernel<UnicodeString>},
    {"unicode_normalize_func", Kernel<Normalize>},
    {"unicode_is_normalized", Kernel<IsNormalized>},
};

}  // namespace

string_view ToLower(base::Arena& arena, string_view text) {
  return MapCase<types::ToLowerAscii, u_tolower>(arena, text);
}

string_view ToUpper(base::Arena& arena, string_view text) {
  return MapCase<types::ToUpperAscii, u_toupper>(arena, text);
}

void RegisterTextCaseFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
