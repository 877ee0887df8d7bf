#include "types/array.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "types/type_info.h"

namespace sundog::types {

namespace {

constexpr size_t kFixedHeaderBytes = 8;

size_t BitmapBytes(int32_t count) { return (static_cast<size_t>(count) + 7) / 8; }

[[noreturn]] void ThrowTooLarge() {
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("array size exceeds the maximum allowed ({})", kMaxArrayElements));
}

}  // namespace

ArrayShape ArrayShape::OneDimension(int32_t length, int32_t lower_bound) {
  ArrayShape shape;
  if (length == 0) return shape;
  shape.dimensions = 1;
  shape.lengths[0] = length;
  shape.lower_bounds[0] = lower_bound;
  return shape;
}

int32_t ArrayShape::CheckedCount() const {
  if (dimensions == 0) return 0;
  int64_t count = 1;
  for (int d = 0; d < dimensions; ++d) {
    if (lengths[d] < 0) ThrowTooLarge();
    count *= lengths[d];
    if (count > kMaxArrayElements) ThrowTooLarge();
  }
  for (int d = 0; d < dimensions; ++d) {
    int32_t sum;
    if (__builtin_add_overflow(lengths[d], lower_bounds[d], &sum)) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     fmt::format("array lower bound is too large: {}", lower_bounds[d]));
    }
  }
  return static_cast<int32_t>(count);
}

bool operator==(const ArrayShape& a, const ArrayShape& b) {
  if (a.dimensions != b.dimensions) return false;
  for (int d = 0; d < a.dimensions; ++d) {
    if (a.lengths[d] != b.lengths[d] || a.lower_bounds[d] != b.lower_bounds[d]) return false;
  }
  return true;
}

ArrayReader::ArrayReader(std::string_view bytes) : bytes_(bytes) {
  CHECK_GE(bytes.size(), kFixedHeaderBytes);
  const char* at = bytes.data();
  element_type_ = base::LoadLittleEndian<uint32_t>(at);
  shape_.dimensions = static_cast<uint8_t>(at[4]);
  bool has_bitmap = at[5] != 0;
  kind_ = static_cast<PhysicalKind>(at[6]);
  CHECK_LE(shape_.dimensions, kMaxArrayDimensions);
  at += kFixedHeaderBytes;
  size_ = shape_.dimensions == 0 ? 0 : 1;
  for (int d = 0; d < shape_.dimensions; ++d, at += 8) {
    shape_.lengths[d] = base::LoadLittleEndian<int32_t>(at);
    shape_.lower_bounds[d] = base::LoadLittleEndian<int32_t>(at + 4);
    size_ *= shape_.lengths[d];
  }
  bitmap_ = has_bitmap ? reinterpret_cast<const uint8_t*>(at) : nullptr;
  if (has_bitmap) at += BitmapBytes(size_);
  data_ = at;
  var_bytes_ = at + 4 * static_cast<size_t>(size_);
}

Datum ArrayReader::At(int32_t i) const {
  if (IsNull(i)) return Datum();
  if (kind_ != PhysicalKind::kVarlen) {
    return Datum::FromPayload(data_ + static_cast<size_t>(i) * PhysicalWidth(kind_), kind_);
  }
  const char* end_at = data_ + 4 * static_cast<size_t>(i);
  uint32_t begin = i == 0 ? 0 : base::LoadLittleEndian<uint32_t>(end_at - 4);
  uint32_t end = base::LoadLittleEndian<uint32_t>(end_at);
  return Datum::From(std::string_view(var_bytes_ + begin, end - begin));
}

int32_t ArrayReader::PlaceOf(const int32_t* subscripts, int count) const {
  if (count != shape_.dimensions || count == 0) return -1;
  int32_t place = 0;
  for (int d = 0; d < count; ++d) {
    if (subscripts[d] < shape_.lower_bounds[d] || subscripts[d] > shape_.upper_bound(d)) return -1;
    place = place * shape_.lengths[d] + (subscripts[d] - shape_.lower_bounds[d]);
  }
  return place;
}

void ArrayBuilder::Append(const Datum& value) {
  if (++size_ > kMaxArrayElements) ThrowTooLarge();
  nulls_.push_back(value.is_null() ? 1 : 0);
  has_nulls_ |= value.is_null();
  if (kind_ != PhysicalKind::kVarlen) {
    size_t width = PhysicalWidth(kind_);
    if (value.is_null()) {
      data_.append(width, '\0');
    } else {
      data_.append(static_cast<const char*>(value.payload()), width);
    }
    return;
  }
  if (!value.is_null()) data_.append(value.As<std::string_view>());
  if (data_.size() > 0x3fffffff) ThrowTooLarge();
  base::AppendLittleEndian<uint32_t>(ends_, static_cast<uint32_t>(data_.size()));
}

void ArrayBuilder::AppendRange(const ArrayReader& from, int32_t begin, int32_t end) {
  for (int32_t i = begin; i < end; ++i) Append(from.At(i));
}

std::string_view ArrayBuilder::Finish(base::Arena& arena, int32_t lower_bound) const {
  return Finish(arena, ArrayShape::OneDimension(size_, lower_bound));
}

std::string_view ArrayBuilder::Finish(base::Arena& arena, const ArrayShape& shape) const {
  CHECK_EQ(shape.CheckedCount(), size_);
  size_t bitmap_bytes = has_nulls_ ? BitmapBytes(size_) : 0;
  size_t total = kFixedHeaderBytes + 8 * static_cast<size_t>(shape.dimensions) + bitmap_bytes +
                 ends_.size() + data_.size();
  char* const begin = arena.AllocateBytes(total);
  char* to = begin;
  auto put = [&to](const void* from, size_t size) {
    if (size > 0) std::memcpy(to, from, size);
    to += size;
  };
  put(&element_type_, 4);
  const char header[4] = {static_cast<char>(shape.dimensions), static_cast<char>(has_nulls_),
                          static_cast<char>(kind_), 0};
  put(header, 4);
  for (int d = 0; d < shape.dimensions; ++d) {
    put(&shape.lengths[d], 4);
    put(&shape.lower_bounds[d], 4);
  }
  if (has_nulls_) {
    std::memset(to, 0, bitmap_bytes);
    for (int32_t i = 0; i < size_; ++i) {
      if (nulls_[i] != 0) to[i >> 3] = static_cast<char>(to[i >> 3] | (1 << (i & 7)));
    }
    to += bitmap_bytes;
  }
  put(ends_.data(), ends_.size());
  put(data_.data(), data_.size());
  return {begin, total};
}

std::string_view EmptyArray(Oid element_type, PhysicalKind kind, base::Arena& arena) {
  return ArrayBuilder(element_type, kind).Finish(arena);
}

int CompareArrays(const TypeLookup& types, const ArrayReader& a, const ArrayReader& b) {
  const TypeInfo& element = types.GetType(a.element_type());
  if (element.ops->compare == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   fmt::format("could not identify a comparison function for type {}",
                               FormatType(types, {element.oid, -1})));
  }
  int32_t shared = std::min(a.size(), b.size());
  for (int32_t i = 0; i < shared; ++i) {
    bool a_null = a.IsNull(i);
    bool b_null = b.IsNull(i);
    if (a_null || b_null) {
      if (a_null && b_null) continue;
      return a_null ? 1 : -1;
    }
    int order = element.ops->compare(types, element, a.At(i), b.At(i));
    if (order != 0) return order < 0 ? -1 : 1;
  }
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  if (a.dimensions() != b.dimensions()) return a.dimensions() < b.dimensions() ? -1 : 1;
  for (int d = 0; d < a.dimensions(); ++d) {
    int32_t x = a.shape().lengths[d];
    int32_t y = b.shape().lengths[d];
    if (x != y) return x < y ? -1 : 1;
  }
  for (int d = 0; d < a.dimensions(); ++d) {
    int32_t x = a.shape().lower_bounds[d];
    int32_t y = b.shape().lower_bounds[d];
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

uint64_t HashArray(const TypeLookup& types, const ArrayReader& array) {
  const TypeInfo& element = types.GetType(array.element_type());
  if (element.ops->hash == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   fmt::format("could not identify a hash function for type {}",
                               FormatType(types, {element.oid, -1})));
  }
  uint64_t hash = 0x9e3779b97f4a7c15u + static_cast<uint64_t>(array.size());
  for (int32_t i = 0; i < array.size(); ++i) {
    uint64_t item = array.IsNull(i) ? 0 : element.ops->hash(types, element, array.At(i));
    hash = (hash ^ item) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace sundog::types
