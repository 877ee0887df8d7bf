// What a new cluster begins with, beside what every catalog has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/object_address.h"
#include "control/clusters.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// The role that a token signed for DbConnectAdmin logs in as; its OID is Aurora DSQL's. Below the
// OIDs of users' objects: it cannot be dropped.
inline constexpr catalog::Oid kAdminRole = 15579;

// Role admin: no superuser, but it manages roles, owns schema public and may make others.
// The rows that a new tenant has it with, by key. `verifier`: of its password; empty: it has none.
std::vector<StoredRow> FirstRows(session::Engine& engine, uint32_t tenant,
                                 const std::string& verifier);

// Gives a tenant that role. Done once a tenant: what is there stays as it is. From any thread;
// commits, so it may suspend. Throws SqlError when the store fails.
void PrepareTenant(session::Engine& engine, uint32_t tenant);

}  // namespace sundog::control
