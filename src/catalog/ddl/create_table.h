// CREATE TABLE, and columns as it and ALTER TABLE ADD COLUMN make them.
#pragma once

#include "catalog/catalog_writer.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

// kInvalidOid if IF NOT EXISTS found a relation of that name.
Oid CreateTable(CatalogWriter& writer, const TableSpec& spec);

// 42701, 42P16: names and types that no column may have.
void CheckColumn(const CatalogWriter& writer, std::string_view name, SqlType type,
                 int location = -1);
// The column without its attnum. The sequence of SERIAL and IDENTITY is made here; it gets its
// owner with OwnSequence once the column is there.
ColumnDescriptor MakeColumn(CatalogWriter& writer, const ColumnSpec& spec, Oid schema,
                            std::string_view table_name, Oid* sequence);
void OwnSequence(CatalogWriter& writer, Oid sequence, Oid table, int16_t attnum);

}  // namespace sundog::catalog::ddl
