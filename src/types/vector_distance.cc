#include "types/vector_distance.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "types/bit_string.h"
#include "types/dense_vector.h"
#include "types/distance.h"
#include "types/extension_oids.h"
#include "types/sparse_vector.h"

namespace sundog::types {
namespace {

using std::string_view;

// 1 - the cosine; NaN where a vector has no length.
double CosineDistance(CosineParts parts) {
  double similarity =
      double{parts.product} / std::sqrt(double{parts.norm_a} * double{parts.norm_b});
  if (std::isnan(similarity)) return similarity;
  return 1.0 - std::clamp(similarity, -1.0, 1.0);
}

template <typename Stored>
struct DenseDistances {
  template <auto Member>
  static auto Measure(string_view a, string_view b) {
    const VectorKernels& kernels =
        std::is_same_v<Stored, float> ? Distances().floats : Distances().halves;
    return (kernels.*Member)(a.data(), b.data(), a.size() / sizeof(Stored));
  }
  static double L2Squared(string_view a, string_view b) {
    return Measure<&VectorKernels::l2_squared>(a, b);
  }
  static double InnerProduct(string_view a, string_view b) {
    return -double{Measure<&VectorKernels::inner_product>(a, b)};
  }
  static double L1(string_view a, string_view b) { return Measure<&VectorKernels::l1>(a, b); }
  static double Cosine(string_view a, string_view b) {
    return CosineDistance(Measure<&VectorKernels::cosine>(a, b));
  }
};

struct SparseDistances {
  // Calls `pair(x, y)` for each place where one of them is not zero.
  template <typename Pair>
  static void ForEachPair(string_view left, string_view right, Pair&& pair) {
    SparseView a(left);
    SparseView b(right);
    int32_t i = 0;
    int32_t j = 0;
    while (i < a.count() || j < b.count()) {
      bool in_a = i < a.count() && (j == b.count() || a.place(i) <= b.place(j));
      bool in_b = j < b.count() && (i == a.count() || b.place(j) <= a.place(i));
      pair(in_a ? a.element(i) : 0.0f, in_b ? b.element(j) : 0.0f);
      i += in_a;
      j += in_b;
    }
  }
  static double L2Squared(string_view a, string_view b) {
    float sum = 0;
    ForEachPair(a, b, [&](float x, float y) { sum += (x - y) * (x - y); });
    return sum;
  }
  static double InnerProduct(string_view a, string_view b) {
    float sum = 0;
    ForEachPair(a, b, [&](float x, float y) { sum += x * y; });
    return -double{sum};
  }
  static double L1(string_view a, string_view b) {
    float sum = 0;
    ForEachPair(a, b, [&](float x, float y) { sum += std::fabs(x - y); });
    return sum;
  }
  static double Cosine(string_view a, string_view b) {
    CosineParts parts;
    ForEachPair(a, b, [&](float x, float y) {
      parts.product += x * y;
      parts.norm_a += x * x;
      parts.norm_b += y * y;
    });
    return CosineDistance(parts);
  }
};

double Hamming(string_view a, string_view b) {
  string_view bits = BitView(a).packed();
  return static_cast<double>(
      Distances().hamming(bits.data(), BitView(b).packed().data(), bits.size()));
}

// The part of the bits set in either that is not set in both; 1 where none is set in both.
double Jaccard(string_view a, string_view b) {
  string_view bits = BitView(a).packed();
  BitCounts counts =
      Distances().bit_counts(bits.data(), BitView(b).packed().data(), bits.size());
  if (counts.both == 0) return 1;
  return 1 - static_cast<double>(counts.both) / static_cast<double>(counts.either);
}

template <typename Family>
double L2(string_view a, string_view b) {
  return std::sqrt(Family::L2Squared(a, b));
}

template <typename Family>
VectorDistance FindIn(VectorMetric metric) {
  switch (metric) {
    case VectorMetric::kL2: return L2<Family>;
    case VectorMetric::kL2Squared: return Family::L2Squared;
    case VectorMetric::kInnerProduct: return Family::InnerProduct;
    case VectorMetric::kCosine: return Family::Cosine;
    case VectorMetric::kL1: return Family::L1;
    case VectorMetric::kHamming:
    case VectorMetric::kJaccard: return nullptr;
  }
  return nullptr;
}

}  // namespace

VectorElement VectorElementOf(Oid type) {
  switch (type) {
    case oids::kVector: return VectorElement::kFloat;
    case oids::kHalfvec: return VectorElement::kHalf;
    case oids::kSparsevec: return VectorElement::kSparse;
    default: break;
  }
  CHECK_EQ(type, oids::kBit);
  return VectorElement::kBit;
}

VectorDistance FindVectorDistance(VectorElement element, VectorMetric metric) {
  switch (element) {
    case VectorElement::kFloat: return FindIn<DenseDistances<float>>(metric);
    case VectorElement::kHalf: return FindIn<DenseDistances<uint16_t>>(metric);
    case VectorElement::kSparse: return FindIn<SparseDistances>(metric);
    case VectorElement::kBit:
      if (metric == VectorMetric::kHamming) return Hamming;
      return metric == VectorMetric::kJaccard ? Jaccard : nullptr;
  }
  return nullptr;
}

int32_t VectorDimensions(VectorElement element, std::string_view value) {
  switch (element) {
    case VectorElement::kFloat: return VectorView(value).size();
    case VectorElement::kHalf: return HalfvecView(value).size();
    case VectorElement::kSparse: return SparseView(value).dimensions();
    case VectorElement::kBit: return BitView(value).size();
  }
  return 0;
}

}  // namespace sundog::types
