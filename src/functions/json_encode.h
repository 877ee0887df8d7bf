// SQL values as JSON: as text (to_json and kin) and as jsonb (to_jsonb and kin). Numbers and
// booleans stay what they are, dates and times become ISO 8601 strings, arrays arrays, rows
// objects, json and jsonb are taken over; all else is the string of its text form.
#pragma once

#include <string>

#include "functions/function.h"
#include "types/jsonb_builder.h"

namespace sundog::functions {

enum class JsonCategory : uint8_t {
  kBool,
  kNumber,
  kDateTime,
  kJson,
  kJsonb,
  kArray,
  kRow,
  kOther,
};

JsonCategory JsonCategoryOf(const types::TypeLookup& types, Oid type);

class JsonEncoder {
 public:
  explicit JsonEncoder(const types::IoContext& io) : io_(io) {}

  void Append(Oid type, const Datum& value, std::string& to) const;
  // As an object's key, which must be scalar (22023) and not null.
  void AppendKey(Oid type, const Datum& value, std::string& to) const;
  // With `pretty`, a line feed between the outermost elements or fields.
  void AppendArray(const Datum& array, bool pretty, std::string& to) const;
  void AppendRow(const Datum& row, bool pretty, std::string& to) const;

  void Build(Oid type, const Datum& value, types::JsonbBuilder& builder) const;
  std::string KeyText(Oid type, const Datum& value) const;

 private:
  std::string TextOf(Oid type, const Datum& value) const;
  // With a T between date and time and minutes in every zone.
  std::string DateTimeText(Oid type, const Datum& value) const;
  void BuildArray(const Datum& array, types::JsonbBuilder& builder) const;
  void BuildRow(const Datum& row, types::JsonbBuilder& builder) const;
  void BuildFromText(std::string_view json, types::JsonbBuilder& builder) const;

  const types::IoContext& io_;
};

}  // namespace sundog::functions
