// Ranges and multiranges: int4range, numrange, tsrange, tstzrange, daterange, int8range and the
// multirange of each.
//
// A range's bytes:
//
//   flags 1 | lower bound, if it has one | upper bound, if it has one
//
// Flags: 0x01 empty, 0x02 lower bound inclusive, 0x04 upper bound inclusive, 0x08 no lower bound,
// 0x10 no upper bound. A bound of a fixed-width type is its value as in memory; of a varlen type a
// u32 length, little-endian, and its bytes.
// A multirange's bytes are a u32 count and for each range a u32 length and its bytes.
//
// Example: int4range [1,5) is 02 01 00 00 00 05 00 00 00.
//
// Invariants:
//  1. The empty range is the one byte 01.
//  2. An infinite bound is never inclusive.
//  3. The lower bound lies before the upper one, or they are equal and both inclusive.
//  4. Ranges of integers and dates are canonical: "[)", infinite dates apart.
//  5. A multirange's ranges are not empty, sorted, and neither touch nor overlap.
//
// Code works on Range and RangeSet (values taken apart); a range is there a set of at most one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "types/families.h"
#include "types/type_info.h"

namespace sundog::types {

enum class RangeStep : uint8_t { kContinuous, kInt4, kInt8, kDate };

struct RangeInfo {
  Oid range;
  Oid multirange;
  Oid subtype;
  RangeStep step;
};

// By the OID of a range or of its multirange; null if it is neither.
const RangeInfo* FindRange(Oid range_or_multirange);
const RangeInfo* FindRangeOfSubtype(Oid subtype);

struct RangeBound {
  Datum value;
  bool infinite = false;
  bool inclusive = false;
  bool lower = false;
};

// Never empty: the empty range is a RangeSet of none.
struct Range {
  RangeBound lower;
  RangeBound upper;
};
using RangeSet = std::vector<Range>;

// What holds between ranges of one type.
class RangeAlgebra {
 public:
  // `types` must know the subtype.
  RangeAlgebra(const TypeLookup& types, const RangeInfo& info);

  const RangeInfo& info() const { return *info_; }
  const TypeInfo& subtype() const { return *subtype_; }

  // --- bounds, by where they lie ---
  // The values alone, whether inclusive or not.
  int CompareValues(const RangeBound& a, const RangeBound& b) const;
  int CompareBounds(const RangeBound& a, const RangeBound& b) const;
  // No value lies between a range ending at `upper` and one beginning at `lower`, nor in both.
  bool AreAdjacent(const RangeBound& upper, const RangeBound& lower) const;

  // Canonical; none if it is empty. Throws 22000 where the bounds are the wrong way round.
  RangeSet Make(RangeBound lower, RangeBound upper) const;

  // --- sets ---
  // Sorts and joins ranges of any order.
  RangeSet Normalize(RangeSet ranges) const;
  int Compare(const RangeSet& a, const RangeSet& b) const;
  bool Overlaps(const RangeSet& a, const RangeSet& b) const;
  bool Contains(const RangeSet& a, const RangeSet& b) const;
  bool ContainsValue(const RangeSet& set, const Datum& value) const;
  bool IsBefore(const RangeSet& a, const RangeSet& b) const;
  bool IsAdjacent(const RangeSet& a, const RangeSet& b) const;
  // a's end is not after b's; a's beginning is not before b's. False if one is empty.
  bool EndsWithin(const RangeSet& a, const RangeSet& b) const;
  bool BeginsWithin(const RangeSet& a, const RangeSet& b) const;
  RangeSet Union(const RangeSet& a, const RangeSet& b) const;
  RangeSet Intersect(const RangeSet& a, const RangeSet& b) const;
  RangeSet Subtract(const RangeSet& a, const RangeSet& b) const;
  // From the first beginning to the last end.
  RangeSet Hull(const RangeSet& a, const RangeSet& b) const;

  uint64_t Hash(const RangeSet& set) const;

  // --- bytes ---
  // Bounds point into `bytes`.
  RangeSet Decode(std::string_view bytes) const;
  RangeSet DecodeMulti(std::string_view bytes) const;
  std::string_view Encode(const RangeSet& set, base::Arena& arena) const;
  std::string_view EncodeMulti(const RangeSet& set, base::Arena& arena) const;

 private:
  void Canonicalize(RangeBound* lower, RangeBound* upper) const;
  Datum Next(const Datum& value) const;
  void AppendBound(const RangeBound& bound, std::string& to) const;
  std::string Bytes(const RangeSet& set) const;
  RangeBound ReadBound(std::string_view* bytes) const;

  const TypeLookup* types_;
  const RangeInfo* info_;
  const TypeInfo* subtype_;
};

// "[)" and kin to whether the bounds are inclusive; throws 42601.
void ParseBoundFlags(std::string_view flags, bool* lower_inclusive, bool* upper_inclusive);

std::span<const TypeOpsEntry> RangeTypeOps();

}  // namespace sundog::types
