// Who may change what: ownership and the privilege to create in a schema.
#pragma once

#include <string_view>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

// 42501 `permission denied for schema s`.
void CheckMayCreateIn(const CatalogWriter& writer, Oid schema);
// 42501 `must be owner of table t`; superusers own all. System tables: `permission denied: "x" is
// a system catalog`.
void CheckOwnsRelation(const CatalogWriter& writer, const Relation& relation);
void CheckOwnsSchema(const CatalogWriter& writer, const SchemaDescriptor& schema);
void CheckOwns(const CatalogWriter& writer, Oid owner, std::string_view kind,
               std::string_view name);
bool IsOwner(const CatalogWriter& writer, Oid owner);

}  // namespace sundog::catalog::ddl
