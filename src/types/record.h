// Row values: named composite types and anonymous records. The bytes describe themselves, so that
// a record can be printed, compared and taken apart knowing nothing else.
//
// Format (integers little-endian, nothing aligned):
//
//   offset   size   field
//   0        4      type OID: the composite type's, or 2249 for an anonymous record
//   4        2      n, number of fields
//   6        1      1 if field names are stored (anonymous records), else 0
//   7        1      0
//   8        12·n   per field: type OID u32; PhysicalKind u8; null u8; 0 u16; end of its value in
//                   the data area u32
//   …               if names are stored, per field: length u16, bytes
//   …               the data area: fixed-width values bit by bit, varlen values' bytes; nulls: none
//
// Example: ROW(7, NULL::int4) without names is C9 08 00 00 | 02 00 | 00 | 00 |
// 17 00 00 00 03 00 00 00 04 00 00 00 | 17 00 00 00 03 01 00 00 04 00 00 00 | 07 00 00 00.
//
// Invariants: ends do not decrease; a null's end is its predecessor's. A stored value of a named
// type may have fewer fields than the type has now (fields added later): those are null.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/families.h"

namespace sundog::types {

// A view of a record's bytes, which must outlive it.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes);

  Oid type() const { return type_; }
  int size() const { return size_; }
  bool has_names() const { return names_ != nullptr; }
  Oid field_type(int i) const;
  bool IsNull(int i) const;
  // Null also where i ≥ size().
  Datum At(int i) const;
  // The stored name, or the named type's; "" where there is none.
  std::string_view Name(const TypeLookup& types, int i) const;
  // Fields that have no name are f1, f2, …
  std::vector<CompositeField> Fields(const TypeLookup& types) const;

 private:
  const char* Entry(int i) const { return entries_ + 12 * static_cast<size_t>(i); }

  Oid type_;
  int size_;
  const char* entries_;
  const char* names_;  // null: none stored
  const char* data_;
};

class RecordBuilder {
 public:
  explicit RecordBuilder(Oid type, bool with_names = false)
      : type_(type), with_names_(with_names) {}
  void Append(Oid type, PhysicalKind kind, const Datum& value, std::string_view name = {});
  std::string_view Finish(base::Arena& arena) const;

 private:
  Oid type_;
  bool with_names_;
  int size_ = 0;
  std::string entries_;
  std::string names_;
  std::string data_;
};

// PostgreSQL's record order: field by field, null last. 42804 for records of different types.
int CompareRecords(const TypeLookup& types, const RecordReader& a, const RecordReader& b);
bool RecordsEqual(const TypeLookup& types, const RecordReader& a, const RecordReader& b);

// 42804 unless the record has just these columns: what `AS t(a int, b text)` promises of a function
// that returns record.
void CheckRecordHasColumns(const TypeLookup& types, const RecordReader& record,
                           std::span<const CompositeField> columns);

// For every composite type and for record.
extern const TypeOps kRecordOps;

}  // namespace sundog::types
