// PutClusterPolicy, GetClusterPolicy, DeleteClusterPolicy.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <charconv>

#include "auth/policy.h"
#include "control/api/api_error.h"
#include "control/api/fields.h"
#include "control/api/operations.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

std::optional<uint64_t> ReadVersion(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  uint64_t version = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), version);
  if (error != std::errc() || end != text->data() + text->size()) {
    throw ApiError::Fields({{"expectedPolicyVersion", "expectedPolicyVersion must be a number."}});
  }
  return version;
}

json::object VersionOf(const Cluster& cluster) {
  return {{"policyVersion", std::to_string(cluster.policy_version)}};
}

}  // namespace

void RequireNoLockout(const Call& call, const std::string& policy,
                      const std::string& cluster_arn) {
  constexpr std::string_view kChange = "dsql:PutClusterPolicy";
  try {
    auth::Policy parsed = auth::Policy::ParseOfResource(policy);
    if (auth::Judge(*call.caller.policies, &parsed, call.caller.arn, kChange, cluster_arn) ==
        auth::Verdict::kAllowed) {
      return;
    }
  } catch (const auth::PolicyError& error) {
    throw ApiError::Fields({{"policy", error.what()}});
  }
  throw ApiError::Fields(
      {{"policy",
        "With this policy you could not change it any more; bypassPolicyLockoutSafetyCheck puts it "
        "all the same."}});
}

json::object PutClusterPolicy(Call& call) {
  const std::string& id = call.Identifier();
  Fields fields(call.body);
  fields.Require("policy");
  std::optional<std::string> policy = fields.Text("policy", 1, auth::kMaxPolicyBytes);
  std::optional<std::string> expected = fields.Text("expectedPolicyVersion", 1, 20);
  bool may_lock_out = fields.Flag("bypassPolicyLockoutSafetyCheck").value_or(false);
  std::string token = fields.ClientToken();
  (void)call.AuthorizedCluster("dsql:PutClusterPolicy", id);
  fields.Finish();
  if (!may_lock_out) RequireNoLockout(call, *policy, call.ClusterArn(id));
  return VersionOf(*call.clusters.SetPolicy(id, policy, ReadVersion(expected), token));
}

json::object GetClusterPolicy(Call& call) {
  ClusterPtr cluster = call.AuthorizedCluster("dsql:GetClusterPolicy", call.Identifier());
  if (cluster->policy.empty()) {
    throw ApiError::NotFound(fmt::format("The cluster {} has no policy.", cluster->id),
                             cluster->id, resource_type::kClusterPolicy);
  }
  json::object members = VersionOf(*cluster);
  members["policy"] = cluster->policy;
  return members;
}

json::object DeleteClusterPolicy(Call& call) {
  const std::string& id = call.Identifier();
  std::optional<uint64_t> expected = ReadVersion(call.Query("expected-policy-version"));
  std::string token = call.QueryClientToken();
  (void)call.AuthorizedCluster("dsql:DeleteClusterPolicy", id);
  return VersionOf(*call.clusters.SetPolicy(id, std::nullopt, expected, token));
}

}  // namespace sundog::control
