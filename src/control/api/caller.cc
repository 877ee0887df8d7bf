#include "control/api/caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/digest.h"
#include "control/api/api_error.h"

namespace sundog::control {

void RefuseUnsigned() {
  throw ApiError::AccessDenied("The request is not signed with an access key of this server.");
}

Caller Authenticate(const auth::SigV4Request& request, const std::vector<std::string>& regions,
                    int64_t now_s, auth::AccessKeySource& keys) {
  auth::SigV4Reading reading = auth::ReadSignedHeaders(request);
  if (!reading.claim) RefuseUnsigned();
  const auth::SigV4Claim& claim = *reading.claim;
  std::optional<auth::AccessKeyOwner> owner = keys.FindAccessKey(claim.access_key_id);
  // Computed for unknown keys too, so that they take as long.
  bool matches = auth::SignatureMatches(request, claim, owner ? owner->secret : std::string());
  if (!owner || !matches || !auth::SameSecret(owner->session_token, claim.session_token)) {
    RefuseUnsigned();
  }
  if (claim.scope.service != kSignedService) {
    throw ApiError::AccessDenied("Credential should be scoped to correct service: 'dsql'.");
  }
  if (std::find(regions.begin(), regions.end(), claim.scope.region) == regions.end()) {
    throw ApiError::AccessDenied(
        fmt::format("Credential should be scoped to region '{}', not '{}'.",
                    fmt::join(regions, "' or '"), claim.scope.region));
  }
  if (auto problem = auth::TimeProblem(claim, now_s)) throw ApiError::AccessDenied(*problem);
  return {claim.scope.region, std::move(owner->arn), std::move(owner->policies)};
}

}  // namespace sundog::control
