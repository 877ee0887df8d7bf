// Adding constraints to a table: checks, primary keys and unique constraints with their indexes,
// foreign keys. Rows are not looked at: validation and index entries are the executor's.
#pragma once

#include "catalog/catalog_writer.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

Oid AddCheck(CatalogWriter& writer, Oid table, const CheckSpec& spec);
// The index's OID. With `rows_by_key`, a primary key becomes the order in which rows are stored
// (only for a table that has no rows, or whose rows are rewritten).
Oid AddKey(CatalogWriter& writer, Oid table, const KeySpec& spec, bool rows_by_key);
Oid AddForeignKey(CatalogWriter& writer, Oid table, const ForeignKeySpec& spec);
// 42804 if a column of the key cannot be compared with the one that it refers to.
void CheckForeignKeyTypes(const CatalogWriter& writer, const TableDescriptor& table,
                          const ConstraintDescriptor& key, const TableDescriptor& referenced);

// 42710 `constraint "x" for relation "t" already exists`.
void CheckConstraintNameFree(const TableDescriptor& table, std::string_view name);

}  // namespace sundog::catalog::ddl
