// Arrays of any element type: their bytes, a reader and a builder.
//
// Format of an array value (all integers little-endian, nothing aligned):
//
//   offset      size    field
//   0           4       element type OID
//   4           1       ndim, 0 … 6
//   5           1       1 if there is a null bitmap, else 0
//   6           1       PhysicalKind of the elements
//   7           1       0
//   8           8·ndim  per dimension: int32 length, int32 lower bound
//   …           ⌈n/8⌉   null bitmap if byte 5 is 1; bit i of byte i/8 set: element i is null
//   fixed-width kinds:  n · width bytes, row-major; a null's bytes are 0
//   kVarlen:    4·n     uint32 end of element i in the bytes that follow
//               …       the elements' bytes, one after another; a null has none
//
// Example: '{7,NULL}'::int4[] is 17 00 00 00 | 01 | 01 | 03 | 00 | 02 00 00 00 01 00 00 00 | 02 |
// 07 00 00 00 00 00 00 00.
//
// Invariants:
//  1. n = product of the lengths, 0 when ndim = 0; no length is 0 when ndim > 0.
//  2. There is a bitmap exactly when some element is null.
//  3. length + lower bound does not overflow int32; n ≤ kMaxArrayElements.
// int2vector and oidvector have the same bytes: one dimension, lower bound 0, no nulls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/datum.h"
#include "types/oids.h"

namespace sundog::types {

inline constexpr int kMaxArrayDimensions = 6;
inline constexpr int kMaxArrayElements = 134217727;

struct ArrayShape {
  int dimensions = 0;
  int32_t lengths[kMaxArrayDimensions] = {};
  int32_t lower_bounds[kMaxArrayDimensions] = {};

  static ArrayShape OneDimension(int32_t length, int32_t lower_bound = 1);
  // How many elements; throws 54000 where there are too many or a bound overflows.
  int32_t CheckedCount() const;
  int32_t upper_bound(int d) const { return lower_bounds[d] + lengths[d] - 1; }
  friend bool operator==(const ArrayShape& a, const ArrayShape& b);
};

// A view of an array's bytes, which must outlive it. Copying it is cheap.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view bytes);

  std::string_view bytes() const { return bytes_; }
  Oid element_type() const { return element_type_; }
  PhysicalKind element_kind() const { return kind_; }
  const ArrayShape& shape() const { return shape_; }
  int dimensions() const { return shape_.dimensions; }
  // Elements in all dimensions together.
  int32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool has_nulls() const { return bitmap_ != nullptr; }

  // `i` counts row-major from 0.
  bool IsNull(int32_t i) const {
    return bitmap_ != nullptr && (bitmap_[i >> 3] >> (i & 7) & 1) != 0;
  }
  Datum At(int32_t i) const;
  // The element must not be null.
  template <typename T>
  T ValueAt(int32_t i) const {
    return At(i).As<T>();
  }

  // The row-major place of a full set of subscripts, or -1 outside the bounds.
  int32_t PlaceOf(const int32_t* subscripts, int count) const;

 private:
  std::string_view bytes_;
  Oid element_type_;
  PhysicalKind kind_;
  ArrayShape shape_;
  int32_t size_;
  const uint8_t* bitmap_;
  const char* data_;       // fixed elements, or the ends of varlen ones
  const char* var_bytes_;  // of varlen elements
};

// Collects elements row-major, then makes the bytes.
class ArrayBuilder {
 public:
  ArrayBuilder(Oid element_type, PhysicalKind kind) : element_type_(element_type), kind_(kind) {}

  void Append(const Datum& value);
  void AppendRange(const ArrayReader& from, int32_t begin, int32_t end);
  int32_t size() const { return size_; }

  // One dimension; no dimension if nothing was appended.
  std::string_view Finish(base::Arena& arena, int32_t lower_bound = 1) const;
  // `shape` must hold as many elements as were appended.
  std::string_view Finish(base::Arena& arena, const ArrayShape& shape) const;

 private:
  Oid element_type_;
  PhysicalKind kind_;
  int32_t size_ = 0;
  bool has_nulls_ = false;
  std::string nulls_;  // one byte an element
  std::string ends_;   // of varlen elements: uint32 each
  std::string data_;
};

std::string_view EmptyArray(Oid element_type, PhysicalKind kind, base::Arena& arena);

struct TypeInfo;
class TypeLookup;

// PostgreSQL's array order: elements, then count, then shape; null sorts last and equals null.
// Throws 42883 where the element type has no order.
int CompareArrays(const TypeLookup& types, const ArrayReader& a, const ArrayReader& b);
uint64_t HashArray(const TypeLookup& types, const ArrayReader& array);

}  // namespace sundog::types
