// Numerics in keys; the bytes are told in codec/key_codec.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sundog::codec {

void AppendNumericKey(std::string_view numeric, std::string& to);
// How many bytes the numeric at the start of `key` takes; `flip` is FF if the bytes are inverted.
size_t NumericKeyWidth(std::string_view key, uint8_t flip);

}  // namespace sundog::codec
