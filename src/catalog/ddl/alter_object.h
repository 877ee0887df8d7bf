// RENAME, OWNER TO, SET SCHEMA, GRANT and REVOKE: what most classes of object share. Stored SQL
// refers to objects by marks, so that none of these rewrites any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/acl.h"
#include "catalog/catalog_writer.h"

namespace sundog::catalog::ddl {

// Tables, indexes, views, sequences, composite types.
void RenameRelation(CatalogWriter& writer, Oid relation, std::string_view name);
void RenameColumn(CatalogWriter& writer, Oid relation, std::string_view from, std::string_view to);
// Of a key, its index too.
void RenameConstraint(CatalogWriter& writer, Oid table, std::string_view from, std::string_view to);
void RenameDomainConstraint(CatalogWriter& writer, Oid domain, std::string_view from,
                            std::string_view to);
void RenameType(CatalogWriter& writer, Oid type, std::string_view name);
void RenameSchema(CatalogWriter& writer, Oid schema, std::string_view name);
void RenameFunction(CatalogWriter& writer, Oid function, std::string_view name);
void RenameRole(CatalogWriter& writer, Oid role, std::string_view name);

// `object`: kClass (owned sequences and indexes go along), kType, kProc, kNamespace.
void ChangeOwner(CatalogWriter& writer, const ObjectAddress& object, Oid owner);
// The same as REASSIGN OWNED does it: relations and types without asking who may; extensions, too.
void ReassignObject(CatalogWriter& writer, const ObjectAddress& object, Oid owner);
void ChangeSchema(CatalogWriter& writer, const ObjectAddress& object, Oid schema);

struct GrantSpec {
  ObjectAddress object;  // with a column's attnum for column privileges
  AclObject kind = AclObject::kRelation;
  std::vector<Oid> grantees;  // kInvalidOid: PUBLIC
  uint32_t privileges = 0;    // 0: ALL
  bool grant = true;          // else REVOKE
  bool grant_option = false;  // WITH GRANT OPTION, or GRANT OPTION FOR
  bool cascade = false;       // REVOKE: also what has been granted on
};
void ApplyGrant(CatalogWriter& writer, const GrantSpec& spec);
// Of one list: for each grantee, `privileges` as `grantor` gives or takes them.
void ChangeAcl(const GrantSpec& spec, Acl& acl, Oid owner, Oid grantor, uint32_t privileges);
// ALTER DEFAULT PRIVILEGES FOR ROLE `role` IN SCHEMA `schema` (kInvalidOid: everywhere); of `spec`
// without its object.
void ChangeDefaultAcl(CatalogWriter& writer, const GrantSpec& spec, Oid role, Oid schema);

}  // namespace sundog::catalog::ddl
