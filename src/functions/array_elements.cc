#include "functions/array_elements.h"

#include "base/sql_error.h"

namespace sundog::functions {

ElementEquality::ElementEquality(const types::TypeLookup& types, Oid element_type)
    : types_(types), type_(types.GetType(element_type)) {
  if (type_.ops->compare == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   "could not identify an equality operator for type " +
                       types::FormatType(types, {element_type, -1}));
  }
}

void CheckSameElementType(const types::ArrayReader& a, const types::ArrayReader& b) {
  if (a.element_type() == b.element_type()) return;
  throw SqlError(sqlstate::kDatatypeMismatch, "cannot compare arrays of different element types");
}

std::string_view ArrayOrEmpty(CallContext& call, const Datum& array) {
  if (!array.is_null()) return array.As<std::string_view>();
  Oid element = call.result_type_info().element;
  return types::EmptyArray(element, call.types().GetType(element).physical, call.arena());
}

}  // namespace sundog::functions
