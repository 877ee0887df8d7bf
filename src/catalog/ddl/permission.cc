#include "catalog/ddl/permission.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/acl.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

void CheckMayCreateIn(const CatalogWriter& writer, Oid schema, Oid role) {
  const SchemaDescriptor* found = writer.catalog().FindSchema(schema);
  if (found == nullptr) return;
  if (role == kInvalidOid) role = writer.role();
  const Catalog& catalog = writer.catalog();
  // Whoever may make temporary tables may make anything in the session's schema for them.
  bool may = IsTemporaryOid(schema)
                 ? HasPrivileges(catalog, DatabaseAcl(catalog, kPostgresDatabase),
                                 AclObject::kDatabase, kSuperuserRole, role, kTemporary)
                 : HasPrivileges(catalog, found->acl, AclObject::kSchema, found->owner, role,
                                 kCreate);
  if (!may) ThrowDenied("schema", found->name);
}

bool IsOwner(const CatalogWriter& writer, Oid owner) {
  return writer.catalog().HasPrivilegesOf(writer.role(), owner);
}

void CheckMemberOf(const CatalogWriter& writer, Oid role) {
  if (writer.catalog().IsMemberOf(writer.role(), role)) return;
  throw SqlError(
      sqlstate::kInsufficientPrivilege,
      fmt::format("must be member of role \"{}\"", writer.catalog().FindRole(role)->name));
}

void CheckMayCreateSchemas(const CatalogWriter& writer) {
  const Catalog& catalog = writer.catalog();
  if (!HasPrivileges(catalog, DatabaseAcl(catalog, kPostgresDatabase), AclObject::kDatabase,
                     kSuperuserRole, writer.role(), kCreate)) {
    ThrowDenied("database", writer.environment().database_name);
  }
}

void CheckMayUseType(const CatalogWriter& writer, Oid type) {
  const Catalog& catalog = writer.catalog();
  const types::TypeInfo* info = catalog.FindType(type);
  if (info != nullptr && info->is_array()) type = info->element;
  auto check = [&](const auto* descriptor) {
    if (descriptor == nullptr || HasPrivileges(catalog, descriptor->acl, AclObject::kType,
                                               descriptor->owner, writer.role(), kUsage)) {
      return;
    }
    ThrowDenied("type", TypeName(catalog, &writer.search_path(), {type, -1}));
  };
  check(catalog.contents().enums.Get(type));
  check(catalog.contents().domains.Get(type));
  check(catalog.contents().composites.Get(type));
}

bool MayManageRoles(const CatalogWriter& writer) {
  const RoleDescriptor* self = writer.catalog().FindRole(writer.role());
  return self != nullptr && (self->superuser || self->create_role);
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
