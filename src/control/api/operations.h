// The operations of the API, each a function from a call to the members of its answer. They throw
// ApiError, ClusterError, IdentityError and SqlError.
#pragma once

#include <boost/json/object.hpp>

#include "control/api/call.h"
#include "http/message.h"

namespace sundog::control {

using Operation = boost::json::object (*)(Call& call);
// An operation that makes more than members.
using Maker = http::Response (*)(Call& call);

// --- cluster_operations.cc ---
boost::json::object CreateCluster(Call& call);
boost::json::object GetCluster(Call& call);
boost::json::object UpdateCluster(Call& call);
boost::json::object DeleteCluster(Call& call);
boost::json::object ListClusters(Call& call);

// --- policy_operations.cc ---
boost::json::object PutClusterPolicy(Call& call);
boost::json::object GetClusterPolicy(Call& call);
boost::json::object DeleteClusterPolicy(Call& call);
// Of a policy that `cluster` is to get: refuses one under which the caller could not change it any
// more.
void RequireNoLockout(const Call& call, const std::string& policy, const std::string& cluster_arn);

// --- tag_operations.cc ---
boost::json::object TagResource(Call& call);
boost::json::object UntagResource(Call& call);
boost::json::object ListTagsForResource(Call& call);
// The tag that chooses a new cluster's profile, and stays as it is.
inline constexpr std::string_view kProfileTag = "sundog:profile";
// Names beginning so are Sundog's own.
inline constexpr std::string_view kOwnTagPrefix = "sundog:";

// --- unsupported_operations.cc: refused by name ---
boost::json::object RefuseStreams(Call& call);
boost::json::object RefuseVpcEndpoints(Call& call);

// --- database_operations.cc: Sundog's own, by DB9's paths ---
boost::json::object CreateDatabase(Call& call);
boost::json::object ListDatabases(Call& call);
boost::json::object GetDatabase(Call& call);
boost::json::object DeleteDatabase(Call& call);
boost::json::object CreateBranch(Call& call);
boost::json::object ListBranches(Call& call);
boost::json::object DeleteBranch(Call& call);
boost::json::object ResetDatabasePassword(Call& call);
boost::json::object ListDatabaseUsers(Call& call);
boost::json::object CreateDatabaseUser(Call& call);
boost::json::object DeleteDatabaseUser(Call& call);

// --- sql_operation.cc, report_operations.cc: what a database holds and does ---
http::Response RunSql(Call& call);
http::Response ShowSchema(Call& call);
boost::json::object ShowMetrics(Call& call);

// --- token_operations.cc ---
boost::json::object CreateToken(Call& call);
boost::json::object ListTokens(Call& call);
boost::json::object RevokeToken(Call& call);

// --- iam_operations.cc: Sundog's own, for `sundog iam` ---
boost::json::object CreatePrincipal(Call& call);
boost::json::object ListPrincipals(Call& call);
boost::json::object DeletePrincipal(Call& call);
boost::json::object CreateAccessKey(Call& call);
boost::json::object ListAccessKeys(Call& call);
boost::json::object DeleteAccessKey(Call& call);
boost::json::object PutPolicy(Call& call);
boost::json::object GetPolicy(Call& call);
boost::json::object ListPolicies(Call& call);
boost::json::object DeletePolicy(Call& call);

}  // namespace sundog::control
