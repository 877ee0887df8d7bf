// Who may connect, and how they prove it. Independent of the wire: pgwire asks for the method and
// runs its messages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/scram.h"
#include "session/profile.h"

namespace sundog::auth {

enum class Method {
  kTrust,     // the name is enough
  kPassword,  // in clear text, to be used inside TLS only
  kScram,     // SCRAM-SHA-256
};

// A role, as far as connecting goes.
struct Credentials {
  bool can_login = true;
  bool is_superuser = false;
  // What was stored with PASSWORD '…'; null: no password.
  std::optional<ScramVerifier> verifier;
};

// A cluster, as far as connecting goes.
struct ClusterEntry {
  uint32_t tenant = 0;
  session::Profile profile = session::Profile::kPostgres;
};

// Where clusters, roles and databases are looked up; from any reactor.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // An empty id: the default cluster. Null: there is none with this id.
  virtual std::optional<ClusterEntry> FindCluster(std::string_view id) = 0;
  virtual bool DatabaseExists(std::string_view database) = 0;
  // Null if the cluster has no such role.
  virtual std::optional<Credentials> FindRole(const ClusterEntry& cluster,
                                              std::string_view role) = 0;
};

// One role, known from the command line: what a server without any other roles has.
class SingleRole : public CredentialSource {
 public:
  SingleRole(std::string role, std::optional<std::string> password);
  std::optional<ClusterEntry> FindCluster(std::string_view id) override;
  bool DatabaseExists(std::string_view database) override { return !database.empty(); }
  std::optional<Credentials> FindRole(const ClusterEntry& cluster,
                                      std::string_view role) override;

 private:
  std::string role_;
  Credentials credentials_;
};

// FATAL 08006, as Aurora DSQL refuses whoever it will not have; the hint says why.
[[noreturn]] void ThrowAccessDenied(std::string hint);
// FATAL 28P01 `password authentication failed for user "…"`.
[[noreturn]] void ThrowWrongPassword(std::string_view user);
// FATAL 28000 `role "…" does not exist` / is not permitted to log in; 3D000 for the database.
void RequireMayConnect(const std::optional<Credentials>& role, std::string_view user,
                       bool database_exists, std::string_view database);

}  // namespace sundog::auth
