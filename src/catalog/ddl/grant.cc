// GRANT and REVOKE of privileges on objects.
#include <fmt/format.h>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/ddl/alter_object.h"
#include "catalog/ddl/permission.h"
#include "catalog/names.h"

namespace sundog::catalog::ddl {

namespace {

// Whoever grants needs grant options for all of it; owners (and superusers on their behalf) have.
Oid ChooseGrantor(const CatalogWriter& writer, const Acl& acl, const GrantSpec& spec, Oid owner,
                  uint32_t privileges, std::string_view described) {
  if (IsOwner(writer, owner)) return owner;
  if (HasPrivileges(writer.catalog(), acl, spec.kind, owner, writer.role(), privileges, true)) {
    return writer.role();
  }
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 fmt::format("permission denied for {}", described));
}

void ApplyTo(const CatalogWriter& writer, const GrantSpec& spec, Acl& acl, Oid owner,
             std::string_view described) {
  uint32_t privileges = spec.privileges != 0 ? spec.privileges : AllPrivileges(spec.kind);
  if ((privileges & ~AllPrivileges(spec.kind)) != 0) {
    uint32_t wrong = privileges & ~AllPrivileges(spec.kind);
    auto first = static_cast<Privilege>(wrong & (~wrong + 1));
    throw SqlError(sqlstate::kInvalidGrantOperation,
                   fmt::format("invalid privilege type {} for {}", PrivilegeName(first),
                               described.substr(0, described.find(' '))));
  }
  Oid grantor = ChooseGrantor(writer, acl, spec, owner, privileges, described);
  for (Oid grantee : spec.grantees) {
    AclItem item{grantee, grantor, privileges, spec.grant_option ? privileges : 0};
    if (spec.grant) {
      if (grantee == kInvalidOid && spec.grant_option) {
        throw SqlError(sqlstate::kInvalidGrantOperation,
                       "grant options can only be granted to roles");
      }
      Grant(acl, spec.kind, owner, item);
    } else {
      Revoke(acl, spec.kind, owner, item, spec.grant_option);
    }
  }
}

template <typename Descriptor>
void ApplyToDescriptor(CatalogWriter& writer, const GrantSpec& spec, Descriptor descriptor,
                       std::string_view described) {
  ApplyTo(writer, spec, descriptor.acl, descriptor.owner, described);
  writer.Put(std::move(descriptor));
}

}  // namespace

void ApplyGrant(CatalogWriter& writer, const GrantSpec& spec) {
  const Catalog& catalog = writer.catalog();
  const CatalogContents& contents = catalog.contents();
  Oid oid = spec.object.object;
  std::string described = DescribeObject(catalog, writer.search_path(), spec.object);
  auto apply = [&](const auto& descriptor) {
    ApplyToDescriptor(writer, spec, descriptor, described);
  };
  if (spec.object.class_oid == classes::kNamespace) {
    if (const auto* found = contents.schemas.Get(oid)) return apply(*found);
  } else if (spec.object.class_oid == classes::kProc) {
    if (const auto* found = contents.functions.Get(oid)) return apply(*found);
  } else if (spec.object.class_oid == classes::kType) {
    if (const auto* found = contents.enums.Get(oid)) return apply(*found);
    if (const auto* found = contents.domains.Get(oid)) return apply(*found);
    if (const auto* found = contents.composites.Get(oid)) return apply(*found);
  } else if (spec.object.class_oid == classes::kClass) {
    const Relation relation = *catalog.FindRelation(oid);
    if (spec.object.sub_object != 0 && relation.table != nullptr) {
      TableDescriptor table = *relation.table;
      ApplyTo(writer, spec, table.columns[spec.object.sub_object - 1].acl, table.owner, described);
      return writer.Put(std::move(table));
    }
    if (relation.kind == 'r' && relation.table != nullptr) return apply(*relation.table);
    if (relation.view != nullptr) return apply(*relation.view);
    if (relation.sequence != nullptr) return apply(*relation.sequence);
  }
  base::ThrowNotSupported(fmt::format("changing privileges of {}", described));
}

}  // namespace sundog::catalog::ddl
