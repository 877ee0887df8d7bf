// The type sparsevec of extension vector: a vector of which only the elements that are not zero are
// kept.
//
//   bytes              | int32 n, the number of dimensions; then, of the k elements that are not
//                      | zero, k × int32 place, counted from 0, and k × float; all little-endian
//   text               | {place:element,…}/n with places counted from 1
//   binary wire format | int32 n, int32 k, int32 0, the places (from 0), the elements; big-endian
//
// Example: '{1:1.5,3:-2}/5' is 05 00 00 00 | 00 00 00 00 02 00 00 00 | 00 00 C0 3F 00 00 00 C0.
//
// Invariants:
//  1. 1 ≤ n ≤ kMaxSparseDimensions, k ≤ kMaxSparseElements.
//  2. Places ascend and are below n; no element is zero, infinite or NaN. So equal values have
//     equal bytes.
//  3. The order is that of the vectors written out in full.
// Formats and errors are pgvector's, but for the number of elements, which is as large as a dense
// vector's.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "types/families.h"

namespace sundog::types {

inline constexpr int32_t kMaxSparseDimensions = 1'000'000'000;
inline constexpr int32_t kMaxSparseElements = 16384;

class SparseView {
 public:
  explicit SparseView(std::string_view bytes) : bytes_(bytes) {}

  int32_t dimensions() const { return Load<int32_t>(0); }
  // How many elements are not zero.
  int32_t count() const { return static_cast<int32_t>((bytes_.size() - 4) / 8); }
  int32_t place(int32_t i) const { return Load<int32_t>(4 + static_cast<size_t>(i) * 4); }
  float element(int32_t i) const {
    return Load<float>(4 + (static_cast<size_t>(count()) + static_cast<size_t>(i)) * 4);
  }

 private:
  template <typename T>
  T Load(size_t at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }

  std::string_view bytes_;
};

// Collects elements in the order of their places.
class SparseBuilder {
 public:
  // The caller has checked the number.
  explicit SparseBuilder(int32_t dimensions) : dimensions_(dimensions) {}

  // Zeros are left out. Throws 22000 for NaN and infinities, 54000 where there are too many.
  void Append(int32_t place, float element);
  std::string_view Finish(base::Arena& arena) const;

 private:
  int32_t dimensions_;
  std::vector<int32_t> places_;
  std::vector<float> elements_;
};

// Throws 22000 where there is none, 54000 where there are too many.
void CheckSparseDimensions(int64_t count);
int CompareSparse(SparseView a, SparseView b);

std::span<const TypeOpsEntry> SparseVectorTypeOps();

}  // namespace sundog::types
