#include "runtime/reactor.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "runtime/fiber.h"

namespace sundog::runtime {

namespace {

constinit thread_local Reactor* tls_reactor = nullptr;

int64_t Now() { return base::SystemClock().MonotonicMicros(); }

}  // namespace

Reactor::Reactor(std::string thread_name)
    : thread_name_(std::move(thread_name)), fibers_(std::make_unique<FiberPool>(*this)) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  CHECK_GE(epoll_, 0);
  wake_event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK_GE(wake_event_, 0);
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  CHECK_EQ(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_event_, &event), 0);
}

Reactor::~Reactor() {
  CHECK_EQ(live_fibers_, 0);
  AwaitPosters();
  CHECK(timers_.empty());
  close(wake_event_);
  close(epoll_);
}

Reactor* Reactor::Current() { return tls_reactor; }

void Reactor::Run() {
  CHECK(tls_reactor == nullptr);
  tls_reactor = this;
  pthread_setname_np(pthread_self(), thread_name_.substr(0, 15).c_str());
  while (true) {
    RunReady();
    RunPosted();
    FireTimers();
    if (stopping_.load(std::memory_order_acquire) && live_fibers_ == 0 && ready_.empty() &&
        !has_posted_.load(std::memory_order_acquire)) {
      break;
    }
    PollEvents();
  }
  tls_reactor = nullptr;
}

void Reactor::Stop() {
  stopping_.store(true, std::memory_order_release);
  Post([] {});
}

void Reactor::Post(std::function<void()> work) { Enqueue({nullptr, std::move(work)}); }

void Reactor::PostFiber(std::function<void()> body) {
  Post([this, body = std::move(body)] { Spawn(body); });
}

// What is posted may be done, and with it the whole reactor be over, before its poster is back: the
// lock, or the count of those who still wake, is the last that a poster touches.
void Reactor::Enqueue(Posted posted) {
  {
    MutexLock lock(mutex_);
    posted_.push_back(std::move(posted));
    has_posted_.store(true, std::memory_order_seq_cst);
    if (!asleep_.load(std::memory_order_seq_cst)) return;
    wakers_.fetch_add(1, std::memory_order_relaxed);
  }
  WakeUp();
  wakers_.fetch_sub(1, std::memory_order_release);
}

void Reactor::AwaitPosters() {
  { MutexLock lock(mutex_); }
  while (wakers_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
}

void Reactor::WakeUp() {
  // One write is enough for all who post before the reactor is awake.
  if (!asleep_.exchange(false)) return;
  uint64_t one = 1;
  CHECK_EQ(write(wake_event_, &one, sizeof one), ssize_t{sizeof one});
}

void Reactor::MakeReady(Fiber* fiber) {
  if (IsCurrent()) {
    ready_.push_back(fiber);
  } else {
    Enqueue({fiber, nullptr});
  }
}

void Reactor::Spawn(std::function<void()> body) {
  CHECK(IsCurrent());
  Fiber* fiber = fibers_->Take();
  fiber->SetBody(std::move(body));
  ++live_fibers_;
  if (OnFiber()) {
    ready_.push_back(fiber);
  } else {
    Resume(fiber);
  }
}

void Reactor::Resume(Fiber* fiber) {
  fiber->Resume();
  if (!fiber->finished()) return;
  --live_fibers_;
  fibers_->GiveBack(fiber);
}

void Reactor::RunReady() {
  running_.swap(ready_);
  for (Fiber* fiber : running_) Resume(fiber);
  running_.clear();
}

void Reactor::RunPosted() {
  if (!has_posted_.load(std::memory_order_acquire)) return;
  {
    MutexLock lock(mutex_);
    taken_.swap(posted_);
    has_posted_.store(false, std::memory_order_release);
  }
  for (Posted& posted : taken_) {
    if (posted.fiber != nullptr) {
      Resume(posted.fiber);
    } else {
      posted.work();
    }
  }
  taken_.clear();
}

void Reactor::PollEvents() {
  std::array<epoll_event, 128> events;
  int timeout_ms = PollTimeoutMillis();
  if (timeout_ms != 0) {
    // Announce the sleep first, then look again: who posts after the look sees the announcement.
    asleep_.store(true, std::memory_order_seq_cst);
    if (has_posted_.load(std::memory_order_seq_cst)) timeout_ms = 0;
  }
  int count = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  asleep_.store(false, std::memory_order_relaxed);
  CHECK(count >= 0 || errno == EINTR);
  NoteCpu();
  for (int i = 0; i < count; ++i) {
    if (events[i].data.ptr == nullptr) {
      uint64_t ignored;
      [[maybe_unused]] ssize_t size = read(wake_event_, &ignored, sizeof ignored);
    } else {
      static_cast<IoHandler*>(events[i].data.ptr)->OnIo(events[i].events);
    }
  }
}

void Reactor::NoteCpu() {
  int now = sched_getcpu();
  if (now != cpu_.load(std::memory_order_relaxed)) cpu_.store(now, std::memory_order_relaxed);
}

int Reactor::PollTimeoutMillis() const {
  if (!ready_.empty() || has_posted_.load(std::memory_order_acquire)) return 0;
  if (stopping_.load(std::memory_order_acquire) && live_fibers_ == 0) return 0;
  if (timers_.empty()) return -1;
  int64_t wait_us = timers_.front()->deadline_us_ - Now();
  // Rounded up: waking too early would spin until the deadline.
  return static_cast<int>(std::clamp<int64_t>((wait_us + 999) / 1000, 0, 60'000));
}

void Reactor::Watch(int file_descriptor, IoHandler& handler) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &handler}};
  CHECK_EQ(epoll_ctl(epoll_, EPOLL_CTL_ADD, file_descriptor, &event), 0);
}

void Reactor::Unwatch(int file_descriptor) {
  CHECK_EQ(epoll_ctl(epoll_, EPOLL_CTL_DEL, file_descriptor, nullptr), 0);
}

void Yield() {
  Fiber* fiber = Fiber::Current();
  if (fiber == nullptr) return;
  fiber->reactor().ready_.push_back(fiber);
  Fiber::Suspend();
}

// --- Timers: a binary heap whose entries know their place, so that disarming is O(log n) --------

void Reactor::Arm(Timer& timer, int64_t monotonic_us) {
  CHECK(IsCurrent());
  if (timer.armed()) Disarm(timer);
  timer.deadline_us_ = monotonic_us;
  timers_.push_back(&timer);
  SiftUp(timers_.size() - 1);
}

void Reactor::Disarm(Timer& timer) {
  CHECK(IsCurrent());
  if (!timer.armed()) return;
  auto index = static_cast<size_t>(timer.heap_index_);
  timer.heap_index_ = -1;
  Timer* last = timers_.back();
  timers_.pop_back();
  if (last == &timer) return;
  PlaceTimer(index, last);
  SiftDown(index);
  SiftUp(static_cast<size_t>(last->heap_index_));
}

void Reactor::FireTimers() {
  if (timers_.empty()) return;
  int64_t now_us = Now();
  while (!timers_.empty() && timers_.front()->deadline_us_ <= now_us) {
    Timer& timer = *timers_.front();
    Disarm(timer);
    timer.callback();
  }
}

void Reactor::PlaceTimer(size_t index, Timer* timer) {
  timers_[index] = timer;
  timer->heap_index_ = static_cast<int64_t>(index);
}

void Reactor::SiftUp(size_t index) {
  Timer* timer = timers_[index];
  while (index > 0) {
    size_t parent = (index - 1) / 2;
    if (timers_[parent]->deadline_us_ <= timer->deadline_us_) break;
    PlaceTimer(index, timers_[parent]);
    index = parent;
  }
  PlaceTimer(index, timer);
}

void Reactor::SiftDown(size_t index) {
  Timer* timer = timers_[index];
  while (true) {
    size_t child = 2 * index + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() &&
        timers_[child + 1]->deadline_us_ < timers_[child]->deadline_us_) {
      ++child;
    }
    if (timer->deadline_us_ <= timers_[child]->deadline_us_) break;
    PlaceTimer(index, timers_[child]);
    index = child;
  }
  PlaceTimer(index, timer);
}

}  // namespace sundog::runtime
