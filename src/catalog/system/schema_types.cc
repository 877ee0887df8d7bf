#include "catalog/system/schema_types.h"

#include "catalog/builtin_objects.h"
#include "catalog/names.h"

namespace sundog::catalog::system {

namespace oids = types::oids;

using Number = std::optional<int32_t>;

Number CharacterMaximumLength(SqlType type) {
  if (type.typmod == -1) return std::nullopt;
  if (type.oid == oids::kBpchar || type.oid == oids::kVarchar) return type.typmod - 4;
  if (type.oid == oids::kBit || type.oid == oids::kVarbit) return type.typmod;
  return std::nullopt;
}

Number CharacterOctetLength(SqlType type) {
  constexpr int32_t kUnlimited = 1 << 30;
  constexpr int32_t kMaxBytesPerCharacter = 4;
  if (type.oid != oids::kText && type.oid != oids::kBpchar && type.oid != oids::kVarchar) {
    return std::nullopt;
  }
  if (type.typmod == -1) return kUnlimited;
  return (type.typmod - 4) * kMaxBytesPerCharacter;
}

Number NumericPrecision(SqlType type) {
  switch (type.oid) {
    case oids::kInt2: return 16;
    case oids::kInt4: return 32;
    case oids::kInt8: return 64;
    case oids::kFloat4: return 24;
    case oids::kFloat8: return 53;
    case oids::kNumeric:
      if (type.typmod == -1) return std::nullopt;
      return ((type.typmod - 4) >> 16) & 65535;
    default: return std::nullopt;
  }
}

Number NumericPrecisionRadix(SqlType type) {
  switch (type.oid) {
    case oids::kInt2:
    case oids::kInt4:
    case oids::kInt8:
    case oids::kFloat4:
    case oids::kFloat8: return 2;
    case oids::kNumeric: return 10;
    default: return std::nullopt;
  }
}

Number NumericScale(SqlType type) {
  switch (type.oid) {
    case oids::kInt2:
    case oids::kInt4:
    case oids::kInt8: return 0;
    case oids::kNumeric:
      if (type.typmod == -1) return std::nullopt;
      return (type.typmod - 4) & 65535;
    default: return std::nullopt;
  }
}

Number DatetimePrecision(SqlType type) {
  switch (type.oid) {
    case oids::kDate: return 0;
    case oids::kTime:
    case oids::kTimetz:
    case oids::kTimestamp:
    case oids::kTimestamptz: return type.typmod < 0 ? 6 : type.typmod;
    case oids::kInterval:
      return type.typmod < 0 || (type.typmod & 65535) == 65535 ? 6 : type.typmod & 65535;
    default: return std::nullopt;
  }
}

std::optional<std::string> IntervalType(const Catalog& catalog, SqlType type) {
  if (type.oid != oids::kInterval) return std::nullopt;
  std::string name = types::FormatType(catalog, type).substr(std::string_view("interval").size());
  if (size_t paren = name.find('('); paren != std::string::npos) name = name.substr(0, paren);
  while (name.starts_with(' ')) name = name.substr(1);
  if (name.empty()) return std::nullopt;
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

SqlType TrueType(const Catalog& catalog, SqlType type) {
  const types::TypeInfo* info = catalog.FindType(type.oid);
  return info != nullptr && info->kind_code == 'd' ? SqlType{info->base_type, info->base_typmod}
                                                   : type;
}

std::string DataTypeName(const Catalog& catalog, Oid type) {
  const types::TypeInfo* info = catalog.FindType(TrueType(catalog, {type, -1}).oid);
  if (info == nullptr) return "USER-DEFINED";
  if (info->element != kInvalidOid && info->length == -1) return "ARRAY";
  return info->schema == kPgCatalogSchema ? types::FormatType(catalog, {info->oid, -1})
                                          : "USER-DEFINED";
}

void OptionalInt4(Number value, Cell& cell) { value ? cell.Int4(*value) : cell.Null(); }

void DatabaseName(Cell& cell) { cell.Text(cell.services().database_name()); }

void SchemaName(Oid schema, Cell& cell) {
  const SchemaDescriptor* found = cell.catalog().FindSchema(schema);
  found != nullptr ? cell.Text(found->name) : cell.Null();
}

namespace {

const CollationInfo* ShownCollation(Oid collation) {
  if (collation == kInvalidOid || collation == kDefaultCollation) return nullptr;
  return BuiltinObjects::Get().FindCollation(collation);
}

}  // namespace

void CollationCatalog(Oid collation, Cell& cell) {
  ShownCollation(collation) != nullptr ? DatabaseName(cell) : cell.Null();
}
void CollationSchema(Oid collation, Cell& cell) {
  ShownCollation(collation) != nullptr ? cell.Text("pg_catalog") : cell.Null();
}
void CollationName(Oid collation, Cell& cell) {
  const CollationInfo* found = ShownCollation(collation);
  found != nullptr ? cell.Text(found->name) : cell.Null();
}

}  // namespace sundog::catalog::system
