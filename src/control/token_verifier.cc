#include "control/token_verifier.h"

#include <fmt/format.h>

#include <optional>

#include "base/check.h"
#include "base/clock.h"
#include "control/identities.h"

namespace sundog::control {

namespace {

constexpr std::string_view kWildcard = "*.";

// "*.example.com" and "db.example.com".
bool IsUnder(std::string_view wildcard, std::string_view name) {
  size_t dot = name.find('.');
  return wildcard.starts_with(kWildcard) && dot != std::string_view::npos && dot > 0 &&
         name.substr(dot) == wildcard.substr(1);
}

// As PrivateLink has it: ID.dsql-SERVICE.REGION.on.aws.
bool IsPrivateEndpoint(std::string_view name, std::string_view id, std::string_view region) {
  std::string prefix = fmt::format("{}.dsql-", id);
  std::string suffix = fmt::format(".{}.on.aws", region);
  return name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) &&
         name.ends_with(suffix) &&
         name.substr(0, name.size() - suffix.size()).find('.', prefix.size()) ==
             std::string_view::npos;
}

}  // namespace

TokenVerifier::TokenVerifier(Identities& identities, base::Clock& clock, auth::ServedNames names)
    : identities_(identities), clock_(clock), names_(std::move(names)) {
  CHECK(!names_.regions.empty());
}

std::vector<std::string> TokenVerifier::HostsOf(const auth::ClusterEntry& cluster,
                                                std::string_view region,
                                                std::string_view server_name) const {
  std::vector<std::string> hosts{fmt::format("{}.dsql.{}.on.aws", cluster.id, region)};
  if (IsPrivateEndpoint(server_name, cluster.id, region)) hosts.emplace_back(server_name);
  // A name that says which cluster it is for is good for that one only.
  std::string_view named = auth::ClusterIdOf(server_name);
  bool may_be_wildcard = named.empty() || named == cluster.id;
  for (const std::string& host : names_.hosts) {
    if (!host.starts_with(kWildcard)) {
      hosts.push_back(host);
    } else if (may_be_wildcard && IsUnder(host, server_name)) {
      hosts.emplace_back(server_name);
    }
  }
  return hosts;
}

auth::ConnectIdentity TokenVerifier::Verify(const auth::ClusterEntry& cluster,
                                            std::string_view user, std::string_view server_name,
                                            std::string_view token) {
  std::optional<auth::TokenRefusal> refusal;
  std::string account = identities_.account();
  for (const std::string& region : names_.regions) {
    std::string arn = fmt::format("arn:aws:dsql:{}:{}:cluster/{}", region, account, cluster.id);
    std::vector<std::string> hosts = HostsOf(cluster, region, server_name);
    auto verdict = auth::VerifyConnectToken(token, {user, region, arn, hosts, cluster.policy.get()},
                                            clock_.WallMicros() / 1'000'000, identities_);
    if (auto* identity = std::get_if<auth::ConnectIdentity>(&verdict)) return std::move(*identity);
    refusal = std::move(std::get<auth::TokenRefusal>(verdict));
    // It may be for another one of the regions.
    if (refusal->reason != auth::TokenRefusal::Reason::kScope) break;
  }
  auth::ThrowAccessDenied(*refusal);
}

}  // namespace sundog::control
