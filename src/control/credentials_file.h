// Files of credentials as AWS's SDKs and command line read and write them:
//
//   [default]
//   aws_access_key_id = AKIA…
//   aws_secret_access_key = …
//   aws_session_token = …          only with temporary credentials
//
// Lines that begin with '#' or ';' are comments; other keys of a profile are left alone.
#pragma once

#include <string>
#include <string_view>

#include "auth/sigv4.h"

namespace sundog::control {

inline constexpr std::string_view kDefaultProfile = "default";

// Mode 0600, in place of what was there.
void WriteCredentialsFile(const std::string& path, const auth::SigV4Credentials& credentials);

// Throws SqlError: 58030 if it cannot be read, F0000 if the profile or its keys are not in it.
auth::SigV4Credentials ReadCredentialsFile(const std::string& path, std::string_view profile);

}  // namespace sundog::control
