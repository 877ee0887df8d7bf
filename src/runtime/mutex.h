// Mutexes. `Mutex` guards short sections of plain code and must not be held when a fiber suspends
// (its reactor's other fibers could then wait for it on the same thread, for ever); a debug check
// counts. `FiberMutex` may be held across a suspension: who finds it taken is suspended in turn.
//
// The annotations are checked by clang's -Wthread-safety.
#pragma once

#include <deque>
#include <mutex>

#if defined(__clang__)
#define SUNDOG_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define SUNDOG_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(x) SUNDOG_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY SUNDOG_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) SUNDOG_THREAD_ANNOTATION(guarded_by(x))
#define PT_GUARDED_BY(x) SUNDOG_THREAD_ANNOTATION(pt_guarded_by(x))
#define ACQUIRE(...) SUNDOG_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) SUNDOG_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) SUNDOG_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define REQUIRES(...) SUNDOG_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) SUNDOG_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace sundog::runtime {

class OneShotEvent;

// How many Mutexes this thread holds; a fiber switch CHECKs that it is zero.
extern constinit thread_local int tls_held_mutexes;

// BasicLockable, so std::condition_variable_any and std::unique_lock work with it.
class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ACQUIRE() {
    mutex_.lock();
    ++tls_held_mutexes;
  }
  void unlock() RELEASE() {
    --tls_held_mutexes;
    mutex_.unlock();
  }
  bool try_lock() TRY_ACQUIRE(true) {
    if (!mutex_.try_lock()) return false;
    ++tls_held_mutexes;
    return true;
  }

 private:
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// First come, first served; from fibers and plain threads alike.
class CAPABILITY("mutex") FiberMutex {
 public:
  FiberMutex() = default;
  FiberMutex(const FiberMutex&) = delete;
  FiberMutex& operator=(const FiberMutex&) = delete;

  void lock() ACQUIRE();
  void unlock() RELEASE();
  bool try_lock() TRY_ACQUIRE(true);

 private:
  Mutex mutex_;
  bool locked_ GUARDED_BY(mutex_) = false;
  // unlock() hands the lock to the first of them.
  std::deque<OneShotEvent*> waiters_ GUARDED_BY(mutex_);
};

}  // namespace sundog::runtime
