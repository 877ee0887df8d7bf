#include "control/api/routes.h"

#include <utility>

#include "auth/sigv4.h"

namespace sundog::control {

namespace {

struct Row {
  std::string_view method;
  std::string_view pattern;
  Operation operation;
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

std::optional<Route> FindRoute(std::string_view method, std::string_view path) {
  for (const Row& row : kRows) {
    if (row.method != method) continue;
    if (auto parameters = Match(row.pattern, path)) {
      return Route{row.operation, std::move(*parameters)};
    }
  }
  return std::nullopt;
}

}  // namespace sundog::control
