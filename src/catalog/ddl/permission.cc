#include "catalog/ddl/permission.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

void CheckMayCreateIn(const CatalogWriter& writer, Oid schema) {
  const SchemaDescriptor* found = writer.catalog().FindSchema(schema);
  if (found == nullptr || IsTemporaryOid(schema)) return;
  if (!HasPrivileges(writer.catalog(), found->acl, AclObject::kSchema, found->owner, writer.role(),
                     kCreate)) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied for schema {}", found->name));
  }
}

bool IsOwner(const CatalogWriter& writer, Oid owner) {
  return writer.catalog().IsMemberOf(writer.role(), owner);
}

void CheckOwns(const CatalogWriter& writer, Oid owner, std::string_view kind,
               std::string_view name) {
  if (IsOwner(writer, owner)) return;
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 fmt::format("must be owner of {} {}", kind, name));
}

void CheckOwnsRelation(const CatalogWriter& writer, const Relation& relation) {
  if (relation.system != nullptr) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied: \"{}\" is a system catalog", relation.name));
  }
  std::string_view kind = relation.kind == 'c' ? "type" : RelationKindName(relation.kind);
  CheckOwns(writer, relation.owner(), kind, relation.name);
}

void CheckOwnsSchema(const CatalogWriter& writer, const SchemaDescriptor& schema) {
  CheckOwns(writer, schema.owner, "schema", schema.name);
}

}  // namespace sundog::catalog::ddl
