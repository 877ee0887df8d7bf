// A reactor: one thread, an epoll instance, timers, and the fibers that belong to the thread.
//
// Fibers are stackful and never leave their reactor, so what they share only among themselves needs
// no lock. One turn of the loop: run the fibers that were ready when the turn began, take what
// other threads posted, fire due timers, collect socket events.
//
// Post() is for any thread; everything else only for the reactor's own thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::runtime {

class Fiber;
class FiberPool;

// Fires once at its deadline, on the reactor's thread, outside any fiber. Owned by who arms it and
// must be disarmed before it dies.
class Timer {
 public:
  Timer() = default;
  explicit Timer(std::function<void()> callback) : callback(std::move(callback)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return heap_index_ >= 0; }
  std::function<void()> callback;

 private:
  friend class Reactor;
  int64_t deadline_us_ = 0;
  int64_t heap_index_ = -1;
};

// Gets the events of a file descriptor, edge-triggered.
class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void OnIo(uint32_t epoll_events) = 0;
};

class Reactor {
 public:
  explicit Reactor(std::string thread_name);
  // After Run(). Waits for those who posted the last work to have left.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Serves until Stop(); the calling thread becomes the reactor's thread.
  void Run();
  // From any thread: Run() returns once no fiber is left.
  void Stop();

  // From any thread: runs `work` on the reactor's thread, outside any fiber; it must not wait.
  void Post(std::function<void()> work);

  // Runs `body` on a fresh fiber: at once when called outside any fiber, else on the next turn.
  // From any thread through PostFiber.
  void Spawn(std::function<void()> body);
  void PostFiber(std::function<void()> body);

  void Arm(Timer& timer, int64_t monotonic_us);
  void Disarm(Timer& timer);

  // Registers for reading and writing, edge-triggered, until the descriptor is closed.
  void Watch(int file_descriptor, IoHandler& handler);
  void Unwatch(int file_descriptor);

  // The reactor of the calling thread, or null.
  static Reactor* Current();
  bool IsCurrent() const { return Current() == this; }
  int64_t live_fibers() const { return live_fibers_; }
  // The core that the thread last woke on, -1 before it did; from any thread.
  int cpu() const { return cpu_.load(std::memory_order_relaxed); }

 private:
  friend class Fiber;
  friend class OneShotEvent;
  friend class CancelToken;
  friend void Yield();

  struct Posted {
    Fiber* fiber;
    std::function<void()> work;
  };

  // From any thread: the suspended fiber goes on at the reactor's next turn.
  void MakeReady(Fiber* fiber);
  void Enqueue(Posted posted);
  void WakeUp();
  void AwaitPosters();
  void RunReady();
  void RunPosted();
  void FireTimers();
  void PollEvents();
  void NoteCpu();
  int PollTimeoutMillis() const;
  void Resume(Fiber* fiber);
  void SiftUp(size_t index);
  void SiftDown(size_t index);
  void PlaceTimer(size_t index, Timer* timer);

  const std::string thread_name_;
  int epoll_ = -1;
  int wake_event_ = -1;
  std::unique_ptr<FiberPool> fibers_;
  int64_t live_fibers_ = 0;
  std::vector<Fiber*> ready_;
  std::vector<Fiber*> running_;
  std::vector<Timer*> timers_;  // binary heap, earliest first

  // What other threads ask for.
  Mutex mutex_;
  std::vector<Posted> posted_ GUARDED_BY(mutex_);
  std::vector<Posted> taken_;
  std::atomic<bool> has_posted_{false};
  std::atomic<bool> asleep_{false};
  std::atomic<int> wakers_{0};  // threads within WakeUp()
  std::atomic<bool> stopping_{false};
  std::atomic<int> cpu_{-1};
};

// Lets the other fibers of this reactor run; nothing on a plain thread.
void Yield();

// True on a fiber, false on a plain thread.
bool OnFiber();

}  // namespace sundog::runtime
