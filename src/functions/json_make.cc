// Functions that make json and jsonb of SQL values: to_json(b), row_to_json, array_to_json,
// json(b)_build_object, json(b)_build_array, json(b)_object.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/json_encode.h"
#include "functions/json_functions.h"
#include "types/json_lexer.h"

namespace sundog::functions {

namespace {

using types::ArrayReader;
using types::Jsonb;
using types::JsonbBuilder;

Datum TextResult(CallContext& call, const std::string& text) {
  return Datum::From(call.arena().Copy(text));
}

Datum ToJson(CallContext& call, std::span<const Datum> arguments) {
  std::string text;
  JsonEncoder(call.io()).Append(call.argument_types()[0].oid, arguments[0], text);
  return TextResult(call, text);
}

Datum ToJsonb(CallContext& call, std::span<const Datum> arguments) {
  JsonbBuilder builder;
  JsonEncoder(call.io()).Build(call.argument_types()[0].oid, arguments[0], builder);
  return Datum::From(builder.Finish(call.arena()));
}

Datum ArrayToJson(CallContext& call, std::span<const Datum> arguments) {
  std::string text;
  bool pretty = arguments.size() > 1 && arguments[1].As<bool>();
  JsonEncoder(call.io()).AppendArray(arguments[0], pretty, text);
  return TextResult(call, text);
}

Datum RowToJson(CallContext& call, std::span<const Datum> arguments) {
  std::string text;
  bool pretty = arguments.size() > 1 && arguments[1].As<bool>();
  JsonEncoder(call.io()).AppendRow(arguments[0], pretty, text);
  return TextResult(call, text);
}

// --- VARIADIC "any" ---

struct TypedValue {
  Oid type;
  Datum value;
};

// The arguments, taken out of the array where they were passed as VARIADIC array. False: that
// array is null.
bool GatherArguments(CallContext& call, std::span<const Datum> arguments,
                     std::vector<TypedValue>& values) {
  if (call.variadic()) {
    if (arguments[0].is_null()) return false;
    ArrayReader array = ArrayOf(arguments[0]);
    for (int32_t i = 0; i < array.size(); ++i) {
      values.push_back({array.element_type(), array.At(i)});
    }
    return true;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    values.push_back({call.argument_types()[i].oid, arguments[i]});
  }
  return true;
}

void CheckEven(size_t count, const char* function) {
  if (count % 2 == 0) return;
  throw SqlError(sqlstate::kInvalidParameterValue,
                 "argument list must have even number of elements")
      .Hint(fmt::format("The arguments of {} must consist of alternating keys and values.",
                        function));
}

Datum JsonBuildObject(CallContext& call, std::span<const Datum> arguments) {
  std::vector<TypedValue> values;
  if (!GatherArguments(call, arguments, values)) return Datum();
  CheckEven(values.size(), "json_build_object()");
  JsonEncoder encoder(call.io());
  std::string text = "{";
  for (size_t i = 0; i < values.size(); i += 2) {
    if (i > 0) text += ", ";
    if (values[i].value.is_null()) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("argument {} cannot be null", i + 1))
          .Hint("Object keys should be text.");
    }
    encoder.AppendKey(values[i].type, values[i].value, text);
    text += " : ";
    encoder.Append(values[i + 1].type, values[i + 1].value, text);
  }
  return TextResult(call, text + "}");
}

Datum JsonbBuildObject(CallContext& call, std::span<const Datum> arguments) {
  std::vector<TypedValue> values;
  if (!GatherArguments(call, arguments, values)) return Datum();
  CheckEven(values.size(), "jsonb_build_object()");
  JsonEncoder encoder(call.io());
  JsonbBuilder builder;
  builder.BeginObject();
  for (size_t i = 0; i < values.size(); i += 2) {
    if (values[i].value.is_null()) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("argument {}: key must not be null", i + 1));
    }
    builder.Key(encoder.KeyText(values[i].type, values[i].value));
    encoder.Build(values[i + 1].type, values[i + 1].value, builder);
  }
  builder.End();
  return Datum::From(builder.Finish(call.arena()));
}

Datum JsonBuildArray(CallContext& call, std::span<const Datum> arguments) {
  std::vector<TypedValue> values;
  if (!GatherArguments(call, arguments, values)) return Datum();
  JsonEncoder encoder(call.io());
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    encoder.Append(values[i].type, values[i].value, text);
  }
  return TextResult(call, text + "]");
}

Datum JsonbBuildArray(CallContext& call, std::span<const Datum> arguments) {
  std::vector<TypedValue> values;
  if (!GatherArguments(call, arguments, values)) return Datum();
  JsonEncoder encoder(call.io());
  JsonbBuilder builder;
  builder.BeginArray();
  for (const TypedValue& value : values) encoder.Build(value.type, value.value, builder);
  builder.End();
  return Datum::From(builder.Finish(call.arena()));
}

// --- json_object(text[]), json_object(text[], text[]) ---

[[noreturn]] void ThrowSubscript(const char* message) {
  throw SqlError(sqlstate::kArraySubscriptError, message);
}

// Calls `pair` with each key and value of the one or two arrays.
template <typename Pair>
void ForEachPair(std::span<const Datum> arguments, Pair&& pair) {
  ArrayReader first = ArrayOf(arguments[0]);
  auto check_key = [](const Datum& key) {
    if (!key.is_null()) return;
    throw SqlError(sqlstate::kNullValueNotAllowed, "null value not allowed for object key");
  };
  if (arguments.size() == 1) {
    if (first.dimensions() > 2) ThrowSubscript("wrong number of array subscripts");
    if (first.dimensions() == 1 && first.size() % 2 != 0) {
      ThrowSubscript("array must have even number of elements");
    }
    if (first.dimensions() == 2 && first.shape().lengths[1] != 2) {
      ThrowSubscript("array must have two columns");
    }
    for (int32_t i = 0; i < first.size(); i += 2) {
      check_key(first.At(i));
      pair(first.At(i), first.At(i + 1));
    }
    return;
  }
  ArrayReader second = ArrayOf(arguments[1]);
  if (first.dimensions() > 1 || first.dimensions() != second.dimensions()) {
    ThrowSubscript("wrong number of array subscripts");
  }
  if (first.size() != second.size()) ThrowSubscript("mismatched array dimensions");
  for (int32_t i = 0; i < first.size(); ++i) {
    check_key(first.At(i));
    pair(first.At(i), second.At(i));
  }
}

Datum JsonObject(CallContext& call, std::span<const Datum> arguments) {
  std::string text = "{";
  ForEachPair(arguments, [&](const Datum& key, const Datum& value) {
    if (text.size() > 1) text += ", ";
    types::AppendJsonString(key.As<std::string_view>(), text);
    text += " : ";
    if (value.is_null()) {
      text += "null";
    } else {
      types::AppendJsonString(value.As<std::string_view>(), text);
    }
  });
  return TextResult(call, text + "}");
}

Datum JsonbObject(CallContext& call, std::span<const Datum> arguments) {
  JsonbBuilder builder;
  builder.BeginObject();
  ForEachPair(arguments, [&](const Datum& key, const Datum& value) {
    builder.Key(key.As<std::string_view>());
    builder.Add(value.is_null() ? Jsonb() : Jsonb::String(value.As<std::string_view>()));
  });
  builder.End();
  return Datum::From(builder.Finish(call.arena()));
}

const ScalarEntry kEntries[] = {
    {"to_json", DatumKernel<ToJson>},
    {"to_jsonb", DatumKernel<ToJsonb>},
    {"array_to_json", DatumKernel<ArrayToJson>},
    {"array_to_json_pretty", DatumKernel<ArrayToJson>},
    {"row_to_json", DatumKernel<RowToJson>},
    {"row_to_json_pretty", DatumKernel<RowToJson>},
    {"json_build_object", DatumKernel<JsonBuildObject>},
    {"json_build_object_noargs", DatumKernel<JsonBuildObject>},
    {"jsonb_build_object", DatumKernel<JsonbBuildObject>},
    {"jsonb_build_object_noargs", DatumKernel<JsonbBuildObject>},
    {"json_build_array", DatumKernel<JsonBuildArray>},
    {"json_build_array_noargs", DatumKernel<JsonBuildArray>},
    {"jsonb_build_array", DatumKernel<JsonbBuildArray>},
    {"jsonb_build_array_noargs", DatumKernel<JsonbBuildArray>},
    {"json_object", DatumKernel<JsonObject>},
    {"json_object_two_arg", DatumKernel<JsonObject>},
    {"jsonb_object", DatumKernel<JsonbObject>},
    {"jsonb_object_two_arg", DatumKernel<JsonbObject>},
};

}  // namespace

void RegisterJsonMakeFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
