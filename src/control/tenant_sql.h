// SQL of a cluster's role that comes in without a connection: what the HTTP API does with a
// database is done by statements, under the rights that the role has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/clusters.h"

namespace sundog::session {
class Engine;
struct SessionIdentity;
}  // namespace sundog::session

namespace sundog::control {

struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // as text; null: SQL's null
};

// Throws SqlError 28000 if the cluster has no such role.
session::SessionIdentity IdentityOf(session::Engine& engine, const Cluster& cluster,
                                    std::string_view role);

// The last result of the statements, whose names are found in pg_catalog alone. On a fiber of a
// reactor; may suspend. Throws what ended a statement, and what IdentityOf() does.
SqlRows RunAs(session::Engine& engine, const Cluster& cluster, std::string_view role,
              const std::string& sql);

}  // namespace sundog::control
