// The clusters of a server: each is a tenant with its own roles, schemas and data.
//
// Stored under the server's own tenant, one row a cluster, as JSON; what is as in every new one is
// left out:
//   key: KeyPrefix(kServerTenant, kClusterStorageId, tenant)
//   value: {"id":"kq3…","profile":"dsql","created_us":1760000000000000,"state":"ACTIVE",
//           "protected":true,"tags":{"Name":"shop"},"request":"9f…","request_digest":"…",
//           "policy":"{…}","policy_version":2,"policy_request":"77…"}
// and, once a second cluster was made, the last tenant's number, big-endian:
//   key: KeyPrefix(kServerTenant, kClusterStorageId, 0)
//
// A cluster's life: CREATING until its first catalog rows are there, ACTIVE, DELETING until its
// sessions have ended and its data is gone; then its row is gone, too. ClusterWorker does what lies
// between, after a restart as well.
//
// Invariants: ids are 26 of [a-z0-9], never given twice; a tenant's number is never used again. The
// cluster of the first tenant is there from the beginning and is never deleted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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
}  // namespace sundog::kv

namespace sundog::control {

enum class ClusterState : uint8_t { kCreating, kActive, kDeleting };

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

  // Empty: it has none.
  std::string_view name() const;
};

using ClusterPtr = std::shared_ptr<const Cluster>;

std::string_view ProfileName(session::Profile profile);
std::optional<session::Profile> ParseProfile(std::string_view name);
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
    kMalformedPolicy,  // see auth::PolicyError
    kConflict,         // with its state, the version that was expected, or another change
    kUnknownOutcome,   // the store's answer was lost
  };
  ClusterError(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct NewCluster {
  session::Profile profile = session::Profile::kDsql;
  bool deletion_protected = true;
  Tags tags;
  std::string policy;          // empty: none
  std::string request;         // see Cluster
  std::string request_digest;
};

inline constexpr size_t kDefaultClusterLimit = 20;  // as Aurora DSQL has it

// Safe from all threads and fibers; changes suspend. Outlived by store and clock.
class Clusters {
 public:
  // A store without clusters gets one named "default" with this profile. Throws
  // std::runtime_error when it has one with another: a profile is for good.
  Clusters(kv::Store& store, base::Clock& clock, std::optional<session::Profile> profile,
           size_t limit = kDefaultClusterLimit);

  ClusterPtr default_cluster() const;
  // Those that may be connected to: null for one that is not ACTIVE. Cheap, as it is asked for each
  // connection.
  ClusterPtr Find(std::string_view id) const;
  // In any state; null: there is none with this id.
  ClusterPtr Get(std::string_view id) const;
  // By id, those after `after`.
  std::vector<ClusterPtr> List(std::string_view after, size_t limit) const;

  // Both say at once what will be. With the token of an earlier request: the cluster that one made.
  ClusterPtr Create(const NewCluster& wanted);
  // Again while it is DELETING: no difference.
  ClusterPtr Delete(std::string_view id);

  ClusterPtr SetDeletionProtection(std::string_view id, bool is_protected);
  ClusterPtr SetTags(std::string_view id, const std::function<void(Tags&)>& edit);
  // `expected_version`: another one is a conflict. `json` null: the policy is deleted. With the
  // token of the last change: no further one.
  ClusterPtr SetPolicy(std::string_view id, const std::optional<std::string>& json,
                       std::optional<uint64_t> expected_version, const std::string& request);

  // --- for ClusterWorker ---
  // Neither ACTIVE nor gone.
  std::vector<ClusterPtr> Unfinished() const;
  // CREATING -> ACTIVE.
  void FinishCreation(std::string_view id);
  // DELETING -> gone, with all its data.
  void FinishDeletion(std::string_view id);
  // Called when there is something unfinished; from any thread.
  void SetObserver(std::function<void()> on_unfinished);

 private:
  using Edit = std::function<void(Cluster&)>;

  void Load();
  void CreateDefault(session::Profile profile);
  ClusterPtr Require(std::string_view id) const;
  // Refuses what is CREATING or DELETING.
  ClusterPtr ChangeActive(std::string_view id, const Edit& edit);
  // Of the row as it is stored now, and judged against it.
  ClusterPtr Change(std::string_view id, const Edit& edit);
  std::vector<ClusterPtr> Stored(const kv::Snapshot& snapshot) const;
  // Null: the row is gone.
  void Publish(const std::string& id, ClusterPtr cluster);
  void NotifyObserver();

  kv::Store& store_;
  base::Clock& clock_;
  const size_t limit_;

  // One change at a time; held across the commit.
  runtime::FiberMutex changing_;

  mutable runtime::Mutex mutex_;
  std::map<std::string, ClusterPtr, std::less<>> clusters_ GUARDED_BY(mutex_);  // by id
  ClusterPtr default_ GUARDED_BY(mutex_);
  std::function<void()> on_unfinished_ GUARDED_BY(mutex_);
};

}  // namespace sundog::control
