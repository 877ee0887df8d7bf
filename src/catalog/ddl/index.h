// CREATE INDEX: the descriptor of an index; its entries are the executor's.
#pragma once

#include "catalog/catalog_writer.h"
#include "catalog/ddl/specs.h"

namespace sundog::catalog::ddl {

// Completes the index (names, operator classes, ordering, number) without adding it to a table.
// `table` may be one that the writer does not have yet.
IndexDescriptor MakeIndex(CatalogWriter& writer, const TableDescriptor& table,
                          const IndexSpec& spec, std::string name);
// kInvalidOid if IF NOT EXISTS found one of that name.
Oid CreateIndex(CatalogWriter& writer, const IndexSpec& spec);
// The operator class of a key of this type: the one asked for, or with kInvalidOid the type's
// default. Throws 42804 for one that does not take the type, 42704 if there is no default.
Oid RequireOpclass(const CatalogWriter& writer, Oid method, Oid opclass, SqlType type);
// After a backfill.
void SetIndexState(CatalogWriter& writer, Oid index, IndexState state);

// A copy of the descriptor to change and Put back.
TableDescriptor CopyTable(const CatalogWriter& writer, Oid table);

}  // namespace sundog::catalog::ddl
