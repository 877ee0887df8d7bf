#include "types/array_subscript.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/sql_error.h"

namespace sundog::types {

namespace {

[[noreturn]] void ThrowSubscript(const char* message) {
  throw SqlError(sqlstate::kArraySubscriptError, message);
}

[[noreturn]] void ThrowTooLarge() {
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("array size exceeds the maximum allowed ({})", kMaxArrayElements));
}

[[noreturn]] void ThrowUnequalMembers() {
  ThrowSubscript(
      "multidimensional arrays must have array expressions with matching dimensions");
}

int32_t CheckedLength(int32_t lower, int32_t upper) {
  int32_t length;
  if (__builtin_sub_overflow(upper, lower, &length) ||
      __builtin_add_overflow(length, 1, &length)) {
    ThrowTooLarge();
  }
  return length;
}

// Visits the row-major places of the box lower…upper inside `shape`.
template <typename Visit>
void ForEachPlace(const ArrayShape& shape, const int32_t* lower, const int32_t* upper,
                  Visit&& visit) {
  int32_t index[kMaxArrayDimensions];
  for (int d = 0; d < shape.dimensions; ++d) index[d] = lower[d];
  while (true) {
    int32_t place = 0;
    for (int d = 0; d < shape.dimensions; ++d) {
      place = place * shape.lengths[d] + (index[d] - shape.lower_bounds[d]);
    }
    visit(place);
    int d = shape.dimensions - 1;
    while (d >= 0 && index[d] == upper[d]) {
      index[d] = lower[d];
      --d;
    }
    if (d < 0) return;
    ++index[d];
  }
}

// Grows a one-dimensional shape until lower…upper lies inside.
void ExtendShape(ArrayShape& shape, int32_t lower, int32_t upper) {
  if (lower < shape.lower_bounds[0]) {
    int32_t added;
    if (__builtin_sub_overflow(shape.lower_bounds[0], lower, &added) ||
        __builtin_add_overflow(shape.lengths[0], added, &shape.lengths[0])) {
      ThrowTooLarge();
    }
    shape.lower_bounds[0] = lower;
  }
  if (int64_t{upper} > int64_t{shape.lower_bounds[0]} + shape.lengths[0] - 1) {
    shape.lengths[0] = CheckedLength(shape.lower_bounds[0], upper);
  }
  shape.CheckedCount();
}

// A one-dimensional array of `shape`: subscripts lower…upper from `fresh`, the others from `old`,
// null where neither has one.
template <typename Fresh>
std::string_view Overlay(const ArrayReader& old, const ArrayShape& shape, int32_t lower,
                         int32_t upper, base::Arena& arena, Fresh&& fresh) {
  ArrayBuilder builder(old.element_type(), old.element_kind());
  int32_t old_lower = old.shape().lower_bounds[0];
  int32_t old_upper = old.shape().upper_bound(0);
  for (int32_t i = 0; i < shape.lengths[0]; ++i) {
    int32_t subscript = shape.lower_bounds[0] + i;
    if (subscript >= lower && subscript <= upper) {
      builder.Append(fresh(subscript - lower));
    } else if (subscript >= old_lower && subscript <= old_upper) {
      builder.Append(old.At(subscript - old_lower));
    } else {
      builder.Append(Datum());
    }
  }
  return builder.Finish(arena, shape);
}

// The bounds of a slice that is assigned to, in all dimensions of `shape`.
void CompleteBounds(const ArrayShape& shape, std::span<const SliceSubscript> subscripts,
                    int32_t* lower, int32_t* upper) {
  for (int d = 0; d < shape.dimensions; ++d) {
    bool given = static_cast<size_t>(d) < subscripts.size();
    lower[d] = given && subscripts[d].lower.given ? subscripts[d].lower.value
                                                  : shape.lower_bounds[d];
    upper[d] = given && subscripts[d].upper.given ? subscripts[d].upper.value
                                                  : shape.upper_bound(d);
    if (lower[d] > upper[d]) ThrowSubscript("upper bound cannot be less than lower bound");
    if (shape.dimensions > 1 &&
        (lower[d] < shape.lower_bounds[d] || upper[d] > shape.upper_bound(d))) {
      ThrowSubscript("array subscript out of range");
    }
  }
}

std::string_view SliceIntoEmpty(const ArrayReader& array,
                                std::span<const SliceSubscript> subscripts,
                                const ArrayReader& source, base::Arena& arena) {
  ArrayShape shape;
  shape.dimensions = static_cast<int>(subscripts.size());
  for (size_t d = 0; d < subscripts.size(); ++d) {
    if (!subscripts[d].lower.given || !subscripts[d].upper.given) {
      throw SqlError(sqlstate::kArraySubscriptError,
                     "array slice subscript must provide both boundaries")
          .Detail(
              "When assigning to a slice of an empty array value, slice boundaries must be fully "
              "specified.");
    }
    shape.lengths[d] = CheckedLength(subscripts[d].lower.value, subscripts[d].upper.value);
    shape.lower_bounds[d] = subscripts[d].lower.value;
  }
  int32_t count = shape.CheckedCount();
  if (source.size() < count) ThrowSubscript("source array too small");
  if (count == 0) return EmptyArray(array.element_type(), array.element_kind(), arena);
  ArrayBuilder builder(array.element_type(), array.element_kind());
  builder.AppendRange(source, 0, count);
  return builder.Finish(arena, shape);
}

}  // namespace

Datum ArrayElement(const ArrayReader& array, std::span<const int32_t> subscripts) {
  int32_t place = array.PlaceOf(subscripts.data(), static_cast<int>(subscripts.size()));
  return place < 0 ? Datum() : array.At(place);
}

std::string_view ArraySlice(const ArrayReader& array, std::span<const SliceSubscript> subscripts,
                            base::Arena& arena) {
  const ArrayShape& shape = array.shape();
  ArrayBuilder builder(array.element_type(), array.element_kind());
  if (shape.dimensions == 0 || static_cast<size_t>(shape.dimensions) < subscripts.size()) {
    return builder.Finish(arena);
  }
  int32_t lower[kMaxArrayDimensions];
  int32_t upper[kMaxArrayDimensions];
  ArrayShape cut;
  cut.dimensions = shape.dimensions;
  for (int d = 0; d < shape.dimensions; ++d) {
    lower[d] = shape.lower_bounds[d];
    upper[d] = shape.upper_bound(d);
    if (static_cast<size_t>(d) < subscripts.size()) {
      const SliceSubscript& asked = subscripts[d];
      if (asked.lower.given) lower[d] = std::max(lower[d], asked.lower.value);
      if (asked.upper.given) upper[d] = std::min(upper[d], asked.upper.value);
    }
    if (lower[d] > upper[d]) return builder.Finish(arena);
    cut.lengths[d] = upper[d] - lower[d] + 1;
    cut.lower_bounds[d] = 1;
  }
  ForEachPlace(shape, lower, upper, [&](int32_t place) { builder.Append(array.At(place)); });
  return builder.Finish(arena, cut);
}

std::string_view AssignArrayElement(const ArrayReader& array, std::span<const int32_t> subscripts,
                                    const Datum& value, base::Arena& arena) {
  if (subscripts.empty() || subscripts.size() > kMaxArrayDimensions) {
    ThrowSubscript("wrong number of array subscripts");
  }
  ArrayShape shape = array.shape();
  if (shape.dimensions == 0) {
    shape.dimensions = static_cast<int>(subscripts.size());
    for (size_t d = 0; d < subscripts.size(); ++d) {
      shape.lengths[d] = 1;
      shape.lower_bounds[d] = subscripts[d];
    }
    ArrayBuilder builder(array.element_type(), array.element_kind());
    builder.Append(value);
    return builder.Finish(arena, shape);
  }
  if (static_cast<size_t>(shape.dimensions) != subscripts.size()) {
    ThrowSubscript("wrong number of array subscripts");
  }
  if (shape.dimensions == 1) {
    ExtendShape(shape, subscripts[0], subscripts[0]);
    return Overlay(array, shape, subscripts[0], subscripts[0], arena,
                   [&](int32_t) { return value; });
  }
  int32_t place = array.PlaceOf(subscripts.data(), shape.dimensions);
  if (place < 0) ThrowSubscript("array subscript out of range");
  ArrayBuilder builder(array.element_type(), array.element_kind());
  for (int32_t i = 0; i < array.size(); ++i) builder.Append(i == place ? value : array.At(i));
  return builder.Finish(arena, shape);
}

std::string_view AssignArraySlice(const ArrayReader& array,
                                  std::span<const SliceSubscript> subscripts,
                                  const ArrayReader& source, base::Arena& arena) {
  if (subscripts.empty() || subscripts.size() > kMaxArrayDimensions) {
    ThrowSubscript("wrong number of array subscripts");
  }
  if (array.empty()) return SliceIntoEmpty(array, subscripts, source, arena);
  ArrayShape shape = array.shape();
  if (static_cast<size_t>(shape.dimensions) < subscripts.size()) {
    ThrowSubscript("wrong number of array subscripts");
  }
  int32_t lower[kMaxArrayDimensions];
  int32_t upper[kMaxArrayDimensions];
  CompleteBounds(shape, subscripts, lower, upper);
  if (shape.dimensions == 1) ExtendShape(shape, lower[0], upper[0]);
  int64_t wanted = 1;
  for (int d = 0; d < shape.dimensions; ++d) wanted *= int64_t{upper[d]} - lower[d] + 1;
  if (wanted > source.size()) ThrowSubscript("source array too small");
  if (shape.dimensions == 1) {
    return Overlay(array, shape, lower[0], upper[0], arena,
                   [&](int32_t i) { return source.At(i); });
  }
  std::vector<int32_t> from(static_cast<size_t>(array.size()), -1);
  int32_t next = 0;
  ForEachPlace(shape, lower, upper, [&](int32_t place) { from[place] = next++; });
  ArrayBuilder builder(array.element_type(), array.element_kind());
  for (int32_t i = 0; i < array.size(); ++i) {
    builder.Append(from[i] >= 0 ? source.At(from[i]) : array.At(i));
  }
  return builder.Finish(arena, shape);
}

std::string_view StackArrays(std::span<const Datum> members, Oid element_type, PhysicalKind kind,
                             base::Arena& arena) {
  ArrayBuilder builder(element_type, kind);
  const ArrayShape* inner = nullptr;
  ArrayShape first_shape;
  bool any_empty = false;
  for (const Datum& member : members) {
    if (member.is_null()) {
      any_empty = true;
      continue;
    }
    ArrayReader array(member.As<std::string_view>());
    if (array.empty()) {
      any_empty = true;
      continue;
    }
    if (inner == nullptr) {
      first_shape = array.shape();
      inner = &first_shape;
      if (first_shape.dimensions >= kMaxArrayDimensions) {
        throw SqlError(
            sqlstate::kProgramLimitExceeded,
            fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                        first_shape.dimensions + 1, kMaxArrayDimensions));
      }
    } else if (!(*inner == array.shape())) {
      ThrowUnequalMembers();
    }
    builder.AppendRange(array, 0, array.size());
  }
  if (inner == nullptr) return builder.Finish(arena);
  if (any_empty) {
    ThrowUnequalMembers();
  }
  ArrayShape outer;
  outer.dimensions = inner->dimensions + 1;
  outer.lengths[0] = static_cast<int32_t>(members.size());
  outer.lower_bounds[0] = 1;
  for (int d = 0; d < inner->dimensions; ++d) {
    outer.lengths[d + 1] = inner->lengths[d];
    outer.lower_bounds[d + 1] = inner->lower_bounds[d];
  }
  return builder.Finish(arena, outer);
}

}  // namespace sundog::types
