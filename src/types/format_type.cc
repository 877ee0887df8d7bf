// The SQL names of types, as format_type() writes them.
#include <fmt/format.h>

#include "types/identifier.h"
#include "types/type_info.h"

namespace sundog::types {

namespace {

// Types whose SQL name is not their pg_type.typname. `suffix` follows the modifier.
struct SqlName {
  Oid oid;
  std::string_view name;
  std::string_view suffix;
};

constexpr SqlName kSqlNames[] = {
    {oids::kBit, "bit", ""},
    {oids::kBool, "boolean", ""},
    {oids::kBpchar, "character", ""},
    {oids::kCharInternal, "\"char\"", ""},
    {oids::kFloat4, "real", ""},
    {oids::kFloat8, "double precision", ""},
    {oids::kInt2, "smallint", ""},
    {oids::kInt4, "integer", ""},
    {oids::kInt8, "bigint", ""},
    {oids::kInterval, "interval", ""},
    {oids::kNumeric, "numeric", ""},
    {oids::kTime, "time", " without time zone"},
    {oids::kTimetz, "time", " with time zone"},
    {oids::kTimestamp, "timestamp", " without time zone"},
    {oids::kTimestamptz, "timestamp", " with time zone"},
    {oids::kVarbit, "bit varying", ""},
    {oids::kVarchar, "character varying", ""},
};

std::string Modifier(const TypeInfo& type, int32_t typmod) {
  if (typmod < 0) return "";
  if (type.ops != nullptr && type.ops->typmod_out != nullptr) return type.ops->typmod_out(typmod);
  return fmt::format("({})", typmod);
}

bool TakesModifier(const TypeInfo& type) {
  return type.ops != nullptr && type.ops->typmod_out != nullptr;
}

// int2vector and oidvector are arrays but for their names.
bool IsNamedArray(const TypeInfo& type) {
  return type.oid == oids::kInt2vector || type.oid == oids::kOidvector;
}

std::string FormatScalar(const TypeInfo& type, int32_t typmod) {
  for (const SqlName& row : kSqlNames) {
    if (row.oid != type.oid) continue;
    std::string modifier = TakesModifier(type) ? Modifier(type, typmod) : "";
    // The modifiers of the date/time types may bring their zone words themselves.
    if (modifier.ends_with(row.suffix)) return std::string(row.name) + modifier;
    return std::string(row.name) + modifier + std::string(row.suffix);
  }
  return QuoteIdentifier(type.name) + Modifier(type, typmod);
}

}  // namespace

std::string FormatType(const TypeLookup& types, SqlType type) {
  if (type.oid == kInvalidOid) return "-";
  const TypeInfo* info = types.FindType(type.oid);
  if (info == nullptr) return "???";
  if (info->is_array() && !IsNamedArray(*info)) {
    const TypeInfo* element = types.FindType(info->element);
    if (element == nullptr) return "???[]";
    return FormatScalar(*element, type.typmod) + "[]";
  }
  return FormatScalar(*info, type.typmod);
}

}  // namespace sundog::types
