// Functions that make arrays of arrays: append, prepend, cat, fill, trim, remove, replace.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/array_functions.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "types/array_subscript.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;
using types::ArrayReader;
using types::ArrayShape;

[[noreturn]] void ThrowNotOneDimensional() {
  throw SqlError(sqlstate::kDataException, "argument must be empty or one-dimensional array");
}

Datum ArrayAppend(CallContext& call, std::span<const Datum> arguments) {
  ArrayReader array(ArrayOrEmpty(call, arguments[0]));
  if (array.dimensions() > 1) ThrowNotOneDimensional();
  int32_t subscript = 1;
  if (array.dimensions() == 1 &&
      __builtin_add_overflow(array.shape().lower_bounds[0], array.size(), &subscript)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  return Datum::From(types::AssignArrayElement(array, {&subscript, 1}, arguments[1], call.arena()));
}

Datum ArrayPrepend(CallContext& call, std::span<const Datum> arguments) {
  ArrayReader array(ArrayOrEmpty(call, arguments[1]));
  if (array.dimensions() > 1) ThrowNotOneDimensional();
  ArrayBuilder builder(array.element_type(), array.element_kind());
  builder.Append(arguments[0]);
  builder.AppendRange(array, 0, array.size());
  int32_t lower = array.dimensions() == 1 ? array.shape().lower_bounds[0] : 1;
  if (lower == INT32_MIN) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  return Datum::From(builder.Finish(call.arena(), lower));
}

[[noreturn]] void ThrowIncompatible(std::string detail) {
  throw SqlError(sqlstate::kArraySubscriptError, "cannot concatenate incompatible arrays")
      .Detail(std::move(detail));
}

// True if dimensions `a_from`… of `a` are those of `b` from `b_from` on.
bool SameDimensions(const ArrayShape& a, int a_from, const ArrayShape& b, int b_from) {
  for (int i = 0; a_from + i < a.dimensions && b_from + i < b.dimensions; ++i) {
    if (a.lengths[a_from + i] != b.lengths[b_from + i] ||
        a.lower_bounds[a_from + i] != b.lower_bounds[b_from + i]) {
      return false;
    }
  }
  return true;
}

ArrayShape ConcatenatedShape(const ArrayShape& a, const ArrayShape& b) {
  int difference = a.dimensions - b.dimensions;
  if (difference < -1 || difference > 1) {
    ThrowIncompatible(fmt::format("Arrays of {} and {} dimensions are not compatible for "
                                  "concatenation.",
                                  a.dimensions, b.dimensions));
  }
  if (difference == 0) {
    if (!SameDimensions(a, 1, b, 1)) {
      ThrowIncompatible(
          "Arrays with differing element dimensions are not compatible for concatenation.");
    }
    ArrayShape shape = a;
    shape.lengths[0] += b.lengths[0];
    return shape;
  }
  ArrayShape shape = difference < 0 ? b : a;
  if (!SameDimensions(shape, 1, difference < 0 ? a : b, 0)) {
    ThrowIncompatible("Arrays with differing dimensions are not compatible for concatenation.");
  }
  ++shape.lengths[0];
  return shape;
}

Datum ArrayCat(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return arguments[1];
  if (arguments[1].is_null()) return arguments[0];
  ArrayReader a = ArrayOf(arguments[0]);
  ArrayReader b = ArrayOf(arguments[1]);
  if (a.element_type() != b.element_type()) {
    throw SqlError(sqlstate::kDatatypeMismatch, "cannot concatenate incompatible arrays")
        .Detail(fmt::format(
            "Arrays with element types {} and {} are not compatible for concatenation.",
            types::FormatType(call.types(), {a.element_type(), -1}),
            types::FormatType(call.types(), {b.element_type(), -1})));
  }
  if (a.dimensions() == 0 && b.dimensions() > 0) return arguments[1];
  if (b.dimensions() == 0) return arguments[0];
  ArrayShape shape = ConcatenatedShape(a.shape(), b.shape());
  shape.CheckedCount();
  ArrayBuilder builder(a.element_type(), a.element_kind());
  builder.AppendRange(a, 0, a.size());
  builder.AppendRange(b, 0, b.size());
  return Datum::From(builder.Finish(call.arena(), shape));
}

[[noreturn]] void ThrowWrongSubscripts(std::string detail) {
  throw SqlError(sqlstate::kArraySubscriptError, "wrong number of array subscripts")
      .Detail(std::move(detail));
}

void CheckDimensionArray(const ArrayReader& dimensions) {
  if (dimensions.dimensions() > 1) ThrowWrongSubscripts("Dimension array must be one dimensional.");
  if (dimensions.has_nulls()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "dimension values cannot be null");
  }
}

Datum ArrayFill(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[1].is_null() || (arguments.size() > 2 && arguments[2].is_null())) {
    throw SqlError(sqlstate::kNullValueNotAllowed,
                   "dimension array or low bound array cannot be null");
  }
  ArrayReader lengths = ArrayOf(arguments[1]);
  CheckDimensionArray(lengths);
  if (lengths.size() > types::kMaxArrayDimensions) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                               lengths.size(), types::kMaxArrayDimensions));
  }
  ArrayShape shape;
  shape.dimensions = lengths.size();
  for (int d = 0; d < shape.dimensions; ++d) {
    shape.lengths[d] = lengths.ValueAt<int32_t>(d);
    shape.lower_bounds[d] = 1;
  }
  if (arguments.size() > 2) {
    ArrayReader bounds = ArrayOf(arguments[2]);
    CheckDimensionArray(bounds);
    if (bounds.size() != lengths.size()) {
      ThrowWrongSubscripts("Low bound array has different size than dimensions array.");
    }
    for (int d = 0; d < shape.dimensions; ++d) {
      shape.lower_bounds[d] = bounds.ValueAt<int32_t>(d);
    }
  }
  Oid element = call.result_type_info().element;
  ArrayBuilder builder(element, call.types().GetType(element).physical);
  int32_t count = shape.CheckedCount();
  if (count == 0) return Datum::From(builder.Finish(call.arena()));
  for (int32_t i = 0; i < count; ++i) builder.Append(arguments[0]);
  return Datum::From(builder.Finish(call.arena(), shape));
}

Datum TrimArray(CallContext& call, std::span<const Datum> arguments) {
  ArrayReader array = ArrayOf(arguments[0]);
  int32_t count = arguments[1].As<int32_t>();
  int32_t length = array.dimensions() > 0 ? array.shape().lengths[0] : 0;
  if (count < 0 || count > length) {
    throw SqlError(sqlstate::kArrayElementError,
                   fmt::format("number of elements to trim must be between 0 and {}", length));
  }
  types::SliceSubscript slice;
  if (length > 0) slice.upper = {array.shape().upper_bound(0) - count, true};
  return Datum::From(types::ArraySlice(array, {&slice, 1}, call.arena()));
}

Datum ArrayRemove(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return Datum();
  ArrayReader array = ArrayOf(arguments[0]);
  if (array.dimensions() > 1) {
    base::ThrowNotSupported("removing elements from multidimensional arrays");
  }
  ElementEquality equal(call.types(), array.element_type());
  ArrayBuilder builder(array.element_type(), array.element_kind());
  for (int32_t i = 0; i < array.size(); ++i) {
    Datum element = array.At(i);
    if (!equal.NotDistinct(element, arguments[1])) builder.Append(element);
  }
  if (builder.size() == array.size()) return arguments[0];
  return Datum::From(builder.Finish(call.arena(), array.shape().lower_bounds[0]));
}

Datum ArrayReplace(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return Datum();
  ArrayReader array = ArrayOf(arguments[0]);
  ElementEquality equal(call.types(), array.element_type());
  ArrayBuilder builder(array.element_type(), array.element_kind());
  for (int32_t i = 0; i < array.size(); ++i) {
    Datum element = array.At(i);
    builder.Append(equal.NotDistinct(element, arguments[1]) ? arguments[2] : element);
  }
  return Datum::From(builder.Finish(call.arena(), array.shape()));
}

const ScalarEntry kEntries[] = {
    {"array_append", DatumKernel<ArrayAppend>},
    {"array_prepend", DatumKernel<ArrayPrepend>},
    {"array_cat", DatumKernel<ArrayCat>},
    {"array_fill", DatumKernel<ArrayFill>},
    {"array_fill_with_lower_bounds", DatumKernel<ArrayFill>},
    {"trim_array", DatumKernel<TrimArray>},
    {"array_remove", DatumKernel<ArrayRemove>},
    {"array_replace", DatumKernel<ArrayReplace>},
};

}  // namespace

void RegisterArrayBuildFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
