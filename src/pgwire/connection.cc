#include "pgwire/connection.h"

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sql_error.h"
#include "pgwire/message_reader.h"
#include "pgwire/server.h"

namespace sundog::pgwire {

namespace {

SqlError AdministratorCommand() {
  return SqlError(sqlstate::kAdminShutdown, "terminating connection due to administrator command")
      .Fatal();
}

SqlError TooOld() {
  return SqlError(sqlstate::kAdminShutdown, "terminating connection due to connection age limit")
      .Fatal();
}

SqlError IdleSession() {
  return SqlError(sqlstate::kIdleSessionTimeout,
                  "terminating connection due to idle-session timeout")
      .Fatal();
}

SqlError IdleInTransaction() {
  return SqlError(sqlstate::kIdleInTransactionSessionTimeout,
                  "terminating connection due to idle-in-transaction timeout")
      .Fatal();
}

}  // namespace

Connection::Connection(Server& server, std::unique_ptr<runtime::Socket> socket,
                       std::unique_ptr<Transport> transport)
    : server_(server),
      reactor_(&socket->reactor()),
      seat_(*reactor_),
      socket_(std::move(socket)),
      transport_(std::move(transport)),
      peer_(socket_->PeerName()),
      process_id_(server.NextProcessId()),
      secret_(server.NextSecret()) {
  idle_timer_.callback = [this] { OnIdleTimeout(); };
  socket_->OnBroken([this] {
    if (session_ != nullptr && !socket_->parked()) {
      session_->context().cancel_token().Cancel(runtime::CancelReason::kConnectionLost);
    }
  });
}

Connection::~Connection() { CHECK(!idle_timer_.armed()); }

void Connection::Start() {
  reactor_->Spawn([this] { Serve(); });
}

void Connection::Wake() {
  reactor_->Disarm(idle_timer_);
  reactor_->Spawn([this] { Serve(); });
}

void Connection::Serve() {
  bool alive = true;
  if (!started_) {
    alive = Startup();
    started_ = true;
  }
  if (session_ != nullptr) session_->context().cancel_token().Reset();
  if (alive && ServeUntilIdle()) return;
  Close();
}

// True when the connection is parked; false when it is to end.
bool Connection::ServeUntilIdle() {
  while (true) {
    char type;
    std::string_view body;
    size_t message_bytes = 0;
    ReadResult result = ReadResult::kWouldBlock;
    try {
      result = NextMessage(type, body, message_bytes);
      if (result == ReadResult::kMessage) {
        bool alive = HandleMessage(type, body);
        if (copy_consumed_ != 0) {
          EndCopyIn();
        } else {
          input_.Consume(message_bytes);
        }
        if (!alive || session_->must_close() || broken_) {
          Flush();
          return false;
        }
        continue;
      }
    } catch (const SqlError& error) {
      // Only what ends the connection comes here: the session has caught all else.
      session_->ReportError(error);
      Flush();
      return false;
    }
    if (!Flush() || result == ReadResult::kClosed) return false;
    if (draining_ || IsTooOld()) {
      session_->ReportError(draining_ ? AdministratorCommand() : TooOld());
      Flush();
      return false;
    }
    if (transport_->MayRead()) {
      if (ReadMore(message_bytes) == ReadResult::kClosed) return false;
      continue;
    }
    ReleaseBuffers();
    if (runtime::Reactor* better = BetterReactor()) {
      server_.Move(*this, *better);
    } else {
      Park();
    }
    return true;
  }
}

void Connection::Park() {
  CHECK(socket_->Park([this] { Wake(); }));
  ArmIdleTimeout();
}

runtime::Reactor* Connection::BetterReactor() {
  // To ask where packets arrive costs a system call.
  constexpr uint32_t kReviewEvery = 64;
  bool review = ++idle_moments_ % kReviewEvery == 0;
  // Between transactions little hangs on a session, and none of it on its thread.
  if (session_->status() != 'I') return nullptr;
  if (!review) return runtime::Placement::Granted(seat_);
  runtime::Placement& placement = server_.placement();
  return placement.Review(seat_, placement.RunningOn(socket_->IncomingCpu(), *reactor_));
}

void Connection::Depart(runtime::Reactor& to) {
  socket_->Detach();
  session_->context().cancel_token().MoveTo(to);
}

void Connection::Arrive(runtime::Reactor& reactor) {
  reactor_ = &reactor;
  socket_->Attach(reactor);
  Park();
}

bool Connection::terminated() const {
  return session_ != nullptr &&
         session_->context().cancel_token().reason() == runtime::CancelReason::kShutdown;
}

bool Connection::IsTooOld() const {
  return session_->status() == 'I' && base::SystemClock().MonotonicMicros() >= ends_us_;
}

void Connection::ArmIdleTimeout() {
  const session::StatementSettings& settings = session_->context().statement_settings();
  bool in_transaction = session_->status() != 'I';
  int64_t timeout_ms = in_transaction ? settings.idle_in_transaction_timeout_ms
                                      : settings.idle_session_timeout_ms;
  int64_t at_us = in_transaction ? INT64_MAX : ends_us_;
  if (timeout_ms > 0) {
    at_us = std::min(at_us, base::SystemClock().MonotonicMicros() + timeout_ms * 1000);
  }
  if (at_us != INT64_MAX) reactor_->Arm(idle_timer_, at_us);
}

void Connection::OnIdleTimeout() {
  if (socket_->Unpark() == nullptr) return;
  reactor_->Spawn([this] {
    session_->ReportError(session_->status() != 'I' ? IdleInTransaction()
                          : IsTooOld()              ? TooOld()
                                                    : IdleSession());
    Flush();
    Close();
  });
}

void Connection::Drain() {
  draining_ = true;
  if (!started_) socket_->Shutdown();
  if (socket_->Unpark() != nullptr) Wake();
}

void Connection::Terminate() {
  if (session_ != nullptr) {
    session_->context().cancel_token().Cancel(runtime::CancelReason::kShutdown);
  }
  // An idle one may end within, and this object with it.
  Drain();
}

// Ends with this object's death.
void Connection::Close() {
  reactor_->Disarm(idle_timer_);
  session_.reset();
  server_.Forget(*this);
}

}  // namespace sundog::pgwire
