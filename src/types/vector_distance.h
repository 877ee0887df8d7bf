// Distances between vectors as the functions of extension vector give them: one piece for the
// functions and for indexes, so that both come to the same bits.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/sql_type.h"

namespace sundog::types {

enum class VectorElement : uint8_t { kFloat, kHalf, kSparse, kBit };  // vector, halfvec, …

// Of one of these types; CHECKs that it is.
VectorElement VectorElementOf(Oid type);

enum class VectorMetric : uint8_t {
  kL2,            // <->  l2_distance
  kInnerProduct,  // <#>  the negative inner product
  kCosine,        // <=>  cosine_distance
  kL1,            // <+>  l1_distance
  kHamming,       // <~>  hamming_distance, of bits
  kJaccard,       // <%>  jaccard_distance, of bits
  kL2Squared,     // no operator's; vector_l2_squared_distance
};

// Of two values of one type and size. The order of arguments does not matter, not in the last bit
// either. NaN where there is no distance: the cosine of a vector without length.
using VectorDistance = double (*)(std::string_view a, std::string_view b);

// Null where the type has no such distance.
VectorDistance FindVectorDistance(VectorElement element, VectorMetric metric);

// What two values must agree in to have a distance: the number of elements or bits.
int32_t VectorDimensions(VectorElement element, std::string_view value);

}  // namespace sundog::types
