#include "control/clusters.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "kv/store.h"

namespace sundog::control {

namespace {

constexpr std::string_view kDefaultName = "default";

std::string ClusterKey(uint32_t tenant) {
  return codec::KeyPrefix(codec::kServerTenant, codec::kClusterStorageId, tenant);
}

// 26 characters of RFC 4648's base32 in lower case: 130 random bits.
std::string NewId() {
  return base::SecureRandomText(26, "abcdefghijklmnopqrstuvwxyz234567");
}

std::string Encode(const Cluster& cluster) {
  boost::json::object row;
  row["id"] = cluster.id;
  row["name"] = cluster.name;
  row["profile"] = ProfileName(cluster.profile);
  row["created_us"] = cluster.created_us;
  return boost::json::serialize(row);
}

[[noreturn]] void ThrowMalformed() {
  throw SqlError(sqlstate::kDataCorrupted, "the stored description of a cluster is malformed");
}

Cluster Decode(std::string_view key, std::string_view value) {
  boost::system::error_code failed;
  boost::json::value row = boost::json::parse({value.data(), value.size()}, failed);
  if (failed || !row.is_object() || key.size() != codec::kKeyPrefixBytes) ThrowMalformed();
  const boost::json::object& members = row.get_object();
  auto text = [&members](const char* name) -> std::string {
    const boost::json::value* member = members.if_contains(name);
    if (member == nullptr || !member->is_string()) ThrowMalformed();
    return std::string(member->get_string());
  };
  Cluster cluster;
  cluster.id = text("id");
  cluster.name = text("name");
  cluster.tenant = base::LoadBigEndian<uint32_t>(key.data() + 8);
  std::optional<session::Profile> profile = ParseProfile(text("profile"));
  const boost::json::value* created = members.if_contains("created_us");
  if (!profile || created == nullptr || !created->is_int64()) ThrowMalformed();
  cluster.profile = *profile;
  cluster.created_us = created->get_int64();
  return cluster;
}

}  // namespace

std::string_view ProfileName(session::Profile profile) {
  return profile == session::Profile::kDsql ? "dsql" : "postgres";
}

std::optional<session::Profile> ParseProfile(std::string_view name) {
  if (name == "postgres") return session::Profile::kPostgres;
  if (name == "dsql") return session::Profile::kDsql;
  return std::nullopt;
}

Clusters::Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile) {
  Load(store);
  if (clusters_.empty()) {
    CreateDefault(store, profile.value_or(session::Profile::kPostgres), clock.WallMicros());
  }
  session::Profile has = default_cluster()->profile;
  if (profile && *profile != has) {
    throw std::runtime_error(fmt::format(
        "the cluster \"default\" has the profile {}, which cannot be changed; --profile {} needs a "
        "data folder of its own",
        ProfileName(has), ProfileName(*profile)));
  }
}

void Clusters::Load(kv::Store& store) {
  auto rows = store.Newest()->Scan(kv::PrefixRange(
      codec::StoragePrefix(codec::kServerTenant, codec::kClusterStorageId)));
  while (true) {
    auto entries = rows->Next(256);
    if (entries.empty()) return;
    for (const kv::Entry& entry : entries) {
      clusters_.push_back(std::make_shared<const Cluster>(Decode(entry.key, entry.value)));
    }
  }
}

void Clusters::CreateDefault(kv::Store& store, session::Profile profile, int64_t now_us) {
  Cluster cluster;
  cluster.id = NewId();
  cluster.tenant = codec::kFirstTenant;
  cluster.name = kDefaultName;
  cluster.profile = profile;
  cluster.created_us = now_us;
  std::string key = ClusterKey(cluster.tenant);
  std::string value = Encode(cluster);
  kv::Write write{kv::Write::Kind::kPut, key, value};
  kv::CommitOutcome outcome = store.Commit({.writes = {&write, 1}});
  if (outcome.kind != kv::CommitOutcome::Kind::kCommitted) {
    throw std::runtime_error("the cluster \"default\" could not be stored");
  }
  clusters_.push_back(std::make_shared<const Cluster>(std::move(cluster)));
}

ClusterPtr Clusters::Find(std::string_view id) const {
  for (const ClusterPtr& cluster : clusters_) {
    if (cluster->id == id) return cluster;
  }
  return nullptr;
}

}  // namespace sundog::control
