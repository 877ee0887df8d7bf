#include "types/vector.h"

namespace sundog::types {

Vector::Vector(PhysicalKind kind, size_t capacity)
    : kind_(kind),
      width_(static_cast<uint16_t>(PhysicalWidth(kind))),
      capacity_(capacity),
      // Zeroed, so that kernels may compute on rows nobody asked for without reading garbage.
      owned_(new char[capacity * width_]()) {
  data_ = owned_.get();
}

void Vector::Reset() {
  mask_ = ~size_t{0};
  may_have_nulls_ = false;
  arena_.Reset();
}

void Vector::ClearNulls() {
  if (nulls_ == nullptr) nulls_.reset(new uint8_t[capacity_]);
  std::memset(nulls_.get(), 0, capacity_);
  may_have_nulls_ = true;
}

void Vector::SetDatum(size_t row, const Datum& datum) {
  if (datum.is_null()) return SetNull(row);
  std::memcpy(static_cast<char*>(data_) + row * width_, datum.payload(), width_);
}

void Vector::CopyDatum(size_t row, const Datum& datum) {
  SetDatum(row, datum.CopyTo(arena_, kind_));
}

void Vector::CopyFrom(size_t row, const Vector& source, size_t source_row) {
  CHECK(kind_ == source.kind_);
  if (source.IsNull(source_row)) return SetNull(row);
  if (kind_ == PhysicalKind::kVarlen) {
    Set(row, CopyBytes(source.At<std::string_view>(source_row)));
  } else {
    std::memcpy(static_cast<char*>(data_) + row * width_,
                static_cast<const char*>(source.data_) + (source_row & source.mask_) * width_,
                width_);
  }
}

void Vector::SetConstant(const Datum& datum) {
  Reset();
  mask_ = 0;
  CopyDatum(0, datum);
}

ChunkBuffer::ChunkBuffer(const std::vector<PhysicalKind>& kinds, size_t capacity) {
  for (PhysicalKind kind : kinds) {
    vectors_.push_back(std::make_unique<Vector>(kind, capacity));
    chunk_.columns.push_back(vectors_.back().get());
  }
}

void ChunkBuffer::Reset() {
  for (auto& vector : vectors_) vector->Reset();
  chunk_.rows = RowSet(0);
}

bool ChunkBuffer::IsFull(size_t row_count) const {
  constexpr size_t kMuchBytes = 8 << 20;
  if (row_count >= kVectorSize) return true;
  size_t bytes = 0;
  for (const auto& vector : vectors_) bytes += vector->arena_bytes();
  return bytes >= kMuchBytes && row_count > 0;
}

const Chunk& ChunkBuffer::Finish(size_t row_count) {
  chunk_.rows = RowSet(row_count);
  return chunk_;
}

}  // namespace sundog::types
