// jsonpath's item methods: .type() .size() .double() .abs() .floor() .ceiling() .keyvalue(); those
// of datetimes are in jsonpath_datetime.cc.
#include <fmt/format.h>

#include <cmath>

#include "base/sql_error.h"
#include "functions/jsonpath_executor.h"
#include "types/jsonb_builder.h"
#include "types/numeric.h"

namespace sundog::functions {

using types::Jsonb;
using Outcome = JsonPathExecutor::Outcome;

Outcome JsonPathExecutor::ExecuteMethod(const Item& item, const JsonPathValue& value,
                                        JsonPathResults* found, bool unwrap) {
  if (item.kind == Kind::kType) return Continue(item, {Jsonb::String(TypeName(value))}, found);
  if (item.kind == Kind::kSize) return Size(item, value, found);
  if (unwrap && value.is_array()) return UnwrapInto(item, value, found);
  switch (item.kind) {
    case Kind::kDouble: return Double(item, value, found);
    case Kind::kDatetime: return Datetime(item, value, found);
    case Kind::kKeyValue: return KeyValue(item, value, found);
    default: return Numeric(item, value, found);
  }
}

std::string_view JsonPathExecutor::TypeName(const JsonPathValue& value) const {
  switch (value.datetime_type) {
    case types::oids::kDate: return "date";
    case types::oids::kTime: return "time without time zone";
    case types::oids::kTimetz: return "time with time zone";
    case types::oids::kTimestamp: return "timestamp without time zone";
    case types::oids::kTimestamptz: return "timestamp with time zone";
    default: break;
  }
  switch (value.json.tag()) {
    case types::JsonbTag::kNull: return "null";
    case types::JsonbTag::kString: return "string";
    case types::JsonbTag::kNumber: return "number";
    case types::JsonbTag::kArray: return "array";
    case types::JsonbTag::kObject: return "object";
    default: return "boolean";
  }
}

Outcome JsonPathExecutor::Size(const Item& item, const JsonPathValue& value,
                               JsonPathResults* found) {
  int size = 1;
  if (value.is_array()) {
    size = value.json.count();
  } else if (!lax_) {
    if (ignores_structure_) return Outcome::kNotFound;
    return Fail(sqlstate::kSqlJsonArrayNotFound,
                "jsonpath item method .size() can only be applied to an array");
  }
  return Continue(item, Number(types::NumericFromInt64(size, arena_)), found);
}

Outcome JsonPathExecutor::Numeric(const Item& item, const JsonPathValue& value,
                                  JsonPathResults* found) {
  if (!value.is_number()) {
    return Fail(sqlstate::kNonNumericSqlJsonItem,
                fmt::format("jsonpath item method .{}() can only be applied to a numeric value",
                            types::JsonPathOperationName(item.kind)));
  }
  std::string_view number = value.json.number();
  std::string_view result = item.kind == Kind::kAbs     ? types::NumericAbs(number, arena_)
                            : item.kind == Kind::kFloor ? types::NumericFloor(number, arena_)
                                                        : types::NumericCeil(number, arena_);
  return Continue(item, Number(result), found);
}

Outcome JsonPathExecutor::Double(const Item& item, const JsonPathValue& value,
                                 JsonPathResults* found) {
  if (!value.is_number() && !value.is_string()) {
    return Fail(sqlstate::kNonNumericSqlJsonItem,
                "jsonpath item method .double() can only be applied to a string or numeric value");
  }
  std::string text = value.is_number() ? types::NumericText(value.json.number())
                                       : std::string(value.json.string());
  double parsed = NAN;
  try {
    base::Arena scratch;
    parsed = types::InputText(io_, {types::oids::kFloat8}, text, scratch).As<double>();
  } catch (const SqlError& error) {
    parsed = NAN;  // says below what is wrong with it
  }
  if (!std::isfinite(parsed)) {
    return Fail(sqlstate::kNonNumericSqlJsonItem,
                value.is_number()
                    ? "numeric argument of jsonpath item method .double() is out of range for type "
                      "double precision"
                    : "string argument of jsonpath item method .double() is not a valid "
                      "representation of a double precision number");
  }
  if (value.is_number()) return Continue(item, value, found);
  return Continue(item, Number(types::NumericFromDouble(parsed, arena_)), found);
}

Outcome JsonPathExecutor::KeyValue(const Item& item, const JsonPathValue& value,
                                   JsonPathResults* found) {
  if (!value.is_object()) {
    return Fail(sqlstate::kSqlJsonObjectNotFound,
                "jsonpath item method .keyvalue() can only be applied to an object");
  }
  // Distinct for objects of one document, as ids must be; the numbers are those of our format.
  int64_t offset = base_.begin == nullptr ? 0 : value.json.payload().data() - base_.begin;
  std::string_view id = types::NumericFromInt64(offset + base_.id * 10000000000, arena_);
  Outcome outcome = Outcome::kNotFound;
  for (int i = 0; i < value.json.count(); ++i) {
    outcome = Outcome::kOk;
    if (item.next == nullptr && found == nullptr) break;
    types::JsonbBuilder builder;
    builder.BeginObject();
    builder.Key("id");
    builder.Add(Jsonb::Number(id));
    builder.Key("key");
    builder.Add(Jsonb::String(value.json.Key(i)));
    builder.Key("value");
    builder.Add(value.json.Value(i));
    builder.End();
    Jsonb pair(builder.Finish(arena_));
    BaseObject saved = base_;
    base_ = {pair.payload().data(), next_object_id_++};
    outcome = Continue(item, {pair}, found);
    base_ = saved;
    if (outcome == Outcome::kError || (outcome == Outcome::kOk && found == nullptr)) break;
  }
  return outcome;
}

}  // namespace sundog::functions
