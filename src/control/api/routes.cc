#include "control/api/routes.h"

#include <utility>

#include "auth/sigv4.h"

extern "C" const char sundog_openapi[];
extern "C" const char sundog_openapi_end[];

namespace sundog::control {

namespace {

struct Row {
  std::string_view method;
  std::string_view pattern;
  Operation operation;
  Maker maker = nullptr;
  bool takes_tokens = false;
};

constexpr Row kRows[] = {
    {"POST", "/cluster", CreateCluster},
    {"GET", "/cluster", ListClusters},
    {"GET", "/cluster/{identifier}", GetCluster},
    {"POST", "/cluster/{identifier}", UpdateCluster},
    {"DELETE", "/cluster/{identifier}", DeleteCluster},
    {"POST", "/cluster/{identifier}/policy", PutClusterPolicy},
    {"GET", "/cluster/{identifier}/policy", GetClusterPolicy},
    {"DELETE", "/cluster/{identifier}/policy", DeleteClusterPolicy},
    {"GET", "/clusters/{identifier}/vpc-endpoint-service-name", RefuseVpcEndpoints},
    {"POST", "/tags/{resourceArn}", TagResource},
    {"DELETE", "/tags/{resourceArn}", UntagResource},
    {"GET", "/tags/{resourceArn}", ListTagsForResource},
    {"POST", "/stream/{identifier}", RefuseStreams},
    {"GET", "/stream/{identifier}", RefuseStreams},
    {"GET", "/stream/{identifier}/{streamIdentifier}", RefuseStreams},
    {"DELETE", "/stream/{identifier}/{streamIdentifier}", RefuseStreams},
    // Sundog's own.
    {"POST", "/customer/databases", CreateDatabase},
    {"GET", "/customer/databases", ListDatabases},
    {"GET", "/customer/databases/{database}", GetDatabase, nullptr, true},
    {"DELETE", "/customer/databases/{database}", DeleteDatabase},
    {"POST", "/customer/databases/{database}/branches", CreateBranch},
    {"GET", "/customer/databases/{database}/branches", ListBranches},
    {"DELETE", "/customer/databases/{database}/branches/{branch}", DeleteBranch},
    {"POST", "/customer/databases/{database}/reset-password", ResetDatabasePassword},
    {"GET", "/customer/databases/{database}/users", ListDatabaseUsers},
    {"POST", "/customer/databases/{database}/users", CreateDatabaseUser},
    {"DELETE", "/customer/databases/{database}/users/{user}", DeleteDatabaseUser},
    {"POST", "/customer/databases/{database}/sql", nullptr, RunSql, true},
    {"GET", "/customer/databases/{database}/schema", nullptr, ShowSchema, true},
    {"GET", "/customer/databases/{database}/metrics", ShowMetrics, nullptr, true},
    {"POST", "/customer/tokens", CreateToken},
    {"GET", "/customer/tokens", ListTokens},
    {"DELETE", "/customer/tokens/{token}", RevokeToken},
    {"POST", "/iam/create-principal", CreatePrincipal},
    {"POST", "/iam/list-principals", ListPrincipals},
    {"POST", "/iam/delete-principal", DeletePrincipal},
    {"POST", "/iam/create-access-key", CreateAccessKey},
    {"POST", "/iam/list-access-keys", ListAccessKeys},
    {"POST", "/iam/delete-access-key", DeleteAccessKey},
    {"POST", "/iam/put-policy", PutPolicy},
    {"POST", "/iam/get-policy", GetPolicy},
    {"POST", "/iam/list-policies", ListPolicies},
    {"POST", "/iam/delete-policy", DeletePolicy},
};

// Up to the next slash; both begin with one.
std::string_view TakeSegment(std::string_view& path) {
  size_t end = path.find('/', 1);
  std::string_view segment = path.substr(1, end == std::string_view::npos ? end : end - 1);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end);
  return segment;
}

// Segment by segment, so that an encoded slash is part of a parameter.
std::optional<PathParameters> Match(std::string_view pattern, std::string_view path) {
  PathParameters parameters;
  while (!pattern.empty()) {
    if (!path.starts_with('/')) return std::nullopt;
    std::string_view wanted = TakeSegment(pattern);
    std::string_view got = TakeSegment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != got) return std::nullopt;
      continue;
    }
    std::optional<std::string> decoded = auth::UriDecode(got);
    if (!decoded || decoded->empty()) return std::nullopt;
    parameters[std::string(wanted.substr(1, wanted.size() - 2))] = std::move(*decoded);
  }
  if (!path.empty()) return std::nullopt;
  return parameters;
}

}  // namespace

std::string_view OpenApiDocument() {
  return {sundog_openapi, static_cast<size_t>(sundog_openapi_end - sundog_openapi)};
}

std::vector<std::pair<std::string_view, std::string_view>> RoutePatterns() {
  std::vector<std::pair<std::string_view, std::string_view>> patterns;
  for (const Row& row : kRows) patterns.emplace_back(row.method, row.pattern);
  return patterns;
}

std::optional<Route> FindRoute(std::string_view method, std::string_view path) {
  for (const Row& row : kRows) {
    if (row.method != method) continue;
    if (auto parameters = Match(row.pattern, path)) {
      return Route{row.operation, row.maker, row.takes_tokens, std::move(*parameters)};
    }
  }
  return std::nullopt;
}

}  // namespace sundog::control
