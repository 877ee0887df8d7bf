// How clusters lie in the store; control/clusters.h has the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "control/clusters.h"

namespace sundog::control {

std::string ClusterKey(uint32_t tenant);
// Where the bytes of one that is gone are counted.
std::string DeletedTenantKey(uint32_t tenant);
// Where the number of the last tenant is.
std::string LastTenantKey();

std::string EncodeCluster(const Cluster& cluster);
// Whether the cluster was made with a client's token; of many rows that is cheaper than decoding.
// A row may be taken for one that was, never the other way round.
bool HasRequest(std::string_view value);
// Throws SqlError XX001 if the row is malformed.
Cluster DecodeCluster(std::string_view key, std::string_view value);

}  // namespace sundog::control
