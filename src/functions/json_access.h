// One way to walk json and jsonb, so that functions that exist for both are written once:
//
//   template <typename Json> … Json::Node root = Json::Root(bytes); root may be asked as below.
//
// PlainJson walks text (types/json_text.h), BinaryJson walks jsonb (types/jsonb.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "functions/function.h"
#include "types/json_text.h"
#include "types/jsonb.h"

namespace sundog::functions {

using types::JsonKind;

struct PlainJson {
  using Node = types::JsonText;
  static constexpr bool kBinary = false;
  static constexpr std::string_view kName = "json";

  static Node Root(std::string_view bytes) { return Node(bytes); }
  static JsonKind Kind(const Node& node) { return node.kind(); }
  static std::optional<Node> Member(const Node& node, std::string_view key) {
    return node.Member(key);
  }
  static std::optional<Node> Element(const Node& node, int64_t i) { return node.Element(i); }
  static int64_t Count(const Node& node) { return node.Count(); }
  static bool BoolOf(const Node& node) { return node.text()[0] == 't'; }
  // As a value of the type itself; as SQL text, null for JSON's null.
  static Datum Value(CallContext&, const Node& node) { return Datum::From(node.text()); }
  static std::string TextOf(const Node& node) { return node.AsText(); }
  // A node as JSON text.
  static std::string JsonOf(const Node& node) { return std::string(node.text()); }

  class Cursor {
   public:
    explicit Cursor(const Node& node) : cursor_(node) {}
    bool NextElement(Node& element) { return cursor_.NextElement(element); }
    bool NextMember(std::string& key, Node& value) {
      Node name;
      if (!cursor_.NextMember(name, value)) return false;
      key = name.AsText();
      return true;
    }

   private:
    types::JsonTextCursor cursor_;
  };
};

struct BinaryJson {
  using Node = types::Jsonb;
  static constexpr bool kBinary = true;
  static constexpr std::string_view kName = "jsonb";

  static Node Root(std::string_view bytes) { return Node(bytes); }
  static JsonKind Kind(const Node& node) {
    switch (node.tag()) {
      case types::JsonbTag::kNull: return JsonKind::kNull;
      case types::JsonbTag::kString: return JsonKind::kString;
      case types::JsonbTag::kNumber: return JsonKind::kNumber;
      case types::JsonbTag::kArray: return JsonKind::kArray;
      case types::JsonbTag::kObject: return JsonKind::kObject;
      default: return JsonKind::kBool;
    }
  }
  static std::optional<Node> Member(const Node& node, std::string_view key) {
    return node.Find(key);
  }
  static std::optional<Node> Element(const Node& node, int64_t i) {
    int count = node.count();
    if (i < 0) i += count;
    if (i < 0 || i >= count) return std::nullopt;
    return node.Element(static_cast<int>(i));
  }
  static int64_t Count(const Node& node) { return node.count(); }
  static bool BoolOf(const Node& node) { return node.boolean(); }
  static Datum Value(CallContext& call, const Node& node) {
    return Datum::From(node.Copy(call.arena()));
  }
  static std::string TextOf(const Node& node) { return types::JsonbAsText(node); }
  static std::string JsonOf(const Node& node) { return types::JsonbText(node); }

  class Cursor {
   public:
    explicit Cursor(const Node& node) : node_(node), count_(node.count()) {}
    bool NextElement(Node& element) {
      if (next_ >= count_) return false;
      element = node_.Element(next_++);
      return true;
    }
    bool NextMember(std::string& key, Node& value) {
      if (next_ >= count_) return false;
      key = node_.Key(next_);
      value = node_.Value(next_++);
      return true;
    }

   private:
    Node node_;
    int count_;
    int next_ = 0;
  };
};

template <typename Json>
Datum JsonValueAsText(CallContext& call, const typename Json::Node& node) {
  if (Json::Kind(node) == JsonKind::kNull) return Datum();
  return Datum::From(call.arena().Copy(Json::TextOf(node)));
}

// "12" or "-3" as an array index; nullopt for other text or what does not fit an int.
std::optional<int32_t> JsonArrayIndex(std::string_view text);

// Follows keys and indexes down; nullopt where there is nothing.
template <typename Json>
std::optional<typename Json::Node> JsonStep(const typename Json::Node& node,
                                            std::string_view step) {
  if (Json::Kind(node) == JsonKind::kObject) return Json::Member(node, step);
  if (Json::Kind(node) != JsonKind::kArray) return std::nullopt;
  std::optional<int32_t> index = JsonArrayIndex(step);
  if (!index.has_value()) return std::nullopt;
  return Json::Element(node, *index);
}

}  // namespace sundog::functions
