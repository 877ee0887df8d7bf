// jsonb in keys, in PostgreSQL's btree order.
//
//   part     | bytes
//   ---------+----------------------------------------------------------------------------------
//   root     | 00 empty array (which comes before all scalars), 01 scalar, 02 array or object; the
//            | latter two followed by the value
//   null     | 01
//   string   | 02, the bytes with 00 as 00 FF, ended by 00 01
//   number   | 03, as numeric in codec/key_codec.h
//   boolean  | 04, 00 or 01
//   array    | 05, number of elements as u32 big-endian, the elements
//   object   | 06, number of pairs as u32 big-endian, each pair's key (as a string without 02)
//            | and value
//
// Example: [1] is 02 05 00000001 03 03 8000 0002 0000.
//
// Invariant: memcmp of two encodings has the sign of types::CompareJsonb.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sundog::codec {

void AppendJsonKey(std::string_view jsonb, std::string& to);
// How many bytes the value at the start of `key` takes; `flip` is FF if the bytes are inverted.
size_t JsonKeyWidth(std::string_view key, uint8_t flip);

// 00 as 00 FF, ended by 00 01: any bytes so that none is a prefix of another.
void AppendEscaped(std::string_view bytes, std::string& to);
size_t EscapedWidth(std::string_view key, uint8_t flip);

}  // namespace sundog::codec
