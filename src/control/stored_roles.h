// Who may connect, from the clusters and the roles in their catalogs.
#pragma once

#include <optional>
#include <string>

#include "auth/authenticator.h"
#include "control/token_verifier.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// A password as it is stored with its role: a SCRAM-SHA-256 verifier; one that is given as such is
// taken as it is.
std::string MakeVerifier(const std::string& password);

class Clusters;

// Safe from all threads; outlived by all that it is given.
class StoredRoles final : public auth::CredentialSource {
 public:
  // `tokens`: who verifies them.
  // `superuser_password`: role postgres's of every cluster that has not stored one of its own; of
  // the default cluster, as long as no other is stored than was at the start.
  StoredRoles(session::Engine& engine, const Clusters& clusters, TokenVerifier& tokens,
              const std::optional<std::string>& superuser_password);

  std::optional<auth::ClusterEntry> FindCluster(std::string_view id) override;
  std::optional<auth::ClusterEntry> FindNamedCluster(std::string_view name) override;
  bool DatabaseExists(std::string_view database) override;
  std::optional<auth::Credentials> FindRole(const auth::ClusterEntry& cluster,
                                            std::string_view role) override;
  auth::ConnectIdentity VerifyToken(const auth::ClusterEntry& cluster, std::string_view user,
                                    std::string_view server_name, std::string_view token) override {
    return tokens_.Verify(cluster, user, server_name, token);
  }

 private:
  session::Engine& engine_;
  const Clusters& clusters_;
  TokenVerifier& tokens_;
  std::string stored_at_start_;
  std::optional<auth::ScramVerifier> superuser_verifier_;
};

}  // namespace sundog::control
