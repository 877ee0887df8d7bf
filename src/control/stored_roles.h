// Who may connect, from the roles in the engine's catalog.
#pragma once

#include <optional>
#include <string>

#include "auth/authenticator.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// A password as it is stored with its role: a SCRAM-SHA-256 verifier; one that is given as such is
// taken as it is.
std::string MakeVerifier(const std::string& password);

// Safe from all threads; outlived by the engine.
class StoredRoles final : public auth::CredentialSource {
 public:
  // `superuser_password`: role postgres's, as long as no other is stored than was at the start.
  StoredRoles(session::Engine& engine, const std::optional<std::string>& superuser_password);

  bool DatabaseExists(std::string_view database) override;
  std::optional<auth::Credentials> FindRole(std::string_view database,
                                            std::string_view role) override;

 private:
  session::Engine& engine_;
  std::string stored_at_start_;
  std::optional<auth::ScramVerifier> superuser_verifier_;
};

}  // namespace sundog::control
