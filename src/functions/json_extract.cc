// Functions that take json and jsonb apart: -> ->> #> #>>, array lengths, kinds, keys, members,
// elements.
#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/sql_error.h"
#include "functions/array_elements.h"
#include "functions/implementations.h"
#include "functions/json_access.h"
#include "functions/json_functions.h"
#include "functions/kernel.h"
#include "types/json_lexer.h"

namespace sundog::functions {

std::optional<int32_t> JsonArrayIndex(std::string_view text) {
  // As C's strtol: leading space and a plus sign are allowed.
  while (!text.empty() && (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))) {
    text.remove_prefix(1);
  }
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int32_t index;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

namespace {

using types::ArrayReader;

[[noreturn]] void ThrowParameter(std::string message) {
  throw SqlError(sqlstate::kInvalidParameterValue, std::move(message));
}

std::optional<std::string_view> ToOptional(const Datum& datum) {
  if (datum.is_null()) return std::nullopt;
  return datum.As<std::string_view>();
}

// A found node as the function returns it: a json value, or text.
template <typename Json, bool kText>
std::optional<std::string_view> Result(CallContext& call,
                                       const std::optional<typename Json::Node>& node) {
  if (!node.has_value()) return std::nullopt;
  return ToOptional(kText ? JsonValueAsText<Json>(call, *node) : Json::Value(call, *node));
}

// Functions that give text decode the whole document in PostgreSQL, and fail where that fails.
template <typename Json, bool kText>
typename Json::Node RootOf(std::string_view json) {
  if (kText && !Json::kBinary) types::CheckJsonEscapes(json);
  return Json::Root(json);
}

template <typename Json, bool kText>
std::optional<std::string_view> ObjectField(CallContext& call, std::string_view json,
                                            std::string_view key) {
  auto node = RootOf<Json, kText>(json);
  if (Json::Kind(node) != JsonKind::kObject) return std::nullopt;
  return Result<Json, kText>(call, Json::Member(node, key));
}

template <typename Json, bool kText>
std::optional<std::string_view> ArrayElement(CallContext& call, std::string_view json,
                                             int32_t index) {
  auto node = RootOf<Json, kText>(json);
  // PostgreSQL keeps a scalar jsonb as an array of one, and it shows here.
  bool scalar = Json::kBinary && Json::Kind(node) < JsonKind::kArray;
  if (scalar && (index == 0 || index == -1)) {
    return Result<Json, kText>(call, std::optional<typename Json::Node>(node));
  }
  if (Json::Kind(node) != JsonKind::kArray) return std::nullopt;
  return Result<Json, kText>(call, Json::Element(node, index));
}

template <typename Json, bool kText>
std::optional<std::string_view> ExtractPath(CallContext& call, std::string_view json,
                                            std::string_view path_bytes) {
  ArrayReader path(path_bytes);
  if (path.has_nulls()) return std::nullopt;
  std::optional<typename Json::Node> node = RootOf<Json, kText>(json);
  for (int32_t i = 0; i < path.size() && node.has_value(); ++i) {
    node = JsonStep<Json>(*node, path.ValueAt<std::string_view>(i));
  }
  return Result<Json, kText>(call, node);
}

template <typename Json>
int32_t ArrayLength(std::string_view json) {
  auto node = Json::Root(json);
  if (Json::Kind(node) == JsonKind::kObject) {
    ThrowParameter("cannot get array length of a non-array");
  }
  if (Json::Kind(node) != JsonKind::kArray) {
    ThrowParameter("cannot get array length of a scalar");
  }
  return static_cast<int32_t>(Json::Count(node));
}

template <typename Json>
std::string_view TypeOf(std::string_view json) {
  switch (Json::Kind(Json::Root(json))) {
    case JsonKind::kNull: return "null";
    case JsonKind::kString: return "string";
    case JsonKind::kNumber: return "number";
    case JsonKind::kBool: return "boolean";
    case JsonKind::kArray: return "array";
    case JsonKind::kObject: break;
  }
  return "object";
}

// --- sets ---

template <typename Json>
class ElementsCall : public SetCall {
 public:
  ElementsCall(CallContext& call, typename Json::Node node, bool as_text)
      : call_(call), cursor_(node), as_text_(as_text) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    typename Json::Node element;
    size_t count = 0;
    while (count < capacity && cursor_.NextElement(element)) {
      if (as_text_) {
        columns[0]->CopyDatum(count++, JsonValueAsText<Json>(call_, element));
      } else {
        columns[0]->CopyDatum(count++, Json::Value(call_, element));
      }
    }
    return count;
  }

 private:
  CallContext& call_;
  typename Json::Cursor cursor_;
  bool as_text_;
};

template <typename Json, bool kText>
std::unique_ptr<SetCall> ArrayElements(CallContext& call, std::span<const Datum> arguments) {
  auto node = Json::Root(arguments[0].template As<std::string_view>());
  JsonKind kind = Json::Kind(node);
  if (kind != JsonKind::kArray) {
    bool object = kind == JsonKind::kObject;
    if (Json::kBinary) {
      ThrowParameter(object ? "cannot extract elements from an object"
                            : "cannot extract elements from a scalar");
    }
    const char* name = kText ? "json_array_elements_text" : "json_array_elements";
    ThrowParameter(fmt::format("cannot call {} on a {}", name, object ? "non-array" : "scalar"));
  }
  return std::make_unique<ElementsCall<Json>>(call, node, kText);
}

template <typename Json>
class EachCall : public SetCall {
 public:
  EachCall(CallContext& call, typename Json::Node node, bool as_text)
      : call_(call), cursor_(node), as_text_(as_text) {}

  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    std::string key;
    typename Json::Node value;
    size_t count = 0;
    while (count < capacity && cursor_.NextMember(key, value)) {
      columns[0]->template Set<std::string_view>(count, columns[0]->CopyBytes(key));
      if (columns.size() > 1) {
        columns[1]->CopyDatum(count, as_text_ ? JsonValueAsText<Json>(call_, value)
                                              : Json::Value(call_, value));
      }
      ++count;
    }
    return count;
  }

 private:
  CallContext& call_;
  typename Json::Cursor cursor_;
  bool as_text_;
};

template <typename Json, bool kText>
std::unique_ptr<SetCall> Each(CallContext& call, std::span<const Datum> arguments) {
  auto node = Json::Root(arguments[0].template As<std::string_view>());
  JsonKind kind = Json::Kind(node);
  if (kind != JsonKind::kObject) {
    if (Json::kBinary) {
      ThrowParameter(fmt::format("cannot call {} on a non-object",
                                 kText ? "jsonb_each_text" : "jsonb_each"));
    }
    ThrowParameter(kind == JsonKind::kArray ? "cannot deconstruct an array as an object"
                                            : "cannot deconstruct a scalar");
  }
  return std::make_unique<EachCall<Json>>(call, node, kText);
}

template <typename Json>
std::unique_ptr<SetCall> ObjectKeys(CallContext& call, std::span<const Datum> arguments) {
  auto node = Json::Root(arguments[0].template As<std::string_view>());
  JsonKind kind = Json::Kind(node);
  if (kind != JsonKind::kObject) {
    ThrowParameter(fmt::format("cannot call {}_object_keys on {}", Json::kName,
                               kind == JsonKind::kArray ? "an array" : "a scalar"));
  }
  return std::make_unique<EachCall<Json>>(call, node, true);
}

#define SUNDOG_BOTH_JSON(name, function) \
  {"json_" name, Kernel<function<PlainJson, false>>}, \
      {"json_" name "_text", Kernel<function<PlainJson, true>>}, \
      {"jsonb_" name, Kernel<function<BinaryJson, false>>}, \
      {"jsonb_" name "_text", Kernel<function<BinaryJson, true>>}
#define SUNDOG_BOTH_SETS(name, function) \
  {"json_" name, function<PlainJson, false>}, {"json_" name "_text", function<PlainJson, true>}, \
      {"jsonb_" name, function<BinaryJson, false>}, \
      {"jsonb_" name "_text", function<BinaryJson, true>}

const ScalarEntry kEntries[] = {
    SUNDOG_BOTH_JSON("object_field", ObjectField),
    SUNDOG_BOTH_JSON("array_element", ArrayElement),
    SUNDOG_BOTH_JSON("extract_path", ExtractPath),
    {"json_array_length", Kernel<ArrayLength<PlainJson>>},
    {"jsonb_array_length", Kernel<ArrayLength<BinaryJson>>},
    {"json_typeof", Kernel<TypeOf<PlainJson>>},
    {"jsonb_typeof", Kernel<TypeOf<BinaryJson>>},
};

const SetEntry kSets[] = {
    SUNDOG_BOTH_SETS("array_elements", ArrayElements),
    SUNDOG_BOTH_SETS("each", Each),
    {"json_object_keys", ObjectKeys<PlainJson>},
    {"jsonb_object_keys", ObjectKeys<BinaryJson>},
};

#undef SUNDOG_BOTH_JSON
#undef SUNDOG_BOTH_SETS

}  // namespace

void RegisterJsonExtractFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
