// One call of an operation: what was asked, by whom, and what it works on.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/sigv4.h"
#include "control/api/caller.h"
#include "control/api_tokens.h"
#include "control/clusters.h"
#include "control/identities.h"

namespace sundog::control {

class Databases;

struct Call {
  Clusters& clusters;
  Identities& identities;
  Databases& databases;

  Caller caller;
  ApiTokenPtr token;  // that it was made with; null: it was signed
  std::map<std::string, std::string, std::less<>> path;  // {identifier} and the like, decoded
  std::vector<auth::NamedValue> query;
  boost::json::object body;
  std::string host;  // the header's: how the client calls the server

  // arn:aws:dsql:REGION:ACCOUNT:cluster/ID
  std::string ClusterArn(std::string_view id) const;
  // Of `host`, without the port; without brackets where it is an address.
  std::string HostName() const;
  // The query's; null: it is not there. Throws ApiError 400 when it is given twice.
  std::optional<std::string> Query(std::string_view name) const;
  // The query's client-token; empty: it is not there.
  std::string QueryClientToken() const;
  // The path's {identifier}. Throws ApiError 400 if it is no cluster's.
  const std::string& Identifier() const;

  // Throws ApiError 403 unless the caller may do the action. `cluster`: whose policy is asked, too;
  // null: there is none.
  void Authorize(std::string_view action, std::string_view resource,
                 const Cluster* cluster = nullptr) const;
  // The cluster that {identifier} names, or 404; nobody learns of its being there who may not do
  // the action.
  ClusterPtr AuthorizedCluster(std::string_view action, std::string_view id) const;
};

}  // namespace sundog::control
