// Which product's rules hold in a tenant.
#pragma once

#include <cstdint>

namespace sundog::session {

enum class Profile : uint8_t {
  kPostgres,  // all that Sundog can do
  kDsql,      // what Amazon Aurora DSQL refuses is refused, its limits hold
};

}  // namespace sundog::session
