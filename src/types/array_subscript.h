// Reading and assigning array elements and slices, with PostgreSQL's rules for what lies outside
// the bounds: reading gives null (an empty array for a slice), assigning extends a one-dimensional
// array with nulls. The results lie in `arena`; `array` may be returned unchanged.
#pragma once

#include <cstdint>
#include <span>

#include "types/array.h"

namespace sundog::types {

// One bound of a slice; `[:5]` leaves the lower one out.
struct SliceBound {
  int32_t value = 0;
  bool given = false;
};

struct SliceSubscript {
  SliceBound lower;
  SliceBound upper;
};

// Null where there is no such element, or the array has another number of dimensions.
Datum ArrayElement(const ArrayReader& array, std::span<const int32_t> subscripts);

// Cut down to the array's bounds; the result's lower bounds are 1.
std::string_view ArraySlice(const ArrayReader& array, std::span<const SliceSubscript> subscripts,
                            base::Arena& arena);

// Throws 2202E for a wrong number of subscripts or, in several dimensions, outside the bounds.
std::string_view AssignArrayElement(const ArrayReader& array, std::span<const int32_t> subscripts,
                                    const Datum& value, base::Arena& arena);

// Takes elements of `source` serially, whatever its shape; there must be enough (2202E).
std::string_view AssignArraySlice(const ArrayReader& array,
                                  std::span<const SliceSubscript> subscripts,
                                  const ArrayReader& source, base::Arena& arena);

// ARRAY[a, b, …] of arrays: one dimension more. Null and empty members count as empty; all must
// have the same shape (2202E).
std::string_view StackArrays(std::span<const Datum> members, Oid element_type, PhysicalKind kind,
                             base::Arena& arena);

}  // namespace sundog::types
