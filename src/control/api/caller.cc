#include "control/api/caller.h"

#include <fmt/format.h>

#include <optional>

#include "auth/digest.h"
#include "control/api/api_error.h"

namespace sundog::control {

Caller Authenticate(const auth::SigV4Request& request, std::string_view region, int64_t now_s,
                    auth::AccessKeySource& keys) {
  const std::string unsigned_text = "The request is not signed with an access key of this server.";
  auth::SigV4Reading reading = auth::ReadSignedHeaders(request);
  if (!reading.claim) throw ApiError::AccessDenied(unsigned_text);
  const auth::SigV4Claim& claim = *reading.claim;
  std::optional<auth::AccessKeyOwner> owner = keys.FindAccessKey(claim.access_key_id);
  // Computed for unknown keys too, so that they take as long.
  bool matches = auth::SignatureMatches(request, claim, owner ? owner->secret : std::string());
  if (!owner || !matches || !auth::SameSecret(owner->session_token, claim.session_token)) {
    throw ApiError::AccessDenied(unsigned_text);
  }
  if (claim.scope.service != kSignedService) {
    throw ApiError::AccessDenied("Credential should be scoped to correct service: 'dsql'.");
  }
  if (claim.scope.region != region) {
    throw ApiError::AccessDenied(fmt::format(
        "Credential should be scoped to region '{}', not '{}'.", region, claim.scope.region));
  }
  if (auto problem = auth::TimeProblem(claim, now_s)) throw ApiError::AccessDenied(*problem);
  return {std::move(owner->arn), std::move(owner->policies)};
}

}  // namespace sundog::control
