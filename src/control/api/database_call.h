// Which database a call is about, and whether it may be.
#pragma once

#include <string_view>

#include "control/api/call.h"

namespace sundog::control {

// Whoever may connect as admin may do what admin may.
inline constexpr std::string_view kAsAdmin = "dsql:DbConnectAdmin";

// The database that a part of the path names, by name or identifier, with the right to do the
// action. To a token there are the databases that it is for, and no others.
ClusterPtr Named(const Call& call, std::string_view action, std::string_view part = "database");
ClusterPtr NamedAndActive(const Call& call, std::string_view action = kAsAdmin);

}  // namespace sundog::control
