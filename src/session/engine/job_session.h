// A session without a client, in which a job's transactions run: expressions and functions of
// indexes and constraints find in it what they find in a client's. Used by one fiber.
#pragma once

#include <functional>
#include <string>

#include "session/engine/engine.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/session_context.h"
#include "session/transaction_block.h"

namespace sundog::session {

class JobSession {
 public:
  // `cancel_token`: null for one of its own. The profile decides whether its transactions lock.
  JobSession(Engine& engine, uint32_t tenant, Profile profile,
             std::shared_ptr<runtime::CancelToken> cancel_token = nullptr);
  ~JobSession();
  JobSession(const JobSession&) = delete;
  JobSession& operator=(const JobSession&) = delete;

  Engine& engine() const { return engine_; }
  EngineSession& session() { return engine_.SessionOf(context_); }
  runtime::CancelToken& cancel_token() { return *cancel_token_; }
  const std::shared_ptr<runtime::CancelToken>& shared_cancel_token() { return cancel_token_; }

  // Runs the body as a transaction of one statement and commits it, again and again while it meets
  // other transactions, with longer and longer pauses. What the body throws else is thrown.
  void Transact(const std::function<void(EngineTransaction&)>& body);
  // As Transact, but all is taken back at the end: for a body that only reads.
  void Look(const std::function<void(EngineTransaction&)>& body);
  // How long a lock that keeps others waiting may be waited for, on the present try.
  int64_t patience_us() const { return patience_us_; }

 private:
  void Repeat(const std::function<void(EngineTransaction&)>& body, bool commit);
  // False: it lost.
  bool TryOnce(const std::function<void(EngineTransaction&)>& body, bool commit);
  void Pause();

  Engine& engine_;
  SessionContext context_;
  std::shared_ptr<runtime::CancelToken> cancel_token_;
  TransactionBlock block_;
  int64_t patience_us_ = 0;
};

}  // namespace sundog::session
