// bytea, and the text encodings of bytes that encode() and decode() share with it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

void AppendHex(std::string_view bytes, std::string& to);
// Skips white space; throws 22023.
void DecodeHex(std::string_view text, std::string& to);
// Printable bytes as they are, \ooo for zero and bytes from 0x80, \\ for a backslash.
void AppendEscaped(std::string_view bytes, std::string& to);
// Throws 22P02.
void DecodeEscaped(std::string_view text, std::string& to);

std::span<const TypeOpsEntry> ByteaTypeOps();

}  // namespace sundog::types
