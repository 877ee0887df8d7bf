// The one primitive everything waits on: commits, row locks, sockets, other threads.
//
// The problem: code that waits may run on a fiber (a session on a reactor, whose thread must go on
// serving others) or on a plain thread (the commit thread, a test). OneShotEvent hides which:
//
//   OneShotEvent done;
//   commit_thread.Submit(&request, &done);
//   done.Wait();                      // suspends the fiber, or blocks the plain thread
//
// One waiter, one signal, any thread. The event may live on the waiter's stack: Signal() does not
// touch it after the waiter can see the signal.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace sundog::runtime {

inline constexpr int64_t kNoDeadline = std::numeric_limits<int64_t>::max();

enum class WaitOutcome {
  kSignaled,
  kTimedOut,
  // The running statement was cancelled (see interrupt.h); CheckInterrupts() throws its error.
  kInterrupted,
};

class OneShotEvent {
 public:
  OneShotEvent() = default;
  OneShotEvent(const OneShotEvent&) = delete;
  OneShotEvent& operator=(const OneShotEvent&) = delete;

  // From any thread or fiber, once; never blocks.
  void Signal();

  // Returns after Signal(), whatever happens to the statement: for what must not be abandoned.
  void Wait();

  // False when the deadline (base::Clock::MonotonicMicros) passes first; Signal() may still come.
  [[nodiscard]] bool WaitUntil(int64_t monotonic_us);

  // As WaitUntil, but also gives up when the running statement is cancelled: for waits that may
  // last (row locks, client input). The caller undoes its request, then calls CheckInterrupts().
  [[nodiscard]] WaitOutcome WaitInterruptible(int64_t monotonic_us = kNoDeadline);

  bool signaled() const { return state_.load(std::memory_order_acquire) == kSignaledState; }

 private:
  friend class CancelToken;
  struct Waiter;
  static constexpr uintptr_t kEmptyState = 0;
  static constexpr uintptr_t kSignaledState = 1;

  WaitOutcome WaitOnFiber(int64_t monotonic_us, bool interruptible);
  WaitOutcome WaitOnThread(int64_t monotonic_us, bool interruptible);
  // Takes the waiter back out; false when Signal() was faster.
  bool Withdraw(Waiter& waiter);

  // Empty, signaled, or the address of the one Waiter.
  std::atomic<uintptr_t> state_{kEmptyState};
};

}  // namespace sundog::runtime
