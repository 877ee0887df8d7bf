// The bytes of ranges and multiranges (specified in range.h).
#include "base/bytes.h"
#include "base/check.h"
#include "types/range.h"
#include "types/range_flags.h"

namespace sundog::types {

namespace {

uint32_t TakeLength(std::string_view* bytes) {
  CHECK_GE(bytes->size(), sizeof(uint32_t));
  uint32_t length = base::LoadLittleEndian<uint32_t>(bytes->data());
  bytes->remove_prefix(sizeof(uint32_t));
  return length;
}

std::string_view Take(std::string_view* bytes, size_t count) {
  CHECK_GE(bytes->size(), count);
  std::string_view taken = bytes->substr(0, count);
  bytes->remove_prefix(count);
  return taken;
}

}  // namespace

uint8_t RangeFlagsOf(const RangeSet& set) {
  if (set.empty()) return kRangeEmpty;
  uint8_t flags = 0;
  if (set[0].lower.infinite) flags |= kRangeLowerInfinite;
  if (set[0].lower.inclusive) flags |= kRangeLowerInclusive;
  if (set[0].upper.infinite) flags |= kRangeUpperInfinite;
  if (set[0].upper.inclusive) flags |= kRangeUpperInclusive;
  return flags;
}

RangeBound RangeAlgebra::ReadBound(std::string_view* bytes) const {
  RangeBound bound;
  if (subtype_->physical == PhysicalKind::kVarlen) {
    uint32_t length = TakeLength(bytes);
    bound.value = Datum::From<std::string_view>(Take(bytes, length));
  } else {
    std::string_view value = Take(bytes, PhysicalWidth(subtype_->physical));
    bound.value = Datum::FromPayload(value.data(), subtype_->physical);
  }
  return bound;
}

RangeSet RangeAlgebra::Decode(std::string_view bytes) const {
  uint8_t flags = static_cast<uint8_t>(Take(&bytes, 1)[0]);
  if ((flags & kRangeEmpty) != 0) return {};
  Range range;
  if ((flags & kRangeLowerInfinite) == 0) range.lower = ReadBound(&bytes);
  if ((flags & kRangeUpperInfinite) == 0) range.upper = ReadBound(&bytes);
  range.lower.infinite = (flags & kRangeLowerInfinite) != 0;
  range.upper.infinite = (flags & kRangeUpperInfinite) != 0;
  range.lower.inclusive = (flags & kRangeLowerInclusive) != 0;
  range.upper.inclusive = (flags & kRangeUpperInclusive) != 0;
  range.lower.lower = true;
  CHECK(bytes.empty());
  return {range};
}

RangeSet RangeAlgebra::DecodeMulti(std::string_view bytes) const {
  RangeSet set;
  uint32_t count = TakeLength(&bytes);
  set.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t length = TakeLength(&bytes);
    RangeSet range = Decode(Take(&bytes, length));
    CHECK_EQ(range.size(), size_t{1});
    set.push_back(range[0]);
  }
  return set;
}

void RangeAlgebra::AppendBound(const RangeBound& bound, std::string& to) const {
  if (bound.infinite) return;
  if (subtype_->physical == PhysicalKind::kVarlen) {
    std::string_view value = bound.value.As<std::string_view>();
    base::AppendLittleEndian<uint32_t>(to, static_cast<uint32_t>(value.size()));
    to += value;
  } else {
    to.append(static_cast<const char*>(bound.value.payload()),
              PhysicalWidth(subtype_->physical));
  }
}

std::string RangeAlgebra::Bytes(const RangeSet& set) const {
  CHECK_LE(set.size(), size_t{1});
  std::string bytes(1, static_cast<char>(RangeFlagsOf(set)));
  if (!set.empty()) {
    AppendBound(set[0].lower, bytes);
    AppendBound(set[0].upper, bytes);
  }
  return bytes;
}

std::string_view RangeAlgebra::Encode(const RangeSet& set, base::Arena& arena) const {
  return arena.Copy(Bytes(set));
}

std::string_view RangeAlgebra::EncodeMulti(const RangeSet& set, base::Arena& arena) const {
  std::string bytes;
  base::AppendLittleEndian<uint32_t>(bytes, static_cast<uint32_t>(set.size()));
  for (const Range& range : set) {
    std::string one = Bytes({range});
    base::AppendLittleEndian<uint32_t>(bytes, static_cast<uint32_t>(one.size()));
    bytes += one;
  }
  return arena.Copy(bytes);
}

}  // namespace sundog::types
