// How the parties agree on who wakes the waiter:
// 1. The waiter puts its address into `state_` (empty -> waiter) and sleeps.
// 2. Signal() exchanges the state for "signaled"; who finds a waiter there wakes it.
// 3. A timeout or a cancellation takes the address back out (waiter -> empty) and wakes it with
//    another outcome; when that fails, Signal() was faster and its wake-up is on the way.
// For fibers, 3 runs on the waiter's own reactor, so that the waiter is there for certain.
#include "runtime/event.h"

#include <chrono>
#include <mutex>

#include "base/check.h"
#include "base/clock.h"
#include "runtime/fiber.h"
#include "runtime/interrupt.h"
#include "runtime/reactor.h"
#include "runtime/waiter.h"

namespace sundog::runtime {

void OneShotEvent::Signal() {
  uintptr_t before = state_.exchange(kSignaledState, std::memory_order_acq_rel);
  CHECK_NE(before, kSignaledState);
  if (before == kEmptyState) return;
  auto* waiter = reinterpret_cast<Waiter*>(before);
  if (waiter->fiber != nullptr) {
    waiter->fiber->reactor().MakeReady(waiter->fiber);
  } else {
    waiter->parker->Wake(true);
  }
}

bool OneShotEvent::Withdraw(Waiter& waiter) {
  uintptr_t expected = reinterpret_cast<uintptr_t>(&waiter);
  return state_.compare_exchange_strong(expected, kEmptyState, std::memory_order_acq_rel);
}

void OneShotEvent::Wait() {
  if (signaled()) return;
  if (OnFiber()) {
    (void)WaitOnFiber(kNoDeadline, false);
  } else {
    (void)WaitOnThread(kNoDeadline, false);
  }
}

bool OneShotEvent::WaitUntil(int64_t monotonic_us) {
  if (signaled()) return true;
  WaitOutcome outcome =
      OnFiber() ? WaitOnFiber(monotonic_us, false) : WaitOnThread(monotonic_us, false);
  return outcome == WaitOutcome::kSignaled;
}

WaitOutcome OneShotEvent::WaitInterruptible(int64_t monotonic_us) {
  if (signaled()) return WaitOutcome::kSignaled;
  CancelToken* token = tls_interrupts.token;
  if (token != nullptr && token->cancelled()) return WaitOutcome::kInterrupted;
  return OnFiber() ? WaitOnFiber(monotonic_us, true) : WaitOnThread(monotonic_us, true);
}

WaitOutcome OneShotEvent::WaitOnFiber(int64_t monotonic_us, bool interruptible) {
  Waiter waiter{.fiber = Fiber::Current(), .event = this};
  uintptr_t expected = kEmptyState;
  if (!state_.compare_exchange_strong(expected, reinterpret_cast<uintptr_t>(&waiter),
                                      std::memory_order_acq_rel)) {
    CHECK_EQ(expected, kSignaledState);
    return WaitOutcome::kSignaled;
  }
  Reactor& reactor = waiter.fiber->reactor();
  Timer timer;
  if (monotonic_us != kNoDeadline) {
    timer.callback = [this, &waiter] {
      if (!Withdraw(waiter)) return;
      waiter.outcome = WaitOutcome::kTimedOut;
      waiter.fiber->reactor().MakeReady(waiter.fiber);
    };
    reactor.Arm(timer, monotonic_us);
  }
  CancelToken* token = interruptible ? tls_interrupts.token : nullptr;
  if (token != nullptr) token->waiting_ = &waiter;
  Fiber::Suspend();
  if (token != nullptr) token->waiting_ = nullptr;
  if (timer.armed()) reactor.Disarm(timer);
  return waiter.outcome;
}

WaitOutcome OneShotEvent::WaitOnThread(int64_t monotonic_us, bool interruptible) {
  ThreadParker parker;
  Waiter waiter{.parker = &parker, .event = this};
  CancelToken* token = interruptible ? tls_interrupts.token : nullptr;
  if (token != nullptr) {
    MutexLock lock(token->mutex_);
    token->parker_ = &parker;
  }
  uintptr_t expected = kEmptyState;
  bool waits = state_.compare_exchange_strong(expected, reinterpret_cast<uintptr_t>(&waiter),
                                              std::memory_order_acq_rel);
  WaitOutcome outcome = WaitOutcome::kSignaled;
  if (waits) {
    std::unique_lock<Mutex> lock(parker.mutex);
    auto awake = [&] { return parker.signaled || (token != nullptr && token->cancelled()); };
    if (monotonic_us == kNoDeadline) {
      parker.condition.wait(lock, awake);
    } else {
      std::chrono::steady_clock::time_point deadline{std::chrono::microseconds(monotonic_us)};
      if (!parker.condition.wait_until(lock, deadline, awake)) outcome = WaitOutcome::kTimedOut;
    }
    if (!parker.signaled) {
      if (outcome == WaitOutcome::kSignaled) outcome = WaitOutcome::kInterrupted;
      if (!Withdraw(waiter)) {
        parker.condition.wait(lock, [&] { return parker.signaled; });
      }
    }
    if (parker.signaled) outcome = WaitOutcome::kSignaled;
  }
  if (token != nullptr) {
    MutexLock lock(token->mutex_);
    token->parker_ = nullptr;
  }
  return outcome;
}

}  // namespace sundog::runtime
