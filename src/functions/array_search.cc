// Functions that look into arrays: shape, comparison, search, containment, text, unnest.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/array_functions.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "types/record.h"

namespace sundog::functions {

namespace {

using types::ArrayBuilder;
using types::ArrayReader;

// --- shape ---

std::optional<int32_t> ArrayNdims(std::string_view bytes) {
  ArrayReader array(bytes);
  if (array.dimensions() == 0) return std::nullopt;
  return array.dimensions();
}

std::optional<std::string_view> ArrayDims(CallContext& call, std::string_view bytes) {
  ArrayReader array(bytes);
  if (array.dimensions() == 0) return std::nullopt;
  std::string text;
  for (int d = 0; d < array.dimensions(); ++d) {
    text += fmt::format("[{}:{}]", array.shape().lower_bounds[d], array.shape().upper_bound(d));
  }
  return call.arena().Copy(text);
}

std::optional<int32_t> ArrayLower(std::string_view bytes, int32_t dimension) {
  ArrayReader array(bytes);
  if (dimension <= 0 || dimension > array.dimensions()) return std::nullopt;
  return array.shape().lower_bounds[dimension - 1];
}

std::optional<int32_t> ArrayUpper(std::string_view bytes, int32_t dimension) {
  ArrayReader array(bytes);
  if (dimension <= 0 || dimension > array.dimensions()) return std::nullopt;
  return array.shape().upper_bound(dimension - 1);
}

std::optional<int32_t> ArrayLength(std::string_view bytes, int32_t dimension) {
  ArrayReader array(bytes);
  if (dimension <= 0 || dimension > array.dimensions()) return std::nullopt;
  return array.shape().lengths[dimension - 1];
}

int32_t Cardinality(std::string_view bytes) { return ArrayReader(bytes).size(); }

// --- comparison ---

bool ArraysEqual(CallContext& call, std::string_view a_bytes, std::string_view b_bytes) {
  ArrayReader a(a_bytes);
  ArrayReader b(b_bytes);
  CheckSameElementType(a, b);
  if (!(a.shape() == b.shape())) return false;
  ElementEquality equal(call.types(), a.element_type());
  for (int32_t i = 0; i < a.size(); ++i) {
    if (!equal.NotDistinct(a.At(i), b.At(i))) return false;
  }
  return true;
}

bool ArrayNe(CallContext& call, std::string_view a, std::string_view b) {
  return !ArraysEqual(call, a, b);
}

int Order(CallContext& call, std::string_view a_bytes, std::string_view b_bytes) {
  ArrayReader a(a_bytes);
  ArrayReader b(b_bytes);
  CheckSameElementType(a, b);
  return types::CompareArrays(call.types(), a, b);
}

bool ArrayLt(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) < 0;
}
bool ArrayLe(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) <= 0;
}
bool ArrayGt(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) > 0;
}
bool ArrayGe(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) >= 0;
}
int32_t BtArrayCmp(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b);
}
std::string_view ArrayLarger(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) > 0 ? a : b;
}
std::string_view ArraySmaller(CallContext& call, std::string_view a, std::string_view b) {
  return Order(call, a, b) < 0 ? a : b;
}

// --- containment: nulls match nothing ---

bool HasElement(const ArrayReader& array, const Datum& wanted, const ElementEquality& equal) {
  for (int32_t i = 0; i < array.size(); ++i) {
    Datum element = array.At(i);
    if (!element.is_null() && equal(element, wanted)) return true;
  }
  return false;
}

bool Contains(CallContext& call, std::string_view whole_bytes, std::string_view part_bytes) {
  ArrayReader whole(whole_bytes);
  ArrayReader part(part_bytes);
  CheckSameElementType(whole, part);
  ElementEquality equal(call.types(), whole.element_type());
  for (int32_t i = 0; i < part.size(); ++i) {
    Datum element = part.At(i);
    if (element.is_null() || !HasElement(whole, element, equal)) return false;
  }
  return true;
}

bool Contained(CallContext& call, std::string_view part, std::string_view whole) {
  return Contains(call, whole, part);
}

bool Overlap(CallContext& call, std::string_view a_bytes, std::string_view b_bytes) {
  ArrayReader a(a_bytes);
  ArrayReader b(b_bytes);
  CheckSameElementType(a, b);
  ElementEquality equal(call.types(), a.element_type());
  for (int32_t i = 0; i < a.size(); ++i) {
    Datum element = a.At(i);
    if (!element.is_null() && HasElement(b, element, equal)) return true;
  }
  return false;
}

// --- search ---

void CheckSearchable(const ArrayReader& array) {
  if (array.dimensions() > 1) {
    base::ThrowNotSupported("searching for elements in multidimensional arrays");
  }
}

Datum ArrayPosition(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return Datum();
  ArrayReader array = ArrayOf(arguments[0]);
  CheckSearchable(array);
  if (array.empty() || (arguments[1].is_null() && !array.has_nulls())) return Datum();
  int32_t first = INT32_MIN;
  if (arguments.size() > 2) {
    if (arguments[2].is_null()) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "initial position must not be null");
    }
    first = arguments[2].As<int32_t>();
  }
  ElementEquality equal(call.types(), array.element_type());
  int32_t lower = array.shape().lower_bounds[0];
  for (int32_t i = 0; i < array.size(); ++i) {
    if (lower + i < first) continue;
    if (equal.NotDistinct(array.At(i), arguments[1])) return Datum::From<int32_t>(lower + i);
  }
  return Datum();
}

Datum ArrayPositions(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null()) return Datum();
  ArrayReader array = ArrayOf(arguments[0]);
  CheckSearchable(array);
  ArrayBuilder places(types::oids::kInt4, types::PhysicalKind::kInt32);
  if (!array.empty()) {
    ElementEquality equal(call.types(), array.element_type());
    for (int32_t i = 0; i < array.size(); ++i) {
      if (!equal.NotDistinct(array.At(i), arguments[1])) continue;
      places.Append(Datum::From<int32_t>(array.shape().lower_bounds[0] + i));
    }
  }
  return Datum::From(places.Finish(call.arena()));
}

// The number of thresholds that are not above the operand.
Datum WidthBucket(CallContext& call, std::span<const Datum> arguments) {
  ArrayReader thresholds = ArrayOf(arguments[1]);
  if (thresholds.dimensions() > 1) {
    throw SqlError(sqlstate::kArraySubscriptError, "thresholds must be one-dimensional array");
  }
  if (thresholds.has_nulls()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "thresholds array must not contain NULLs");
  }
  const types::TypeInfo& type = call.types().GetType(thresholds.element_type());
  if (type.ops->compare == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "could not identify a comparison function for type " +
                       types::FormatType(call.types(), {type.oid, -1}));
  }
  int32_t low = 0;
  int32_t high = thresholds.size();
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (type.ops->compare(call.types(), type, arguments[0], thresholds.At(middle)) < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return Datum::From<int32_t>(low);
}

// --- text ---

Datum ArrayToString(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null() || arguments[1].is_null()) return Datum();
  ArrayReader array = ArrayOf(arguments[0]);
  const types::TypeInfo& element = call.types().GetType(array.element_type());
  std::string_view delimiter = arguments[1].As<std::string_view>();
  bool shows_nulls = arguments.size() > 2 && !arguments[2].is_null();
  std::string text;
  bool first = true;
  for (int32_t i = 0; i < array.size(); ++i) {
    bool is_null = array.IsNull(i);
    if (is_null && !shows_nulls) continue;
    if (!first) text += delimiter;
    first = false;
    if (is_null) {
      text += arguments[2].As<std::string_view>();
    } else {
      types::OutputText(call.io(), element, array.At(i), text);
    }
  }
  return Datum::From(call.arena().Copy(text));
}

// --- unnest ---

// Elements of row types come out as their fields, as any function's rows do.
class UnnestCall : public SetCall {
 public:
  UnnestCall(CallContext& call, std::string_view bytes, bool rows)
      : call_(call), array_(bytes), rows_(rows) {}
  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && next_ < array_.size(); ++count, ++next_) {
      Datum element = array_.At(next_);
      if (rows_ && !call_.result_columns().empty()) {
        SpreadFields(element, columns, count);
      } else {
        columns[0]->SetDatum(count, element);
      }
    }
    return count;
  }
  bool GivesWholeRows() const override { return rows_; }

 private:
  static void SpreadFields(const Datum& element, std::span<Vector* const> columns, size_t row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (element.is_null()) {
        columns[i]->SetNull(row);
      } else {
        types::RecordReader fields(element.As<std::string_view>());
        columns[i]->SetDatum(row, fields.At(static_cast<int>(i)));
      }
    }
  }

  CallContext& call_;
  ArrayReader array_;
  bool rows_;
  int32_t next_ = 0;
};

std::unique_ptr<SetCall> Unnest(CallContext& call, std::span<const Datum> arguments) {
  const types::TypeInfo& element = call.types().GetBaseType(call.result_type_info().oid);
  bool rows = element.kind_code == 'c' || element.oid == types::oids::kRecord;
  return std::make_unique<UnnestCall>(call, arguments[0].As<std::string_view>(), rows);
}

const ScalarEntry kEntries[] = {
    {"array_ndims", Kernel<ArrayNdims>},
    {"array_dims", Kernel<ArrayDims>},
    {"array_lower", Kernel<ArrayLower>},
    {"array_upper", Kernel<ArrayUpper>},
    {"array_length", Kernel<ArrayLength>},
    {"array_cardinality", Kernel<Cardinality>},
    {"array_eq", Kernel<ArraysEqual>},
    {"array_ne", Kernel<ArrayNe>},
    {"array_lt", Kernel<ArrayLt>},
    {"array_le", Kernel<ArrayLe>},
    {"array_gt", Kernel<ArrayGt>},
    {"array_ge", Kernel<ArrayGe>},
    {"btarraycmp", Kernel<BtArrayCmp>},
    {"array_larger", Kernel<ArrayLarger>},
    {"array_smaller", Kernel<ArraySmaller>},
    {"arraycontains", Kernel<Contains>},
    {"arraycontained", Kernel<Contained>},
    {"arrayoverlap", Kernel<Overlap>},
    {"array_position", DatumKernel<ArrayPosition>},
    {"array_position_start", DatumKernel<ArrayPosition>},
    {"array_positions", DatumKernel<ArrayPositions>},
    {"width_bucket_array", DatumKernel<WidthBucket>},
    {"array_to_text", DatumKernel<ArrayToString>},
    {"array_to_text_null", DatumKernel<ArrayToString>},
};

const SetEntry kSets[] = {{"array_unnest", Unnest}};

}  // namespace

void RegisterArraySearchFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
