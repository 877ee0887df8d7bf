#include "auth/authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "types/ascii.h"

namespace sundog::auth {

namespace {

constexpr size_t kClusterIdChars = 26;

bool LooksLikeClusterId(std::string_view label) {
  return label.size() == kClusterIdChars &&
         std::all_of(label.begin(), label.end(), types::IsAlphanumeric);
}

}  // namespace

std::string_view ClusterIdOf(std::string_view server_name) {
  std::string_view label = server_name.substr(0, server_name.find('.'));
  constexpr std::string_view kService = "dsql";
  constexpr std::string_view kDomain = ".on.aws";
  std::string_view rest = server_name.substr(std::min(label.size() + 1, server_name.size()));
  bool is_endpoint = rest.starts_with(kService) && rest.ends_with(kDomain);
  return is_endpoint || LooksLikeClusterId(label) ? label : std::string_view();
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

void RequireTrust(const std::optional<Credentials>& role, std::string_view user,
                  const ConnectIdentity& identity) {
  if (!role) ThrowAccessDenied(fmt::format("Role {} does not exist", user));
  if (identity.action == ConnectAction::kDbConnectAdmin) return;
  const std::vector<std::string>& trusted = role->trusted_arns;
  if (std::find(trusted.begin(), trusted.end(), identity.arn) != trusted.end()) return;
  ThrowAccessDenied(fmt::format(
      "Role {} has no IAM trust with {}. AWS IAM GRANT {} TO '{}' gives it.", user, identity.arn,
      user, identity.arn));
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
  if (!role->may_connect) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   fmt::format("permission denied for database \"{}\"", database))
        .Detail("User does not have CONNECT privilege.")
        .Fatal();
  }
}

}  // namespace sundog::auth
