// The clusters of a server: each is a tenant with its own roles, schemas and data.
//
// Stored under the server's own tenant, one row a cluster, as JSON; what is as in every new one is
// left out:
//   key: KeyPrefix(kServerTenant, kClusterStorageId, tenant)
//   value: {"id":"kq3…","profile":"dsql","created_us":1760000000000000,"state":"ACTIVE",
//           "protected":true,"tags":{"Name":"shop"},"request":"9f…","request_digest":"…",
//           "policy":"{…}","policy_version":2,"policy_request":"77…",
//           "database":true,"source":"w5t…","reason":"…"}
// and, once a second cluster was made, the last tenant's number, big-endian:
//   key: KeyPrefix(kServerTenant, kClusterStorageId, 0)
// and of a tenant that is gone, about how many bytes it had, big-endian, until they were given back
// (control/space_reclaimer.h):
//   key: KeyPrefix(kServerTenant, kDeletedStorageId, tenant)
//
// A cluster's life: CREATING until its first catalog rows are there, ACTIVE, DELETING until its
// sessions have ended and its data is gone; then its row is gone, too. ClusterWorker does what lies
// between, after a restart as well.
//
// A cluster that is made as a database, as DB9's users know them, has a name that no other has when
// it is made, and a role admin with a password; its first rows are in the commit that makes it, so
// it is ACTIVE at once. A branch is a copy of another one: CLONING until it has all rows
// (control/branch_copier.h), then ACTIVE, or CREATE_FAILED if that could not be, which can only be
// deleted. Otherwise databases are clusters as others are.
//
// Invariants: ids are 26 of [a-z0-9], never given twice; a tenant's number is never used again. The
// cluster of the first tenant is there from the beginning and is never deleted.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/mutex.h"
#include "session/profile.h"

namespace sundog::auth {
class Policy;
}
namespace sundog::base {
class Clock;
}
namespace sundog::kv {
class Snapshot;
class Store;
struct Write;
}  // namespace sundog::kv

namespace sundog::control {

enum class ClusterState : uint8_t { kCreating, kActive, kDeleting, kCloning, kCreateFailed };

using Tags = std::map<std::string, std::string, std::less<>>;

// The tag that is a cluster's name, as AWS's console has it.
inline constexpr std::string_view kNameTag = "Name";

struct Cluster {
  std::string id;
  uint32_t tenant = 0;
  session::Profile profile = session::Profile::kPostgres;
  int64_t created_us = 0;  // since 1970
  ClusterState state = ClusterState::kActive;
  bool deletion_protected = true;
  Tags tags;
  // What it was made for: the client's token and a digest of what was asked for; empty if the
  // client gave none.
  std::string request;
  std::string request_digest;
  // Who else may do what with it, as auth::Policy::ParseOfResource() reads it; empty: none is put.
  std::string policy;
  uint64_t policy_version = 0;  // counts all changes of the policy
  std::string policy_request;   // the token of the last one
  std::shared_ptr<const auth::Policy> parsed_policy;  // null: none is put
  bool is_database = false;  // made as one
  std::string source;        // the id of what it is a branch of; empty: none
  std::string reason;        // of CREATE_FAILED

  // Empty: it has none.
  std::string_view name() const;
};

using ClusterPtr = std::shared_ptr<const Cluster>;

std::string_view ProfileName(session::Profile profile);
std::optional<session::Profile> ParseProfile(std::string_view name);
// Whether it is 26 of [a-z0-9].
bool IsClusterId(std::string_view id);
// "CREATING", …
std::string_view ClusterStateName(ClusterState state);

// What is refused; what() is a sentence for whoever asked.
class ClusterError : public std::runtime_error {
 public:
  enum class Kind : uint8_t {
    kNotFound,
    kNoPolicy,         // the cluster has none
    kProtected,        // from deletion
    kFirst,            // the cluster every server has cannot be deleted
    kLimit,
    kTooManyBranches,  // are being made
    kMalformedPolicy,  // see auth::PolicyError
    kConflict,         // with its state, the version that was expected, or another change
    kUnknownOutcome,   // the store's answer was lost
  };
  ClusterError(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct StoredRow {
  std::string key;
  std::string value;
};

struct NewCluster {
  session::Profile profile = session::Profile::kDsql;
  bool deletion_protected = true;
  Tags tags;
  std::string policy;          // empty: none
  std::string request;         // see Cluster
  std::string request_digest;
  bool is_database = false;    // with a name
  std::string source;          // see Cluster; not empty: it will be CLONING
  // What its tenant has from the beginning, by key; null: ClusterWorker sees to it.
  std::function<std::vector<StoredRow>(uint32_t tenant)> first_rows;
};

inline constexpr size_t kDefaultClusterLimit = 20;  // as Aurora DSQL has it
// Of those made as databases, which do not count as the others do.
inline constexpr size_t kDefaultDatabaseLimit = 100'000;
// Of those that are CLONING at one time.
inline constexpr size_t kMostCloning = 2;

// Safe from all threads and fibers; changes suspend. Outlived by store and clock.
class Clusters {
 public:
  // A store without clusters gets one named "default" with this profile. Throws
  // std::runtime_error when it has one with another: a profile is for good.
  Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile,
           size_t limit = kDefaultClusterLimit,
           size_t database_limit = kDefaultDatabaseLimit);

  ClusterPtr default_cluster() const;
  // Those that may be connected to: null for one that is not ACTIVE. Cheap, as it is asked for each
  // connection.
  ClusterPtr Find(std::string_view id) const;
  // As Find(), by name or id; of several with this name the oldest, so that none made later takes
  // another's connections.
  ClusterPtr FindNamed(std::string_view name_or_id) const;
  // In any state; null: there is none with this id.
  ClusterPtr Get(std::string_view id) const;
  // By id, or by name as FindNamed(), but one that is not ACTIVE, too, unless it is DELETING.
  ClusterPtr GetNamed(std::string_view name_or_id) const;
  // By id, those after `after`.
  std::vector<ClusterPtr> List(std::string_view after, size_t limit) const;

  // Both say at once what will be. With the token of an earlier request: the cluster that one made.
  // A database's name may not be another cluster's that is not DELETING (kConflict).
  ClusterPtr Create(const NewCluster& wanted);
  // Again while it is DELETING: no difference.
  ClusterPtr Delete(std::string_view id);

  ClusterPtr SetDeletionProtection(std::string_view id, bool is_protected);
  // A name that it did not have may not be a database's (kConflict).
  ClusterPtr SetTags(std::string_view id, const std::function<void(Tags&)>& edit);
  // `expected_version`: another one is a conflict. `json` null: the policy is deleted. With the
  // token of the last change: no further one.
  ClusterPtr SetPolicy(std::string_view id, const std::optional<std::string>& json,
                       std::optional<uint64_t> expected_version, const std::string& request);

  // --- for ClusterWorker ---
  // CREATING or DELETING.
  std::vector<ClusterPtr> Unfinished() const;
  // CREATING -> ACTIVE.
  void FinishCreation(std::string_view id);
  // DELETING -> gone, with all its data.
  void FinishDeletion(std::string_view id);

  // --- for SpaceReclaimer ---
  // Ascending; those of all clusters there are.
  std::vector<uint32_t> Tenants() const;

  // --- for BranchCopier ---
  std::vector<ClusterPtr> Cloning() const;
  // Commits writes of the branch's tenant. False: it is not CLONING any more, and nothing was done.
  bool WriteCloning(const Cluster& branch, std::span<const kv::Write> writes);
  // CLONING -> ACTIVE, with its last rows. False: it was not.
  bool FinishCloning(std::string_view id, const std::vector<StoredRow>& rows);
  // CLONING -> CREATE_FAILED, with nothing of the copy left. No difference where it was not.
  void FailCloning(std::string_view id, const std::string& reason);

  // Called when there is something unfinished; from any thread.
  void SetObserver(std::function<void()> on_unfinished);

 private:
  using Edit = std::function<void(Cluster&)>;

  void Load();
  void CreateDefault(session::Profile profile);
  // Throws when there is no room for another one, or for another copy, or the name of a database is
  // taken.
  void RequireMayCreate(const NewCluster& wanted) const;
  uint32_t LastTenant(const kv::Snapshot& snapshot) const;
  // The oldest of this name that is in one of the states.
  ClusterPtr OldestNamed(std::string_view name, std::initializer_list<ClusterState> states) const
      REQUIRES(mutex_);
  ClusterPtr Require(std::string_view id) const;
  void RequireNoDatabase(std::string_view name) const;
  // Refuses what is CREATING or DELETING.
  ClusterPtr ChangeActive(std::string_view id, const Edit& edit);
  // Of the row as it is stored now, and judged against it, together with writes of its tenant.
  ClusterPtr Change(std::string_view id, const Edit& edit,
                    std::span<const kv::Write> with = {});
  enum class Which : uint8_t { kAll, kOfRequests };
  std::vector<ClusterPtr> Stored(const kv::Snapshot& snapshot, Which which) const;
  // Null: the row is gone.
  void Publish(const std::string& id, ClusterPtr cluster);
  void NotifyObserver();

  kv::Store& store_;
  base::Clock& clock_;
  const size_t limit_;
  const size_t database_limit_;

  // One change at a time; held across the commit.
  runtime::FiberMutex changing_;

  mutable runtime::Mutex mutex_;
  std::map<std::string, ClusterPtr, std::less<>> clusters_ GUARDED_BY(mutex_);  // by id
  // Those with a name: by name and age.
  std::map<std::pair<std::string, uint32_t>, ClusterPtr> named_ GUARDED_BY(mutex_);
  size_t database_count_ GUARDED_BY(mutex_) = 0;  // of clusters_
  // Of clusters_, those that are not as they are to stay.
  std::map<std::string, ClusterPtr> unfinished_ GUARDED_BY(mutex_);
  ClusterPtr default_ GUARDED_BY(mutex_);
  std::function<void()> on_unfinished_ GUARDED_BY(mutex_);
};

}  // namespace sundog::control
