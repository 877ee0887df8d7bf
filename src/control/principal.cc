#include "control/principal.h"

#include <fmt/format.h>

#include <algorithm>

#include "types/ascii.h"

namespace sundog::control {

namespace {

constexpr size_t kAccountDigits = 12;
constexpr size_t kMaxPrincipalNameBytes = 64;
constexpr size_t kMaxPolicyNameBytes = 128;
constexpr std::string_view kSessionPrefix = "arn:aws:sts::";
constexpr std::string_view kSessionKind = ":assumed-role/";
constexpr std::string_view kIamPrefix = "arn:aws:iam::";

bool IsIamName(std::string_view name, size_t max_bytes) {
  constexpr std::string_view kPunctuation = "+=,.@_-";
  return !name.empty() && name.size() <= max_bytes &&
         std::all_of(name.begin(), name.end(), [kPunctuation](char c) {
           return types::IsAlpha(c) || types::IsDigit(c) ||
                  kPunctuation.find(c) != std::string_view::npos;
         });
}

}  // namespace

std::string_view PrincipalKindName(PrincipalKind kind) {
  return kind == PrincipalKind::kUser ? "user" : "role";
}

bool IsAccountId(std::string_view text) {
  return text.size() == kAccountDigits && std::all_of(text.begin(), text.end(), types::IsDigit);
}

bool IsPrincipalName(std::string_view name) { return IsIamName(name, kMaxPrincipalNameBytes); }
bool IsPolicyName(std::string_view name) { return IsIamName(name, kMaxPolicyNameBytes); }

std::string ArnOf(std::string_view account, const PrincipalName& principal) {
  return fmt::format("{}{}:{}/{}", kIamPrefix, account, PrincipalKindName(principal.kind),
                     principal.name);
}

std::string FoldAssumedRole(std::string_view arn) {
  if (!arn.starts_with(kSessionPrefix)) return std::string(arn);
  std::string_view account = arn.substr(kSessionPrefix.size(), kAccountDigits);
  std::string_view rest =
      arn.substr(std::min(arn.size(), kSessionPrefix.size() + kAccountDigits));
  if (!IsAccountId(account) || !rest.starts_with(kSessionKind)) return std::string(arn);
  rest.remove_prefix(kSessionKind.size());
  size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) {
    return std::string(arn);
  }
  return ArnOf(account, {PrincipalKind::kRole, std::string(rest.substr(0, slash))});
}

std::optional<PrincipalName> ParsePrincipalArn(std::string_view arn, std::string_view account) {
  std::string folded = FoldAssumedRole(arn);
  for (PrincipalKind kind : {PrincipalKind::kUser, PrincipalKind::kRole}) {
    std::string prefix = ArnOf(account, {kind, ""});
    if (!folded.starts_with(prefix)) continue;
    std::string name = folded.substr(prefix.size());
    if (IsPrincipalName(name)) return PrincipalName{kind, std::move(name)};
  }
  return std::nullopt;
}

}  // namespace sundog::control
