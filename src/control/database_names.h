// Names of databases: what users put before the dot of `name.admin`.
#pragma once

#include <string>
#include <string_view>

namespace sundog::base {
class Random;
}

namespace sundog::control {

// 1 to 63 of [a-z0-9-], neither beginning nor ending with a dash, and no cluster's id.
bool IsDatabaseName(std::string_view name);

// One to remember: "brave-tiger-42".
std::string MakeDatabaseName(base::Random& random);

}  // namespace sundog::control
