// One role of one cluster, for tests of the wire.
#pragma once

#include <optional>
#include <string>

#include "auth/authenticator.h"
#include "codec/key_space.h"

namespace sundog::pgwire::testing {

class OneRole : public auth::CredentialSource {
 public:
  explicit OneRole(std::optional<std::string> password) {
    credentials_.is_superuser = true;
    if (password) credentials_.verifier = auth::ScramVerifier::FromPassword(*password);
  }

  std::optional<auth::ClusterEntry> FindCluster(std::string_view id) override {
    if (!id.empty()) return std::nullopt;
    return cluster_;
  }
  std::optional<auth::ClusterEntry> FindNamedCluster(std::string_view) override {
    return std::nullopt;
  }
  bool DatabaseExists(std::string_view database) override { return !database.empty(); }
  std::optional<auth::Credentials> FindRole(const auth::ClusterEntry&,
                                            std::string_view role) override {
    if (role != "postgres") return std::nullopt;
    return credentials_;
  }
  auth::ConnectIdentity VerifyToken(const auth::ClusterEntry&, std::string_view user,
                                    std::string_view server_name,
                                    std::string_view token) override {
    if (token != "good") auth::ThrowAccessDenied("not good");
    token_user = user;
    token_server_name = server_name;
    return {"AKIA", "arn:of-token", auth::ConnectAction::kDbConnect};
  }

  auth::ClusterEntry& cluster() { return cluster_; }
  auth::Credentials& credentials() { return credentials_; }

  // Of the last good token.
  std::string token_user;
  std::string token_server_name;

 private:
  auth::ClusterEntry cluster_{codec::kFirstTenant, session::Profile::kPostgres, {}};
  auth::Credentials credentials_;
};

}  // namespace sundog::pgwire::testing
