// Comparison, containment and existence of jsonb, and its casts to scalar types.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/implementations.h"
#include "functions/json_functions.h"
#include "functions/kernel.h"
#include "types/jsonb.h"
#include "types/numeric.h"

namespace sundog::functions {

namespace {

using types::ArrayReader;
using types::Jsonb;

int32_t Compare(std::string_view a, std::string_view b) {
  return types::CompareJsonb(Jsonb(a), Jsonb(b));
}
bool Eq(std::string_view a, std::string_view b) { return Compare(a, b) == 0; }
bool Ne(std::string_view a, std::string_view b) { return Compare(a, b) != 0; }
bool Lt(std::string_view a, std::string_view b) { return Compare(a, b) < 0; }
bool Le(std::string_view a, std::string_view b) { return Compare(a, b) <= 0; }
bool Gt(std::string_view a, std::string_view b) { return Compare(a, b) > 0; }
bool Ge(std::string_view a, std::string_view b) { return Compare(a, b) >= 0; }

bool Contains(std::string_view a, std::string_view b) {
  return types::JsonbContains(Jsonb(a), Jsonb(b));
}
bool Contained(std::string_view a, std::string_view b) { return Contains(b, a); }

// A key of an object, a string element of an array, or the string itself.
bool HasString(Jsonb document, std::string_view text) {
  if (document.is_object()) return document.FindKey(text) >= 0;
  if (document.is_string()) return document.string() == text;
  if (!document.is_array()) return false;
  for (int i = 0; i < document.count(); ++i) {
    Jsonb element = document.Element(i);
    if (element.is_string() && element.string() == text) return true;
  }
  return false;
}

bool Exists(std::string_view document, std::string_view text) {
  return HasString(Jsonb(document), text);
}

bool ExistsAny(std::string_view document, std::string_view texts_bytes) {
  ArrayReader texts(texts_bytes);
  for (int32_t i = 0; i < texts.size(); ++i) {
    if (!texts.IsNull(i) && Exists(document, texts.ValueAt<std::string_view>(i))) return true;
  }
  return false;
}

bool ExistsAll(std::string_view document, std::string_view texts_bytes) {
  ArrayReader texts(texts_bytes);
  for (int32_t i = 0; i < texts.size(); ++i) {
    if (!texts.IsNull(i) && !Exists(document, texts.ValueAt<std::string_view>(i))) return false;
  }
  return true;
}

// --- casts ---

[[noreturn]] void ThrowCannotCast(Jsonb value, const char* target) {
  const char* kind = value.is_null()     ? "null"
                     : value.is_string() ? "string"
                     : value.is_number() ? "numeric"
                     : value.is_bool()   ? "boolean"
                     : value.is_array()  ? "array"
                                         : "object";
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("cannot cast jsonb {} to type {}", kind, target));
}

std::string_view NumberFor(std::string_view bytes, const char* target) {
  Jsonb value(bytes);
  if (!value.is_number()) ThrowCannotCast(value, target);
  return value.number();
}

bool ToBool(std::string_view bytes) {
  Jsonb value(bytes);
  if (!value.is_bool()) ThrowCannotCast(value, "boolean");
  return value.boolean();
}
std::string_view ToNumeric(std::string_view bytes) { return NumberFor(bytes, "numeric"); }
int16_t ToInt2(std::string_view bytes) {
  return types::NumericToInt16(NumberFor(bytes, "smallint"));
}
int32_t ToInt4(std::string_view bytes) {
  return types::NumericToInt32(NumberFor(bytes, "integer"));
}
int64_t ToInt8(std::string_view bytes) {
  return types::NumericToInt64(NumberFor(bytes, "bigint"));
}
float ToFloat4(std::string_view bytes) { return types::NumericToFloat(NumberFor(bytes, "real")); }
double ToFloat8(std::string_view bytes) {
  return types::NumericToDouble(NumberFor(bytes, "double precision"));
}

const ScalarEntry kEntries[] = {
    {"jsonb_eq", Kernel<Eq>},
    {"jsonb_ne", Kernel<Ne>},
    {"jsonb_lt", Kernel<Lt>},
    {"jsonb_le", Kernel<Le>},
    {"jsonb_gt", Kernel<Gt>},
    {"jsonb_ge", Kernel<Ge>},
    {"jsonb_cmp", Kernel<Compare>},
    {"jsonb_contains", Kernel<Contains>},
    {"jsonb_contained", Kernel<Contained>},
    {"jsonb_exists", Kernel<Exists>},
    {"jsonb_exists_any", Kernel<ExistsAny>},
    {"jsonb_exists_all", Kernel<ExistsAll>},
    {"jsonb_bool", Kernel<ToBool>},
    {"jsonb_numeric", Kernel<ToNumeric>},
    {"jsonb_int2", Kernel<ToInt2>},
    {"jsonb_int4", Kernel<ToInt4>},
    {"jsonb_int8", Kernel<ToInt8>},
    {"jsonb_float4", Kernel<ToFloat4>},
    {"jsonb_float8", Kernel<ToFloat8>},
};

}  // namespace

void RegisterJsonbCompareFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
