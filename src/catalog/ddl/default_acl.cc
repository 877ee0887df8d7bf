// ALTER DEFAULT PRIVILEGES.
#include "catalog/default_acl.h"

#include "base/sql_error.h"
#include "catalog/ddl/alter_object.h"

namespace sundog::catalog::ddl {

void ChangeDefaultAcl(CatalogWriter& writer, const GrantSpec& spec, Oid role, Oid schema) {
  char kind = DefaultAclKind(spec.kind);
  if (schema != kInvalidOid && spec.kind == AclObject::kSchema) {
    throw SqlError(sqlstate::kInvalidGrantOperation,
                   "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS");
  }
  // What holds in a schema comes on top, and so begins with nothing.
  std::vector<AclItem> usual;
  if (schema == kInvalidOid) usual = DefaultAcl(spec.kind, role);
  const DefaultAclDescriptor* old = FindDefaultAcl(writer.catalog(), role, schema, kind);
  DefaultAclDescriptor changed;
  if (old != nullptr) {
    changed = *old;
  } else {
    changed.role = role;
    changed.schema = schema;
    changed.object = kind;
    changed.acl = {false, usual};
  }
  uint32_t privileges = spec.privileges != 0 ? spec.privileges : AllPrivileges(spec.kind);
  ChangeAcl(spec, changed.acl, role, role, privileges);
  SortAcl(changed.acl.items);
  SortAcl(usual);
  if (changed.acl.items != usual) {
    if (old == nullptr) changed.oid = writer.NewOid(schema);
    writer.Put(std::move(changed));
  } else if (old != nullptr) {
    writer.DropDefaultAcl(old->oid);
  }
}

}  // namespace sundog::catalog::ddl
