// The HTTPS listener: accepts connections and serves each on a fiber of one reactor, beside the
// database's own sessions there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "http/connection.h"
#include "http/message.h"
#include "runtime/mutex.h"
#include "runtime/socket.h"

namespace sundog::runtime {
class OneShotEvent;
class Reactor;
}  // namespace sundog::runtime

namespace sundog::http {

struct ServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8443;
  Timeouts timeouts;
  // Beyond it, the one that has waited longest for a request gives way; if none waits, further ones
  // are closed at once.
  size_t max_connections = 256;
  // How long requests may be handled yet at shutdown.
  int64_t shutdown_grace_ms = 10'000;
};

class Server {
 public:
  // Everything passed outlives the server; `sessions`, where WebSockets go on, is shut down after
  // it. Listens at once (throws std::system_error); serves from Start() on. `tls`: its protocol is
  // kProtocol.
  Server(runtime::Reactor& reactor, Handler& handler, pgwire::Server& sessions,
         ServerOptions options, std::shared_ptr<const pgwire::TlsContext> tls);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Start();
  // From a plain thread: accepts no more, lets requests that are being handled end, closes all
  // connections.
  void Shutdown();
  // From any thread: for connections from now on.
  void SetTls(std::shared_ptr<const pgwire::TlsContext> tls);
  uint16_t port() const { return listener_.port(); }

 private:
  void Accept(int file_descriptor);
  // False: all connections are having a request handled.
  bool MakeRoom();
  void Serve(Connection& connection);
  // From a plain thread; returns when it has run.
  void OnReactor(const std::function<void()>& work);
  bool WaitUntilEmpty(int64_t timeout_ms);

  runtime::Reactor& reactor_;
  Handler& handler_;
  pgwire::Server& sessions_;
  const ServerOptions options_;
  runtime::Listener listener_;
  bool started_ = false;

  // Touched only on the reactor's thread.
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  runtime::OneShotEvent* empty_ = nullptr;

  runtime::Mutex mutex_;
  std::shared_ptr<const pgwire::TlsContext> tls_ GUARDED_BY(mutex_);
};

}  // namespace sundog::http
