#include "auth/authenticator.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "codec/key_space.h"

namespace sundog::auth {

SingleRole::SingleRole(std::string role, std::optional<std::string> password)
    : role_(std::move(role)) {
  credentials_.is_superuser = true;
  if (password) credentials_.verifier = ScramVerifier::FromPassword(*password);
}

std::optional<ClusterEntry> SingleRole::FindCluster(std::string_view id) {
  if (!id.empty()) return std::nullopt;
  return ClusterEntry{codec::kFirstTenant, session::Profile::kPostgres};
}

std::optional<Credentials> SingleRole::FindRole(const ClusterEntry&, std::string_view role) {
  if (role != role_) return std::nullopt;
  return credentials_;
}

void ThrowAccessDenied(std::string hint) {
  throw SqlError(sqlstate::kConnectionFailure, "unable to accept connection, access denied")
      .Hint(std::move(hint))
      .Fatal();
}

void ThrowWrongPassword(std::string_view user) {
  throw SqlError(sqlstate::kInvalidPassword,
                 fmt::format("password authentication failed for user \"{}\"", user))
      .Fatal();
}

void RequireMayConnect(const std::optional<Credentials>& role, std::string_view user,
                       bool database_exists, std::string_view database) {
  if (!role) {
    throw SqlError(sqlstate::kInvalidAuthorizationSpecification,
                   fmt::format("role \"{}\" does not exist", user))
        .Fatal();
  }
  if (!role->can_login) {
    throw SqlError(sqlstate::kInvalidAuthorizationSpecification,
                   fmt::format("role \"{}\" is not permitted to log in", user))
        .Fatal();
  }
  if (!database_exists) {
    throw SqlError(sqlstate::kUndefinedDatabase,
                   fmt::format("database \"{}\" does not exist", database))
        .Fatal();
  }
}

}  // namespace sundog::auth
