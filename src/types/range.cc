#include "types/range.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/hash.h"

namespace sundog::types {

namespace {

constexpr RangeInfo kRanges[] = {
    {oids::kInt4range, oids::kInt4multirange, oids::kInt4, RangeStep::kInt4},
    {oids::kNumrange, oids::kNummultirange, oids::kNumeric, RangeStep::kContinuous},
    {oids::kTsrange, oids::kTsmultirange, oids::kTimestamp, RangeStep::kContinuous},
    {oids::kTstzrange, oids::kTstzmultirange, oids::kTimestamptz, RangeStep::kContinuous},
    {oids::kDaterange, oids::kDatemultirange, oids::kDate, RangeStep::kDate},
    {oids::kInt8range, oids::kInt8multirange, oids::kInt8, RangeStep::kInt8},
};

bool BoundsOverlap(const RangeAlgebra& algebra, const Range& a, const Range& b) {
  return algebra.CompareBounds(a.lower, b.upper) <= 0 &&
         algebra.CompareBounds(b.lower, a.upper) <= 0;
}

bool BoundsContain(const RangeAlgebra& algebra, const Range& a, const Range& b) {
  return algebra.CompareBounds(a.lower, b.lower) <= 0 &&
         algebra.CompareBounds(a.upper, b.upper) >= 0;
}

// The end of what lies before a beginning, and the other way round.
RangeBound Facing(RangeBound bound) {
  bound.inclusive = !bound.inclusive;
  bound.lower = !bound.lower;
  return bound;
}

}  // namespace

const RangeInfo* FindRange(Oid range_or_multirange) {
  for (const RangeInfo& info : kRanges) {
    if (info.range == range_or_multirange || info.multirange == range_or_multirange) return &info;
  }
  return nullptr;
}

const RangeInfo* FindRangeOfSubtype(Oid subtype) {
  for (const RangeInfo& info : kRanges) {
    if (info.subtype == subtype) return &info;
  }
  return nullptr;
}

RangeAlgebra::RangeAlgebra(const TypeLookup& types, const RangeInfo& info)
    : types_(&types), info_(&info), subtype_(&types.GetType(info.subtype)) {}

int RangeAlgebra::CompareValues(const RangeBound& a, const RangeBound& b) const {
  if (a.infinite && b.infinite) return a.lower == b.lower ? 0 : a.lower ? -1 : 1;
  if (a.infinite) return a.lower ? -1 : 1;
  if (b.infinite) return b.lower ? 1 : -1;
  return subtype_->ops->compare(*types_, *subtype_, a.value, b.value);
}

int RangeAlgebra::CompareBounds(const RangeBound& a, const RangeBound& b) const {
  int order = CompareValues(a, b);
  if (order != 0 || a.infinite) return order;
  // An exclusive lower bound begins just after its value, an exclusive upper one ends before it.
  auto offset = [](const RangeBound& bound) {
    return bound.inclusive ? 0 : bound.lower ? 1 : -1;
  };
  int difference = offset(a) - offset(b);
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

bool RangeAlgebra::AreAdjacent(const RangeBound& upper, const RangeBound& lower) const {
  int order = CompareValues(upper, lower);
  if (order == 0) return upper.inclusive != lower.inclusive;
  if (order > 0 || info_->step == RangeStep::kContinuous) return false;
  return Make(Facing(upper), Facing(lower)).empty();
}

RangeSet RangeAlgebra::Make(RangeBound lower, RangeBound upper) const {
  auto is_empty = [&] {
    int order = CompareValues(lower, upper);
    if (order > 0) {
      throw SqlError(sqlstate::kDataException,
                     "range lower bound must be less than or equal to range upper bound");
    }
    return order == 0 && !(lower.inclusive && upper.inclusive);
  };
  lower.lower = true;
  upper.lower = false;
  if (lower.infinite) lower.inclusive = false;
  if (upper.infinite) upper.inclusive = false;
  if (is_empty()) return {};
  if (info_->step != RangeStep::kContinuous) {
    Canonicalize(&lower, &upper);
    if (is_empty()) return {};
  }
  return {{lower, upper}};
}

void RangeAlgebra::Canonicalize(RangeBound* lower, RangeBound* upper) const {
  auto steps = [this](const RangeBound& bound) {
    return !bound.infinite &&
           (info_->step != RangeStep::kDate || IsFiniteDate(bound.value.As<int32_t>()));
  };
  if (steps(*lower) && !lower->inclusive) {
    lower->value = Next(lower->value);
    lower->inclusive = true;
  }
  if (steps(*upper) && upper->inclusive) {
    upper->value = Next(upper->value);
    upper->inclusive = false;
  }
}

Datum RangeAlgebra::Next(const Datum& value) const {
  if (info_->step == RangeStep::kInt8) {
    int64_t next;
    if (__builtin_add_overflow(value.As<int64_t>(), int64_t{1}, &next)) {
      throw SqlError(sqlstate::kNumericValueOutOfRange, "bigint out of range");
    }
    return Datum::From<int64_t>(next);
  }
  int64_t next = int64_t{value.As<int32_t>()} + 1;
  if (info_->step == RangeStep::kDate && !IsDateInRange(next)) ThrowOutOfRange("date");
  if (next > INT32_MAX) throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  return Datum::From<int32_t>(static_cast<int32_t>(next));
}

RangeSet RangeAlgebra::Normalize(RangeSet ranges) const {
  std::sort(ranges.begin(), ranges.end(), [this](const Range& a, const Range& b) {
    int order = CompareBounds(a.lower, b.lower);
    return order != 0 ? order < 0 : CompareBounds(a.upper, b.upper) < 0;
  });
  RangeSet joined;
  for (const Range& range : ranges) {
    if (joined.empty()) {
      joined.push_back(range);
      continue;
    }
    Range& last = joined.back();
    bool apart = CompareBounds(last.upper, range.lower) < 0 &&
                 !AreAdjacent(last.upper, range.lower);
    if (apart) {
      joined.push_back(range);
    } else if (CompareBounds(range.upper, last.upper) > 0) {
      last.upper = range.upper;
    }
  }
  return joined;
}

int RangeAlgebra::Compare(const RangeSet& a, const RangeSet& b) const {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    int order = CompareBounds(a[i].lower, b[i].lower);
    if (order == 0) order = CompareBounds(a[i].upper, b[i].upper);
    if (order != 0) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

bool RangeAlgebra::Overlaps(const RangeSet& a, const RangeSet& b) const {
  size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (BoundsOverlap(*this, a[i], b[k])) return true;
    if (CompareBounds(a[i].upper, b[k].lower) < 0) {
      ++i;
    } else {
      ++k;
    }
  }
  return false;
}

bool RangeAlgebra::Contains(const RangeSet& a, const RangeSet& b) const {
  size_t i = 0;
  for (const Range& range : b) {
    while (i < a.size() && CompareBounds(a[i].upper, range.lower) < 0) ++i;
    if (i == a.size() || !BoundsContain(*this, a[i], range)) return false;
  }
  return true;
}

bool RangeAlgebra::ContainsValue(const RangeSet& set, const Datum& value) const {
  Range point{{value, false, true, true}, {value, false, true, false}};
  return Contains(set, {point});
}

bool RangeAlgebra::IsBefore(const RangeSet& a, const RangeSet& b) const {
  return !a.empty() && !b.empty() && CompareBounds(a.back().upper, b.front().lower) < 0;
}

bool RangeAlgebra::IsAdjacent(const RangeSet& a, const RangeSet& b) const {
  if (a.empty() || b.empty()) return false;
  return AreAdjacent(a.back().upper, b.front().lower) ||
         AreAdjacent(b.back().upper, a.front().lower);
}

bool RangeAlgebra::EndsWithin(const RangeSet& a, const RangeSet& b) const {
  return !a.empty() && !b.empty() && CompareBounds(a.back().upper, b.back().upper) <= 0;
}

bool RangeAlgebra::BeginsWithin(const RangeSet& a, const RangeSet& b) const {
  return !a.empty() && !b.empty() && CompareBounds(a.front().lower, b.front().lower) >= 0;
}

RangeSet RangeAlgebra::Union(const RangeSet& a, const RangeSet& b) const {
  RangeSet all = a;
  all.insert(all.end(), b.begin(), b.end());
  return Normalize(std::move(all));
}

RangeSet RangeAlgebra::Intersect(const RangeSet& a, const RangeSet& b) const {
  RangeSet common;
  size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (BoundsOverlap(*this, a[i], b[k])) {
      bool a_begins = CompareBounds(a[i].lower, b[k].lower) >= 0;
      bool a_ends = CompareBounds(a[i].upper, b[k].upper) <= 0;
      common.push_back({a_begins ? a[i].lower : b[k].lower, a_ends ? a[i].upper : b[k].upper});
    }
    if (CompareBounds(a[i].upper, b[k].upper) <= 0) {
      ++i;
    } else {
      ++k;
    }
  }
  return common;
}

RangeSet RangeAlgebra::Subtract(const RangeSet& a, const RangeSet& b) const {
  RangeSet rest;
  for (Range range : a) {
    bool left = true;
    for (const Range& hole : b) {
      if (!BoundsOverlap(*this, range, hole)) continue;
      if (CompareBounds(range.lower, hole.lower) < 0) {
        for (const Range& part : Make(range.lower, Facing(hole.lower))) rest.push_back(part);
      }
      left = CompareBounds(range.upper, hole.upper) > 0;
      if (!left) break;
      RangeSet after = Make(Facing(hole.upper), range.upper);
      left = !after.empty();
      if (!left) break;
      range = after[0];
    }
    if (left) rest.push_back(range);
  }
  return rest;
}

RangeSet RangeAlgebra::Hull(const RangeSet& a, const RangeSet& b) const {
  RangeSet all = a;
  all.insert(all.end(), b.begin(), b.end());
  if (all.empty()) return {};
  Range hull = all[0];
  for (const Range& range : all) {
    if (CompareBounds(range.lower, hull.lower) < 0) hull.lower = range.lower;
    if (CompareBounds(range.upper, hull.upper) > 0) hull.upper = range.upper;
  }
  return {hull};
}

uint64_t RangeAlgebra::Hash(const RangeSet& set) const {
  uint64_t hash = HashInteger(set.size());
  for (const Range& range : set) {
    for (const RangeBound* bound : {&range.lower, &range.upper}) {
      uint64_t flags = (bound->infinite ? 2u : 0u) | (bound->inclusive ? 1u : 0u);
      hash = CombineHashes(hash, HashInteger(flags));
      if (bound->infinite) continue;
      hash = CombineHashes(hash, subtype_->ops->hash(*types_, *subtype_, bound->value));
    }
  }
  return hash;
}

}  // namespace sundog::types
