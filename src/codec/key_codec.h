// Order-preserving keys: values as bytes whose memcmp order is the order of the values (SQL's btree
// order, with DESC and NULLS FIRST/LAST), so that a range of values is a range of keys.
//
// A column is an optional null marker and, if not null, the value; each value's encoding ends
// itself (no encoding is a prefix of another), so columns are put one after the other.
//
//   null marker (nullable columns only): null 00 (nulls first) or 02 (nulls last), not null 01
//
// type                      | bytes of the value (DESC: each inverted)                      | exact
// --------------------------+---------------------------------------------------------------+------
// bool, "char"              | 1: unsigned                                                   | yes
// int2, int4, int8, date,   | 2, 4, 8: big-endian, sign bit flipped                         | yes
// time, timestamp(tz), money|                                                               |
// oid and kin               | 4: big-endian                                                 | yes
// float4, float8            | 4, 8: IEEE bits big-endian; sign bit flipped if positive, all | no
//                           | bits if negative; -0 as 0, every NaN as FF…                   |
// numeric                   | class: 00 -Inf, 01 negative, 02 zero, 03 positive, 04 Inf,    | no
//                           | 05 NaN; then weight (base 10000) + 8000 hex as u16 and the    |
//                           | digits + 1 as u16 each, ended by 0000; inverted if negative   |
// text, varchar, name       | the bytes, ended by 00                                        | yes
// char(n)                   | the bytes without trailing spaces, ended by 00                | no
// bytea, other bytes        | the bytes, 00 as 00 FF, ended by 00 01                        | yes
// uuid                      | 16                                                            | yes
// interval                  | 16: months as 30 days as 24 hours, in µs, as int128           | no
// timetz                    | 8: µs in UTC as int8; 4: zone as int4                         | yes
// enum                      | 4: sort order as float4; 4: OID of the label                  | yes
// arrays                    | each element: 02 value, or 03 null; ended by 01; then the     | no
//                           | number of dimensions and each one's length and lower bound    |
// jsonb                     | see codec/json_key.h                                          | no
// records, ranges, bit      | see codec/structured_key.h                                    | no
// vector, halfvec, sparsevec| see codec/vector_key.h                                        | no
//
// Example: (int4 5, text 'ab' DESC), both nullable, nulls last: 01 80000005 01 9E9DFF.
// Example: numeric 12.5 is 03 8000 000D 1389 0000 (weight 0, digits 12 and 5000).
//
// Invariants:
//  1. memcmp of two keys of the same columns has the sign of comparing the columns in order.
//  2. Values that compare equal have the same bytes.
//  3. "Exact" types decode to the value that was encoded; others only compare.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "types/datum.h"
#include "types/type_info.h"

namespace sundog::codec {

enum class KeyEncoding : uint8_t {
  kNone,  // cannot be part of a key
  kBool,
  kChar,
  kInt16,
  kInt32,
  kUint32,
  kInt64,
  kFloat32,
  kFloat64,
  kNumeric,
  kText,
  kBpchar,
  kBytes,
  kUuid,
  kInterval,
  kTimeTz,
  kEnum,
  kArray,
  kJsonb,
  kRecord,
  kRange,  // and multirange
  kBits,
  kVector,  // and halfvec, sparsevec
};

struct KeyColumn {
  KeyEncoding encoding = KeyEncoding::kNone;
  bool nullable = true;
  bool descending = false;
  bool nulls_first = false;
  // Decoding gives back what was encoded.
  bool exact = false;
  types::PhysicalKind kind = types::PhysicalKind::kVarlen;
  const types::TypeInfo* type = nullptr;     // of an enum: its labels
  const types::TypeLookup* types = nullptr;  // of a record or range: its fields' or bounds' types
  std::shared_ptr<const KeyColumn> element;  // of an array
};

// Throws 0A000 for types that cannot be part of a key. `types` must outlive the column.
KeyColumn MakeKeyColumn(const types::TypeLookup& types, types::Oid type, bool nullable,
                        bool descending, bool nulls_first);
bool CanBeKey(const types::TypeLookup& types, types::Oid type);

// Appends one column. A null of a column that is not nullable is a CHECK.
void AppendKey(const KeyColumn& column, const types::Datum& value, std::string& to);

// How many bytes the column always takes; 0 if that differs from value to value.
size_t FixedKeyWidth(const KeyColumn& column);
// Moves past one column of a well-formed key.
void SkipKey(const KeyColumn& column, std::string_view& key);
// Reads one exact column and moves past it. Bytes are in the key itself where possible, otherwise
// in `arena`.
types::Datum ReadKey(const KeyColumn& column, std::string_view& key, base::Arena& arena);
// True if the column is null; moves past the marker, and past nothing more.
bool ReadNullMarker(const KeyColumn& column, std::string_view& key);

}  // namespace sundog::codec
