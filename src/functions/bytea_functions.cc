// Functions over bytea: cutting, trimming, bits and bytes, encode() and decode(), digests,
// conversion from and to text.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <limits>

#include "base/sql_error.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/text_builder.h"
#include "types/ascii.h"
#include "types/bytea_type.h"
#include "types/utf8.h"

namespace sundog::functions {

namespace {

using std::string_view;

[[noreturn]] void ThrowNegativeLength() {
  throw SqlError(sqlstate::kSubstringError, "negative substring length not allowed");
}

int32_t Length(string_view bytes) { return static_cast<int32_t>(bytes.size()); }
int32_t BitLength(string_view bytes) { return static_cast<int32_t>(bytes.size() * 8); }

string_view Concatenate(CallContext& call, string_view a, string_view b) {
  return TextBuilder().Append(a).Append(b).Finish(call);
}

// Bytes [start, end) of 1-based `bytes`, clipped to what there is.
string_view Slice(string_view bytes, int64_t start, int64_t end) {
  start = std::clamp<int64_t>(start, 1, Length(bytes) + int64_t{1});
  end = std::clamp<int64_t>(end, start, Length(bytes) + int64_t{1});
  return bytes.substr(static_cast<size_t>(start - 1), static_cast<size_t>(end - start));
}

string_view Substring(string_view bytes, int32_t start, int32_t length) {
  if (length < 0) ThrowNegativeLength();
  return Slice(bytes, start, int64_t{start} + length);
}

string_view SubstringToEnd(string_view bytes, int32_t start) {
  return Slice(bytes, start, std::numeric_limits<int64_t>::max());
}

string_view Overlay(CallContext& call, string_view bytes, string_view by, int32_t start,
                    int32_t length) {
  if (start <= 0) ThrowNegativeLength();
  int32_t after = 0;
  if (__builtin_add_overflow(start, length, &after)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  TextBuilder result;
  result.Append(Slice(bytes, 1, start)).Append(by).Append(SubstringToEnd(bytes, after));
  return result.Finish(call);
}

string_view OverlayWhole(CallContext& call, string_view bytes, string_view by, int32_t start) {
  return Overlay(call, bytes, by, start, Length(by));
}

int32_t Position(string_view bytes, string_view part) {
  size_t at = bytes.find(part);
  return at == string_view::npos ? 0 : static_cast<int32_t>(at) + 1;
}

string_view TrimLeft(string_view bytes, string_view set) {
  if (set.empty()) return bytes;
  bytes.remove_prefix(std::min(bytes.find_first_not_of(set), bytes.size()));
  return bytes;
}

string_view TrimRight(string_view bytes, string_view set) {
  if (set.empty()) return bytes;
  return bytes.substr(0, bytes.find_last_not_of(set) + 1);
}

string_view TrimBoth(string_view bytes, string_view set) {
  return TrimRight(TrimLeft(bytes, set), set);
}

// --- bits and bytes ---

void CheckIndex(int64_t index, int64_t count) {
  if (index < 0 || index >= count) {
    throw SqlError(sqlstate::kArraySubscriptError,
                   fmt::format("index {} out of valid range, 0..{}", index, count - 1));
  }
}

int32_t GetByte(string_view bytes, int32_t index) {
  CheckIndex(index, Length(bytes));
  return static_cast<uint8_t>(bytes[static_cast<size_t>(index)]);
}

// Bits are numbered from the lowest of each byte.
int32_t GetBit(string_view bytes, int64_t index) {
  CheckIndex(index, int64_t{Length(bytes)} * 8);
  return static_cast<uint8_t>(bytes[static_cast<size_t>(index / 8)]) >> (index % 8) & 1;
}

string_view SetByte(CallContext& call, string_view bytes, int32_t index, int32_t value) {
  CheckIndex(index, Length(bytes));
  std::string changed(bytes);
  changed[static_cast<size_t>(index)] = static_cast<char>(value);
  return call.arena().Copy(changed);
}

string_view SetBit(CallContext& call, string_view bytes, int64_t index, int32_t bit) {
  CheckIndex(index, int64_t{Length(bytes)} * 8);
  if (bit != 0 && bit != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  }
  std::string changed(bytes);
  char& byte = changed[static_cast<size_t>(index / 8)];
  int mask = 1 << index % 8;
  byte = static_cast<char>(bit == 1 ? byte | mask : byte & ~mask);
  return call.arena().Copy(changed);
}

int64_t BitCount(string_view bytes) {
  int64_t count = 0;
  for (char c : bytes) count += __builtin_popcount(static_cast<uint8_t>(c));
  return count;
}

// --- encode, decode ---

constexpr char kBase64Digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Lines of 76 characters, as PostgreSQL breaks them.
void EncodeBase64(string_view bytes, std::string& to) {
  constexpr size_t kLineBytes = 57;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % kLineBytes == 0) to += '\n';
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<uint8_t>(bytes[i + j]) : 0);
    }
    size_t digits = std::min<size_t>(bytes.size() - i, 3) + 1;
    for (size_t j = 0; j < 4; ++j) {
      to += j < digits ? kBase64Digits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
}

[[noreturn]] void ThrowBase64(std::string message) {
  throw SqlError(sqlstate::kInvalidParameterValue, std::move(message));
}

uint32_t Base64Value(string_view rest) {
  string_view digits(kBase64Digits, 64);
  size_t value = digits.find(rest[0]);
  if (value == string_view::npos) {
    ThrowBase64(fmt::format("invalid symbol \"{}\" found while decoding base64 sequence",
                            rest.substr(0, types::Utf8Length(rest[0]))));
  }
  return static_cast<uint32_t>(value);
}

void DecodeBase64(string_view text, std::string& to) {
  uint32_t group = 0;
  int position = 0;
  int bytes_in_last = 0;  // 0 until padding is met
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    uint32_t value = 0;
    if (c == '=') {
      if (bytes_in_last == 0 && position != 2 && position != 3) {
        ThrowBase64("unexpected \"=\" while decoding base64 sequence");
      }
      if (bytes_in_last == 0) bytes_in_last = position - 1;
    } else {
      value = Base64Value(text.substr(i));
    }
    group = group << 6 | value;
    if (++position < 4) continue;
    to += static_cast<char>(group >> 16);
    if (bytes_in_last != 1) to += static_cast<char>(group >> 8);
    if (bytes_in_last == 0) to += static_cast<char>(group);
    group = 0;
    position = 0;
  }
  if (position != 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid base64 end sequence")
        .Hint("Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
}

struct Encoding {
  string_view name;
  void (*encode)(string_view bytes, std::string& to);
  void (*decode)(string_view text, std::string& to);
};

constexpr Encoding kEncodings[] = {
    {"hex", types::AppendHex, types::DecodeHex},
    {"base64", EncodeBase64, DecodeBase64},
    {"escape", types::AppendEscaped, types::DecodeEscaped},
};

const Encoding& FindEncoding(string_view name) {
  for (const Encoding& encoding : kEncodings) {
    if (types::EqualsIgnoringCase(encoding.name, name)) return encoding;
  }
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("unrecognized encoding: \"{}\"", name));
}

string_view Encode(CallContext& call, string_view bytes, string_view encoding) {
  TextBuilder result;
  FindEncoding(encoding).encode(bytes, result.text());
  return result.Finish(call);
}

string_view Decode(CallContext& call, string_view text, string_view encoding) {
  TextBuilder result;
  FindEncoding(encoding).decode(text, result.text());
  return result.Finish(call);
}

// --- digests ---

template <const EVP_MD* (*Algorithm)()>
std::string DigestOf(string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  int done = EVP_Digest(bytes.data(), bytes.size(), digest, &size, Algorithm(), nullptr);
  CHECK_EQ(done, 1);
  return std::string(reinterpret_cast<char*>(digest), size);
}

template <const EVP_MD* (*Algorithm)()>
string_view Digest(CallContext& call, string_view bytes) {
  return call.arena().Copy(DigestOf<Algorithm>(bytes));
}

string_view Md5(CallContext& call, string_view bytes) {
  TextBuilder result;
  types::AppendHex(DigestOf<EVP_md5>(bytes), result.text());
  return result.Finish(call);
}

// --- convert ---

enum class Charset { kUtf8, kLatin1, kAscii };

// The few encodings that are one way or another within UTF-8's reach without tables.
Charset CharsetNamed(string_view name, const char* role) {
  std::string plain;
  for (char c : name) {
    if (types::IsAlpha(c) || types::IsDigit(c)) plain += types::ToLowerAscii(c);
  }
  if (plain == "utf8" || plain == "unicode") return Charset::kUtf8;
  if (plain == "latin1" || plain == "iso88591") return Charset::kLatin1;
  if (plain == "sqlascii") return Charset::kAscii;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid {} encoding name \"{}\"", role, name));
}

string_view FromCharset(CallContext& call, string_view bytes, Charset charset) {
  if (charset == Charset::kLatin1) {
    TextBuilder result;
    for (char c : bytes) {
      types::AppendCharacter(static_cast<uint8_t>(c), result.text());
    }
    bytes = result.Finish(call);
  }
  types::ValidateUtf8(bytes);
  return bytes;
}

[[noreturn]] void ThrowUntranslatable(string_view character) {
  std::string shown;
  for (char c : character) {
    shown += fmt::format("{}0x{:02x}", shown.empty() ? "" : " ", static_cast<uint8_t>(c));
  }
  throw SqlError(sqlstate::kUntranslatableCharacter,
                 fmt::format("character with byte sequence {} in encoding \"UTF8\" has no "
                             "equivalent in encoding \"LATIN1\"",
                             shown));
}

string_view ToCharset(CallContext& call, string_view text, Charset charset) {
  if (charset != Charset::kLatin1) return text;
  TextBuilder result;
  for (size_t i = 0; i < text.size();) {
    size_t start = i;
    char32_t character = types::NextCharacter(text, &i);
    if (character > 0xFF) ThrowUntranslatable(text.substr(start, i - start));
    result.Append(static_cast<char>(character));
  }
  return result.Finish(call);
}

string_view ConvertFrom(CallContext& call, string_view bytes, string_view source) {
  return FromCharset(call, bytes, CharsetNamed(source, "source"));
}

string_view ConvertTo(CallContext& call, string_view text, string_view destination) {
  return ToCharset(call, text, CharsetNamed(destination, "destination"));
}

string_view Convert(CallContext& call, string_view bytes, string_view source,
                    string_view destination) {
  Charset from = CharsetNamed(source, "source");
  Charset to = CharsetNamed(destination, "destination");
  return ToCharset(call, FromCharset(call, bytes, from), to);
}

int32_t LengthInEncoding(string_view bytes, string_view encoding) {
  if (CharsetNamed(encoding, "source") != Charset::kUtf8) return Length(bytes);
  types::ValidateUtf8(bytes);
  return static_cast<int32_t>(types::CountCharacters(bytes));
}

constexpr ScalarEntry kEntries[] = {
    {"byteaoctetlen", Kernel<Length>},
    {"bit_length(bytea)", Kernel<BitLength>},
    {"byteacat", Kernel<Concatenate>},
    {"bytea_substr", Kernel<Substring>},
    {"bytea_substr_no_len", Kernel<SubstringToEnd>},
    {"byteaoverlay", Kernel<Overlay>},
    {"byteaoverlay_no_len", Kernel<OverlayWhole>},
    {"byteapos", Kernel<Position>},
    {"bytealtrim", Kernel<TrimLeft>},
    {"byteartrim", Kernel<TrimRight>},
    {"byteatrim", Kernel<TrimBoth>},
    {"byteaGetByte", Kernel<GetByte>},
    {"byteaGetBit", Kernel<GetBit>},
    {"byteaSetByte", Kernel<SetByte>},
    {"byteaSetBit", Kernel<SetBit>},
    {"bytea_bit_count", Kernel<BitCount>},
    {"binary_encode", Kernel<Encode>},
    {"binary_decode", Kernel<Decode>},
    {"md5_text", Kernel<Md5>},
    {"md5_bytea", Kernel<Md5>},
    {"sha224_bytea", Kernel<Digest<EVP_sha224>>},
    {"sha256_bytea", Kernel<Digest<EVP_sha256>>},
    {"sha384_bytea", Kernel<Digest<EVP_sha384>>},
    {"sha512_bytea", Kernel<Digest<EVP_sha512>>},
    {"pg_convert_from", Kernel<ConvertFrom>},
    {"pg_convert_to", Kernel<ConvertTo>},
    {"pg_convert", Kernel<Convert>},
    {"length_in_encoding", Kernel<LengthInEncoding>},
};

}  // namespace

void RegisterByteaFunctions(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
