#include "types/record.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"

namespace sundog::types {

namespace {

constexpr size_t kHeaderBytes = 8;

std::string TypeName(const TypeLookup& types, Oid type) { return FormatType(types, {type, -1}); }

void CheckSameType(const TypeLookup& types, const RecordReader& a, const RecordReader& b, int i) {
  if (a.field_type(i) == b.field_type(i)) return;
  throw SqlError(sqlstate::kDatatypeMismatch,
                 fmt::format("cannot compare dissimilar column types {} and {} at record column {}",
                             TypeName(types, a.field_type(i)), TypeName(types, b.field_type(i)),
                             i + 1));
}

[[noreturn]] void ThrowDifferentCounts() {
  throw SqlError(sqlstate::kDatatypeMismatch,
                 "cannot compare record types with different numbers of columns");
}

}  // namespace

RecordReader::RecordReader(std::string_view bytes) {
  CHECK_GE(bytes.size(), kHeaderBytes);
  type_ = base::LoadLittleEndian<uint32_t>(bytes.data());
  size_ = base::LoadLittleEndian<uint16_t>(bytes.data() + 4);
  entries_ = bytes.data() + kHeaderBytes;
  data_ = entries_ + 12 * static_cast<size_t>(size_);
  names_ = nullptr;
  if (bytes[6] == 0) return;
  names_ = data_;
  for (int i = 0; i < size_; ++i) data_ += 2 + base::LoadLittleEndian<uint16_t>(data_);
}

Oid RecordReader::field_type(int i) const { return base::LoadLittleEndian<uint32_t>(Entry(i)); }

bool RecordReader::IsNull(int i) const { return i >= size_ || Entry(i)[5] != 0; }

Datum RecordReader::At(int i) const {
  if (IsNull(i)) return Datum();
  auto kind = static_cast<PhysicalKind>(Entry(i)[4]);
  uint32_t end = base::LoadLittleEndian<uint32_t>(Entry(i) + 8);
  uint32_t begin = i == 0 ? 0 : base::LoadLittleEndian<uint32_t>(Entry(i - 1) + 8);
  if (kind != PhysicalKind::kVarlen) return Datum::FromPayload(data_ + begin, kind);
  return Datum::From(std::string_view(data_ + begin, end - begin));
}

std::string_view RecordReader::Name(const TypeLookup& types, int i) const {
  if (names_ == nullptr) {
    const TypeInfo* type = types.FindType(type_);
    if (type == nullptr || static_cast<size_t>(i) >= type->fields.size()) return {};
    return type->fields[i].name;
  }
  const char* at = names_;
  for (int k = 0; k < i; ++k) at += 2 + base::LoadLittleEndian<uint16_t>(at);
  return {at + 2, base::LoadLittleEndian<uint16_t>(at)};
}

std::vector<CompositeField> RecordReader::Fields(const TypeLookup& types) const {
  std::vector<CompositeField> fields;
  for (int i = 0; i < size_; ++i) {
    std::string name(Name(types, i));
    if (name.empty()) name = fmt::format("f{}", i + 1);
    fields.push_back({std::move(name), {field_type(i)}});
  }
  return fields;
}

void RecordBuilder::Append(Oid type, PhysicalKind kind, const Datum& value,
                           std::string_view name) {
  CHECK_LT(++size_, 65536);
  if (!value.is_null()) {
    if (kind == PhysicalKind::kVarlen) {
      data_.append(value.As<std::string_view>());
    } else {
      data_.append(static_cast<const char*>(value.payload()), PhysicalWidth(kind));
    }
  }
  base::AppendLittleEndian<uint32_t>(entries_, type);
  base::AppendLittleEndian<uint8_t>(entries_, static_cast<uint8_t>(kind));
  base::AppendLittleEndian<uint8_t>(entries_, value.is_null() ? 1 : 0);
  base::AppendLittleEndian<uint16_t>(entries_, 0);
  base::AppendLittleEndian<uint32_t>(entries_, static_cast<uint32_t>(data_.size()));
  if (with_names_) {
    base::AppendLittleEndian<uint16_t>(names_, static_cast<uint16_t>(name.size()));
    names_.append(name);
  }
}

std::string_view RecordBuilder::Finish(base::Arena& arena) const {
  std::string bytes;
  base::AppendLittleEndian<uint32_t>(bytes, type_);
  base::AppendLittleEndian<uint16_t>(bytes, static_cast<uint16_t>(size_));
  base::AppendLittleEndian<uint16_t>(bytes, with_names_ ? 1 : 0);
  bytes += entries_;
  bytes += names_;
  bytes += data_;
  return arena.Copy(bytes);
}

int CompareRecords(const TypeLookup& types, const RecordReader& a, const RecordReader& b) {
  int shared = std::min(a.size(), b.size());
  for (int i = 0; i < shared; ++i) {
    CheckSameType(types, a, b, i);
    if (a.IsNull(i) || b.IsNull(i)) {
      if (a.IsNull(i) && b.IsNull(i)) continue;
      return a.IsNull(i) ? 1 : -1;
    }
    const TypeInfo& type = types.GetType(a.field_type(i));
    if (type.ops->compare == nullptr) {
      throw SqlError(sqlstate::kUndefinedFunction,
                     "could not identify a comparison function for type " +
                         TypeName(types, type.oid));
    }
    int order = type.ops->compare(types, type, a.At(i), b.At(i));
    if (order != 0) return order < 0 ? -1 : 1;
  }
  if (a.size() != b.size()) ThrowDifferentCounts();
  return 0;
}

bool RecordsEqual(const TypeLookup& types, const RecordReader& a, const RecordReader& b) {
  int shared = std::min(a.size(), b.size());
  for (int i = 0; i < shared; ++i) {
    CheckSameType(types, a, b, i);
    if (a.IsNull(i) || b.IsNull(i)) {
      if (a.IsNull(i) && b.IsNull(i)) continue;
      return false;
    }
    const TypeInfo& type = types.GetType(a.field_type(i));
    if (type.ops->compare == nullptr) {
      throw SqlError(sqlstate::kUndefinedFunction,
                     "could not identify an equality operator for type " +
                         TypeName(types, type.oid));
    }
    if (type.ops->compare(types, type, a.At(i), b.At(i)) != 0) return false;
  }
  if (a.size() != b.size()) ThrowDifferentCounts();
  return true;
}

void CheckRecordHasColumns(const TypeLookup& types, const RecordReader& record,
                           std::span<const CompositeField> columns) {
  constexpr const char* kMismatch =
      "function return row and query-specified return row do not match";
  if (static_cast<size_t>(record.size()) != columns.size()) {
    throw SqlError(sqlstate::kDatatypeMismatch, kMismatch)
        .Detail(fmt::format("Returned row contains {} attribute{}, but query expects {}.",
                            record.size(), record.size() == 1 ? "" : "s", columns.size()));
  }
  for (int i = 0; i < record.size(); ++i) {
    Oid found = record.field_type(i);
    Oid expected = columns[i].type.oid;
    if (found == expected || (found == oids::kVarchar && expected == oids::kText)) continue;
    throw SqlError(sqlstate::kDatatypeMismatch, kMismatch)
        .Detail(fmt::format("Returned type {} at ordinal position {}, but query expects {}.",
                            TypeName(types, found), i + 1, TypeName(types, expected)));
  }
}

}  // namespace sundog::types
