#include "runtime/mutex.h"

#include "base/check.h"
#include "runtime/event.h"

namespace sundog::runtime {

constinit thread_local int tls_held_mutexes = 0;

void FiberMutex::lock() {
  OneShotEvent handed_over;
  {
    MutexLock guard(mutex_);
    if (!locked_) {
      locked_ = true;
      return;
    }
    waiters_.push_back(&handed_over);
  }
  handed_over.Wait();
}

bool FiberMutex::try_lock() {
  MutexLock guard(mutex_);
  if (locked_) return false;
  locked_ = true;
  return true;
}

void FiberMutex::unlock() {
  OneShotEvent* next = nullptr;
  {
    MutexLock guard(mutex_);
    CHECK(locked_);
    if (waiters_.empty()) {
      locked_ = false;
      return;
    }
    next = waiters_.front();
    waiters_.pop_front();
  }
  next->Signal();
}

}  // namespace sundog::runtime
