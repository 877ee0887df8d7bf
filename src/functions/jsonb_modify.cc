// Functions that make a jsonb of another: ||, -, #-, jsonb_set, jsonb_insert, jsonb_strip_nulls,
// jsonb_pretty, json_strip_nulls.
#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/json_access.h"
#include "functions/json_functions.h"
#include "functions/jsonb_assign.h"
#include "functions/kernel.h"
#include "types/json_lexer.h"
#include "types/jsonb_builder.h"

namespace sundog::functions {

namespace {

using types::ArrayReader;
using types::Jsonb;
using types::JsonbBuilder;

[[noreturn]] void ThrowParameter(const char* message) {
  throw SqlError(sqlstate::kInvalidParameterValue, message);
}

std::string_view Concat(CallContext& call, std::string_view a_bytes, std::string_view b_bytes) {
  Jsonb a(a_bytes);
  Jsonb b(b_bytes);
  JsonbBuilder builder;
  if (a.is_object() && b.is_object()) {
    builder.BeginObject();
    for (const Jsonb& part : {a, b}) {
      for (int i = 0; i < part.count(); ++i) {
        builder.Key(part.Key(i));
        builder.Add(part.Value(i));
      }
    }
  } else {
    builder.BeginArray();
    for (const Jsonb& part : {a, b}) {
      if (!part.is_array()) {
        builder.Add(part);
        continue;
      }
      for (int i = 0; i < part.count(); ++i) builder.Add(part.Element(i));
    }
  }
  builder.End();
  return builder.Finish(call.arena());
}

// Without the keys, or string elements, for which `matches` holds.
template <typename Matches>
std::string_view DeleteStrings(CallContext& call, Jsonb document, Matches&& matches) {
  JsonbBuilder builder;
  if (document.is_object()) {
    builder.BeginObject();
    for (int i = 0; i < document.count(); ++i) {
      if (matches(document.Key(i))) continue;
      builder.Key(document.Key(i));
      builder.Add(document.Value(i));
    }
  } else {
    builder.BeginArray();
    for (int i = 0; i < document.count(); ++i) {
      Jsonb element = document.Element(i);
      if (!element.is_string() || !matches(element.string())) builder.Add(element);
    }
  }
  builder.End();
  return builder.Finish(call.arena());
}

std::string_view DeleteKey(CallContext& call, std::string_view bytes, std::string_view key) {
  Jsonb document(bytes);
  if (document.is_scalar()) ThrowParameter("cannot delete from scalar");
  return DeleteStrings(call, document, [&](std::string_view text) { return text == key; });
}

void CheckOneDimension(const ArrayReader& array) {
  if (array.dimensions() > 1) {
    throw SqlError(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
  }
}

std::string_view DeleteKeys(CallContext& call, std::string_view bytes,
                            std::string_view keys_bytes) {
  ArrayReader keys(keys_bytes);
  CheckOneDimension(keys);
  Jsonb document(bytes);
  if (document.is_scalar()) ThrowParameter("cannot delete from scalar");
  return DeleteStrings(call, document, [&](std::string_view text) {
    for (int32_t i = 0; i < keys.size(); ++i) {
      if (!keys.IsNull(i) && keys.ValueAt<std::string_view>(i) == text) return true;
    }
    return false;
  });
}

std::string_view DeleteIndex(CallContext& call, std::string_view bytes, int32_t wanted) {
  Jsonb document(bytes);
  if (document.is_scalar()) ThrowParameter("cannot delete from scalar");
  if (document.is_object()) ThrowParameter("cannot delete from object using integer index");
  int64_t index = wanted < 0 ? int64_t{wanted} + document.count() : wanted;
  JsonbBuilder builder;
  builder.BeginArray();
  for (int i = 0; i < document.count(); ++i) {
    if (i != index) builder.Add(document.Element(i));
  }
  builder.End();
  return builder.Finish(call.arena());
}

std::string_view Change(CallContext& call, std::string_view bytes, std::string_view path_bytes,
                        Jsonb value, JsonbChange change) {
  ArrayReader path(path_bytes);
  CheckOneDimension(path);
  Jsonb document(bytes);
  if (document.is_scalar()) {
    ThrowParameter(change == JsonbChange::kDelete ? "cannot delete path in scalar"
                                                  : "cannot set path in scalar");
  }
  bool may_add = change != JsonbChange::kDelete && change != JsonbChange::kReplace;
  if (path.empty() || (document.count() == 0 && !may_add)) return bytes;
  std::vector<Datum> steps;
  for (int32_t i = 0; i < path.size(); ++i) steps.push_back(path.At(i));
  return ChangeJsonb(document, steps, value, change, call.arena());
}

std::string_view DeletePath(CallContext& call, std::string_view document, std::string_view path) {
  return Change(call, document, path, Jsonb(), JsonbChange::kDelete);
}

std::string_view Set(CallContext& call, std::string_view document, std::string_view path,
                     std::string_view value, bool create) {
  return Change(call, document, path, Jsonb(value),
                create ? JsonbChange::kCreate : JsonbChange::kReplace);
}

std::string_view Insert(CallContext& call, std::string_view document, std::string_view path,
                        std::string_view value, bool after) {
  return Change(call, document, path, Jsonb(value),
                after ? JsonbChange::kInsertAfter : JsonbChange::kInsertBefore);
}

[[noreturn]] void ThrowNullTreatment() {
  ThrowParameter(
      "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or "
      "\"raise_exception\"");
}

Datum SetLax(CallContext& call, std::span<const Datum> arguments) {
  if (arguments[0].is_null() || arguments[1].is_null() || arguments[3].is_null()) return Datum();
  if (arguments[4].is_null()) ThrowNullTreatment();
  auto document = arguments[0].As<std::string_view>();
  auto path = arguments[1].As<std::string_view>();
  bool create = arguments[3].As<bool>();
  if (!arguments[2].is_null()) {
    return Datum::From(Set(call, document, path, arguments[2].As<std::string_view>(), create));
  }
  auto treatment = arguments[4].As<std::string_view>();
  if (treatment == "raise_exception") {
    throw SqlError(sqlstate::kNullValueNotAllowed, "JSON value must not be null")
        .Detail("Exception was raised because null_value_treatment is \"raise_exception\".")
        .Hint(
            "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL "
            "is not passed.");
  }
  if (treatment == "use_json_null") {
    return Datum::From(Change(call, document, path, Jsonb(),
                              create ? JsonbChange::kCreate : JsonbChange::kReplace));
  }
  if (treatment == "delete_key") return Datum::From(DeletePath(call, document, path));
  if (treatment == "return_target") return arguments[0];
  ThrowNullTreatment();
}

void StripNulls(Jsonb value, JsonbBuilder& builder) {
  if (value.is_scalar()) return builder.Add(value);
  if (value.is_array()) {
    builder.BeginArray();
    for (int i = 0; i < value.count(); ++i) StripNulls(value.Element(i), builder);
    return builder.End();
  }
  builder.BeginObject();
  for (int i = 0; i < value.count(); ++i) {
    if (value.Value(i).is_null()) continue;
    builder.Key(value.Key(i));
    StripNulls(value.Value(i), builder);
  }
  builder.End();
}

std::string_view JsonbStripNulls(CallContext& call, std::string_view bytes) {
  JsonbBuilder builder;
  StripNulls(Jsonb(bytes), builder);
  return builder.Finish(call.arena());
}

// Writes json text again, compactly, without members that are null.
void StripNulls(types::JsonText value, std::string& to) {
  if (value.kind() == JsonKind::kString) return types::AppendJsonString(value.AsText(), to);
  if (value.is_scalar()) {
    to += value.text();
    return;
  }
  types::JsonTextCursor cursor(value);
  types::JsonText key;
  types::JsonText child;
  bool first = true;
  bool array = value.kind() == JsonKind::kArray;
  to += array ? '[' : '{';
  while (array ? cursor.NextElement(child) : cursor.NextMember(key, child)) {
    if (!array && child.kind() == JsonKind::kNull) continue;
    if (!first) to += ',';
    first = false;
    if (!array) {
      types::AppendJsonString(key.AsText(), to);
      to += ':';
    }
    StripNulls(child, to);
  }
  to += array ? ']' : '}';
}

std::string_view JsonStripNulls(CallContext& call, std::string_view text) {
  std::string stripped;
  StripNulls(types::JsonText(text), stripped);
  return call.arena().Copy(stripped);
}

std::string_view Pretty(CallContext& call, std::string_view bytes) {
  std::string text;
  types::AppendJsonb(Jsonb(bytes), text, true);
  return call.arena().Copy(text);
}

const ScalarEntry kEntries[] = {
    {"jsonb_concat", Kernel<Concat>},
    {"jsonb_delete", Kernel<DeleteKey>},
    {"jsonb_delete_array", Kernel<DeleteKeys>},
    {"jsonb_delete_idx", Kernel<DeleteIndex>},
    {"jsonb_delete_path", Kernel<DeletePath>},
    {"jsonb_set", Kernel<Set>},
    {"jsonb_set_lax", DatumKernel<SetLax>},
    {"jsonb_insert", Kernel<Insert>},
    {"jsonb_strip_nulls", Kernel<JsonbStripNulls>},
    {"json_strip_nulls", Kernel<JsonStripNulls>},
    {"jsonb_pretty", Kernel<Pretty>},
};

}  // namespace

void RegisterJsonbModifyFunctions(Implementations& table) { table.Add(std::span(kEntries)); }

}  // namespace sundog::functions
