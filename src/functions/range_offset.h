// What the in_range() functions share: they say whether a value lies within RANGE … PRECEDING /
// FOLLOWING of another one in a window.
#pragma once

#include "base/sql_error.h"

namespace sundog::functions {

inline void CheckRangeOffset(bool valid) {
  if (!valid) {
    throw base::SqlError(base::sqlstate::kInvalidPrecedingOrFollowingSize,
                         "invalid preceding or following size in window function");
  }
}

// `less`: asks for value <= base ± offset; otherwise for value >= it.
inline bool InRangeOrder(int comparison, bool less) {
  return less ? comparison <= 0 : comparison >= 0;
}

}  // namespace sundog::functions
