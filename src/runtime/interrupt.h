// Cancellation and fairness of running statements.
//
// A session owns a CancelToken and opens an InterruptScope around each statement. Whoever wants the
// statement to stop (a CancelRequest, a timeout, a shutdown) calls Cancel() from any thread. The
// statement notices in CheckInterrupts(), which loops call once a chunk, and in
// OneShotEvent::WaitInterruptible().
//
// CheckInterrupts() also gives the reactor back when the fiber's time slice is over, so that a long
// statement never starves the point queries beside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/memory.h"
#include "runtime/mutex.h"

namespace sundog::runtime {

class Fiber;
class OneShotEvent;
class Reactor;
struct ThreadParker;

inline constexpr int64_t kTimeSliceMicros = 5000;

enum class CancelReason : uint8_t {
  kNone,
  kUserRequest,       // 57014
  kStatementTimeout,  // 57014
  kLockTimeout,       // 55P03
  kShutdown,          // 57P01, fatal
  kConnectionLost,    // 08006, fatal
};

// Throws the SqlError PostgreSQL gives for the reason.
[[noreturn]] void ThrowCancelled(CancelReason reason);

// Made with std::make_shared, one a session; used by one fiber or thread at a time.
class CancelToken : public std::enable_shared_from_this<CancelToken> {
 public:
  CancelToken() = default;
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  // From any thread. The first reason stays until Reset().
  void Cancel(CancelReason reason);
  // On the present reactor, while no statement runs: the next one will run on the other.
  void MoveTo(Reactor& reactor) { reactor_.store(&reactor, std::memory_order_release); }
  void Reset() { reason_.store(CancelReason::kNone, std::memory_order_relaxed); }
  CancelReason reason() const { return reason_.load(std::memory_order_acquire); }
  bool cancelled() const { return reason() != CancelReason::kNone; }
  void ThrowIfCancelled() const {
    if (cancelled()) ThrowCancelled(reason());
  }

 private:
  friend class OneShotEvent;
  friend class InterruptScope;

  // On the waiting fiber's reactor: ends its interruptible wait. Elsewhere: hands on.
  void WakeWaitingFiber();
  void PostWake();

  std::atomic<CancelReason> reason_{CancelReason::kNone};
  // Where the statement runs; null on a plain thread.
  std::atomic<Reactor*> reactor_{nullptr};
  // The interruptible wait under way; only touched on the reactor's thread.
  void* waiting_ = nullptr;
  Mutex mutex_;
  ThreadParker* parker_ GUARDED_BY(mutex_) = nullptr;
};

// Makes `token` the one that CheckInterrupts() looks at on this fiber or thread.
class InterruptScope {
 public:
  explicit InterruptScope(CancelToken& token);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  CancelToken* outer_;
};

// While it lives nothing is cancelled on this fiber or thread, and no memory refused: for rollback
// and commit.
class UninterruptibleScope {
 public:
  UninterruptibleScope();
  ~UninterruptibleScope();
  UninterruptibleScope(const UninterruptibleScope&) = delete;
  UninterruptibleScope& operator=(const UninterruptibleScope&) = delete;

 private:
  CancelToken* outer_;
  base::NoMemoryLimit no_memory_limit_;
};

// What CheckInterrupts() reads; saved and restored with each fiber switch.
struct InterruptState {
  CancelToken* token;
  int64_t slice_end_us;
  // The clock is read on every kClockEvery-th call only.
  int32_t calls_until_clock;
};
inline constexpr int32_t kClockEvery = 8;
extern constinit thread_local InterruptState tls_interrupts;

void CheckInterruptsSlow();

// Throws when the running statement was cancelled or holds too much memory; yields when its time
// slice is over. Cheap enough for every chunk and for every turn of a loop that does real work.
inline void CheckInterrupts() {
  base::CheckMemory();
  InterruptState& state = tls_interrupts;
  if (--state.calls_until_clock <= 0 || (state.token != nullptr && state.token->cancelled())) {
    CheckInterruptsSlow();
  }
}

}  // namespace sundog::runtime
