// Who may connect, and how they prove it. Independent of the wire: pgwire asks for the method and
// runs its messages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/connect_token.h"
#include "auth/scram.h"
#include "session/profile.h"

namespace sundog::auth {

enum class Method {
  kTrust,     // the name is enough
  kPassword,  // in clear text, to be used inside TLS only
  kScram,     // SCRAM-SHA-256
  kToken,     // a connection token (auth/connect_token.h) in place of a password, inside TLS only
};

// A role, as far as connecting goes.
struct Credentials {
  bool can_login = true;
  bool is_superuser = false;
  bool may_connect = true;  // has CONNECT on the database
  // What was stored with PASSWORD '…'; null: no password.
  std::optional<ScramVerifier> verifier;
  // Without a password, it is a token that lets in; for all but `admin`, one of these identities'.
  bool takes_token = false;
  std::vector<std::string> trusted_arns;
};

// A cluster, as far as connecting goes.
struct ClusterEntry {
  uint32_t tenant = 0;
  session::Profile profile = session::Profile::kPostgres;
  std::string id;
  // Who may connect to it beside those whose own policies say so; null: it says nothing.
  std::shared_ptr<const Policy> policy;
};

// Where clusters, roles and databases are looked up; from any reactor.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // An empty id: the default cluster. Null: there is none with this id.
  virtual std::optional<ClusterEntry> FindCluster(std::string_view id) = 0;
  // By its name or its id. Null: there is none.
  virtual std::optional<ClusterEntry> FindNamedCluster(std::string_view name) = 0;
  virtual bool DatabaseExists(std::string_view database) = 0;
  // Null if the cluster has no such role.
  virtual std::optional<Credentials> FindRole(const ClusterEntry& cluster,
                                              std::string_view role) = 0;
  // Whose token it is. `server_name`: what the client calls this server; may be empty. Throws as
  // ThrowAccessDenied() if it is not good for this user of this cluster.
  virtual ConnectIdentity VerifyToken(const ClusterEntry& cluster, std::string_view user,
                                      std::string_view server_name, std::string_view token) = 0;
};

// The cluster that a client wants by the name it calls the server: ID in ID.dsql.REGION.on.aws, and
// in every name that begins with what looks like an id; else empty.
std::string_view ClusterIdOf(std::string_view server_name);

// FATAL 08006, as Aurora DSQL refuses whoever it will not have; the hint says why.
[[noreturn]] void ThrowAccessDenied(std::string hint);
// FATAL 28P01 `password authentication failed for user "…"`.
[[noreturn]] void ThrowWrongPassword(std::string_view user);
// FATAL 08006 if a token's bearer may not be this role.
void RequireTrust(const std::optional<Credentials>& role, std::string_view user,
                  const ConnectIdentity& identity);
// FATAL 28000 `role "…" does not exist` / is not permitted to log in; 3D000 for the database, 42501
// without CONNECT on it.
void RequireMayConnect(const std::optional<Credentials>& role, std::string_view user,
                       bool database_exists, std::string_view database);

}  // namespace sundog::auth
