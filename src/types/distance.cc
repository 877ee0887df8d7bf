#include "types/distance.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "types/half_float.h"

namespace sundog::types {

namespace {

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

struct FloatElement {
  static constexpr size_t kBytes = 4;
  static float At(const char* run, size_t i) { return Load<float>(run + i * kBytes); }
};

struct HalfElement {
  static constexpr size_t kBytes = 2;
  static float At(const char* run, size_t i) {
    return HalfToFloat(Load<uint16_t>(run + i * kBytes));
  }
};

template <typename Element>
float L2Squared(const char* a, const char* b, size_t count) {
  float sum = 0;
  for (size_t i = 0; i < count; ++i) {
    float difference = Element::At(a, i) - Element::At(b, i);
    sum += difference * difference;
  }
  return sum;
}

template <typename Element>
float InnerProduct(const char* a, const char* b, size_t count) {
  float sum = 0;
  for (size_t i = 0; i < count; ++i) sum += Element::At(a, i) * Element::At(b, i);
  return sum;
}

template <typename Element>
float L1(const char* a, const char* b, size_t count) {
  float sum = 0;
  for (size_t i = 0; i < count; ++i) sum += std::fabs(Element::At(a, i) - Element::At(b, i));
  return sum;
}

template <typename Element>
CosineParts Cosine(const char* a, const char* b, size_t count) {
  CosineParts parts;
  for (size_t i = 0; i < count; ++i) {
    float x = Element::At(a, i);
    float y = Element::At(b, i);
    parts.product += x * y;
    parts.norm_a += x * x;
    parts.norm_b += y * y;
  }
  return parts;
}

template <typename Element>
constexpr VectorKernels kKernelsOf = {L2Squared<Element>, InnerProduct<Element>, L1<Element>,
                                      Cosine<Element>};

// Calls `word(x, y)` for each 8 bytes, the last ones filled up with zeros.
template <typename Visit>
void ForEachWord(const char* a, const char* b, size_t byte_count, Visit&& word) {
  size_t i = 0;
  for (; i + 8 <= byte_count; i += 8) word(Load<uint64_t>(a + i), Load<uint64_t>(b + i));
  if (i == byte_count) return;
  uint64_t x = 0;
  uint64_t y = 0;
  std::memcpy(&x, a + i, byte_count - i);
  std::memcpy(&y, b + i, byte_count - i);
  word(x, y);
}

uint64_t Hamming(const char* a, const char* b, size_t byte_count) {
  uint64_t count = 0;
  ForEachWord(a, b, byte_count, [&](uint64_t x, uint64_t y) {
    count += static_cast<uint64_t>(__builtin_popcountll(x ^ y));
  });
  return count;
}

BitCounts CountBits(const char* a, const char* b, size_t byte_count) {
  BitCounts counts;
  ForEachWord(a, b, byte_count, [&](uint64_t x, uint64_t y) {
    counts.both += static_cast<uint64_t>(__builtin_popcountll(x & y));
    counts.either += static_cast<uint64_t>(__builtin_popcountll(x | y));
  });
  return counts;
}

std::vector<const DistanceKernels*> FindSupported() {
  std::vector<const DistanceKernels*> found = {&kPlainDistances};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c") && __builtin_cpu_supports("popcnt")) {
    found.push_back(Avx2Distances());
    if (__builtin_cpu_supports("avx512f")) found.push_back(Avx512Distances());
  }
#endif
  return found;
}

}  // namespace

constinit const DistanceKernels kPlainDistances = {
    "plain", kKernelsOf<FloatElement>, kKernelsOf<HalfElement>, Hamming, CountBits};

std::span<const DistanceKernels* const> SupportedDistances() {
  static const std::vector<const DistanceKernels*> supported = FindSupported();
  return supported;
}

}  // namespace sundog::types
