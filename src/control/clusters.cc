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

constexpr size_t kIdCharacters = 26;

// Of RFC 4648's base32 in lower case: 130 random bits.
std::string NewId() {
  return base::SecureRandomText(kIdCharacters, "abcdefghijklmnopqrstuvwxyz234567");
}

// Whose names are not to be had.
constexpr std::initializer_list<ClusterState> kNamedStates{
    ClusterState::kActive, ClusterState::kCreating, ClusterState::kCloning,
    ClusterState::kCreateFailed};

// A tenant of no more keys is deleted key by key: many deleted ranges slow down whoever reads
// beside them, and most tenants are small.
constexpr size_t kFewKeys = 512;

kv::Write Put(const std::string& key, const std::string& value) {
  return {kv::Write::Kind::kPut, key, value};
}

ClusterState StateOfNew(const NewCluster& wanted) {
  if (!wanted.source.empty()) return ClusterState::kCloning;
  return wanted.first_rows ? ClusterState::kActive : ClusterState::kCreating;
}

bool IsUnfinished(const Cluster& cluster) {
  return cluster.state != ClusterState::kActive && cluster.state != ClusterState::kCreateFailed;
}

// All keys of the range; null if there are more than `most`.
std::optional<std::vector<std::string>> FewKeys(const kv::Snapshot& snapshot,
                                                const kv::KeyRange& range, size_t most) {
  std::vector<std::string> keys;
  auto rows = snapshot.Scan(range);
  while (true) {
    auto entries = rows->Next(256);
    if (entries.empty()) return keys;
    if (keys.size() + entries.size() > most) return std::nullopt;
    for (const kv::Entry& entry : entries) keys.emplace_back(entry.key);
  }
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

[[noreturn]] void ThrowTaken(std::string_view name) {
  throw ClusterError(Kind::kConflict, fmt::format("There is a database \"{}\" already.", name));
}

// What an earlier request of this token made; null: there was none.
ClusterPtr MadeBefore(const std::vector<ClusterPtr>& stored, const NewCluster& wanted) {
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

bool IsClusterId(std::string_view id) {
  return id.size() == kIdCharacters && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

std::string_view ClusterStateName(ClusterState state) {
  switch (state) {
    case ClusterState::kCreating: return "CREATING";
    case ClusterState::kActive: return "ACTIVE";
    case ClusterState::kDeleting: return "DELETING";
    case ClusterState::kCloning: return "CLONING";
    case ClusterState::kCreateFailed: return "CREATE_FAILED";
  }
  CHECK(false);
}

Clusters::Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile,
                   size_t limit, size_t database_limit)
    : store_(store), clock_(clock), limit_(limit), database_limit_(database_limit) {
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
  for (ClusterPtr& cluster : Stored(*store_.Newest(), Which::kAll)) {
    std::string id = cluster->id;
    Publish(id, std::move(cluster));
  }
}

std::vector<ClusterPtr> Clusters::Stored(const kv::Snapshot& snapshot, Which which) const {
  std::vector<ClusterPtr> stored;
  auto rows = snapshot.Scan(kv::PrefixRange(
      codec::StoragePrefix(codec::kServerTenant, codec::kClusterStorageId)));
  while (true) {
    auto entries = rows->Next(256);
    if (entries.empty()) return stored;
    for (const kv::Entry& entry : entries) {
      if (entry.key == LastTenantKey()) continue;
      if (which == Which::kOfRequests && !HasRequest(entry.value)) continue;
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

ClusterPtr Clusters::OldestNamed(std::string_view name,
                                 std::initializer_list<ClusterState> states) const {
  std::pair<std::string, uint32_t> first(name, 0);
  for (auto it = named_.lower_bound(first); it != named_.end() && it->first.first == name; ++it) {
    if (std::find(states.begin(), states.end(), it->second->state) != states.end()) {
      return it->second;
    }
  }
  return nullptr;
}

ClusterPtr Clusters::FindNamed(std::string_view name_or_id) const {
  if (ClusterPtr cluster = Find(name_or_id)) return cluster;
  runtime::MutexLock lock(mutex_);
  return OldestNamed(name_or_id, {ClusterState::kActive});
}

ClusterPtr Clusters::GetNamed(std::string_view name_or_id) const {
  if (ClusterPtr cluster = Get(name_or_id)) return cluster;
  runtime::MutexLock lock(mutex_);
  return OldestNamed(name_or_id, kNamedStates);
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

std::vector<uint32_t> Clusters::Tenants() const {
  std::vector<uint32_t> tenants;
  {
    runtime::MutexLock lock(mutex_);
    for (const auto& [id, cluster] : clusters_) tenants.push_back(cluster->tenant);
  }
  std::sort(tenants.begin(), tenants.end());
  return tenants;
}

std::vector<ClusterPtr> Clusters::Unfinished() const {
  std::vector<ClusterPtr> list;
  runtime::MutexLock lock(mutex_);
  for (const auto& [id, cluster] : unfinished_) {
    if (cluster->state != ClusterState::kCloning) list.push_back(cluster);
  }
  return list;
}

std::vector<ClusterPtr> Clusters::Cloning() const {
  std::vector<ClusterPtr> list;
  runtime::MutexLock lock(mutex_);
  for (const auto& [id, cluster] : unfinished_) {
    if (cluster->state == ClusterState::kCloning) list.push_back(cluster);
  }
  return list;
}

// --- changing ---

void Clusters::RequireMayCreate(const NewCluster& wanted) const {
  runtime::MutexLock lock(mutex_);
  if (!wanted.is_database) {
    if (clusters_.size() - database_count_ >= limit_) {
      throw ClusterError(Kind::kLimit, "You have reached the cluster limit.");
    }
    return;
  }
  const std::string& name = wanted.tags.at(std::string(kNameTag));
  if (OldestNamed(name, kNamedStates) != nullptr) {
    ThrowTaken(name);
  }
  if (database_count_ >= database_limit_) {
    throw ClusterError(Kind::kLimit, "You have reached the limit of databases.");
  }
  if (wanted.source.empty()) return;
  auto is_cloning = [](const auto& unfinished) {
    return unfinished.second->state == ClusterState::kCloning;
  };
  if (std::count_if(unfinished_.begin(), unfinished_.end(), is_cloning) >=
      static_cast<ptrdiff_t>(kMostCloning)) {
    throw ClusterError(
        Kind::kTooManyBranches,
        fmt::format("{} branches are being made; try again when one is done.", kMostCloning));
  }
}

uint32_t Clusters::LastTenant(const kv::Snapshot& snapshot) const {
  kv::ReadBuffer buffer;
  if (auto value = snapshot.Get(LastTenantKey(), buffer)) {
    CHECK_EQ(value->size(), sizeof(uint32_t));
    return base::LoadBigEndian<uint32_t>(value->data());
  }
  uint32_t last = codec::kServerTenant;
  runtime::MutexLock lock(mutex_);
  for (const auto& [id, cluster] : clusters_) last = std::max(last, cluster->tenant);
  return last;
}

ClusterPtr Clusters::Create(const NewCluster& wanted) {
  auto cluster = std::make_shared<Cluster>();
  if (!wanted.policy.empty()) {
    PutPolicy(*cluster, wanted.policy);
    cluster->policy_version = 1;
  }
  {
    std::unique_lock lock(changing_);
    kv::SnapshotPtr snapshot = store_.Newest();
    if (!wanted.request.empty()) {
      // In the store, since whoever asks again may not have heard what came of it the first time,
      // and this server neither.
      if (ClusterPtr before = MadeBefore(Stored(*snapshot, Which::kOfRequests), wanted)) {
        return before;
      }
    }
    RequireMayCreate(wanted);
    cluster->id = NewId();
    cluster->tenant = LastTenant(*snapshot) + 1;
    cluster->profile = wanted.profile;
    cluster->created_us = clock_.WallMicros();
    cluster->state = StateOfNew(wanted);
    cluster->deletion_protected = wanted.deletion_protected;
    cluster->tags = wanted.tags;
    cluster->request = wanted.request;
    cluster->request_digest = wanted.request_digest;
    cluster->is_database = wanted.is_database;
    cluster->source = wanted.source;
    // Two servers that make one at the same time meet in the row of the last tenant.
    std::string last_key = LastTenantKey();
    std::string last;
    base::AppendBigEndian(last, cluster->tenant);
    std::string key = ClusterKey(cluster->tenant);
    std::string value = EncodeCluster(*cluster);
    std::vector<kv::Write> writes{Put(last_key, last), Put(key, value)};
    std::vector<StoredRow> rows;
    if (wanted.first_rows) rows = wanted.first_rows(cluster->tenant);
    for (const StoredRow& row : rows) writes.push_back(Put(row.key, row.value));
    kv::KeyCheck check{last_key, snapshot->version()};
    CommitOrThrow(store_, {.writes = writes, .key_checks = {&check, 1}});
    Publish(cluster->id, cluster);
  }
  if (cluster->state == ClusterState::kCreating) NotifyObserver();
  return cluster;
}

ClusterPtr Clusters::Change(std::string_view id, const Edit& edit,
                            std::span<const kv::Write> with) {
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
    std::vector<kv::Write> writes{Put(key, value)};
    writes.insert(writes.end(), with.begin(), with.end());
    std::sort(writes.begin(), writes.end(),
              [](const kv::Write& a, const kv::Write& b) { return a.key < b.key; });
    kv::KeyCheck check{key, snapshot->version()};
    CommitOrThrow(store_, {.writes = writes, .key_checks = {&check, 1}});
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
  return ChangeActive(id, [&](Cluster& cluster) {
    std::string before(cluster.name());
    edit(cluster.tags);
    if (cluster.name() != before) RequireNoDatabase(cluster.name());
  });
}

// Whoever is older would have its connections.
void Clusters::RequireNoDatabase(std::string_view name) const {
  runtime::MutexLock lock(mutex_);
  std::pair<std::string, uint32_t> first(name, 0);
  for (auto it = named_.lower_bound(first); it != named_.end() && it->first.first == name; ++it) {
    if (it->second->is_database && it->second->state != ClusterState::kDeleting) ThrowTaken(name);
  }
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

bool Clusters::WriteCloning(const Cluster& branch, std::span<const kv::Write> writes) {
  std::string key = ClusterKey(branch.tenant);
  while (true) {
    kv::SnapshotPtr snapshot = store_.Newest();
    kv::ReadBuffer buffer;
    auto row = snapshot->Get(key, buffer);
    if (!row || DecodeCluster(key, *row).state != ClusterState::kCloning) return false;
    kv::KeyCheck check{key, snapshot->version()};
    // Lost at a crash, the branch is, too: it was CLONING.
    kv::CommitOutcome outcome = store_.Commit(
        {.writes = writes, .key_checks = {&check, 1}, .durability = kv::Durability::kLazy});
    switch (outcome.kind) {
      case kv::CommitOutcome::Kind::kCommitted: return true;
      case kv::CommitOutcome::Kind::kConflict:
      case kv::CommitOutcome::Kind::kTooOld:
      case kv::CommitOutcome::Kind::kMaybeCommitted: break;  // writing it again does no harm
    }
  }
}

bool Clusters::FinishCloning(std::string_view id, const std::vector<StoredRow>& rows) {
  std::vector<kv::Write> writes;
  for (const StoredRow& row : rows) writes.push_back(Put(row.key, row.value));
  bool finished = false;
  Change(
      id,
      [&finished](Cluster& cluster) {
        finished = cluster.state == ClusterState::kCloning;
        if (finished) cluster.state = ClusterState::kActive;
      },
      writes);
  return finished;
}

void Clusters::FailCloning(std::string_view id, const std::string& reason) {
  std::string begin = codec::TenantPrefix(Require(id)->tenant);
  std::string end = kv::PrefixEnd(begin);
  kv::Write remove{kv::Write::Kind::kDeleteRange, begin, end};
  Change(
      id,
      [&reason](Cluster& cluster) {
        if (cluster.state != ClusterState::kCloning) return;
        cluster.state = ClusterState::kCreateFailed;
        cluster.reason = reason;
      },
      {&remove, 1});
}

void Clusters::FinishDeletion(std::string_view id) {
  std::unique_lock lock(changing_);
  kv::SnapshotPtr snapshot = store_.Newest();
  ClusterPtr cluster = Require(id);
  CHECK(cluster->state == ClusterState::kDeleting && cluster->tenant != codec::kFirstTenant);
  std::string key = ClusterKey(cluster->tenant);
  kv::KeyRange range = kv::PrefixRange(codec::TenantPrefix(cluster->tenant));
  std::string deleted_key = DeletedTenantKey(cluster->tenant);
  std::string bytes;
  base::AppendBigEndian(bytes, store_.EstimateBytes(range));
  std::vector<kv::Write> writes{{kv::Write::Kind::kDelete, key, {}}, Put(deleted_key, bytes)};
  std::optional<std::vector<std::string>> few = FewKeys(*snapshot, range, kFewKeys);
  if (few) {
    for (const std::string& each : *few) writes.push_back({kv::Write::Kind::kDelete, each, {}});
  } else {
    // One write, however much there is.
    writes.push_back({kv::Write::Kind::kDeleteRange, range.begin, range.end});
  }
  kv::KeyCheck check{key, snapshot->version()};
  CommitOrThrow(store_, {.writes = writes, .key_checks = {&check, 1}});
  Publish(cluster->id, nullptr);
}

void Clusters::Publish(const std::string& id, ClusterPtr cluster) {
  runtime::MutexLock lock(mutex_);
  if (auto before = clusters_.find(id); before != clusters_.end()) {
    named_.erase({std::string(before->second->name()), before->second->tenant});
    if (before->second->is_database) --database_count_;
    unfinished_.erase(id);
  }
  if (cluster == nullptr) {
    clusters_.erase(id);
    return;
  }
  if (cluster->tenant == codec::kFirstTenant) default_ = cluster;
  if (cluster->is_database) ++database_count_;
  if (IsUnfinished(*cluster)) unfinished_[id] = cluster;
  if (!cluster->name().empty()) {
    named_[{std::string(cluster->name()), cluster->tenant}] = cluster;
  }
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
