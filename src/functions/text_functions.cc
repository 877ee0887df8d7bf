// Functions over character strings: length, cutting, padding, trimming, searching, and the casts
// between the character types.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "types/text_type.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

[[noreturn]] void ThrowNegativeLength() {
  throw SqlError(sqlstate::kSubstringError, "negative substring length not allowed");
}

int32_t Length(string_view text) { return static_cast<int32_t>(types::CountCharacters(text)); }
int32_t BpcharLength(string_view text) { return Length(types::TrimBlanksRight(text)); }
int32_t OctetLength(string_view text) { return static_cast<int32_t>(text.size()); }
int32_t BitLength(string_view text) { return static_cast<int32_t>(text.size() * 8); }

string_view Concatenate(CallContext& call, string_view a, string_view b) {
  char* to = AllocateText(call, static_cast<int64_t>(a.size() + b.size()));
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), to));
  return {to, a.size() + b.size()};
}

// "name_123", the name cut so that the whole fits a name.
string_view AppendOid(CallContext& call, string_view name, uint32_t oid) {
  std::string suffix = fmt::format("_{}", oid);
  return Concatenate(call, types::ClipToBytes(name, types::kNameMaxBytes - suffix.size()), suffix);
}

// Characters [start, end) of the 1-based text, clipped to what there is.
string_view Slice(string_view text, int64_t start, int64_t end) {
  start = std::max<int64_t>(start, 1);
  if (end <= start) return {};
  string_view rest = text.substr(types::CharacterOffset(text, static_cast<size_t>(start - 1)));
  return rest.substr(0, types::CharacterOffset(rest, static_cast<size_t>(end - start)));
}

string_view Substring(string_view text, int32_t start, int32_t length) {
  if (length < 0) ThrowNegativeLength();
  return Slice(text, start, int64_t{start} + length);
}

string_view SubstringToEnd(string_view text, int32_t start) {
  return Slice(text, start, std::numeric_limits<int64_t>::max());
}

string_view Left(string_view text, int32_t count) {
  if (count < 0) count = static_cast<int32_t>(std::max<int64_t>(0, int64_t{count} + Length(text)));
  return text.substr(0, types::CharacterOffset(text, static_cast<size_t>(count)));
}

string_view Right(string_view text, int32_t count) {
  int64_t skip = count < 0 ? -int64_t{count} : int64_t{Length(text)} - count;
  return text.substr(types::CharacterOffset(text, static_cast<size_t>(std::max<int64_t>(skip, 0))));
}

string_view Overlay(CallContext& call, string_view text, string_view by, int32_t start,
                    int32_t length) {
  if (start <= 0) ThrowNegativeLength();
  int32_t after = 0;
  if (__builtin_add_overflow(start, length, &after)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  TextBuilder result;
  result.Append(Substring(text, 1, start - 1)).Append(by).Append(SubstringToEnd(text, after));
  return result.Finish(call);
}

string_view OverlayWhole(CallContext& call, string_view text, string_view by, int32_t start) {
  return Overlay(call, text, by, start, Length(by));
}

int32_t Position(string_view text, string_view part) {
  size_t at = text.find(part);
  if (at == string_view::npos) return 0;
  return Length(text.substr(0, at)) + 1;
}

bool StartsWith(string_view text, string_view prefix) { return text.starts_with(prefix); }

// --- trimming ---

// The length of the character that ends `text`.
size_t LastCharacterLength(string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && types::IsUtf8Continuation(text[start])) --start;
  return text.size() - start;
}

bool HasCharacter(string_view set, string_view character) {
  for (size_t i = 0; i < set.size();) {
    size_t length = types::Utf8Length(set[i]);
    if (set.substr(i, length) == character) return true;
    i += length;
  }
  return false;
}

string_view TrimLeft(string_view text, string_view set) {
  while (!text.empty()) {
    size_t length = types::Utf8Length(text[0]);
    if (!HasCharacter(set, text.substr(0, length))) break;
    text.remove_prefix(length);
  }
  return text;
}

string_view TrimRight(string_view text, string_view set) {
  while (!text.empty()) {
    size_t length = LastCharacterLength(text);
    if (!HasCharacter(set, text.substr(text.size() - length))) break;
    text.remove_suffix(length);
  }
  return text;
}

string_view TrimBoth(string_view text, string_view set) {
  return TrimRight(TrimLeft(text, set), set);
}

string_view TrimBlanksLeft(string_view text) { return TrimLeft(text, " "); }
string_view TrimBlanksRight(string_view text) { return types::TrimBlanksRight(text); }
string_view TrimBlanksBoth(string_view text) { return TrimBlanksLeft(TrimBlanksRight(text)); }

// --- making longer ---

// `count` characters of `fill`, over and over.
void AppendPadding(TextBuilder& to, string_view fill, int64_t count) {
  size_t at = 0;
  for (; count > 0; --count) {
    size_t length = types::Utf8Length(fill[at]);
    to.Append(fill.substr(at, length));
    at = at + length >= fill.size() ? 0 : at + length;
  }
}

string_view Pad(CallContext& call, string_view text, int32_t length, string_view fill, bool left) {
  int64_t wanted = std::max(length, 0);
  int64_t kept = std::min<int64_t>(Length(text), wanted);
  if (fill.empty()) wanted = kept;
  // PostgreSQL reckons with four bytes a character.
  CheckTextSize(wanted * 4);
  text = text.substr(0, types::CharacterOffset(text, static_cast<size_t>(kept)));
  TextBuilder result;
  if (left) AppendPadding(result, fill, wanted - kept);
  result.Append(text);
  if (!left) AppendPadding(result, fill, wanted - kept);
  return result.Finish(call);
}

string_view PadLeft(CallContext& call, string_view text, int32_t length, string_view fill) {
  return Pad(call, text, length, fill, true);
}
string_view PadRight(CallContext& call, string_view text, int32_t length, string_view fill) {
  return Pad(call, text, length, fill, false);
}
string_view PadLeftBlanks(CallContext& call, string_view text, int32_t length) {
  return Pad(call, text, length, " ", true);
}
string_view PadRightBlanks(CallContext& call, string_view text, int32_t length) {
  return Pad(call, text, length, " ", false);
}

string_view Repeat(CallContext& call, string_view text, int32_t count) {
  int64_t size = static_cast<int64_t>(text.size()) * std::max(count, 0);
  char* to = AllocateText(call, size);
  char* end = to;
  for (int32_t i = 0; i < count; ++i) end = std::copy(text.begin(), text.end(), end);
  return {to, static_cast<size_t>(size)};
}

// --- rewriting ---

string_view Reverse(CallContext& call, string_view text) {
  char* to = AllocateText(call, static_cast<int64_t>(text.size()));
  char* end = to + text.size();
  for (size_t i = 0; i < text.size();) {
    size_t length = types::Utf8Length(text[i]);
    end -= length;
    text.copy(end, length, i);
    i += length;
  }
  return {to, text.size()};
}

string_view Replace(CallContext& call, string_view text, string_view from, string_view by) {
  size_t at = from.empty() ? string_view::npos : text.find(from);
  if (at == string_view::npos) return text;
  TextBuilder result;
  while (at != string_view::npos) {
    result.Append(text.substr(0, at)).Append(by);
    text.remove_prefix(at + from.size());
    at = text.find(from);
  }
  return result.Append(text).Finish(call);
}

string_view Translate(CallContext& call, string_view text, string_view from, string_view to) {
  TextBuilder result;
  for (size_t i = 0; i < text.size();) {
    string_view character = text.substr(i, types::Utf8Length(text[i]));
    i += character.size();
    size_t at = 0;
    size_t index = 0;
    while (at < from.size()) {
      string_view candidate = from.substr(at, types::Utf8Length(from[at]));
      if (candidate == character) break;
      at += candidate.size();
      ++index;
    }
    if (at >= from.size()) {
      result.Append(character);
      continue;
    }
    size_t by = types::CharacterOffset(to, index);
    if (by < to.size()) result.Append(to.substr(by, types::Utf8Length(to[by])));
  }
  return result.Finish(call);
}

string_view SplitPart(string_view text, string_view separator, int32_t field) {
  if (field == 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "field position must not be zero");
  }
  if (text.empty()) return {};
  if (separator.empty()) return field == 1 || field == -1 ? text : string_view();
  if (field < 0) {
    int64_t fields = 1;
    for (size_t at = text.find(separator); at != string_view::npos;
         at = text.find(separator, at + separator.size())) {
      ++fields;
    }
    int64_t from_start = fields + field + 1;
    if (from_start <= 0) return {};
    field = static_cast<int32_t>(from_start);
  }
  while (true) {
    size_t at = text.find(separator);
    if (--field == 0) return text.substr(0, at);
    if (at == string_view::npos) return {};
    text.remove_prefix(at + separator.size());
  }
}

template <typename T>
string_view ToHex(CallContext& call, T value) {
  return call.arena().Copy(fmt::format("{:x}", static_cast<std::make_unsigned_t<T>>(value)));
}

// --- casts ---

string_view SameText(string_view text) { return text; }
string_view BoolToText(bool value) { return value ? "true" : "false"; }

string_view CharToText(CallContext& call, char value) {
  std::string text;
  types::AppendCharInternal(value, text);
  return call.arena().Copy(text);
}

char TextToChar(string_view text) { return types::ParseCharInternal(text); }
string_view TextToName(string_view text) { return types::CoerceName(text); }
string_view BpcharToName(string_view text) {
  return types::TrimBlanksRight(types::CoerceName(text));
}

string_view VarcharLength(string_view text, int32_t typmod, bool is_explicit) {
  return types::CoerceVarchar(text, typmod, is_explicit);
}

string_view BpcharLengthCast(CallContext& call, string_view text, int32_t typmod,
                             bool is_explicit) {
  return types::CoerceBpchar(text, typmod, is_explicit, call.arena());
}

constexpr ScalarEntry kEntries[] = {
    {"textlen", Kernel<Length>},
    {"bpcharlen", Kernel<BpcharLength>},
    {"textoctetlen", Kernel<OctetLength>},
    {"bpcharoctetlen", Kernel<OctetLength>},
    {"bit_length(text)", Kernel<BitLength>},
    {"textcat", Kernel<Concatenate>},
    {"nameconcatoid", Kernel<AppendOid>},
    {"text_substr", Kernel<Substring>},
    {"text_substr_no_len", Kernel<SubstringToEnd>},
    {"text_left", Kernel<Left>},
    {"text_right", Kernel<Right>},
    {"textoverlay", Kernel<Overlay>},
    {"textoverlay_no_len", Kernel<OverlayWhole>},
    {"textpos", Kernel<Position>},
    {"text_starts_with", Kernel<StartsWith>},
    {"ltrim", Kernel<TrimLeft>},
    {"rtrim", Kernel<TrimRight>},
    {"btrim", Kernel<TrimBoth>},
    {"ltrim1", Kernel<TrimBlanksLeft>},
    {"rtrim1", Kernel<TrimBlanksRight>},
    {"btrim1", Kernel<TrimBlanksBoth>},
    {"lpad", Kernel<PadLeft>},
    {"rpad", Kernel<PadRight>},
    {"lpad(text,int4)", Kernel<PadLeftBlanks>},
    {"rpad(text,int4)", Kernel<PadRightBlanks>},
    {"repeat", Kernel<Repeat>},
    {"text_reverse", Kernel<Reverse>},
    {"replace_text", Kernel<Replace>},
    {"translate", Kernel<Translate>},
    {"split_part", Kernel<SplitPart>},
    {"to_hex32", Kernel<ToHex<int32_t>>},
    {"to_hex64", Kernel<ToHex<int64_t>>},

    {"booltext", Kernel<BoolToText>},
    {"char_text", Kernel<CharToText>},
    {"char_bpchar", Kernel<CharToText>},
    {"text_char", Kernel<TextToChar>},
    {"name_text", Kernel<SameText>},
    {"name_bpchar", Kernel<SameText>},
    {"text_name", Kernel<TextToName>},
    {"bpchar_name", Kernel<BpcharToName>},
    {"varchar", Kernel<VarcharLength>},
    {"bpchar", Kernel<BpcharLengthCast>},
};

}  // namespace

void RegisterTextFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
