// One client's connection: TLS, then request after request, each answered before the next is read.
//
// A fiber serves it from its first byte to its end; it waits for the client only so long. Nothing a
// client sends does more than end its own connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"
#include "pgwire/transport.h"
#include "runtime/socket.h"

namespace sundog::pgwire {
class Server;
class TlsContext;
}

namespace sundog::http {

struct Timeouts {
  int64_t handshake_ms = 10'000;
  int64_t idle_ms = 60'000;     // between two requests
  int64_t request_ms = 15'000;  // from its first byte to its last
  int64_t response_ms = 30'000;
};

// Used on its reactor only.
class Connection {
 public:
  // Takes the descriptor over. `sessions`: where WebSockets go on, in PostgreSQL's protocol.
  Connection(runtime::Reactor& reactor, int file_descriptor, Handler& handler,
             pgwire::Server& sessions, std::shared_ptr<const pgwire::TlsContext> tls,
             const Timeouts& timeouts);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // On a fiber: returns at the connection's end, or when it goes on as a session.
  void Serve();
  // The server stops: after the answer to the request that is being handled, or now.
  void Drain();
  void Abort();
  // For its next request to have come; not when it was aborted.
  bool waits() const { return !is_handling_ && !aborted_; }
  int64_t waits_since_us() const { return waits_since_us_; }

 private:
  enum class Outcome : uint8_t { kOk, kClosed };
  class Stream;

  [[nodiscard]] Outcome Handshake();
  void ExplainTls();
  // Reads and answers one; kClosed when there will be no further one.
  [[nodiscard]] Outcome ServeRequest();
  // Adds to input_.
  [[nodiscard]] Outcome ReadMore(int64_t deadline_us);
  [[nodiscard]] Outcome Send(std::string_view bytes);
  [[nodiscard]] Outcome Respond(const Response& response, bool keep_alive, bool omits_body);
  // Of a response that is made while it is sent.
  [[nodiscard]] Outcome RespondMaking(Response& response, bool keep_alive, bool takes_chunks);
  [[nodiscard]] Outcome Wait(int64_t deadline_us);
  // Answers it; then the connection is not ours any more, unless it was refused.
  void BecomeSession(const Request& request);
  void Shutdown();
  // So that the last answer arrives although the client has sent more than was read.
  void Linger();

  std::unique_ptr<runtime::Socket> socket_;  // null: it went on as a session
  Handler& handler_;
  pgwire::Server& sessions_;
  std::shared_ptr<const pgwire::TlsContext> tls_;
  const Timeouts timeouts_;
  std::unique_ptr<pgwire::Transport> transport_;
  std::string input_;
  bool is_handling_ = false;
  bool draining_ = false;
  bool aborted_ = false;
  int64_t waits_since_us_;
};

}  // namespace sundog::http
