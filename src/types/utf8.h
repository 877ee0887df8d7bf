// Walking UTF-8. Text values are valid UTF-8 without zero bytes: whoever lets bytes in from outside
// validates them, and everything else relies on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sundog::types {

// Bytes of the character that starts with `lead`; 1 for what cannot start one.
constexpr size_t Utf8Length(char lead) {
  uint8_t byte = static_cast<uint8_t>(lead);
  return byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 1;
}

// The bytes of the first character of a text that is not empty.
constexpr size_t FirstCharacterLength(std::string_view text) {
  size_t length = Utf8Length(text[0]);
  return length < text.size() ? length : text.size();
}

constexpr bool IsUtf8Continuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Number of characters.
size_t CountCharacters(std::string_view text);
// The byte offset of character number `index`, or text.size() if there are not as many.
size_t CharacterOffset(std::string_view text, size_t index);
// The longest prefix of at most `max_bytes` bytes that does not split a character.
std::string_view ClipToBytes(std::string_view text, size_t max_bytes);

// Decodes the character at `*offset` of valid text and moves past it.
char32_t NextCharacter(std::string_view text, size_t* offset);
void AppendCharacter(char32_t character, std::string& to);

// The offset of the first byte that is not part of valid UTF-8 (or is zero); npos if all is well.
size_t FindInvalidUtf8(std::string_view bytes);
// Throws 22021 `invalid byte sequence for encoding "UTF8": 0x…`.
void ValidateUtf8(std::string_view bytes);

}  // namespace sundog::types
