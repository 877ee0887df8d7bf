// Hashing of values for hash joins, hash aggregates and DISTINCT: fast, not for secrets, not kept
// on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace sundog::types {

// The finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit.
constexpr uint64_t HashInteger(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value;
}

inline uint64_t HashBytes(std::string_view bytes) { return std::hash<std::string_view>()(bytes); }

constexpr uint64_t CombineHashes(uint64_t seed, uint64_t hash) {
  return HashInteger(seed * 31 + hash);
}

}  // namespace sundog::types
