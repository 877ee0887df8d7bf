// Distances of vectors and of bit strings: the inner loops, in the instruction set of the processor
// at hand.
//
// A kernel takes two runs of `count` elements that need not be aligned. Distances accumulate in
// single precision, as pgvector's do; the sets differ in the order of additions, so their results
// agree within float rounding only. Every machine has the plain one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sundog::types {

// What the cosine of two vectors is made of.
struct CosineParts {
  float product = 0;  // of both
  float norm_a = 0;   // squared
  float norm_b = 0;
};

template <typename Result>
using VectorKernel = Result (*)(const char* a, const char* b, size_t count);

struct VectorKernels {
  VectorKernel<float> l2_squared;
  VectorKernel<float> inner_product;
  VectorKernel<float> l1;
  VectorKernel<CosineParts> cosine;
};

// How many bits are set in both strings and in either.
struct BitCounts {
  uint64_t both = 0;
  uint64_t either = 0;
};

struct DistanceKernels {
  std::string_view name;
  VectorKernels floats;  // elements of 4 bytes
  VectorKernels halves;  // elements of 2 bytes, IEEE binary16
  uint64_t (*hamming)(const char* a, const char* b, size_t byte_count);
  BitCounts (*bit_counts)(const char* a, const char* b, size_t byte_count);
};

// All sets that this processor runs, the plain one first and the best one last.
std::span<const DistanceKernels* const> SupportedDistances();

// The best one. Here, since it is asked for with each distance.
inline const DistanceKernels& Distances() {
  static const DistanceKernels& best = *SupportedDistances().back();
  return best;
}

// The sets: those of instruction sets are null where the compiler's target has none.
extern const DistanceKernels kPlainDistances;
const DistanceKernels* Avx2Distances();
const DistanceKernels* Avx512Distances();

}  // namespace sundog::types
