// Which graph, and how it is made.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "types/vector_distance.h"

namespace sundog::vectors {

// The parts of an index's key prefix (codec/key_space.h).
struct GraphKey {
  uint32_t tenant = 0;
  uint32_t storage = 0;
  uint32_t index = 0;

  friend auto operator<=>(const GraphKey&, const GraphKey&) = default;
};

struct GraphOptions {
  types::VectorElement element = types::VectorElement::kFloat;
  types::VectorMetric metric = types::VectorMetric::kL2;  // one that the element has
  int32_t dimensions = 0;                                 // elements or bits of every vector
  int32_t m = 16;                                         // links of a point, from 2 on
  int32_t ef_construction = 64;                           // candidates for them

  friend bool operator==(const GraphOptions&, const GraphOptions&) = default;
};

// The vector in the value of an index entry, which is a row (codec/row_codec.h) of one varlen
// column. Empty if it is null.
std::string_view EntryVector(std::string_view entry_value);

}  // namespace sundog::vectors
