#include "types/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/sql_error.h"

namespace sundog::types {

namespace {

// Length of the valid character at the start of `bytes`, 0 if there is none (RFC 3629).
size_t ValidLength(std::string_view bytes) {
  auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  uint8_t lead = at(0);
  if (lead < 0x80) return lead != 0;
  size_t length = Utf8Length(bytes[0]);
  if (length == 1 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsUtf8Continuation(bytes[i])) return 0;
  }
  if (lead == 0xE0 && at(1) < 0xA0) return 0;  // overlong
  if (lead == 0xED && at(1) > 0x9F) return 0;  // surrogate
  if (lead == 0xF0 && at(1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && at(1) > 0x8F) return 0;  // past U+10FFFF
  return length;
}

bool IsAsciiWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  // Neither a high bit nor a zero byte.
  return (word & 0x8080808080808080ULL) == 0 &&
         ((word - 0x0101010101010101ULL) & 0x8080808080808080ULL) == 0;
}

}  // namespace

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += !IsUtf8Continuation(c);
  return count;
}

size_t CharacterOffset(std::string_view text, size_t index) {
  size_t offset = 0;
  while (index > 0 && offset < text.size()) {
    offset += Utf8Length(text[offset]);
    --index;
  }
  return std::min(offset, text.size());
}

std::string_view ClipToBytes(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && IsUtf8Continuation(text[max_bytes])) --max_bytes;
  return text.substr(0, max_bytes);
}

char32_t NextCharacter(std::string_view text, size_t* offset) {
  auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<uint8_t>(text[*offset + i]));
  };
  size_t length = std::min(Utf8Length(text[*offset]), text.size() - *offset);
  char32_t character = byte(0);
  if (length == 2) character = ((character & 0x1F) << 6) | (byte(1) & 0x3F);
  if (length == 3) {
    character = ((character & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
  }
  if (length == 4) {
    character = ((character & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) |
                (byte(3) & 0x3F);
  }
  *offset += length;
  return character;
}

void AppendCharacter(char32_t c, std::string& to) {
  auto put = [&](char32_t byte) { to += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

size_t FindInvalidUtf8(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    if (bytes.size() - i >= 8 && IsAsciiWord(bytes.data() + i)) {
      i += 8;
      continue;
    }
    size_t length = ValidLength(bytes.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

void ValidateUtf8(std::string_view bytes) {
  size_t bad = FindInvalidUtf8(bytes);
  if (bad == std::string_view::npos) return;
  // As many bytes as the lead byte promises, at most to the end.
  size_t length = std::min(Utf8Length(bytes[bad]), bytes.size() - bad);
  std::string shown;
  for (size_t i = 0; i < length; ++i) {
    shown += fmt::format("{}0x{:02x}", i == 0 ? "" : " ", static_cast<uint8_t>(bytes[bad + i]));
  }
  throw SqlError(sqlstate::kCharacterNotInRepertoire,
                 fmt::format("invalid byte sequence for encoding \"UTF8\": {}", shown));
}

}  // namespace sundog::types
