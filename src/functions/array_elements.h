// What the array functions share: readers of array arguments, and equality of elements.
#pragma once

#include "functions/function.h"
#include "types/array.h"

namespace sundog::functions {

inline types::ArrayReader ArrayOf(const Datum& datum) {
  return types::ArrayReader(datum.As<std::string_view>());
}

// Equality of the values of one type. Throws 42883 where the type has none.
class ElementEquality {
 public:
  ElementEquality(const types::TypeLookup& types, Oid element_type);
  // Neither is null.
  bool operator()(const Datum& a, const Datum& b) const {
    return type_.ops->compare(types_, type_, a, b) == 0;
  }
  // Null equals null only.
  bool NotDistinct(const Datum& a, const Datum& b) const {
    return a.is_null() || b.is_null() ? a.is_null() && b.is_null() : (*this)(a, b);
  }

 private:
  const types::TypeLookup& types_;
  const types::TypeInfo& type_;
};

// 42804 unless both arrays have elements of the same type.
void CheckSameElementType(const types::ArrayReader& a, const types::ArrayReader& b);

// The array itself, or, for null, an empty array of the call's result type.
std::string_view ArrayOrEmpty(CallContext& call, const Datum& array);

}  // namespace sundog::functions
