#include "pgwire/server.h"

#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "pgwire/connection.h"
#include "pgwire/tls_context.h"
#include "runtime/reactor.h"
#include "runtime/runtime.h"

namespace sundog::pgwire {

Server::Server(runtime::Runtime& runtime, session::StatementPipeline& pipeline,
               auth::CredentialSource& credentials, base::Clock& clock, ServerOptions options,
               std::shared_ptr<const TlsContext> tls)
    : runtime_(runtime),
      pipeline_(pipeline),
      credentials_(credentials),
      clock_(clock),
      options_(std::move(options)),
      admission_(clock, options_.admission),
      listener_(options_.host, options_.port),
      placement_(runtime),
      tls_(std::move(tls)) {
  CHECK(tls_ != nullptr);
  for (size_t i = 0; i < runtime_.size(); ++i) {
    shards_.push_back(std::make_unique<Shard>());
    shards_.back()->reactor = &runtime_.reactor(i);
  }
}

Server::~Server() {
  CHECK(!started_);
  CHECK_EQ(connection_count_.load(), 0);
}

void Server::Start() {
  started_ = true;
  runtime::OneShotEvent listening;
  shards_[0]->reactor->Post([&] {
    listener_.Start(*shards_[0]->reactor, [this](int descriptor) { Accept(descriptor); });
    listening.Signal();
  });
  listening.Wait();
}

Server::Shard& Server::ShardOf(const runtime::Reactor& reactor) {
  for (auto& shard : shards_) {
    if (shard->reactor == &reactor) return *shard;
  }
  CHECK(false);
}

void Server::Accept(int file_descriptor) {
  Shard& shard = ShardOf(placement_.Take());
  ++connection_count_;
  shard.reactor->Post([this, &shard, file_descriptor] {
    auto socket = std::make_unique<runtime::Socket>(*shard.reactor, file_descriptor);
    auto transport = std::make_unique<PlainTransport>(*socket);
    Serve(shard, std::move(socket), std::move(transport));
  });
}

void Server::Adopt(std::unique_ptr<runtime::Socket> socket, std::unique_ptr<Transport> transport) {
  runtime::Reactor& reactor = socket->reactor();
  placement_.TakeAt(reactor);
  ++connection_count_;
  Serve(ShardOf(reactor), std::move(socket), std::move(transport));
}

void Server::Serve(Shard& shard, std::unique_ptr<runtime::Socket> socket,
                   std::unique_ptr<Transport> transport) {
  auto connection =
      std::make_unique<Connection>(*this, std::move(socket), std::move(transport));
  Connection* served = connection.get();
  shard.connections.emplace(served, std::move(connection));
  if (shard.draining) served->Drain();
  served->Start();
}

void Server::Move(Connection& connection, runtime::Reactor& to) {
  auto node = ShardOf(*runtime::Reactor::Current()).connections.extract(&connection);
  CHECK(!node.empty());
  connection.Depart(to);
  to.Post([this, &to, moved = node.mapped().release()] {
    Shard& shard = ShardOf(to);
    shard.connections.emplace(moved, moved);
    moved->Arrive(to);
    // This may have been asked of every reactor while the connection was on its way. It may end
    // within.
    if (shard.draining || moved->terminated()) moved->Drain();
  });
}

void Server::Forget(Connection& connection) {
  int32_t process_id = connection.process_id();
  placement_.Leave(connection.seat());
  CHECK_EQ(ShardOf(*runtime::Reactor::Current()).connections.erase(&connection), 1u);
  // Under the lock to its end: who finds no connection left may destroy the server.
  runtime::MutexLock lock(mutex_);
  cancellable_.erase(process_id);
  if (--connection_count_ == 0 && empty_ != nullptr) std::exchange(empty_, nullptr)->Signal();
}

int32_t Server::NextSecret() {
  int32_t secret;
  base::FillSecureRandom(&secret, sizeof secret);
  return secret;
}

auth::Method Server::AuthMethodFor(const auth::Route& route) const {
  bool trusts = options_.auth_method == auth::Method::kTrust;
  if (trusts && !options_.password_if_set) return auth::Method::kTrust;
  bool has_password = route.role && route.role->verifier;
  if (has_password || route.by_user_name) {
    return trusts ? auth::Method::kScram : options_.auth_method;
  }
  // Who is not known is asked for what most would be.
  bool takes_token = route.role ? route.role->takes_token
                                : route.cluster->profile == session::Profile::kDsql;
  return takes_token ? auth::Method::kToken : options_.auth_method;
}

void Server::SetTls(std::shared_ptr<const TlsContext> tls) {
  CHECK(tls != nullptr);
  runtime::MutexLock lock(mutex_);
  tls_.swap(tls);
}

std::shared_ptr<const TlsContext> Server::tls() {
  runtime::MutexLock lock(mutex_);
  return tls_;
}

void Server::Register(Connection& connection, std::shared_ptr<runtime::CancelToken> token) {
  runtime::MutexLock lock(mutex_);
  cancellable_[connection.process_id()] = {connection.secret(), token};
}

void Server::CancelStatement(int32_t process_id, int32_t secret) {
  std::shared_ptr<runtime::CancelToken> token;
  {
    runtime::MutexLock lock(mutex_);
    auto found = cancellable_.find(process_id);
    if (found == cancellable_.end() || found->second.secret != secret) return;
    token = found->second.token.lock();
  }
  if (token != nullptr) token->Cancel(runtime::CancelReason::kUserRequest);
}

void Server::Terminate(int32_t process_id) {
  for (auto& shard : shards_) {
    shard->reactor->Post([shard = shard.get(), process_id] {
      for (auto& [connection, owned] : shard->connections) {
        if (connection->process_id() == process_id) return connection->Terminate();
      }
    });
  }
}

void Server::ForEachConnection(void (*action)(Connection&)) {
  for (auto& shard : shards_) {
    runtime::OneShotEvent done;
    shard->reactor->Post([&] {
      shard->draining = true;
      // An action may end its connection.
      std::vector<Connection*> connections;
      for (auto& [connection, owned] : shard->connections) connections.push_back(connection);
      for (Connection* connection : connections) {
        if (shard->connections.contains(connection)) action(*connection);
      }
      done.Signal();
    });
    done.Wait();
  }
}

bool Server::WaitUntilEmpty(int64_t timeout_ms) {
  runtime::OneShotEvent empty;
  {
    runtime::MutexLock lock(mutex_);
    if (connection_count_ == 0) return true;
    empty_ = &empty;
  }
  (void)empty.WaitUntil(base::SystemClock().MonotonicMicros() + timeout_ms * 1000);
  runtime::MutexLock lock(mutex_);
  empty_ = nullptr;
  return connection_count_ == 0;
}

void Server::Shutdown() {
  if (!started_) return;
  runtime::OneShotEvent stopped;
  shards_[0]->reactor->Post([&] {
    listener_.Stop();
    stopped.Signal();
  });
  stopped.Wait();
  ForEachConnection([](Connection& connection) { connection.Drain(); });
  if (!WaitUntilEmpty(options_.shutdown_grace_ms)) {
    ForEachConnection([](Connection& connection) { connection.Terminate(); });
    while (!WaitUntilEmpty(1000)) {
      ForEachConnection([](Connection& connection) { connection.Abort(); });
    }
  }
  // What a session posted before its end has run: a Terminate() names this server.
  ForEachConnection([](Connection&) {});
  started_ = false;
}

}  // namespace sundog::pgwire
