#include "http/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <functional>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "pgwire/tls_context.h"
#include "runtime/event.h"
#include "runtime/reactor.h"

namespace sundog::http {

Server::Server(runtime::Reactor& reactor, Handler& handler, pgwire::Server& sessions,
               ServerOptions options, std::shared_ptr<const pgwire::TlsContext> tls)
    : reactor_(reactor),
      handler_(handler),
      sessions_(sessions),
      options_(std::move(options)),
      listener_(options_.host, options_.port),
      tls_(std::move(tls)) {
  CHECK(tls_ != nullptr);
}

Server::~Server() { CHECK(!started_); }

void Server::OnReactor(const std::function<void()>& work) {
  runtime::OneShotEvent done;
  reactor_.Post([&] {
    work();
    done.Signal();
  });
  done.Wait();
}

void Server::Start() {
  started_ = true;
  OnReactor([this] {
    listener_.Start(reactor_, [this](int descriptor) { Accept(descriptor); });
  });
}

void Server::SetTls(std::shared_ptr<const pgwire::TlsContext> tls) {
  CHECK(tls != nullptr);
  runtime::MutexLock lock(mutex_);
  tls_.swap(tls);
}

void Server::Accept(int file_descriptor) {
  if (connections_.size() >= options_.max_connections && !MakeRoom()) {
    close(file_descriptor);
    return;
  }
  std::shared_ptr<const pgwire::TlsContext> tls;
  {
    runtime::MutexLock lock(mutex_);
    tls = tls_;
  }
  auto connection = std::make_unique<Connection>(reactor_, file_descriptor, handler_,
                                                 sessions_, std::move(tls), options_.timeouts);
  Connection& served = *connection;
  connections_.emplace(&served, std::move(connection));
  reactor_.Spawn([this, &served] { Serve(served); });
}

bool Server::MakeRoom() {
  Connection* longest = nullptr;
  for (auto& [connection, owned] : connections_) {
    if (!connection->waits()) continue;
    if (longest == nullptr || connection->waits_since_us() < longest->waits_since_us()) {
      longest = connection;
    }
  }
  if (longest != nullptr) longest->Abort();
  return longest != nullptr;
}

void Server::Serve(Connection& connection) {
  try {
    connection.Serve();
  } catch (const std::exception& error) {
    base::LogError(fmt::format("a connection of the HTTP API ended: {}", error.what()));
  }
  connections_.erase(&connection);
  if (connections_.empty() && empty_ != nullptr) std::exchange(empty_, nullptr)->Signal();
}

bool Server::WaitUntilEmpty(int64_t timeout_ms) {
  runtime::OneShotEvent empty;
  OnReactor([&] {
    if (connections_.empty()) {
      empty.Signal();
    } else {
      empty_ = &empty;
    }
  });
  bool is_empty =
      empty.WaitUntil(base::SystemClock().MonotonicMicros() + timeout_ms * 1000);
  OnReactor([this] { empty_ = nullptr; });
  return is_empty;
}

void Server::Shutdown() {
  if (!started_) return;
  OnReactor([this] {
    listener_.Stop();
    for (auto& [connection, owned] : connections_) connection->Drain();
  });
  if (!WaitUntilEmpty(options_.shutdown_grace_ms)) {
    do {
      OnReactor([this] {
        for (auto& [connection, owned] : connections_) connection->Abort();
      });
    } while (!WaitUntilEmpty(1000));
  }
  started_ = false;
}

}  // namespace sundog::http
