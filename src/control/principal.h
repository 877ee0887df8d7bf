// Users and roles: who access keys belong to and policies are attached to, and how they are named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sundog::control {

enum class PrincipalKind : uint8_t { kUser, kRole };

// "user", "role".
std::string_view PrincipalKindName(PrincipalKind kind);

struct PrincipalName {
  PrincipalKind kind = PrincipalKind::kUser;
  std::string name;
  friend auto operator<=>(const PrincipalName&, const PrincipalName&) = default;
};

// Twelve digits.
bool IsAccountId(std::string_view text);

// 1 to 64 letters, digits and any of +=,.@_-, as IAM has them.
bool IsPrincipalName(std::string_view name);
// The same, up to 128.
bool IsPolicyName(std::string_view name);

// arn:aws:iam::ACCOUNT:user/NAME, …:role/NAME.
std::string ArnOf(std::string_view account, const PrincipalName& principal);

// The same ARN, or for a session of a role the role's:
//   arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION -> arn:aws:iam::ACCOUNT:role/NAME
std::string FoldAssumedRole(std::string_view arn);

// Whom an ARN (a session of a role's too) names in this account; null if nobody it could have.
std::optional<PrincipalName> ParsePrincipalArn(std::string_view arn, std::string_view account);

}  // namespace sundog::control
