// Which operation a method and path name: a table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "control/api/operations.h"

namespace sundog::control {

using PathParameters = std::map<std::string, std::string, std::less<>>;

struct Route {
  Operation operation = nullptr;
  PathParameters parameters;  // decoded
};

// Null: there is no such operation. `path` as sent, without the query.
std::optional<Route> FindRoute(std::string_view method, std::string_view path);

}  // namespace sundog::control
