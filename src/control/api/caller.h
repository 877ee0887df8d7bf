// Who makes a request: the owner of the access key that it is signed with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/access_keys.h"
#include "auth/sigv4.h"

namespace sundog::control {

struct Caller {
  std::string arn;
  auth::Policies policies;
};

// The service that requests are signed for, Sundog's own among them.
inline constexpr std::string_view kSignedService = "dsql";

// Throws ApiError 403. Whoever has no signature that holds learns nothing: not signed, signed with
// an unknown key or a wrong secret, or changed on the way are all one.
Caller Authenticate(const auth::SigV4Request& request, std::string_view region, int64_t now_s,
                    auth::AccessKeySource& keys);

}  // namespace sundog::control
