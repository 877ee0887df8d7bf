// bit(n) and bit varying(n).
//
// A value is the number of bits (uint32, little-endian) and then the bits, first bit first in the
// highest place of each byte. Example: B'101' is 03 00 00 00 A0.
//
// Invariants:
//  1. There are ⌈n/8⌉ bytes of bits.
//  2. The bits behind the last one are zero, so that equal values have equal bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

inline constexpr int32_t kMaxBitLength = 83886080;

class BitView {
 public:
  explicit BitView(std::string_view bytes) : bytes_(bytes) {}
  int32_t size() const {
    int32_t bits;
    __builtin_memcpy(&bits, bytes_.data(), 4);
    return bits;
  }
  bool bit(int32_t i) const {
    return (static_cast<uint8_t>(bytes_[static_cast<size_t>(4 + i / 8)]) >> (7 - i % 8) & 1) != 0;
  }
  // The bits' bytes.
  std::string_view packed() const { return bytes_.substr(4); }

 private:
  std::string_view bytes_;
};

// Room for a value of `bits` bits, all zero.
class BitBuilder {
 public:
  BitBuilder(int32_t bits, base::Arena& arena);
  void Set(int32_t i, bool bit) {
    auto mask = static_cast<char>(0x80 >> i % 8);
    char& byte = packed()[i / 8];
    byte = static_cast<char>(bit ? byte | mask : byte & ~mask);
  }
  char* packed() { return bytes_ + 4; }
  std::string_view value() const { return {bytes_, size_}; }

 private:
  char* bytes_;
  size_t size_;
};

// Bitwise order, a prefix before what it begins.
int CompareBits(std::string_view a, std::string_view b);

std::span<const TypeOpsEntry> BitStringTypeOps();

}  // namespace sundog::types
