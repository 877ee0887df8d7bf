// Values of one key type as another, for foreign keys between columns of different types.
#include <cmath>
#include <limits>

#include "base/sql_error.h"
#include "storage/foreign_keys.h"
#include "types/numeric.h"

namespace sundog::storage {
namespace {

using types::Datum;
using types::PhysicalKind;
using types::TypeInfo;

bool IsInteger(const TypeInfo& type) {
  return type.oid == types::oids::kInt2 || type.oid == types::oids::kInt4 ||
         type.oid == types::oids::kInt8;
}

int64_t IntegerOf(const TypeInfo& type, const Datum& value) {
  switch (type.physical) {
    case PhysicalKind::kInt16: return value.As<int16_t>();
    case PhysicalKind::kInt32: return value.As<int32_t>();
    default: return value.As<int64_t>();
  }
}

template <typename T>
bool Narrow(int64_t value, Datum* converted) {
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return false;
  *converted = Datum::From(static_cast<T>(value));
  return true;
}

bool FromInteger(int64_t value, const TypeInfo& to, base::Arena& arena, Datum* converted) {
  switch (to.physical) {
    case PhysicalKind::kInt16: return Narrow<int16_t>(value, converted);
    case PhysicalKind::kInt32: return Narrow<int32_t>(value, converted);
    case PhysicalKind::kInt64: return Narrow<int64_t>(value, converted);
    case PhysicalKind::kFloat32: *converted = Datum::From(static_cast<float>(value)); return true;
    case PhysicalKind::kFloat64: *converted = Datum::From(static_cast<double>(value)); return true;
    default: *converted = Datum::From(types::NumericFromInt64(value, arena)); return true;
  }
}

bool FromNumeric(std::string_view numeric, const TypeInfo& to, base::Arena& arena,
                 Datum* converted) {
  int64_t value = 0;
  if (!types::TryNumericToInt64(numeric, &value)) return false;
  if (types::CompareNumeric(types::NumericFromInt64(value, arena), numeric) != 0) return false;
  return FromInteger(value, to, arena, converted);
}

bool IsText(const TypeInfo& type) { return type.category == 'S'; }

}  // namespace

bool ConvertKeyValue(const TypeInfo& from, const Datum& value, const TypeInfo& to,
                     base::Arena& arena, Datum* converted) {
  bool to_number = IsInteger(to) || to.oid == types::oids::kNumeric ||
                   to.oid == types::oids::kFloat4 || to.oid == types::oids::kFloat8;
  if (from.oid == to.oid || value.is_null() || (IsText(from) && IsText(to))) {
    *converted = value;
    return true;
  }
  if (IsInteger(from) && to_number) {
    return FromInteger(IntegerOf(from, value), to, arena, converted);
  }
  if (from.oid == types::oids::kNumeric && IsInteger(to)) {
    return FromNumeric(value.As<std::string_view>(), to, arena, converted);
  }
  if (from.oid == types::oids::kFloat4 && to.oid == types::oids::kFloat8) {
    *converted = Datum::From(static_cast<double>(value.As<float>()));
    return true;
  }
  if (from.oid == types::oids::kFloat8 && to.oid == types::oids::kFloat4) {
    float narrow = static_cast<float>(value.As<double>());
    *converted = Datum::From(narrow);
    return static_cast<double>(narrow) == value.As<double>() || std::isnan(narrow);
  }
  base::ThrowNotSupported("a foreign key from type " + from.name + " to type " + to.name);
}

}  // namespace sundog::storage
