// Distances with AVX2, FMA, F16C and POPCNT: eight elements at a time, in two independent sums so
// that one addition need not wait for the one before it. What is left over at the end is loaded
// through a buffer, with zeros in the other places: they add nothing.
#include "types/distance.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#define SUNDOG_AVX2 __attribute__((target("avx2,fma,f16c,popcnt")))

namespace sundog::types {

namespace {

constexpr size_t kLanes = 8;

struct Floats {
  SUNDOG_AVX2 static __m256 Load(const char* run, size_t i) {
    return _mm256_loadu_ps(reinterpret_cast<const float*>(run + i * 4));
  }
  SUNDOG_AVX2 static __m256 LoadLast(const char* run, size_t i, size_t count) {
    alignas(32) float lanes[kLanes] = {};
    std::memcpy(lanes, run + i * 4, (count - i) * 4);
    return _mm256_load_ps(lanes);
  }
};

struct Halves {
  SUNDOG_AVX2 static __m256 Load(const char* run, size_t i) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(run + i * 2)));
  }
  SUNDOG_AVX2 static __m256 LoadLast(const char* run, size_t i, size_t count) {
    alignas(16) uint16_t lanes[kLanes] = {};
    std::memcpy(lanes, run + i * 2, (count - i) * 2);
    return _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(lanes)));
  }
};

struct L2Squared {
  SUNDOG_AVX2 static __m256 Add(__m256 sum, __m256 x, __m256 y) {
    __m256 difference = _mm256_sub_ps(x, y);
    return _mm256_fmadd_ps(difference, difference, sum);
  }
};

struct InnerProduct {
  SUNDOG_AVX2 static __m256 Add(__m256 sum, __m256 x, __m256 y) {
    return _mm256_fmadd_ps(x, y, sum);
  }
};

struct L1 {
  SUNDOG_AVX2 static __m256 Add(__m256 sum, __m256 x, __m256 y) {
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(x, y)));
  }
};

SUNDOG_AVX2 float SumOf(__m256 lanes) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

template <typename Element, typename Step>
SUNDOG_AVX2 float Sum(const char* a, const char* b, size_t count) {
  __m256 first = _mm256_setzero_ps();
  __m256 second = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    first = Step::Add(first, Element::Load(a, i), Element::Load(b, i));
    second = Step::Add(second, Element::Load(a, i + kLanes), Element::Load(b, i + kLanes));
  }
  if (i + kLanes <= count) {
    first = Step::Add(first, Element::Load(a, i), Element::Load(b, i));
    i += kLanes;
  }
  if (i < count) {
    second =
        Step::Add(second, Element::LoadLast(a, i, count), Element::LoadLast(b, i, count));
  }
  return SumOf(_mm256_add_ps(first, second));
}

template <typename Element>
SUNDOG_AVX2 CosineParts Cosine(const char* a, const char* b, size_t count) {
  __m256 product = _mm256_setzero_ps();
  __m256 norm_a = _mm256_setzero_ps();
  __m256 norm_b = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    __m256 x = Element::Load(a, i);
    __m256 y = Element::Load(b, i);
    product = _mm256_fmadd_ps(x, y, product);
    norm_a = _mm256_fmadd_ps(x, x, norm_a);
    norm_b = _mm256_fmadd_ps(y, y, norm_b);
  }
  if (i < count) {
    __m256 x = Element::LoadLast(a, i, count);
    __m256 y = Element::LoadLast(b, i, count);
    product = _mm256_fmadd_ps(x, y, product);
    norm_a = _mm256_fmadd_ps(x, x, norm_a);
    norm_b = _mm256_fmadd_ps(y, y, norm_b);
  }
  return {SumOf(product), SumOf(norm_a), SumOf(norm_b)};
}

template <typename Element>
constexpr VectorKernels kKernelsOf = {Sum<Element, L2Squared>, Sum<Element, InnerProduct>,
                                      Sum<Element, L1>, Cosine<Element>};

SUNDOG_AVX2 uint64_t Word(const char* run, size_t i, size_t byte_count) {
  uint64_t word = 0;
  std::memcpy(&word, run + i, byte_count - i < 8 ? byte_count - i : 8);
  return word;
}

SUNDOG_AVX2 uint64_t Hamming(const char* a, const char* b, size_t byte_count) {
  uint64_t count = 0;
  for (size_t i = 0; i < byte_count; i += 8) {
    count += static_cast<uint64_t>(
        _mm_popcnt_u64(Word(a, i, byte_count) ^ Word(b, i, byte_count)));
  }
  return count;
}

SUNDOG_AVX2 BitCounts CountBits(const char* a, const char* b, size_t byte_count) {
  BitCounts counts;
  for (size_t i = 0; i < byte_count; i += 8) {
    uint64_t x = Word(a, i, byte_count);
    uint64_t y = Word(b, i, byte_count);
    counts.both += static_cast<uint64_t>(_mm_popcnt_u64(x & y));
    counts.either += static_cast<uint64_t>(_mm_popcnt_u64(x | y));
  }
  return counts;
}

}  // namespace

const DistanceKernels* Avx2Distances() {
  static constexpr DistanceKernels kKernels = {"avx2", kKernelsOf<Floats>, kKernelsOf<Halves>,
                                               Hamming, CountBits};
  return &kKernels;
}

}  // namespace sundog::types

#else

namespace sundog::types {

const DistanceKernels* Avx2Distances() { return nullptr; }

}  // namespace sundog::types

#endif
