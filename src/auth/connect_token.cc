#include "auth/connect_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "auth/access_keys.h"
#include "auth/authenticator.h"
#include "auth/digest.h"
#include "auth/policy.h"
#include "auth/sigv4.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "types/ascii.h"

namespace sundog::auth {

namespace {

constexpr std::string_view kService = "dsql";
constexpr std::string_view kActionParameter = "Action";
// Long enough for every session token; what is longer is not looked at.
constexpr size_t kMaxTokenBytes = 65536;

using Reason = TokenRefusal::Reason;

TokenRefusal Malformed(std::string_view problem) {
  return {Reason::kMalformed,
          fmt::format("The password is not a valid connection token. {}", problem)};
}

// So that what a token says can be repeated in a hint.
bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The request a token presigns; the refusal if it is none.
std::variant<SigV4Request, TokenRefusal> RequestOf(std::string_view token) {
  size_t question = token.find('?');
  if (token.size() > kMaxTokenBytes || question == std::string_view::npos) {
    return Malformed("It must have the form HOST/?Action=...&X-Amz-...");
  }
  std::string_view host = token.substr(0, question);
  if (host.ends_with('/')) host.remove_suffix(1);
  if (host.empty() || !IsPrintable(host) || host.find('/') != std::string_view::npos) {
    return Malformed("It must begin with a host name, without a scheme.");
  }
  auto query = ParseQuery(token.substr(question + 1), QueryEncoding::kExact);
  if (!query) return Malformed("Its parameters are not encoded as RFC 3986 has it.");
  std::set<std::string_view> names;
  for (const NamedValue& parameter : *query) {
    if (!IsPrintable(parameter.name) || !IsPrintable(parameter.value)) {
      return Malformed("Its parameters must be printable ASCII.");
    }
    if (!names.insert(parameter.name).second) {
      return Malformed(fmt::format("'{}' is given twice.", parameter.name));
    }
  }
  SigV4Request request;
  request.query = std::move(*query);
  request.headers = {{"host", std::string(host)}};
  return request;
}

std::optional<ConnectAction> ActionOf(const SigV4Request& request) {
  for (const NamedValue& parameter : request.query) {
    if (parameter.name != kActionParameter) continue;
    for (ConnectAction action : {ConnectAction::kDbConnect, ConnectAction::kDbConnectAdmin}) {
      if (parameter.value == ConnectActionName(action)) return action;
    }
  }
  return std::nullopt;
}

// Of a claim whose signature holds: whether it is good here and now.
std::optional<TokenRefusal> JudgeClaim(const SigV4Claim& claim, std::string_view host,
                                       const ConnectTarget& target, int64_t now_s) {
  if (claim.scope.service != kService) {
    return TokenRefusal{Reason::kScope, "Credential should be scoped to correct service: 'dsql'."};
  }
  if (claim.scope.region != target.region) {
    return TokenRefusal{Reason::kScope,
                        fmt::format("Credential should be scoped to region '{}', not '{}'.",
                                    target.region, claim.scope.region)};
  }
  bool host_is_ours = std::any_of(
      target.hosts.begin(), target.hosts.end(),
      [host](const std::string& ours) { return types::EqualsIgnoringCase(ours, host); });
  if (!host_is_ours) {
    return TokenRefusal{
        Reason::kHost,
        fmt::format("The token is for the host '{}', which is not this one.", host)};
  }
  if (auto problem = TimeProblem(claim, now_s)) return TokenRefusal{Reason::kTime, *problem};
  return std::nullopt;
}

std::optional<TokenRefusal> JudgeAction(ConnectAction action, const ConnectTarget& target,
                                        const AccessKeyOwner& owner) {
  if ((target.user == kAdminUser) != (action == ConnectAction::kDbConnectAdmin)) {
    return TokenRefusal{Reason::kAction,
                        fmt::format("Wrong user to action mapping. user: {}, action: {}",
                                    target.user, ConnectActionName(action))};
  }
  std::string name = fmt::format("{}:{}", kService, ConnectActionName(action));
  Verdict verdict = Judge(*owner.policies, target.policy, owner.arn, name, target.cluster_arn);
  if (verdict == Verdict::kAllowed) return std::nullopt;
  return TokenRefusal{Reason::kNotAuthorized,
                      DescribeRefusal(verdict, owner.arn, name, target.cluster_arn)};
}

}  // namespace

std::string_view ConnectActionName(ConnectAction action) {
  return action == ConnectAction::kDbConnect ? "DbConnect" : "DbConnectAdmin";
}

std::string MakeConnectToken(ConnectAction action, std::string_view host, std::string_view region,
                             const SigV4Credentials& credentials, int64_t now_s,
                             int64_t expires_s) {
  SigV4Request request;
  request.query = {{std::string(kActionParameter), std::string(ConnectActionName(action))}};
  request.headers = {{"host", std::string(host)}};
  return fmt::format("{}/?{}", host,
                     PresignQuery(request, credentials, region, kService, now_s, expires_s));
}

std::variant<ConnectIdentity, TokenRefusal> VerifyConnectToken(std::string_view token,
                                                               const ConnectTarget& target,
                                                               int64_t now_s,
                                                               AccessKeySource& keys) {
  auto parsed = RequestOf(token);
  if (auto* refusal = std::get_if<TokenRefusal>(&parsed)) return std::move(*refusal);
  const SigV4Request& request = std::get<SigV4Request>(parsed);
  SigV4Reading reading = ReadPresignedQuery(request);
  if (!reading.claim) return Malformed(reading.problem);
  const SigV4Claim& claim = *reading.claim;
  std::optional<ConnectAction> action = ActionOf(request);
  if (!action) return Malformed("Its Action must be DbConnect or DbConnectAdmin.");

  std::optional<AccessKeyOwner> owner = keys.FindAccessKey(claim.access_key_id);
  // Computed for unknown keys too, so that they take as long.
  bool matches = SignatureMatches(request, claim, owner ? owner->secret : std::string());
  if (!owner || !SameSecret(owner->session_token, claim.session_token)) {
    return TokenRefusal{Reason::kUnknownKey,
                        "The security token included in the request is invalid."};
  }
  if (!matches) {
    return TokenRefusal{Reason::kSignature,
                        "The request signature we calculated does not match the signature you "
                        "provided. Check your AWS Secret Access Key and signing method."};
  }
  CHECK(owner->policies != nullptr);
  std::optional<TokenRefusal> refusal =
      JudgeClaim(claim, request.headers.front().value, target, now_s);
  if (!refusal) refusal = JudgeAction(*action, target, *owner);
  if (refusal) return std::move(*refusal);
  return ConnectIdentity{claim.access_key_id, owner->arn, *action};
}

void ThrowAccessDenied(const TokenRefusal& refusal) {
  ThrowAccessDenied(refusal.hint);
}

}  // namespace sundog::auth
