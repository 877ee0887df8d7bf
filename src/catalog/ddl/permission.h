// Who may change what: ownership and the privilege to create in a schema.
#pragma once

#include <string_view>

#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

// 42501 `permission denied for schema s`; `role`: who needs CREATE, else the current one.
void CheckMayCreateIn(const CatalogWriter& writer, Oid schema, Oid role = kInvalidOid);
// 42501 `must be owner of table t`; superusers own all. System tables: `permission denied: "x" is
// a system catalog`.
void CheckOwnsRelation(const CatalogWriter& writer, const Relation& relation);
void CheckOwnsSchema(const CatalogWriter& writer, const SchemaDescriptor& schema);
void CheckOwns(const CatalogWriter& writer, Oid owner, std::string_view kind,
               std::string_view name);
bool IsOwner(const CatalogWriter& writer, Oid owner);
// 42501 `must be member of role "r"`.
void CheckMemberOf(const CatalogWriter& writer, Oid role);
// CREATE on the database. 42501 `permission denied for database d`.
void CheckMayCreateSchemas(const CatalogWriter& writer);
// 42501 `permission denied for type t`; of arrays, their elements decide.
void CheckMayUseType(const CatalogWriter& writer, Oid type);
// Superusers, and roles with CREATEROLE.
bool MayManageRoles(const CatalogWriter& writer);

}  // namespace sundog::catalog::ddl
