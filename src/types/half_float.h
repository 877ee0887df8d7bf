// IEEE 754 binary16, which C++20 lacks: a sign, 5 bits of exponent (bias 15), 10 of mantissa.
#pragma once

#include <bit>
#include <cstdint>

namespace sundog::types {

inline constexpr bool IsHalfInfinite(uint16_t half) { return (half & 0x7FFF) == 0x7C00; }
inline constexpr bool IsHalfNan(uint16_t half) { return (half & 0x7FFF) > 0x7C00; }
inline constexpr bool IsHalfZero(uint16_t half) { return (half & 0x7FFF) == 0; }

// Exact.
constexpr float HalfToFloat(uint16_t half) {
  uint32_t sign = uint32_t{half & 0x8000u} << 16;
  uint32_t magnitude = half & 0x7FFFu;
  if (magnitude >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (magnitude << 13));
  // The bits in float's places are the value times 2^-112, whose product is exact; so subnormals
  // need no case of their own.
  float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(scaled));
}

// Rounds to the nearest, ties to even; what is too large becomes infinite.
constexpr uint16_t FloatToHalf(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  bits &= 0x7FFFFFFF;
  if (bits > 0x7F800000) return static_cast<uint16_t>(sign | 0x7E00);
  if (bits >= 0x477FF000) return static_cast<uint16_t>(sign | 0x7C00);  // 65520 and above
  if (bits < 0x38800000) {
    // Subnormal: adding 0.5, whose last place is 2^-24, leaves the rounded multiples of 2^-24.
    float rounded = std::bit_cast<float>(bits) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(rounded) - 0x3F000000));
  }
  uint32_t odd = bits >> 13 & 1;
  return static_cast<uint16_t>(sign | ((bits - 0x38000000 + 0xFFF + odd) >> 13));
}

}  // namespace sundog::types
