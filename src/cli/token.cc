#include "cli/token.h"

#include <algorithm>
#include <cstdio>
#include <exception>

#include "auth/connect_token.h"
#include "auth/sigv4.h"
#include "base/clock.h"
#include "types/ascii.h"

namespace sundog::cli {

namespace {

constexpr size_t kMaxHostBytes = 253;

}  // namespace

bool IsHostName(const std::string& text) {
  return !text.empty() && text.size() <= kMaxHostBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return types::IsAlpha(c) || types::IsDigit(c) || c == '.' || c == '-' || c == '_';
         });
}

int PrintToken(const TokenOptions& options) {
  try {
    auth::SigV4Credentials key = FindAccessKey(options.access_key);
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
