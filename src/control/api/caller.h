// Who makes a request: the owner of the access key that it is signed with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/access_keys.h"
#include "auth/sigv4.h"

namespace sundog::control {

struct Caller {
  std::string region;  // that the request was made to
  std::string arn;
  auth::Policies policies;
};

// The service that requests are signed for, Sundog's own among them.
inline constexpr std::string_view kSignedService = "dsql";

// Throws ApiError 403. Whoever has no signature that holds learns nothing: not signed, signed with
// an unknown key or a wrong secret, or changed on the way are all one.
//
// `regions`: where this server stands. Which one is meant is said by the signature alone.
Caller Authenticate(const auth::SigV4Request& request, const std::vector<std::string>& regions,
                    int64_t now_s, auth::AccessKeySource& keys);
[[noreturn]] void RefuseUnsigned();

}  // namespace sundog::control
