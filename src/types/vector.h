// The unit of execution: typed column vectors of up to kVectorSize rows.
//
// Rules that keep kernels simple:
//  1. Every vector of a chunk is indexed by the same row number. A filter does not move values, it
//     only narrows the chunk's RowSet.
//  2. A constant vector has one element that stands for every row; At() and IsNull() hide it.
//  3. An operator owns the vectors it fills; what it hands up is valid until it is asked again.
//     Whoever keeps values longer copies them.
//  4. The bytes of varlen elements lie in the filling vector's arena or in memory that lives at
//     least as long as rule 3 asks.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "types/datum.h"
#include "types/physical_kind.h"

namespace sundog::types {

inline constexpr size_t kVectorSize = SUNDOG_VECTOR_SIZE;
static_assert(kVectorSize >= 2 && kVectorSize <= 65536);

// The rows of a chunk that take part: a list of ascending row numbers, or all of 0 … count-1.
class RowSet {
 public:
  explicit RowSet(size_t count) : index_(nullptr), count_(count) {}
  RowSet(const uint16_t* index, size_t count) : index_(index), count_(count) {}

  size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  bool dense() const { return index_ == nullptr; }
  const uint16_t* index() const { return index_; }
  size_t operator[](size_t k) const { return index_ ? index_[k] : k; }
  // `count` is not above this one's.
  RowSet First(size_t count) const { return RowSet(index_, count); }

  // Two loops, so that the dense one vectorises.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (index_ == nullptr) {
      for (size_t row = 0; row < count_; ++row) visit(row);
    } else {
      for (size_t k = 0; k < count_; ++k) visit(static_cast<size_t>(index_[k]));
    }
  }

 private:
  const uint16_t* index_;
  size_t count_;
};

class Vector {
 public:
  explicit Vector(PhysicalKind kind, size_t capacity = kVectorSize);
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;

  PhysicalKind kind() const { return kind_; }
  size_t capacity() const { return capacity_; }
  bool constant() const { return mask_ == 0; }
  // False means that no row is null; true that some may be.
  bool may_have_nulls() const { return may_have_nulls_; }

  bool IsNull(size_t row) const { return may_have_nulls_ && nulls_[row & mask_]; }
  template <typename T>
  const T& At(size_t row) const {
    return static_cast<const T*>(data_)[row & mask_];
  }
  Datum DatumAt(size_t row) const {
    if (IsNull(row)) return Datum();
    return Datum::FromPayload(static_cast<const char*>(data_) + (row & mask_) * width_, kind_);
  }

  // --- filling ---
  // Makes the vector flat, all not null, with an empty arena. Elements hold garbage until set.
  void Reset();
  template <typename T>
  T* Data() {
    CHECK(PhysicalKindOf<T>::value == kind_);
    return static_cast<T*>(data_);
  }
  template <typename T>
  void Set(size_t row, const T& value) {
    static_cast<T*>(data_)[row] = value;
  }
  void SetNull(size_t row) {
    if (!may_have_nulls_) ClearNulls();
    nulls_[row] = 1;
  }
  // Overwrites an earlier SetNull.
  void SetNotNull(size_t row) {
    if (may_have_nulls_) nulls_[row] = 0;
  }
  // `datum` is copied bit by bit: its bytes must satisfy rule 4.
  void SetDatum(size_t row, const Datum& datum);
  // Like SetDatum, with varlen bytes copied into the arena.
  void CopyDatum(size_t row, const Datum& datum);
  // Copies `source`'s element, varlen bytes into the arena.
  void CopyFrom(size_t row, const Vector& source, size_t source_row);
  // Makes every row the one value; bytes are copied.
  void SetConstant(const Datum& datum);
  // Turns the flat vector into a constant one of its first element.
  void MakeConstant() { mask_ = 0; }
  // The null flags, one byte a row, after making sure that they are in use.
  uint8_t* MutableNulls() {
    if (!may_have_nulls_) ClearNulls();
    return nulls_.get();
  }
  const uint8_t* nulls() const { return nulls_.get(); }

  // Where the bytes of varlen elements go.
  base::Arena& arena() { return arena_; }
  size_t arena_bytes() const { return arena_.allocated_bytes(); }
  std::string_view CopyBytes(std::string_view bytes) { return arena_.Copy(bytes); }

 private:
  void ClearNulls();

  PhysicalKind kind_;
  bool may_have_nulls_ = false;
  uint16_t width_;
  size_t capacity_;
  size_t mask_ = ~size_t{0};
  void* data_;
  std::unique_ptr<char[]> owned_;
  std::unique_ptr<uint8_t[]> nulls_;
  base::Arena arena_;
};

// Columns side by side, and which rows count. Owns nothing (rule 3).
struct Chunk {
  std::vector<const Vector*> columns;
  RowSet rows{0};

  size_t row_count() const { return rows.count(); }
  const Vector& column(size_t i) const { return *columns[i]; }
};

// Vectors of given kinds that live together, and a chunk over them.
class ChunkBuffer {
 public:
  explicit ChunkBuffer(const std::vector<PhysicalKind>& kinds, size_t capacity = kVectorSize);

  Vector& column(size_t i) { return *vectors_[i]; }
  size_t column_count() const { return vectors_.size(); }
  void Reset();
  // With so many rows: also before kVectorSize, of large values.
  bool IsFull(size_t row_count) const;
  // The filled vectors with rows 0 … row_count-1.
  const Chunk& Finish(size_t row_count);
  const Chunk& chunk() const { return chunk_; }

 private:
  std::vector<std::unique_ptr<Vector>> vectors_;
  Chunk chunk_;
};

}  // namespace sundog::types
