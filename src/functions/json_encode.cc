#include "functions/json_encode.h"

#include "base/sql_error.h"
#include "types/array.h"
#include "types/io_settings.h"
#include "types/json_lexer.h"
#include "types/jsonb.h"
#include "types/numeric.h"
#include "types/record.h"

namespace sundog::functions {

namespace {

using types::ArrayReader;
using types::Jsonb;
using types::RecordReader;

[[noreturn]] void ThrowBadKey() {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 "key value must be scalar, not array, composite, or json");
}

std::string FieldName(const types::TypeLookup& types, const RecordReader& row, int i) {
  std::string_view name = row.Name(types, i);
  return name.empty() ? "f" + std::to_string(i + 1) : std::string(name);
}

// A row value has at least the fields of its type.
int FieldCount(const types::TypeLookup& types, const RecordReader& row) {
  const types::TypeInfo* type = types.FindType(row.type());
  int declared = type == nullptr ? 0 : static_cast<int>(type->fields.size());
  return row.size() > declared ? row.size() : declared;
}

}  // namespace

JsonCategory JsonCategoryOf(const types::TypeLookup& types, Oid type) {
  Oid base = types.GetBaseType(type).oid;
  switch (base) {
    case types::oids::kBool: return JsonCategory::kBool;
    case types::oids::kInt2:
    case types::oids::kInt4:
    case types::oids::kInt8:
    case types::oids::kFloat4:
    case types::oids::kFloat8:
    case types::oids::kNumeric: return JsonCategory::kNumber;
    case types::oids::kDate:
    case types::oids::kTimestamp:
    case types::oids::kTimestamptz: return JsonCategory::kDateTime;
    case types::oids::kJson: return JsonCategory::kJson;
    case types::oids::kJsonb: return JsonCategory::kJsonb;
    case types::oids::kRecord: return JsonCategory::kRow;
    case types::oids::kAnyarray: return JsonCategory::kArray;
    default: break;
  }
  const types::TypeInfo& info = types.GetType(base);
  if (info.is_array()) return JsonCategory::kArray;
  return info.kind_code == 'c' ? JsonCategory::kRow : JsonCategory::kOther;
}

std::string JsonEncoder::TextOf(Oid type, const Datum& value) const {
  std::string text;
  types::OutputText(io_, io_.types->GetType(type), value, text);
  return text;
}

std::string JsonEncoder::DateTimeText(Oid type, const Datum& value) const {
  types::IoSettings iso = *io_.settings;
  iso.date_style = types::DateStyle::kIso;
  types::IoContext io = io_;
  io.settings = &iso;
  const types::TypeInfo& base = io_.types->GetBaseType(type);
  std::string text;
  types::OutputText(io, base, value, text);
  size_t space = text.find(' ');
  if (base.oid == types::oids::kDate || space == std::string::npos) return text;
  text[space] = 'T';
  if (base.oid != types::oids::kTimestamptz) return text;
  size_t zone = text.find_first_of("+-", space);
  size_t zone_end = text.find(' ', space);
  if (zone_end == std::string::npos) zone_end = text.size();
  if (zone != std::string::npos && zone_end - zone == 3) text.insert(zone_end, ":00");
  return text;
}

void JsonEncoder::Append(Oid type, const Datum& value, std::string& to) const {
  if (value.is_null()) {
    to += "null";
    return;
  }
  switch (JsonCategoryOf(*io_.types, type)) {
    case JsonCategory::kBool: to += value.As<bool>() ? "true" : "false"; break;
    case JsonCategory::kNumber: {
      std::string text = TextOf(type, value);
      if (types::IsJsonNumber(text)) {
        to += text;
      } else {
        types::AppendJsonString(text, to);
      }
      break;
    }
    case JsonCategory::kDateTime:
      to += '"';
      to += DateTimeText(type, value);
      to += '"';
      break;
    case JsonCategory::kJson: to += value.As<std::string_view>(); break;
    case JsonCategory::kJsonb:
      types::AppendJsonb(Jsonb(value.As<std::string_view>()), to);
      break;
    case JsonCategory::kArray: AppendArray(value, false, to); break;
    case JsonCategory::kRow: AppendRow(value, false, to); break;
    case JsonCategory::kOther: types::AppendJsonString(TextOf(type, value), to); break;
  }
}

std::string JsonEncoder::KeyText(Oid type, const Datum& value) const {
  switch (JsonCategoryOf(*io_.types, type)) {
    case JsonCategory::kBool: return value.As<bool>() ? "true" : "false";
    case JsonCategory::kDateTime: return DateTimeText(type, value);
    case JsonCategory::kJson:
    case JsonCategory::kJsonb:
    case JsonCategory::kArray:
    case JsonCategory::kRow: ThrowBadKey();
    default: return TextOf(type, value);
  }
}

void JsonEncoder::AppendKey(Oid type, const Datum& value, std::string& to) const {
  types::AppendJsonString(KeyText(type, value), to);
}

void JsonEncoder::AppendArray(const Datum& value, bool pretty, std::string& to) const {
  ArrayReader array(value.As<std::string_view>());
  if (array.empty()) {
    to += "[]";
    return;
  }
  int last = array.dimensions() - 1;
  int32_t index[types::kMaxArrayDimensions] = {};
  to.append(static_cast<size_t>(array.dimensions()), '[');
  for (int32_t i = 0; i < array.size(); ++i) {
    Append(array.element_type(), array.At(i), to);
    int d = last;
    while (d >= 0 && ++index[d] == array.shape().lengths[d]) {
      index[d--] = 0;
      to += ']';
    }
    if (d < 0) break;
    to += pretty && d == 0 ? ",\n " : ",";
    to.append(static_cast<size_t>(last - d), '[');
  }
}

void JsonEncoder::AppendRow(const Datum& value, bool pretty, std::string& to) const {
  RecordReader row(value.As<std::string_view>());
  to += '{';
  int count = FieldCount(*io_.types, row);
  for (int i = 0; i < count; ++i) {
    if (i > 0) to += pretty ? ",\n " : ",";
    types::AppendJsonString(FieldName(*io_.types, row, i), to);
    to += ':';
    if (row.IsNull(i)) {
      to += "null";
    } else {
      Append(row.field_type(i), row.At(i), to);
    }
  }
  to += '}';
}

void JsonEncoder::Build(Oid type, const Datum& value, types::JsonbBuilder& builder) const {
  if (value.is_null()) return builder.Add(Jsonb());
  switch (JsonCategoryOf(*io_.types, type)) {
    case JsonCategory::kBool: return builder.Add(Jsonb::Bool(value.As<bool>()));
    case JsonCategory::kNumber: {
      std::string text = TextOf(type, value);
      if (!types::IsJsonNumber(text)) return builder.Add(Jsonb::String(text));
      base::Arena scratch;
      return builder.Add(Jsonb::Number(types::ParseNumeric(text, -1, scratch)));
    }
    case JsonCategory::kDateTime: return builder.Add(Jsonb::String(DateTimeText(type, value)));
    case JsonCategory::kJson: return BuildFromText(value.As<std::string_view>(), builder);
    case JsonCategory::kJsonb: return builder.Add(Jsonb(value.As<std::string_view>()));
    case JsonCategory::kArray: return BuildArray(value, builder);
    case JsonCategory::kRow: return BuildRow(value, builder);
    case JsonCategory::kOther: return builder.Add(Jsonb::String(TextOf(type, value)));
  }
}

void JsonEncoder::BuildFromText(std::string_view json, types::JsonbBuilder& builder) const {
  base::Arena scratch;
  builder.Add(Jsonb(types::ParseJsonb(json, scratch)));
}

void JsonEncoder::BuildArray(const Datum& value, types::JsonbBuilder& builder) const {
  ArrayReader array(value.As<std::string_view>());
  builder.BeginArray();
  if (array.empty()) return builder.End();
  int last = array.dimensions() - 1;
  int32_t index[types::kMaxArrayDimensions] = {};
  for (int d = 0; d < last; ++d) builder.BeginArray();
  for (int32_t i = 0; i < array.size(); ++i) {
    Build(array.element_type(), array.At(i), builder);
    int d = last;
    while (d >= 0 && ++index[d] == array.shape().lengths[d]) {
      index[d--] = 0;
      builder.End();
    }
    if (d < 0) break;
    for (int open = d; open < last; ++open) builder.BeginArray();
  }
}

void JsonEncoder::BuildRow(const Datum& value, types::JsonbBuilder& builder) const {
  RecordReader row(value.As<std::string_view>());
  builder.BeginObject();
  int count = FieldCount(*io_.types, row);
  for (int i = 0; i < count; ++i) {
    builder.Key(FieldName(*io_.types, row, i));
    if (row.IsNull(i)) {
      builder.Add(Jsonb());
    } else {
      Build(row.field_type(i), row.At(i), builder);
    }
  }
  builder.End();
}

}  // namespace sundog::functions
