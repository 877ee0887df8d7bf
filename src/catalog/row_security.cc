#include "catalog/row_security.h"

#include <algorithm>

namespace sundog::catalog {

bool PoliciesHoldFor(const Catalog& catalog, const TableDescriptor& table, Oid role) {
  if (!table.row_security || catalog.IsSuperuser(role)) return false;
  const RoleDescriptor* found = catalog.FindRole(role);
  if (found != nullptr && found->bypass_row_security) return false;
  return table.force_row_security || !catalog.HasPrivilegesOf(role, table.owner);
}

RolePolicies PoliciesFor(const Catalog& catalog, const TableDescriptor& table, char command,
                         Oid role) {
  RolePolicies found;
  for (const PolicyDescriptor& policy : table.policies) {
    if (policy.command != '*' && policy.command != command) continue;
    bool meant = std::any_of(policy.roles.begin(), policy.roles.end(), [&](Oid one) {
      return one == kInvalidOid || catalog.HasPrivilegesOf(role, one);
    });
    if (meant) (policy.permissive ? found.permissive : found.restrictive).push_back(&policy);
  }
  std::sort(found.restrictive.begin(), found.restrictive.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  return found;
}

}  // namespace sundog::catalog
