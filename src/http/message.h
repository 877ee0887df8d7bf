// Requests and responses of HTTP/1.1, as handlers see them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/sigv4.h"

namespace sundog::http {

// HTTP/1.1's name in ALPN.
inline constexpr std::string_view kProtocol = "http/1.1";

// In the order sent, as often as sent.
using Headers = std::vector<auth::NamedValue>;

struct Request {
  std::string method;  // "GET"
  std::string target;  // "/cluster?max-results=5", as sent
  Headers headers;
  std::string body;
};

// Date, Content-Length and Connection are the connection's to add.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
};

// What answers requests. Called on a fiber, for several connections at a time; may suspend; throws
// nothing.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Response Handle(const Request& request) = 0;
};

}  // namespace sundog::http
