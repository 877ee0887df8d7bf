// Clusters as DB9's users know them: databases with a name, made at once with a role admin and its
// password, and the users in them. What is refused throws ClusterError and SqlError.
//
// Passwords are told to whoever made them and kept nowhere but as SCRAM verifiers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/api_tokens.h"
#include "control/branch_copier.h"
#include "control/clusters.h"
#include "runtime/mutex.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// Where clients of PostgreSQL find the server.
struct SqlAddress {
  std::string host;  // empty: as the HTTP API is called
  uint16_t port = 0;
};

struct DatabaseUser {
  std::string name;
  bool can_login = false;
  bool may_create_roles = false;
};

// Safe from all threads; what suspends is called on a fiber of a reactor. Outlived by what it is
// given.
class Databases {
 public:
  Databases(Clusters& clusters, session::Engine& engine);

  struct Made {
    ClusterPtr cluster;
    std::string password;  // admin's
  };
  // An empty name: one is made up.
  Made Create(std::string_view name, session::Profile profile);
  // A copy of the source as it is now, with a password of its own for admin; CLONING.
  Made CreateBranch(const Cluster& source, std::string_view name);
  std::vector<ClusterPtr> BranchesOf(const Cluster& source);
  // Of one that is CLONING: how much of it is there, from 0 to 1.
  double CloningProgress(const Cluster& branch) { return copier_.Progress(branch.id); }

  // Branches that are being made are given up. Before the engine's jobs are stopped.
  void Stop() { copier_.Stop(); }

  // Whether anything of it is in memory.
  bool IsLoaded(const Cluster& cluster);

  // The store's estimate.
  int64_t SizeBytes(const Cluster& cluster);
  size_t ConnectionCount(const Cluster& cluster);

  // --- users: roles but those that PostgreSQL has of itself ---
  std::vector<DatabaseUser> Users(const Cluster& cluster);
  // Their passwords; one that is made up where none is given.
  std::string CreateUser(const Cluster& cluster, std::string_view name,
                         const std::optional<std::string>& password);
  std::string ResetPassword(const Cluster& cluster, std::string_view user);
  void DropUser(const Cluster& cluster, std::string_view name);

  ApiTokens& tokens() { return tokens_; }
  session::Engine& engine() { return engine_; }

  // Known once the server listens.
  void SetAddress(SqlAddress address);
  SqlAddress address();

 private:
  Made CreateNamed(std::string_view name, NewCluster wanted, std::string password);

  Clusters& clusters_;
  session::Engine& engine_;
  BranchCopier copier_;
  ApiTokens tokens_;
  runtime::Mutex mutex_;
  SqlAddress address_ GUARDED_BY(mutex_);
};

}  // namespace sundog::control
