// Reading and writing integers in a fixed byte order: big-endian for keys and the wire,
// little-endian for values on disk.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sundog::base {

template <std::integral T>
constexpr T ByteSwap(T value) {
  if constexpr (sizeof(T) == 1) {
    return value;
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

static_assert(std::endian::native == std::endian::little);

template <std::integral T>
T LoadBigEndian(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return ByteSwap(value);
}

template <std::integral T>
void StoreBigEndian(void* to, T value) {
  value = ByteSwap(value);
  std::memcpy(to, &value, sizeof(T));
}

template <std::integral T>
void AppendBigEndian(std::string& to, T value) {
  value = ByteSwap(value);
  to.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename T>
T LoadLittleEndian(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
void AppendLittleEndian(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace sundog::base
