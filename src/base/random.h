// Randomness as an argument: seeded in tests, from the operating system in the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sundog::base {

// A fast, seedable generator (xoshiro256**, Blackman and Vigna 2018). Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t Next();
  // Uniform in [0, bound); bound > 0.
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1).
  double NextDouble() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_[4];
};

// Unpredictable bytes from the operating system, for keys, salts and UUIDs.
void FillSecureRandom(void* to, size_t size_bytes);
uint64_t SecureSeed();
// Characters of `alphabet`, all equally likely: its size divides 256.
std::string SecureRandomText(size_t size, std::string_view alphabet);

}  // namespace sundog::base
