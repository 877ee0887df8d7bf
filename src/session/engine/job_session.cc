#include "session/engine/job_session.h"

#include <algorithm>
#include <atomic>

#include "base/clock.h"
#include "base/sql_error.h"
#include "runtime/event.h"
#include "runtime/interrupt.h"

namespace sundog::session {

namespace {

constexpr int64_t kLeastPatienceMicros = 20'000;
constexpr int64_t kMostPatienceMicros = 2'000'000;
// Connections count from 1000 on; jobs are far above them.
constexpr int32_t kFirstJobProcess = 1'000'000'000;

SessionIdentity JobIdentity(uint32_t tenant, Profile profile) {
  static std::atomic<int32_t> next_process{kFirstJobProcess};
  SessionIdentity identity;
  identity.tenant = tenant;
  identity.profile = profile;
  identity.database = "postgres";
  identity.user = "postgres";
  identity.process_id = next_process.fetch_add(1, std::memory_order_relaxed);
  return identity;
}

// Another transaction was in the way, and will be gone. What a function raised, which has a
// context, it may raise for ever.
bool IsTransient(const SqlError& error) {
  if (!error.fields().context.empty()) return false;
  return error.state() == sqlstate::kTRSerializationFailure ||
         error.state() == sqlstate::kTRDeadlockDetected ||
         error.state() == sqlstate::kLockNotAvailable;
}

}  // namespace

JobSession::JobSession(Engine& engine, uint32_t tenant, Profile profile,
                       std::shared_ptr<runtime::CancelToken> cancel_token)
    : engine_(engine),
      context_(JobIdentity(tenant, profile), engine.clock()),
      cancel_token_(cancel_token ? std::move(cancel_token) : context_.shared_cancel_token()),
      block_(engine, context_) {
  context_.transaction_block = &block_;
  if (profile == Profile::kDsql) {
    context_.settings().SetDefault("default_transaction_isolation", "repeatable read");
  }
  engine.Attach(context_);
}

JobSession::~JobSession() { block_.Abandon(); }

bool JobSession::TryOnce(const std::function<void(EngineTransaction&)>& body,
                         bool commit) {
  context_.StartStatement("");
  // What others have defined meanwhile is what this transaction works on.
  session().ForgetCatalog();
  block_.EnterStatement(false);
  try {
    {
      TransactionBlock::StatementScope statement(block_);
      body(static_cast<EngineTransaction&>(block_.Ensure()));
    }
    if (!commit) {
      block_.Fail();
      return true;
    }
    return block_.CommitImplicit().outcome == CommitOutcome::kCommitted;
  } catch (const txn::StatementRestart&) {
    block_.Fail();
    return false;
  } catch (const SqlError& error) {
    block_.Fail();
    if (!IsTransient(error)) throw;
    return false;
  }
}

void JobSession::Pause() {
  runtime::OneShotEvent never;
  static_cast<void>(
      never.WaitInterruptible(engine_.clock().MonotonicMicros() + patience_us_));
}

void JobSession::Transact(const std::function<void(EngineTransaction&)>& body) {
  Repeat(body, true);
}

void JobSession::Look(const std::function<void(EngineTransaction&)>& body) {
  Repeat(body, false);
}

void JobSession::Repeat(const std::function<void(EngineTransaction&)>& body, bool commit) {
  patience_us_ = kLeastPatienceMicros;
  while (true) {
    runtime::CheckInterrupts();
    bool done = TryOnce(body, commit);
    context_.BecomeIdle('I');
    if (done) return;
    Pause();
    patience_us_ = std::min(patience_us_ * 2, kMostPatienceMicros);
  }
}

}  // namespace sundog::session
