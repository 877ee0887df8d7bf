// The types vector and halfvec of extension vector: runs of finite float4 and of IEEE binary16.
//
//   value              | bytes
//   -------------------+------------------------------------------------------------------------
//   vector of n        | n × 4: the elements as little-endian floats
//   halfvec of n       | n × 2: the elements as little-endian halves
//   binary wire format | int16 n, int16 0, the elements; all big-endian
//
// Example: '[1,-2]'::vector is 00 00 80 3F 00 00 00 C0; on the wire 0002 0000 3F800000 C0000000.
//
// Invariants:
//  1. 1 ≤ n ≤ kMaxVectorDimensions; no element is infinite or NaN.
//  2. Values of a column declared vector(n) have n elements: input does not look, the cast that
//     follows it does.
//  3. -0 equals 0, prints as -0.
// Formats, order and errors are pgvector's, but for the larger limit.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "types/families.h"
#include "types/half_float.h"

namespace sundog::types {

inline constexpr int32_t kMaxVectorDimensions = 16384;

// `Stored` is float (vector) or uint16_t (halfvec).
template <typename Stored>
inline constexpr const char* kVectorTypeName =
    std::is_same_v<Stored, float> ? "vector" : "halfvec";

// Of a value or a column's modifier.
// Throws 22000 where there is none, 54000 where there are too many.
void CheckVectorDimensions(const char* type, int64_t count);
// Throws 22000 unless `typmod` is -1 or `count`.
void CheckExpectedDimensions(int32_t typmod, int64_t count);
// Throws 22000 for NaN and infinities.
void CheckVectorElement(const char* type, float value);

template <typename Stored>
class DenseView {
 public:
  explicit DenseView(std::string_view bytes) : bytes_(bytes) {}

  int32_t size() const { return static_cast<int32_t>(bytes_.size() / sizeof(Stored)); }
  Stored stored(int32_t i) const {
    Stored value;
    std::memcpy(&value, data() + static_cast<size_t>(i) * sizeof(Stored), sizeof value);
    return value;
  }
  float At(int32_t i) const {
    if constexpr (std::is_same_v<Stored, float>) {
      return stored(i);
    } else {
      return HalfToFloat(stored(i));
    }
  }
  // The elements; not aligned.
  const char* data() const { return bytes_.data(); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

using VectorView = DenseView<float>;
using HalfvecView = DenseView<uint16_t>;

// Room for `count` elements, all zero.
template <typename Stored>
class DenseBuilder {
 public:
  DenseBuilder(int32_t count, base::Arena& arena)
      : size_(static_cast<size_t>(count) * sizeof(Stored)), bytes_(arena.AllocateBytes(size_)) {
    std::memset(bytes_, 0, size_);
  }
  void SetStored(int32_t i, Stored value) {
    std::memcpy(bytes_ + static_cast<size_t>(i) * sizeof(Stored), &value, sizeof value);
  }
  // Rounds to the element's type; the caller has checked that it fits.
  void Set(int32_t i, float value) {
    if constexpr (std::is_same_v<Stored, float>) {
      SetStored(i, value);
    } else {
      SetStored(i, FloatToHalf(value));
    }
  }
  std::string_view value() const { return {bytes_, size_}; }

 private:
  size_t size_;
  char* bytes_;
};

// Elements first, then their number.
template <typename Stored>
int CompareDense(DenseView<Stored> a, DenseView<Stored> b) {
  int32_t common = a.size() < b.size() ? a.size() : b.size();
  for (int32_t i = 0; i < common; ++i) {
    if (a.At(i) < b.At(i)) return -1;
    if (a.At(i) > b.At(i)) return 1;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

std::span<const TypeOpsEntry> DenseVectorTypeOps();

}  // namespace sundog::types
