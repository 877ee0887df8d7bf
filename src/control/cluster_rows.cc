#include "control/cluster_rows.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "auth/policy.h"
#include "base/bytes.h"
#include "base/sql_error.h"
#include "codec/key_space.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr std::array kStates{ClusterState::kCreating, ClusterState::kActive,
                             ClusterState::kDeleting, ClusterState::kCloning,
                             ClusterState::kCreateFailed};

[[noreturn]] void ThrowMalformed() {
  throw SqlError(sqlstate::kDataCorrupted, "the stored description of a cluster is malformed");
}

// A row's members; whatever is not as it was written is damage.
class RowReader {
 public:
  explicit RowReader(const json::object& members) : members_(members) {}

  const json::value* Find(std::string_view name) const { return members_.if_contains(name); }

  std::string Text(std::string_view name) const {
    const json::value* member = Find(name);
    if (member == nullptr || !member->is_string()) ThrowMalformed();
    return std::string(member->get_string());
  }
  std::string TextOr(std::string_view name, std::string_view otherwise) const {
    return Find(name) == nullptr ? std::string(otherwise) : Text(name);
  }
  int64_t Number(std::string_view name) const {
    const json::value* member = Find(name);
    if (member == nullptr || !member->is_int64()) ThrowMalformed();
    return member->get_int64();
  }
  bool Flag(std::string_view name, bool otherwise) const {
    const json::value* member = Find(name);
    if (member == nullptr) return otherwise;
    if (!member->is_bool()) ThrowMalformed();
    return member->get_bool();
  }

 private:
  const json::object& members_;
};

ClusterState ParseState(std::string_view name) {
  for (ClusterState state : kStates) {
    if (name == ClusterStateName(state)) return state;
  }
  ThrowMalformed();
}

Tags ReadTags(const RowReader& row) {
  Tags tags;
  const json::value* members = row.Find("tags");
  if (members == nullptr) {
    // Rows of servers that had no tags yet.
    std::string name = row.TextOr("name", "");
    if (!name.empty()) tags[std::string(kNameTag)] = name;
    return tags;
  }
  if (!members->is_object()) ThrowMalformed();
  for (const auto& member : members->get_object()) {
    if (!member.value().is_string()) ThrowMalformed();
    tags[std::string(member.key())] = std::string(member.value().get_string());
  }
  return tags;
}

void ReadPolicy(const RowReader& row, Cluster& cluster) {
  cluster.policy = row.TextOr("policy", "");
  cluster.policy_request = row.TextOr("policy_request", "");
  if (row.Find("policy_version") != nullptr) {
    cluster.policy_version = static_cast<uint64_t>(row.Number("policy_version"));
  }
  if (cluster.policy.empty()) return;
  cluster.parsed_policy =
      std::make_shared<const auth::Policy>(auth::Policy::ParseOfResource(cluster.policy));
}

}  // namespace

std::string ClusterKey(uint32_t tenant) {
  return codec::KeyPrefix(codec::kServerTenant, codec::kClusterStorageId, tenant);
}

std::string DeletedTenantKey(uint32_t tenant) {
  return codec::KeyPrefix(codec::kServerTenant, codec::kDeletedStorageId, tenant);
}

std::string LastTenantKey() { return ClusterKey(codec::kServerTenant); }

std::string EncodeCluster(const Cluster& cluster) {
  json::object row;
  row["id"] = cluster.id;
  row["profile"] = ProfileName(cluster.profile);
  row["created_us"] = cluster.created_us;
  row["state"] = ClusterStateName(cluster.state);
  row["protected"] = cluster.deletion_protected;
  json::object& tags = row["tags"].emplace_object();
  for (const auto& [name, value] : cluster.tags) tags[name] = value;
  if (!cluster.request.empty()) {
    row["request"] = cluster.request;
    row["request_digest"] = cluster.request_digest;
  }
  if (!cluster.policy.empty()) row["policy"] = cluster.policy;
  if (cluster.policy_version > 0) {
    row["policy_version"] = static_cast<int64_t>(cluster.policy_version);
    row["policy_request"] = cluster.policy_request;
  }
  if (cluster.is_database) row["database"] = true;
  if (!cluster.source.empty()) row["source"] = cluster.source;
  if (!cluster.reason.empty()) row["reason"] = cluster.reason;
  return json::serialize(row);
}

bool HasRequest(std::string_view value) {
  return value.find(R"("request":)") != std::string_view::npos;
}

Cluster DecodeCluster(std::string_view key, std::string_view value) {
  boost::system::error_code failed;
  json::value parsed = json::parse({value.data(), value.size()}, failed);
  if (failed || !parsed.is_object() || key.size() != codec::kKeyPrefixBytes) ThrowMalformed();
  RowReader row(parsed.get_object());
  Cluster cluster;
  cluster.id = row.Text("id");
  cluster.tenant = base::LoadBigEndian<uint32_t>(key.data() + 8);
  std::optional<session::Profile> profile = ParseProfile(row.Text("profile"));
  if (!profile) ThrowMalformed();
  cluster.profile = *profile;
  cluster.created_us = row.Number("created_us");
  cluster.state = ParseState(row.TextOr("state", ClusterStateName(ClusterState::kActive)));
  cluster.deletion_protected = row.Flag("protected", true);
  cluster.tags = ReadTags(row);
  cluster.request = row.TextOr("request", "");
  cluster.request_digest = row.TextOr("request_digest", "");
  ReadPolicy(row, cluster);
  cluster.is_database = row.Flag("database", false);
  cluster.source = row.TextOr("source", "");
  cluster.reason = row.TextOr("reason", "");
  return cluster;
}

}  // namespace sundog::control
