#include "control/api/call.h"

#include <fmt/format.h>

#include "auth/policy.h"
#include "base/check.h"
#include "control/api/api_error.h"
#include "control/api/fields.h"

namespace sundog::control {

std::string Call::ClusterArn(std::string_view id) const {
  return fmt::format("arn:aws:dsql:{}:{}:cluster/{}", caller.region, identities.account(), id);
}

std::string Call::HostName() const {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

std::optional<std::string> Call::Query(std::string_view name) const {
  std::optional<std::string> found;
  for (const auth::NamedValue& parameter : query) {
    if (parameter.name != name) continue;
    if (found) {
      throw ApiError::Fields({{std::string(name), fmt::format("{} is given twice.", name)}});
    }
    found = parameter.value;
  }
  return found;
}

std::string Call::QueryClientToken() const {
  std::optional<std::string> token = Query("client-token");
  if (!token) return "";
  if (auto problem = ClientTokenProblem(*token)) {
    throw ApiError::Fields({{"clientToken", *problem}});
  }
  return *token;
}

const std::string& Call::Identifier() const {
  auto found = path.find("identifier");
  CHECK(found != path.end());
  if (!IsClusterId(found->second)) {
    throw ApiError::Fields(
        {{"identifier", "A cluster's identifier must be 26 characters of a-z and 0-9."}});
  }
  return found->second;
}

void Call::Authorize(std::string_view action, std::string_view resource,
                     const Cluster* cluster) const {
  const auth::Policy* of_cluster = cluster == nullptr ? nullptr : cluster->parsed_policy.get();
  auth::Verdict verdict =
      auth::Judge(*caller.policies, of_cluster, caller.arn, action, resource);
  if (verdict == auth::Verdict::kAllowed) return;
  throw ApiError::AccessDenied(auth::DescribeRefusal(verdict, caller.arn, action, resource));
}

ClusterPtr Call::AuthorizedCluster(std::string_view action, std::string_view id) const {
  ClusterPtr cluster = clusters.Get(id);
  Authorize(action, ClusterArn(id), cluster.get());
  if (cluster == nullptr) {
    throw ApiError::NotFound(fmt::format("The cluster {} does not exist.", id), id,
                             resource_type::kCluster);
  }
  return cluster;
}

}  // namespace sundog::control
