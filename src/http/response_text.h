// A response as it goes over the wire.
#pragma once

#include <cstdint>
#include <string>

#include "http/message.h"

namespace sundog::http {

struct ResponseOptions {
  bool keep_alive = false;
  // The answer to HEAD says how long the body would be, and has none.
  bool omits_body = false;
  // The head alone: the body follows, in chunks or up to the connection's end.
  bool body_follows = false;
  bool chunked = false;
  int64_t now_s = 0;  // since 1970, for Date
};

// HTTP/1.1.
std::string FormatResponse(const Response& response, const ResponseOptions& options);

}  // namespace sundog::http
