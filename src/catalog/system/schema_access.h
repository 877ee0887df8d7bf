// Which objects information_schema shows to the current role: those it owns or has a privilege on.
#pragma once

#include "catalog/acl.h"
#include "catalog/catalog.h"
#include "catalog/system/rows.h"

namespace sundog::catalog::system {

inline bool IsOwnedBy(const VirtualContext& context, Oid owner) {
  return context.catalog->IsMemberOf(context.services->current_role(), owner);
}

inline bool MayAccess(const VirtualContext& context, const Relation& relation,
                      uint32_t privileges) {
  if (IsOwnedBy(context, relation.owner())) return true;
  AclObject kind = relation.kind == 'S' ? AclObject::kSequence : AclObject::kRelation;
  return HasAnyPrivilege(*context.catalog, relation.acl(), kind, relation.owner(),
                         context.services->current_role(), privileges);
}

// Of a column: by the table's list or its own.
inline bool MayAccessColumn(const VirtualContext& context, const Relation& relation,
                            const ColumnDescriptor* column) {
  constexpr uint32_t kAny = kSelect | kInsert | kUpdate | kReferences;
  if (MayAccess(context, relation, kAny)) return true;
  return column != nullptr &&
         HasAnyPrivilege(*context.catalog, column->acl, AclObject::kColumn, relation.owner(),
                         context.services->current_role(), kAny);
}

// Any privilege but SELECT: what constraints are shown by.
inline bool MayChange(const VirtualContext& context, const Relation& relation) {
  return MayAccess(context, relation,
                   kInsert | kUpdate | kDelete | kTruncate | kReferences | kTrigger);
}

}  // namespace sundog::catalog::system
