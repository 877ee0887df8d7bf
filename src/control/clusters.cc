#include "control/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "auth/policy.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "codec/key_space.h"
#include "control/cluster_rows.h"
#include "kv/store.h"

namespace sundog::control {

namespace {

using Kind = ClusterError::Kind;

constexpr std::string_view kDefaultName = "default";

// 26 characters of RFC 4648's base32 in lower case: 130 random bits.
std::string NewId() {
  return base::SecureRandomText(26, "abcdefghijklmnopqrstuvwxyz234567");
}

kv::Write Put(const std::string& key, const std::string& value) {
  return {kv::Write::Kind::kPut, key, value};
}

void CommitOrThrow(kv::Store& store, const kv::CommitRequest& request) {
  switch (store.Commit(request).kind) {
    case kv::CommitOutcome::Kind::kCommitted:
      return;
    case kv::CommitOutcome::Kind::kMaybeCommitted:
      throw ClusterError(Kind::kUnknownOutcome, "It is unknown whether the change was made.");
    case kv::CommitOutcome::Kind::kConflict:
    case kv::CommitOutcome::Kind::kTooOld:
      throw ClusterError(Kind::kConflict,
                         "The cluster was changed at the same time; nothing was done. Try again.");
  }
}

[[noreturn]] void ThrowNotFound(std::string_view id) {
  throw ClusterError(Kind::kNotFound, fmt::format("The cluster {} does not exist.", id));
}

uint32_t LastTenant(const kv::Snapshot& snapshot, const std::vector<ClusterPtr>& stored) {
  kv::ReadBuffer buffer;
  if (auto value = snapshot.Get(LastTenantKey(), buffer)) {
    CHECK_EQ(value->size(), sizeof(uint32_t));
    return base::LoadBigEndian<uint32_t>(value->data());
  }
  uint32_t last = codec::kServerTenant;
  for (const ClusterPtr& cluster : stored) last = std::max(last, cluster->tenant);
  return last;
}

// What an earlier request of this token made; null: there was none.
ClusterPtr MadeBefore(const std::vector<ClusterPtr>& stored, const NewCluster& wanted) {
  if (wanted.request.empty()) return nullptr;
  for (const ClusterPtr& cluster : stored) {
    if (cluster->request != wanted.request) continue;
    if (cluster->request_digest == wanted.request_digest) return cluster;
    throw ClusterError(Kind::kConflict,
                       "The client token was used before, with another request.");
  }
  return nullptr;
}

void PutPolicy(Cluster& cluster, const std::string& json) {
  try {
    cluster.parsed_policy =
        std::make_shared<const auth::Policy>(auth::Policy::ParseOfResource(json));
  } catch (const auth::PolicyError& error) {
    throw ClusterError(Kind::kMalformedPolicy, error.what());
  }
  cluster.policy = json;
}

}  // namespace

std::string_view Cluster::name() const {
  auto tag = tags.find(kNameTag);
  return tag == tags.end() ? std::string_view() : tag->second;
}

std::string_view ProfileName(session::Profile profile) {
  return profile == session::Profile::kDsql ? "dsql" : "postgres";
}

std::optional<session::Profile> ParseProfile(std::string_view name) {
  if (name == "postgres") return session::Profile::kPostgres;
  if (name == "dsql") return session::Profile::kDsql;
  return std::nullopt;
}

std::string_view ClusterStateName(ClusterState state) {
  switch (state) {
    case ClusterState::kCreating: return "CREATING";
    case ClusterState::kActive: return "ACTIVE";
    case ClusterState::kDeleting: return "DELETING";
  }
  CHECK(false);
}

Clusters::Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile,
                   size_t limit)
    : store_(store), clock_(clock), limit_(limit) {
  Load();
  if (default_cluster() == nullptr) {
    CreateDefault(profile.value_or(session::Profile::kPostgres));
  }
  session::Profile has = default_cluster()->profile;
  if (profile && *profile != has) {
    throw std::runtime_error(fmt::format(
        "the cluster \"default\" has the profile {}, which cannot be changed; --profile {} needs a "
        "data folder of its own",
        ProfileName(has), ProfileName(*profile)));
  }
}

void Clusters::Load() {
  for (ClusterPtr& cluster : Stored(*store_.Newest())) {
    std::string id = cluster->id;
    Publish(id, std::move(cluster));
  }
}

std::vector<ClusterPtr> Clusters::Stored(const kv::Snapshot& snapshot) const {
  std::vector<ClusterPtr> stored;
  auto rows = snapshot.Scan(kv::PrefixRange(
      codec::StoragePrefix(codec::kServerTenant, codec::kClusterStorageId)));
  while (true) {
    auto entries = rows->Next(256);
    if (entries.empty()) return stored;
    for (const kv::Entry& entry : entries) {
      if (entry.key == LastTenantKey()) continue;
      stored.push_back(std::make_shared<const Cluster>(DecodeCluster(entry.key, entry.value)));
    }
  }
}

void Clusters::CreateDefault(session::Profile profile) {
  auto cluster = std::make_shared<Cluster>();
  cluster->id = NewId();
  cluster->tenant = codec::kFirstTenant;
  cluster->profile = profile;
  cluster->created_us = clock_.WallMicros();
  cluster->tags[std::string(kNameTag)] = kDefaultName;
  std::string key = ClusterKey(cluster->tenant);
  std::string value = EncodeCluster(*cluster);
  kv::Write write = Put(key, value);
  CommitOrThrow(store_, {.writes = {&write, 1}});
  Publish(cluster->id, cluster);
}

// --- reading ---

ClusterPtr Clusters::default_cluster() const {
  runtime::MutexLock lock(mutex_);
  return default_;
}

ClusterPtr Clusters::Find(std::string_view id) const {
  ClusterPtr cluster = Get(id);
  return cluster != nullptr && cluster->state == ClusterState::kActive ? cluster : nullptr;
}

ClusterPtr Clusters::Get(std::string_view id) const {
  runtime::MutexLock lock(mutex_);
  auto found = clusters_.find(id);
  return found == clusters_.end() ? nullptr : found->second;
}

ClusterPtr Clusters::Require(std::string_view id) const {
  ClusterPtr cluster = Get(id);
  if (cluster == nullptr) ThrowNotFound(id);
  return cluster;
}

std::vector<ClusterPtr> Clusters::List(std::string_view after, size_t limit) const {
  std::vector<ClusterPtr> list;
  runtime::MutexLock lock(mutex_);
  for (auto it = clusters_.upper_bound(after); it != clusters_.end() && list.size() < limit; ++it) {
    list.push_back(it->second);
  }
  return list;
}

std::vector<ClusterPtr> Clusters::Unfinished() const {
  std::vector<ClusterPtr> list;
  runtime::MutexLock lock(mutex_);
  for (const auto& [id, cluster] : clusters_) {
    if (cluster->state != ClusterState::kActive) list.push_back(cluster);
  }
  return list;
}

// --- changing ---

ClusterPtr Clusters::Create(const NewCluster& wanted) {
  auto cluster = std::make_shared<Cluster>();
  if (!wanted.policy.empty()) {
    PutPolicy(*cluster, wanted.policy);
    cluster->policy_version = 1;
  }
  {
    std::unique_lock lock(changing_);
    kv::SnapshotPtr snapshot = store_.Newest();
    std::vector<ClusterPtr> stored = Stored(*snapshot);
    if (ClusterPtr before = MadeBefore(stored, wanted)) return before;
    if (stored.size() >= limit_) {
      throw ClusterError(Kind::kLimit, "You have reached the cluster limit.");
    }
    cluster->id = NewId();
    cluster->tenant = LastTenant(*snapshot, stored) + 1;
    cluster->profile = wanted.profile;
    cluster->created_us = clock_.WallMicros();
    cluster->state = ClusterState::kCreating;
    cluster->deletion_protected = wanted.deletion_protected;
    cluster->tags = wanted.tags;
    cluster->request = wanted.request;
    cluster->request_digest = wanted.request_digest;
    // Two servers that make one at the same time meet in the row of the last tenant.
    std::string last_key = LastTenantKey();
    std::string last;
    base::AppendBigEndian(last, cluster->tenant);
    std::string key = ClusterKey(cluster->tenant);
    std::string value = EncodeCluster(*cluster);
    std::vector<kv::Write> writes{Put(last_key, last), Put(key, value)};
    kv::KeyCheck check{last_key, snapshot->version()};
    CommitOrThrow(store_, {.writes = writes, .key_checks = {&check, 1}});
    Publish(cluster->id, cluster);
  }
  NotifyObserver();
  return cluster;
}

ClusterPtr Clusters::Change(std::string_view id, const Edit& edit) {
  std::unique_lock lock(changing_);
  kv::SnapshotPtr snapshot = store_.Newest();
  std::string key = ClusterKey(Require(id)->tenant);
  kv::ReadBuffer buffer;
  auto row = snapshot->Get(key, buffer);
  if (!row) ThrowNotFound(id);
  auto changed = std::make_shared<Cluster>(DecodeCluster(key, *row));
  edit(*changed);
  std::string value = EncodeCluster(*changed);
  if (value != *row) {
    kv::Write write = Put(key, value);
    kv::KeyCheck check{key, snapshot->version()};
    CommitOrThrow(store_, {.writes = {&write, 1}, .key_checks = {&check, 1}});
  }
  Publish(changed->id, changed);
  return changed;
}

ClusterPtr Clusters::ChangeActive(std::string_view id, const Edit& edit) {
  return Change(id, [&edit](Cluster& cluster) {
    if (cluster.state != ClusterState::kActive) {
      throw ClusterError(Kind::kConflict, fmt::format("The cluster {} is {}.", cluster.id,
                                                      ClusterStateName(cluster.state)));
    }
    edit(cluster);
  });
}

ClusterPtr Clusters::Delete(std::string_view id) {
  ClusterPtr deleted = Change(id, [](Cluster& cluster) {
    if (cluster.state == ClusterState::kDeleting) return;
    if (cluster.tenant == codec::kFirstTenant) {
      throw ClusterError(Kind::kFirst, "The server's first cluster cannot be deleted.");
    }
    if (cluster.deletion_protected) {
      throw ClusterError(Kind::kProtected,
                         "The cluster has deletion protection enabled; disable it first.");
    }
    cluster.state = ClusterState::kDeleting;
  });
  NotifyObserver();
  return deleted;
}

ClusterPtr Clusters::SetDeletionProtection(std::string_view id, bool is_protected) {
  return ChangeActive(
      id, [is_protected](Cluster& cluster) { cluster.deletion_protected = is_protected; });
}

ClusterPtr Clusters::SetTags(std::string_view id, const std::function<void(Tags&)>& edit) {
  return ChangeActive(id, [&edit](Cluster& cluster) { edit(cluster.tags); });
}

ClusterPtr Clusters::SetPolicy(std::string_view id, const std::optional<std::string>& json,
                               std::optional<uint64_t> expected_version,
                               const std::string& request) {
  return ChangeActive(id, [&](Cluster& cluster) {
    if (!request.empty() && cluster.policy_request == request) return;
    if (!json && cluster.policy.empty()) {
      throw ClusterError(Kind::kNoPolicy, fmt::format("The cluster {} has no policy.", cluster.id));
    }
    if (expected_version && *expected_version != cluster.policy_version) {
      throw ClusterError(Kind::kConflict,
                         fmt::format("The policy has the version {}.", cluster.policy_version));
    }
    if (json) {
      PutPolicy(cluster, *json);
    } else {
      cluster.policy.clear();
      cluster.parsed_policy = nullptr;
    }
    ++cluster.policy_version;
    cluster.policy_request = request;
  });
}

void Clusters::FinishCreation(std::string_view id) {
  Change(id, [](Cluster& cluster) {
    if (cluster.state == ClusterState::kCreating) cluster.state = ClusterState::kActive;
  });
}

void Clusters::FinishDeletion(std::string_view id) {
  std::unique_lock lock(changing_);
  kv::SnapshotPtr snapshot = store_.Newest();
  ClusterPtr cluster = Require(id);
  CHECK(cluster->state == ClusterState::kDeleting && cluster->tenant != codec::kFirstTenant);
  std::string key = ClusterKey(cluster->tenant);
  // A range delete is one write, however much there is.
  std::string begin;
  base::AppendBigEndian(begin, cluster->tenant);
  std::string end = kv::PrefixEnd(begin);
  std::vector<kv::Write> writes{{kv::Write::Kind::kDelete, key, {}},
                                {kv::Write::Kind::kDeleteRange, begin, end}};
  kv::KeyCheck check{key, snapshot->version()};
  CommitOrThrow(store_, {.writes = writes, .key_checks = {&check, 1}});
  Publish(cluster->id, nullptr);
}

void Clusters::Publish(const std::string& id, ClusterPtr cluster) {
  runtime::MutexLock lock(mutex_);
  if (cluster == nullptr) {
    clusters_.erase(id);
    return;
  }
  if (cluster->tenant == codec::kFirstTenant) default_ = cluster;
  clusters_[id] = std::move(cluster);
}

void Clusters::SetObserver(std::function<void()> on_unfinished) {
  runtime::MutexLock lock(mutex_);
  on_unfinished_ = std::move(on_unfinished);
}

void Clusters::NotifyObserver() {
  // Under the lock: an observer that was taken away is not called any more.
  runtime::MutexLock lock(mutex_);
  if (on_unfinished_) on_unfinished_();
}

}  // namespace sundog::control
