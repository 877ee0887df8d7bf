// Keys of extension vector's types, in their btree order.
//
//   type            | bytes
//   ----------------+------------------------------------------------------------------------------
//   vector, halfvec | each element: 02 and its key as float4 (codec/key_codec.h); ended by 01
//   sparsevec       | each element that is not zero: 01, place, 01, float4 if it is below zero, or
//                   | 03, inverted place, 01, float4 if it is above; ended by 01, the number of
//                   | dimensions, 00. Places and number are u32 big-endian
//
// At the first place where two sparse vectors differ, one of them may have an element and the other
// a zero. An element below zero makes the vector the smaller one, the more so the earlier it comes;
// one above zero the greater one. The end stands for what is less than any element, at the place
// behind the last.
//
// Example: '{2:1.5}/3' is 03 FFFFFFFE 01 BFC00000 01 00000003 00.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/sql_type.h"

namespace sundog::codec {

void AppendVectorKey(types::Oid type, std::string_view value, std::string& to);
// How many bytes the value at the start of `key` takes; `flip` is FF if the bytes are inverted.
size_t VectorKeyWidth(types::Oid type, std::string_view key, uint8_t flip);

}  // namespace sundog::codec
