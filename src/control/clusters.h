// The clusters of a server: each is a tenant with its own roles, schemas and data.
//
// Stored under the server's own tenant, one row a cluster, as JSON:
//   key: KeyPrefix(kServerTenant, kClusterStorageId, tenant)
//   value: {"id":"kq3…","name":"default","profile":"postgres","created_us":1760000000000000}
//
// Invariants: ids are 26 of [a-z0-9], never given twice; a tenant's number is never used again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/profile.h"

namespace sundog::base {
class Clock;
}
namespace sundog::kv {
class Store;
}

namespace sundog::control {

struct Cluster {
  std::string id;
  uint32_t tenant = 0;
  std::string name;
  session::Profile profile = session::Profile::kPostgres;
  int64_t created_us = 0;  // since 1970
};

using ClusterPtr = std::shared_ptr<const Cluster>;

std::string_view ProfileName(session::Profile profile);
std::optional<session::Profile> ParseProfile(std::string_view name);

// Safe from all threads.
class Clusters {
 public:
  // A store without clusters gets one named "default" with this profile. Throws
  // std::runtime_error when it has one with another: a profile is for good.
  Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile);

  const ClusterPtr& default_cluster() const { return clusters_.front(); }
  // Null: there is none with this id.
  ClusterPtr Find(std::string_view id) const;

 private:
  void Load(kv::Store& store);
  void CreateDefault(kv::Store& store, session::Profile profile, int64_t now_us);

  std::vector<ClusterPtr> clusters_;  // the default one first
};

}  // namespace sundog::control
