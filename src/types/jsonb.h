// jsonb: JSON in a form that is searched without parsing.
//
// A value is a tag byte and its payload. At the root they are the bytes of the SQL value; inside a
// container the tag lies in the container's directory.
//
//   tag | payload
//   ----+------------------------------------------------------------------------------------
//   0   | null: nothing
//   1   | string: its bytes (UTF-8, decoded)
//   2   | number: a numeric's bytes (types/numeric.h)
//   3   | false: nothing          4 | true: nothing
//   5   | array:  u32 n, n entries, then the elements' payloads
//   6   | object: u32 n, n key entries, n value entries, then the keys' and the values' payloads
//
// An entry is a u32, little-endian: tag in the upper 4 bits, in the lower 28 the end of its payload
// counted from the first payload byte. So any element, and by binary search any key, is found
// without looking at the others.
//
// Example: {"a": true} is 06 | 01 00 00 00 | 01 00 00 10 | 01 00 00 40 | 61.
//
// Invariants:
//  1. An object's keys are distinct and sorted by length, then bytes (PostgreSQL's order).
//  2. Ends do not decrease; an array's or object's payloads take less than 2^28 bytes.
//  3. Numbers are finite.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "types/families.h"

namespace sundog::types {

enum class JsonbTag : uint8_t { kNull, kString, kNumber, kFalse, kTrue, kArray, kObject };

// A view of one value; the bytes must outlive it. Copying is cheap.
class Jsonb {
 public:
  Jsonb() = default;
  Jsonb(JsonbTag tag, std::string_view payload) : tag_(tag), payload_(payload) {}
  // The root of a SQL value.
  explicit Jsonb(std::string_view bytes)
      : tag_(static_cast<JsonbTag>(bytes[0])), payload_(bytes.substr(1)) {}
  static Jsonb String(std::string_view text) { return {JsonbTag::kString, text}; }
  static Jsonb Number(std::string_view numeric) { return {JsonbTag::kNumber, numeric}; }
  static Jsonb Bool(bool value) { return {value ? JsonbTag::kTrue : JsonbTag::kFalse, {}}; }

  JsonbTag tag() const { return tag_; }
  std::string_view payload() const { return payload_; }
  bool is_null() const { return tag_ == JsonbTag::kNull; }
  bool is_string() const { return tag_ == JsonbTag::kString; }
  bool is_number() const { return tag_ == JsonbTag::kNumber; }
  bool is_bool() const { return tag_ == JsonbTag::kFalse || tag_ == JsonbTag::kTrue; }
  bool is_array() const { return tag_ == JsonbTag::kArray; }
  bool is_object() const { return tag_ == JsonbTag::kObject; }
  bool is_scalar() const { return tag_ < JsonbTag::kArray; }

  std::string_view string() const { return payload_; }
  std::string_view number() const { return payload_; }
  bool boolean() const { return tag_ == JsonbTag::kTrue; }

  // Of an array or object.
  int count() const;
  Jsonb Element(int i) const;  // 0 ≤ i < count(), of an array
  std::string_view Key(int i) const;
  Jsonb Value(int i) const;
  int FindKey(std::string_view key) const;  // -1: none
  std::optional<Jsonb> Find(std::string_view key) const;

  // The SQL value's bytes.
  std::string_view Copy(base::Arena& arena) const;

 private:
  Jsonb Entry(int i, int entries) const;

  JsonbTag tag_ = JsonbTag::kNull;
  std::string_view payload_;
};

// PostgreSQL's btree order of whole documents.
int CompareJsonb(Jsonb a, Jsonb b);
// The order of values inside documents; scalars of different kinds by kind.
int CompareJsonbValues(Jsonb a, Jsonb b);
uint64_t HashJsonb(Jsonb value);
// a @> b.
bool JsonbContains(Jsonb a, Jsonb b);

// `{"a": [1, 2]}`; with `indent`, one child a line and four spaces a level.
void AppendJsonb(Jsonb value, std::string& to, bool indent = false);
std::string JsonbText(Jsonb value);
// A string's characters, anything else as JSON.
std::string JsonbAsText(Jsonb value);

// Throws as json's input does.
std::string_view ParseJsonb(std::string_view text, base::Arena& arena);

std::span<const TypeOpsEntry> JsonbTypes();

}  // namespace sundog::types
