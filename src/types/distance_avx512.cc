// Distances with AVX-512F: sixteen elements at a time, in two independent sums; what is left over
// at the end is loaded under a mask, with zeros in the other places: they add nothing. Bits are
// counted as with AVX2.
#include "types/distance.h"

#if defined(__x86_64__)

// GCC 12's own header leaves a register undefined on purpose, and warns of it (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <cstring>

#define SUNDOG_AVX512 __attribute__((target("avx512f,avx2,fma,f16c")))

namespace sundog::types {

namespace {

constexpr size_t kLanes = 16;

struct Floats {
  SUNDOG_AVX512 static __m512 Load(const char* run, size_t i) {
    return _mm512_loadu_ps(run + i * 4);
  }
  SUNDOG_AVX512 static __m512 LoadLast(const char* run, size_t i, size_t count) {
    auto mask = static_cast<__mmask16>((1u << (count - i)) - 1);
    return _mm512_maskz_loadu_ps(mask, run + i * 4);
  }
};

struct Halves {
  SUNDOG_AVX512 static __m512 Load(const char* run, size_t i) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(run + i * 2)));
  }
  SUNDOG_AVX512 static __m512 LoadLast(const char* run, size_t i, size_t count) {
    alignas(32) uint16_t lanes[kLanes] = {};
    std::memcpy(lanes, run + i * 2, (count - i) * 2);
    return _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(lanes)));
  }
};

struct L2Squared {
  SUNDOG_AVX512 static __m512 Add(__m512 sum, __m512 x, __m512 y) {
    __m512 difference = _mm512_sub_ps(x, y);
    return _mm512_fmadd_ps(difference, difference, sum);
  }
};

struct InnerProduct {
  SUNDOG_AVX512 static __m512 Add(__m512 sum, __m512 x, __m512 y) {
    return _mm512_fmadd_ps(x, y, sum);
  }
};

struct L1 {
  SUNDOG_AVX512 static __m512 Add(__m512 sum, __m512 x, __m512 y) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(x, y)));
  }
};

template <typename Element, typename Step>
SUNDOG_AVX512 float Sum(const char* a, const char* b, size_t count) {
  __m512 first = _mm512_setzero_ps();
  __m512 second = _mm512_setzero_ps();
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
  return _mm512_reduce_add_ps(_mm512_add_ps(first, second));
}

template <typename Element>
SUNDOG_AVX512 CosineParts Cosine(const char* a, const char* b, size_t count) {
  __m512 product = _mm512_setzero_ps();
  __m512 norm_a = _mm512_setzero_ps();
  __m512 norm_b = _mm512_setzero_ps();
  for (size_t i = 0; i < count; i += kLanes) {
    bool whole = i + kLanes <= count;
    __m512 x = whole ? Element::Load(a, i) : Element::LoadLast(a, i, count);
    __m512 y = whole ? Element::Load(b, i) : Element::LoadLast(b, i, count);
    product = _mm512_fmadd_ps(x, y, product);
    norm_a = _mm512_fmadd_ps(x, x, norm_a);
    norm_b = _mm512_fmadd_ps(y, y, norm_b);
  }
  return {_mm512_reduce_add_ps(product), _mm512_reduce_add_ps(norm_a),
          _mm512_reduce_add_ps(norm_b)};
}

template <typename Element>
constexpr VectorKernels kKernelsOf = {Sum<Element, L2Squared>, Sum<Element, InnerProduct>,
                                      Sum<Element, L1>, Cosine<Element>};

}  // namespace

const DistanceKernels* Avx512Distances() {
  static const DistanceKernels kernels = {"avx512", kKernelsOf<Floats>, kKernelsOf<Halves>,
                                          Avx2Distances()->hamming,
                                          Avx2Distances()->bit_counts};
  return &kernels;
}

}  // namespace sundog::types

#else

namespace sundog::types {

const DistanceKernels* Avx512Distances() { return nullptr; }

}  // namespace sundog::types

#endif
