// `sundog token`: makes a connection token out of an access key; no server is asked.
#pragma once

#include <cstdint>
#include <string>

#include "cli/access_key.h"

namespace sundog::cli {

struct TokenOptions {
  bool admin = false;
  std::string host;
  std::string region;
  int64_t expires_in_s = 900;
  AccessKeyOptions access_key;
};

// Without scheme and port.
bool IsHostName(const std::string& text);

// Prints the token and a newline; 0 then, 1 with a line on standard error when there is no key.
int PrintToken(const TokenOptions& options);

}  // namespace sundog::cli
