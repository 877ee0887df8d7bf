// Where a connection goes: which cluster, and which of its roles.
//
// A client says the cluster in one of three ways:
//   1. by the name it calls the server in TLS, ID.dsql.REGION.on.aws, or the start-up option
//      amzn-cluster-id: an id;
//   2. in the user's name, as DB9's clients do: `tenant.role` or `tenant:role`, the tenant by its
//      name or its id, up to the first of either sign;
//   3. not at all: the default cluster.
// The first comes before the second: there, a dot is part of the role's name. A name in which no
// cluster is named is a role of the default cluster, if it has one of that name.
//
// Invariant: who comes by a user name proves himself by password alone, and is refused in one and
// the same way whether there is no such cluster, no such role, no password, or another one; until
// then nothing that he is told, nor what is done for it, depends on which it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/authenticator.h"

namespace sundog::auth {

struct TenantUser {
  std::string_view tenant;
  std::string_view role;
};

// Null: the name does not say a tenant, or no role.
std::optional<TenantUser> SplitUserName(std::string_view user);

struct Route {
  // Null: there is none, which is not to be told; only `by_user_name`.
  std::optional<ClusterEntry> cluster;
  std::string role_name;
  std::optional<Credentials> role;  // null: the cluster has none of that name
  bool by_user_name = false;
  // The same for all ways to name the role, be it there or not: what is made up for one that is not
  // there (a salt) may not depend on the sign between tenant and role.
  std::string account;
};

// `cluster_id`: see 1.; empty: not said. Throws as ThrowAccessDenied() if there is no such cluster.
Route FindRoute(CredentialSource& source, std::string_view cluster_id, std::string_view user);

}  // namespace sundog::auth
