// The flags byte of a range, the same in our bytes and in PostgreSQL's binary wire form.
#pragma once

#include <cstdint>

#include "types/range.h"

namespace sundog::types {

inline constexpr uint8_t kRangeEmpty = 0x01;
inline constexpr uint8_t kRangeLowerInclusive = 0x02;
inline constexpr uint8_t kRangeUpperInclusive = 0x04;
inline constexpr uint8_t kRangeLowerInfinite = 0x08;
inline constexpr uint8_t kRangeUpperInfinite = 0x10;

// Of a set of at most one range.
uint8_t RangeFlagsOf(const RangeSet& set);

}  // namespace sundog::types
