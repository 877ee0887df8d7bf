// Walking the text of a json value. The text is known to be well-formed (it passed json's input),
// so walking checks nothing; only decoding a string can fail (22P05 for \u0000, 22P02 for lone
// surrogates).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

enum class JsonKind : uint8_t { kNull, kString, kNumber, kBool, kArray, kObject };

// One value inside a document, without white space around it.
class JsonText {
 public:
  JsonText() = default;
  explicit JsonText(std::string_view text);

  JsonKind kind() const;
  std::string_view text() const { return text_; }
  bool is_scalar() const { return kind() < JsonKind::kArray; }
  // A string decoded; anything else as written.
  std::string AsText() const;

  // Of an object: the value of the key; of duplicates the last.
  std::optional<JsonText> Member(std::string_view key) const;
  // Of an array: element `i`, from the end if negative.
  std::optional<JsonText> Element(int64_t i) const;
  // Of an array or object.
  int64_t Count() const;

 private:
  std::string_view text_;
};

// Goes through the children of an array or object.
class JsonTextCursor {
 public:
  explicit JsonTextCursor(JsonText container) : text_(container.text()) {}
  bool NextElement(JsonText& element);
  bool NextMember(JsonText& key, JsonText& value);

 private:
  void SkipSpace();
  JsonText TakeValue();

  std::string_view text_;
  size_t at_ = 1;
};

// json itself.
std::span<const TypeOpsEntry> JsonTypes();

}  // namespace sundog::types
