// What the functions, casts and aggregates of vector and halfvec share.
#pragma once

#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/float_error.h"
#include "functions/function.h"
#include "types/dense_vector.h"
#include "types/float_type.h"

namespace sundog::functions {

template <typename Stored>
using Dense = types::DenseView<Stored>;

template <typename Stored>
void CheckSameDimensions(Dense<Stored> a, Dense<Stored> b) {
  if (a.size() == b.size()) return;
  throw SqlError(sqlstate::kDataException,
                 fmt::format("different {} dimensions {} and {}", types::kVectorTypeName<Stored>,
                             a.size(), b.size()));
}

// The result of a computation as an element: 22003 where it overflows.
template <typename Stored>
Stored RoundedElement(float value) {
  if constexpr (std::is_same_v<Stored, float>) {
    if (std::isinf(value)) ThrowFloatOverflow();
    return value;
  } else {
    uint16_t half = types::FloatToHalf(value);
    if (types::IsHalfInfinite(half)) ThrowFloatOverflow();
    return half;
  }
}

// A value of another type as an element: 22003 where it is finite there but not here, 22000 where
// it is not finite at all.
template <typename Stored>
Stored ConvertedElement(float value) {
  types::CheckVectorElement(types::kVectorTypeName<Stored>, value);
  if constexpr (std::is_same_v<Stored, float>) {
    return value;
  } else {
    uint16_t half = types::FloatToHalf(value);
    if (!types::IsHalfInfinite(half)) return half;
    std::string text;
    types::AppendFloat32(value, /*extra_float_digits=*/1, text);
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("\"{}\" is out of range for type halfvec", text));
  }
}

template <typename Stored>
std::string_view AddVectors(base::Arena& arena, std::string_view a, std::string_view b) {
  Dense<Stored> x(a);
  Dense<Stored> y(b);
  CheckSameDimensions(x, y);
  types::DenseBuilder<Stored> sum(x.size(), arena);
  for (int32_t i = 0; i < x.size(); ++i) {
    sum.SetStored(i, RoundedElement<Stored>(x.At(i) + y.At(i)));
  }
  return sum.value();
}

}  // namespace sundog::functions
