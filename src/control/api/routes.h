// Which operation a method and path name: a table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/api/operations.h"

namespace sundog::control {

using PathParameters = std::map<std::string, std::string, std::less<>>;

struct Route {
  Operation operation = nullptr;
  Maker maker = nullptr;  // in its place
  // Tokens may ask for it; else signed requests alone.
  bool takes_tokens = false;
  PathParameters parameters;  // decoded
};

// The document that describes them all, api/openapi.json; everybody may read it, at kOpenApiPath.
inline constexpr std::string_view kOpenApiPath = "/openapi.json";
std::string_view OpenApiDocument();

// Each route's method and path, as the table has them.
std::vector<std::pair<std::string_view, std::string_view>> RoutePatterns();

// Null: there is no such operation. `path` as sent, without the query.
std::optional<Route> FindRoute(std::string_view method, std::string_view path);

}  // namespace sundog::control
