// jsonpath: its syntax tree, parser and printer. A jsonpath value's bytes are its canonical text;
// who runs one parses it and keeps the tree at the call site.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "types/families.h"

namespace sundog::types {

enum class JsonPathKind : uint8_t {
  kNull,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kVariable,
  kAnd,
  kOr,
  kNot,
  kIsUnknown,
  kEqual,
  kNotEqual,
  kLess,
  kGreater,
  kLessOrEqual,
  kGreaterOrEqual,
  kStartsWith,
  kLikeRegex,
  kExists,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPlus,
  kMinus,
  kRoot,
  kCurrent,
  kLast,
  kKey,
  kAnyKey,
  kAnyArray,
  kIndexArray,
  kAny,  // **
  kFilter,
  kType,
  kSize,
  kAbs,
  kFloor,
  kCeiling,
  kDouble,
  kDatetime,
  kKeyValue,
};

struct JsonPathItem;
using JsonPathItemPtr = std::unique_ptr<JsonPathItem>;

struct JsonPathItem {
  struct Subscript {
    JsonPathItemPtr from;
    JsonPathItemPtr to;  // null: one element
  };
  static constexpr uint32_t kLastLevel = UINT32_MAX;

  explicit JsonPathItem(JsonPathKind kind) : kind(kind) {}
  // A chain may be longer than the stack is deep.
  ~JsonPathItem();

  JsonPathKind kind;
  // Of a string, key or variable; a number's numeric bytes; a regular expression.
  std::string text;
  std::string flags;  // of kLikeRegex, in canonical order
  JsonPathItemPtr left;   // the only operand of unary items
  JsonPathItemPtr right;
  std::vector<Subscript> subscripts;
  uint32_t first_level = 0;  // of kAny
  uint32_t last_level = 0;
  JsonPathItemPtr next;  // what is applied to this one's results
};

struct JsonPath {
  bool lax = true;
  JsonPathItemPtr root;
};

// Throws 42601 `syntax error …`, 22P02 for empty text.
JsonPath ParseJsonPath(std::string_view text);
std::string JsonPathText(const JsonPath& path);

// "==", "starts with", "size": operators and methods as messages name them.
std::string_view JsonPathOperationName(JsonPathKind kind);
constexpr bool IsJsonPathPredicate(JsonPathKind kind) {
  return kind >= JsonPathKind::kAnd && kind <= JsonPathKind::kExists;
}

std::span<const TypeOpsEntry> JsonPathTypes();

}  // namespace sundog::types
