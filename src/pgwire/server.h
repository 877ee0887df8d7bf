// The PostgreSQL endpoint: listens, spreads connections over the reactors, knows who may be
// cancelled, and ends them all at shutdown.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "auth/route.h"
#include "base/clock.h"
#include "pgwire/admission.h"
#include "runtime/event.h"
#include "runtime/interrupt.h"
#include "runtime/mutex.h"
#include "runtime/placement.h"
#include "runtime/socket.h"

namespace sundog::runtime {
class Runtime;
}
namespace sundog::session {
class StatementPipeline;
}

namespace sundog::pgwire {

class Connection;
class TlsContext;
class Transport;

struct ServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 5432;
  auth::Method auth_method = auth::Method::kTrust;
  // A role that has a password must give it, and one that takes tokens a token, also where the
  // method is trust.
  bool password_if_set = true;
  // Of each cluster of profile dsql; superusers are let in beyond them.
  AdmissionLimits admission;
  // A connection to such a cluster ends when it is that old, after its transaction.
  int64_t dsql_connection_age_ms = 60 * 60 * 1000;
  // How long a client may take from the first byte to the end of authentication.
  int64_t authentication_timeout_ms = 60'000;
  // How long running statements may go on at shutdown before they are cancelled.
  int64_t shutdown_grace_ms = 10'000;
};

class Server {
 public:
  // Everything passed outlives the server. Listens at once (throws std::system_error); serves from
  // Start() on.
  Server(runtime::Runtime& runtime, session::StatementPipeline& pipeline,
         auth::CredentialSource& credentials, base::Clock& clock, ServerOptions options,
         std::shared_ptr<const TlsContext> tls);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Start();
  // From a plain thread: accepts no more, lets running statements end, closes all connections.
  void Shutdown();
  // From any thread: for handshakes from now on; connections that are there keep theirs.
  void SetTls(std::shared_ptr<const TlsContext> tls);
  // Serves a connection that another listener accepted, on its reactor; to be called there.
  void Adopt(std::unique_ptr<runtime::Socket> socket, std::unique_ptr<Transport> transport);
  uint16_t port() const { return listener_.port(); }
  int64_t connection_count() const { return connection_count_; }

  // --- for connections, from any reactor ---
  session::StatementPipeline& pipeline() const { return pipeline_; }
  auth::CredentialSource& credentials() const { return credentials_; }
  base::Clock& clock() const { return clock_; }
  std::shared_ptr<const TlsContext> tls();
  int64_t authentication_timeout_ms() const { return options_.authentication_timeout_ms; }
  Admission& admission() { return admission_; }
  int64_t dsql_connection_age_ms() const { return options_.dsql_connection_age_ms; }
  auth::Method AuthMethodFor(const auth::Route& route) const;
  int32_t NextProcessId() { return next_process_id_++; }
  int32_t NextSecret();
  void Register(Connection& connection, std::shared_ptr<runtime::CancelToken> token);
  runtime::Placement& placement() { return placement_; }
  // On the connection's reactor, as its last act there.
  void Move(Connection& connection, runtime::Reactor& to);
  // Destroys the connection; on its reactor, as its last act.
  void Forget(Connection& connection);
  void CancelStatement(int32_t process_id, int32_t secret);
  // Ends the connection, if it is there, with FATAL 57P01.
  void Terminate(int32_t process_id);

 private:
  // What one reactor serves; touched only on its thread.
  struct Shard {
    runtime::Reactor* reactor = nullptr;
    std::unordered_map<Connection*, std::unique_ptr<Connection>> connections;
    bool draining = false;
  };
  struct Cancellable {
    int32_t secret;
    std::weak_ptr<runtime::CancelToken> token;
  };

  Shard& ShardOf(const runtime::Reactor& reactor);
  void Accept(int file_descriptor);
  void Serve(Shard& shard, std::unique_ptr<runtime::Socket> socket,
             std::unique_ptr<Transport> transport);
  void ForEachConnection(void (*action)(Connection&));
  bool WaitUntilEmpty(int64_t timeout_ms);

  runtime::Runtime& runtime_;
  session::StatementPipeline& pipeline_;
  auth::CredentialSource& credentials_;
  base::Clock& clock_;
  ServerOptions options_;
  Admission admission_;
  runtime::Listener listener_;
  std::vector<std::unique_ptr<Shard>> shards_;
  runtime::Placement placement_;
  bool started_ = false;
  std::atomic<int32_t> next_process_id_{1000};
  std::atomic<int64_t> connection_count_{0};

  runtime::Mutex mutex_;
  std::unordered_map<int32_t, Cancellable> cancellable_ GUARDED_BY(mutex_);
  runtime::OneShotEvent* empty_ GUARDED_BY(mutex_) = nullptr;
  std::shared_ptr<const TlsContext> tls_ GUARDED_BY(mutex_);
};

}  // namespace sundog::pgwire
