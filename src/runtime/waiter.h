// What an OneShotEvent's waiter leaves behind for those who wake it. Internal to `runtime`.
#pragma once

#include <condition_variable>

#include "runtime/event.h"
#include "runtime/mutex.h"

namespace sundog::runtime {

class Fiber;

// Where a plain thread sleeps; lives on its stack.
struct ThreadParker {
  Mutex mutex;
  std::condition_variable_any condition;
  bool signaled GUARDED_BY(mutex) = false;

  // The last touch of the parker by its caller: the sleeper may leave once the mutex is free.
  void Wake(bool by_signal) {
    MutexLock lock(mutex);
    if (by_signal) signaled = true;
    condition.notify_all();
  }
};

struct OneShotEvent::Waiter {
  Fiber* fiber = nullptr;          // or
  ThreadParker* parker = nullptr;  // exactly one
  OneShotEvent* event = nullptr;
  WaitOutcome outcome = WaitOutcome::kSignaled;
};

}  // namespace sundog::runtime
