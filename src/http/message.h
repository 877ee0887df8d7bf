// Requests and responses of HTTP/1.1, as handlers see them.
#pragma once

#include <functional>
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

struct Response;

// Where a body goes that is sent while it is made, because it may be too large to be kept. Used on
// the fiber that handles the request.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  // The next piece of the body; the first one sends the response's head. Waits while the client
  // does not take it. False: the client is gone.
  [[nodiscard]] virtual bool Write(std::string_view bytes) = 0;
  // Called once, on the connection's reactor, when the client goes away; null: not any more.
  virtual void WhenGone(std::function<void()> callback) = 0;
};

// Date, Content-Length and Connection are the connection's to add.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // Where it is set, it makes the rest: it either writes the body, and `status` and `headers` are
  // its head, or writes nothing and sets status and body of the response that it is given. May
  // suspend. What it throws ends the connection, so that the client sees that there is no end.
  std::function<void(Response& response, ResponseStream& stream)> make;
};

// What answers requests. Called on a fiber, for several connections at a time; may suspend; throws
// nothing.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Response Handle(const Request& request) = 0;
};

}  // namespace sundog::http
