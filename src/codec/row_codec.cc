#include "codec/row_codec.h"

#include <cstring>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"

namespace sundog::codec {
namespace {

using types::Datum;
using types::PhysicalKind;
using types::Vector;

constexpr size_t kHeaderBytes = 2;
constexpr uint16_t kWideBit = 0x8000;
constexpr size_t kNarrowLimit = 0xffff;

struct Header {
  size_t count;
  bool wide;
};

inline Header ReadHeader(const char* row) {
  uint16_t word;
  std::memcpy(&word, row, sizeof word);
  return {static_cast<size_t>(word & ~kWideBit), (word & kWideBit) != 0};
}

inline bool NullBit(const char* row, size_t column) {
  return (row[kHeaderBytes + column / 8] >> (column % 8)) & 1;
}

}  // namespace

RowFormat::RowFormat(std::vector<Column> columns) : columns_(std::move(columns)) {
  CHECK_LT(columns_.size(), size_t{kWideBit});
  uint32_t fixed_bytes = 0;
  uint32_t varlen_count = 0;
  for (size_t count = 0;; ++count) {
    uint32_t null_bytes = static_cast<uint32_t>((count + 7) / 8);
    shapes_.push_back({null_bytes, static_cast<uint32_t>(kHeaderBytes) + null_bytes + fixed_bytes,
                       varlen_count});
    if (count == columns_.size()) break;
    places_.push_back({fixed_bytes, varlen_count});
    PhysicalKind kind = columns_[count].kind;
    if (kind == PhysicalKind::kVarlen) {
      ++varlen_count;
    } else {
      fixed_bytes += static_cast<uint32_t>(types::PhysicalWidth(kind));
    }
  }
}

void RowFormat::Encode(std::span<const Datum> values, std::string& to) const {
  CHECK_EQ(values.size(), columns_.size());
  const Shape& shape = shapes_.back();
  size_t varlen_bytes = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (columns_[i].kind == PhysicalKind::kVarlen && !values[i].is_null()) {
      varlen_bytes += values[i].As<std::string_view>().size();
    }
  }
  if (varlen_bytes > UINT32_MAX) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "row is too big");
  }
  bool wide = varlen_bytes > kNarrowLimit;
  size_t end_width = wide ? 4 : 2;
  size_t start = to.size();
  to.resize(start + shape.ends_at + shape.varlen_count * end_width + varlen_bytes);
  char* row = to.data() + start;
  uint16_t head = static_cast<uint16_t>(columns_.size() | (wide ? kWideBit : 0));
  std::memcpy(row, &head, sizeof head);
  char* fixed = row + kHeaderBytes + shape.null_bytes;
  char* ends = row + shape.ends_at;
  char* bytes = ends + shape.varlen_count * end_width;
  uint32_t end = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    bool varlen = columns_[i].kind == PhysicalKind::kVarlen;
    if (values[i].is_null()) {
      row[kHeaderBytes + i / 8] |= static_cast<char>(1 << (i % 8));
    } else if (varlen) {
      std::string_view value = values[i].As<std::string_view>();
      if (!value.empty()) std::memcpy(bytes + end, value.data(), value.size());
      end += static_cast<uint32_t>(value.size());
    } else {
      std::memcpy(fixed + places_[i].fixed_offset, values[i].payload(),
                  types::PhysicalWidth(columns_[i].kind));
    }
    if (varlen) {
      std::memcpy(ends + places_[i].varlen_index * end_width, &end, end_width);
    }
  }
}

const RowFormat::Shape& RowFormat::ShapeOf(size_t count) const {
  if (count >= shapes_.size()) {
    // A column was added after the reader's catalog was read.
    throw SqlError(sqlstate::kTRSerializationFailure,
                   "could not serialize access due to concurrent schema change");
  }
  return shapes_[count];
}

Datum RowFormat::Missing(size_t column) const {
  const Column& description = columns_[column];
  if (!description.missing) return Datum();
  if (description.kind == PhysicalKind::kVarlen) {
    return Datum::From(std::string_view(*description.missing));
  }
  CHECK_EQ(description.missing->size(), types::PhysicalWidth(description.kind));
  return Datum::FromPayload(description.missing->data(), description.kind);
}

inline std::string_view RowFormat::VarlenBytes(std::string_view row, size_t count, bool wide,
                                               size_t index) const {
  const Shape& shape = ShapeOf(count);
  const char* ends = row.data() + shape.ends_at;
  if (!wide) {
    uint32_t from = index == 0 ? 0 : base::LoadLittleEndian<uint16_t>(ends + 2 * (index - 1));
    uint32_t to = base::LoadLittleEndian<uint16_t>(ends + 2 * index);
    return {ends + 2 * shape.varlen_count + from, to - from};
  }
  uint32_t from = index == 0 ? 0 : base::LoadLittleEndian<uint32_t>(ends + 4 * (index - 1));
  uint32_t to = base::LoadLittleEndian<uint32_t>(ends + 4 * index);
  return {ends + 4 * shape.varlen_count + from, to - from};
}

bool RowFormat::IsNull(std::string_view row, size_t column) const {
  Header header = ReadHeader(row.data());
  if (column >= header.count) return !columns_[column].missing.has_value();
  return NullBit(row.data(), column);
}

Datum RowFormat::Read(std::string_view row, size_t column) const {
  Header header = ReadHeader(row.data());
  if (column >= header.count) return Missing(column);
  if (NullBit(row.data(), column)) return Datum();
  PhysicalKind kind = columns_[column].kind;
  if (kind == PhysicalKind::kVarlen) {
    return Datum::From(VarlenBytes(row, header.count, header.wide, places_[column].varlen_index));
  }
  const char* fixed = row.data() + kHeaderBytes + ShapeOf(header.count).null_bytes;
  return Datum::FromPayload(fixed + places_[column].fixed_offset, kind);
}

template <typename T>
void RowFormat::ReadFixed(std::span<const std::string_view> rows, size_t column, Vector& out,
                          size_t first) const {
  const size_t usual = columns_.size();
  const size_t usual_at =
      kHeaderBytes + shapes_.back().null_bytes + places_[column].fixed_offset;
  const size_t null_at = kHeaderBytes + column / 8;
  const char null_bit = static_cast<char>(1 << (column % 8));
  T* data = out.Data<T>() + first;
  for (size_t i = 0; i < rows.size(); ++i) {
    const char* row = rows[i].data();
    size_t count = ReadHeader(row).count;
    if (count != usual) {
      out.SetDatum(first + i, Read(rows[i], column));
      continue;
    }
    std::memcpy(&data[i], row + usual_at, sizeof(T));
    if (row[null_at] & null_bit) out.SetNull(first + i);
  }
}

void RowFormat::ReadVarlen(std::span<const std::string_view> rows, size_t column, Vector& out,
                           size_t first) const {
  std::string_view* data = out.Data<std::string_view>() + first;
  const size_t index = places_[column].varlen_index;
  for (size_t i = 0; i < rows.size(); ++i) {
    Header header = ReadHeader(rows[i].data());
    if (header.count <= column) {
      out.SetDatum(first + i, Missing(column));
    } else if (NullBit(rows[i].data(), column)) {
      data[i] = {};
      out.SetNull(first + i);
    } else {
      data[i] = VarlenBytes(rows[i], header.count, header.wide, index);
    }
  }
}

void RowFormat::ReadColumn(std::span<const std::string_view> rows, size_t column, Vector& out,
                           size_t first) const {
  types::VisitPhysicalKind(columns_[column].kind, [&]<typename T>(T) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      ReadVarlen(rows, column, out, first);
    } else {
      ReadFixed<T>(rows, column, out, first);
    }
  });
}

void RowFormat::Validate(std::string_view row) const {
  auto fail = [] { throw SqlError(sqlstate::kDataCorrupted, "stored row is malformed"); };
  if (row.size() < kHeaderBytes) fail();
  Header header = ReadHeader(row.data());
  if (header.count > columns_.size()) fail();
  const Shape& shape = shapes_[header.count];
  size_t end_width = header.wide ? 4 : 2;
  size_t bytes_at = shape.ends_at + shape.varlen_count * end_width;
  if (row.size() < bytes_at) fail();
  uint32_t last = 0;
  for (size_t i = 0; i < shape.varlen_count; ++i) {
    uint32_t end = 0;
    std::memcpy(&end, row.data() + shape.ends_at + i * end_width, end_width);
    if (end < last) fail();
    last = end;
  }
  if (row.size() != bytes_at + last) fail();
}

}  // namespace sundog::codec
