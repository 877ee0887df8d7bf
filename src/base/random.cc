#include "base/random.h"

#include <sys/random.h>

#include <bit>

#include "base/check.h"

namespace sundog::base {

Random::Random(uint64_t seed) {
  // SplitMix64 spreads a small seed over the whole state.
  for (uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

uint64_t Random::Next() {
  uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::Below(uint64_t bound) {
  CHECK_GT(bound, 0u);
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
}

void FillSecureRandom(void* to, size_t size_bytes) {
  char* at = static_cast<char*>(to);
  while (size_bytes > 0) {
    ssize_t got = getrandom(at, size_bytes, 0);
    if (got < 0) continue;  // EINTR: the only failure with these arguments
    at += got;
    size_bytes -= static_cast<size_t>(got);
  }
}

uint64_t SecureSeed() {
  uint64_t seed;
  FillSecureRandom(&seed, sizeof seed);
  return seed;
}

std::string SecureRandomText(size_t size, std::string_view alphabet) {
  CHECK_EQ(256 % alphabet.size(), 0u);
  std::string text(size, '\0');
  FillSecureRandom(text.data(), text.size());
  for (char& c : text) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
  return text;
}

}  // namespace sundog::base
