// Whom a table's policies hold for.
#pragma once

#include <vector>

#include "catalog/catalog.h"

namespace sundog::catalog {

// Whether the table has row-level security that is not `role`'s to overlook: superusers and roles
// with BYPASSRLS do, and owners unless it is FORCEd.
bool PoliciesHoldFor(const Catalog& catalog, const TableDescriptor& table, Oid role);

// Those for a command (as pg_policy's polcmd) and a role, restrictive ones by name.
struct RolePolicies {
  std::vector<const PolicyDescriptor*> permissive;
  std::vector<const PolicyDescriptor*> restrictive;
};
RolePolicies PoliciesFor(const Catalog& catalog, const TableDescriptor& table, char command,
                         Oid role);

}  // namespace sundog::catalog
