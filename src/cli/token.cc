#include "cli/token.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "auth/connect_token.h"
#include "auth/sigv4.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "cli/environment.h"
#include "control/credentials_file.h"
#include "types/ascii.h"

namespace sundog::cli {

namespace {

constexpr size_t kMaxHostBytes = 253;

// Null if the environment has no key; half a key is a mistake, not a reason to use another.
std::optional<auth::SigV4Credentials> FromEnvironment() {
  auth::SigV4Credentials key{Environment("AWS_ACCESS_KEY_ID"),
                             Environment("AWS_SECRET_ACCESS_KEY"),
                             Environment("AWS_SESSION_TOKEN")};
  if (key.access_key_id.empty() && key.secret.empty()) return std::nullopt;
  if (key.access_key_id.empty() || key.secret.empty()) {
    throw std::runtime_error(
        "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set in the environment");
  }
  return key;
}

// What the command line names comes before the environment, as with AWS's own command line.
auth::SigV4Credentials FindAccessKey(const TokenOptions& options) {
  bool named = !options.profile.empty() || !options.credentials_file.empty() ||
               !options.data_folder.empty();
  if (!named) {
    if (auto key = FromEnvironment()) return *key;
  }
  std::string folder = options.data_folder.empty() ? "./data" : options.data_folder;
  std::string file =
      options.credentials_file.empty() ? folder + "/credentials" : options.credentials_file;
  std::string profile =
      options.profile.empty() ? std::string(control::kDefaultProfile) : options.profile;
  return control::ReadCredentialsFile(file, profile);
}

}  // namespace

bool IsHostName(const std::string& text) {
  return !text.empty() && text.size() <= kMaxHostBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return types::IsAlpha(c) || types::IsDigit(c) || c == '.' || c == '-' || c == '_';
         });
}

int PrintToken(const TokenOptions& options) {
  try {
    auth::SigV4Credentials key = FindAccessKey(options);
    auto action = options.admin ? auth::ConnectAction::kDbConnectAdmin
                                : auth::ConnectAction::kDbConnect;
    std::string token = auth::MakeConnectToken(action, options.host, options.region, key,
                                               base::SystemClock().WallMicros() / 1'000'000,
                                               options.expires_in_s);
    std::printf("%s\n", token.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sundog: %s\n", error.what());
    return 1;
  }
}

}  // namespace sundog::cli
