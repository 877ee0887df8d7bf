#include "auth/route.h"

#include <fmt/format.h>

#include <utility>

namespace sundog::auth {

std::optional<TenantUser> SplitUserName(std::string_view user) {
  size_t sign = user.find_first_of(".:");
  if (sign == std::string_view::npos || sign == 0 || sign + 1 == user.size()) return std::nullopt;
  return TenantUser{user.substr(0, sign), user.substr(sign + 1)};
}

Route FindRoute(CredentialSource& source, std::string_view cluster_id, std::string_view user) {
  Route route;
  std::optional<TenantUser> named;
  if (cluster_id.empty()) named = SplitUserName(user);
  if (named) {
    route.cluster = source.FindNamedCluster(named->tenant);
    route.by_user_name = route.cluster.has_value();
  }
  if (!route.cluster) route.cluster = source.FindCluster(cluster_id);
  if (!route.cluster) {
    ThrowAccessDenied(fmt::format("There is no cluster \"{}\".", cluster_id));
  }
  route.role_name = route.by_user_name ? named->role : user;
  route.role = source.FindRole(*route.cluster, route.role_name);
  route.account = fmt::format("{}.{}", route.cluster->id, route.role_name);
  if (named && !route.by_user_name && !route.role) {
    // Neither a cluster's name nor one of the default cluster's roles.
    route.by_user_name = true;
    route.cluster.reset();
    route.account = fmt::format("{}.{}", named->tenant, named->role);
  }
  return route;
}

}  // namespace sundog::auth
