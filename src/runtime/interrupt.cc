#include "runtime/interrupt.h"

#include "base/clock.h"
#include "base/sql_error.h"
#include "runtime/fiber.h"
#include "runtime/reactor.h"
#include "runtime/waiter.h"

namespace sundog::runtime {

constinit thread_local InterruptState tls_interrupts{};

namespace {

CancelToken* ExchangeToken(CancelToken* token) {
  CancelToken* before = tls_interrupts.token;
  tls_interrupts.token = token;
  return before;
}

}  // namespace

void ThrowCancelled(CancelReason reason) {
  switch (reason) {
    case CancelReason::kNone:
    case CancelReason::kUserRequest: break;
    case CancelReason::kStatementTimeout:
      throw SqlError(sqlstate::kQueryCanceled, "canceling statement due to statement timeout");
    case CancelReason::kLockTimeout:
      throw SqlError(sqlstate::kLockNotAvailable, "canceling statement due to lock timeout");
    case CancelReason::kShutdown:
      throw SqlError(sqlstate::kAdminShutdown,
                     "terminating connection due to administrator command")
          .Fatal();
    case CancelReason::kConnectionLost:
      throw SqlError(sqlstate::kConnectionFailure, "connection to client lost").Fatal();
  }
  throw SqlError(sqlstate::kQueryCanceled, "canceling statement due to user request");
}

void CancelToken::Cancel(CancelReason reason) {
  CancelReason none = CancelReason::kNone;
  if (!reason_.compare_exchange_strong(none, reason, std::memory_order_acq_rel)) return;
  PostWake();
  MutexLock lock(mutex_);
  if (parker_ != nullptr) parker_->Wake(false);
}

void CancelToken::PostWake() {
  if (Reactor* reactor = reactor_.load(std::memory_order_acquire)) {
    reactor->Post([self = shared_from_this()] { self->WakeWaitingFiber(); });
  }
}

void CancelToken::WakeWaitingFiber() {
  // The session moves away only on this thread, so it is still here if it was now.
  Reactor* reactor = reactor_.load(std::memory_order_acquire);
  if (reactor != Reactor::Current()) return PostWake();
  auto* waiter = static_cast<OneShotEvent::Waiter*>(waiting_);
  // The wait, or the whole statement, may be over by now.
  if (waiter == nullptr || !cancelled()) return;
  if (!waiter->event->Withdraw(*waiter)) return;
  waiter->outcome = WaitOutcome::kInterrupted;
  waiter->fiber->reactor().MakeReady(waiter->fiber);
}

InterruptScope::InterruptScope(CancelToken& token) : outer_(ExchangeToken(&token)) {
  token.reactor_.store(OnFiber() ? Reactor::Current() : nullptr, std::memory_order_release);
}

InterruptScope::~InterruptScope() { ExchangeToken(outer_); }

UninterruptibleScope::UninterruptibleScope() : outer_(ExchangeToken(nullptr)) {}

UninterruptibleScope::~UninterruptibleScope() { ExchangeToken(outer_); }

void CheckInterruptsSlow() {
  InterruptState& state = tls_interrupts;
  state.calls_until_clock = kClockEvery;
  if (state.token != nullptr) state.token->ThrowIfCancelled();
  if (!OnFiber()) return;
  if (base::SystemClock().MonotonicMicros() < state.slice_end_us) return;
  Yield();
  if (state.token != nullptr) state.token->ThrowIfCancelled();
}

}  // namespace sundog::runtime
