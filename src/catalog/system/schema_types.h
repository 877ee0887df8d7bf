// What information_schema says of types: names, lengths, precisions.
#pragma once

#include <optional>
#include <string>

#include "catalog/system/rows.h"

namespace sundog::catalog::system {

std::optional<int32_t> CharacterMaximumLength(SqlType type);
std::optional<int32_t> CharacterOctetLength(SqlType type);
std::optional<int32_t> NumericPrecision(SqlType type);
std::optional<int32_t> NumericPrecisionRadix(SqlType type);
std::optional<int32_t> NumericScale(SqlType type);
std::optional<int32_t> DatetimePrecision(SqlType type);
std::optional<std::string> IntervalType(const Catalog& catalog, SqlType type);
// "integer", "ARRAY", "USER-DEFINED".
std::string DataTypeName(const Catalog& catalog, Oid type);

// A column, attribute, parameter or domain with its type; `declared` may be a domain.
struct TypedItem {
  SqlType declared;
  Oid collation = kInvalidOid;
};
// A domain's base type and modifier; any other type itself.
SqlType TrueType(const Catalog& catalog, SqlType type);

void OptionalInt4(std::optional<int32_t> value, Cell& cell);
void DatabaseName(Cell& cell);
void SchemaName(Oid schema, Cell& cell);

// Names of a collation other than the default one.
void CollationCatalog(Oid collation, Cell& cell);
void CollationSchema(Oid collation, Cell& cell);
void CollationName(Oid collation, Cell& cell);

}  // namespace sundog::catalog::system
