// Readers share, the one writer excludes, and neither keeps the other out for ever: a writer that
// waits holds back new readers, and readers that waited for it come before it comes again.
// Held for moments, never across a suspension.
#pragma once

#include <condition_variable>
#include <mutex>

namespace sundog::vectors {

class Gate {
 public:
  void LockShared() {
    std::unique_lock lock(mutex_);
    auto open = [this] { return !writing_ && (!writer_waits_ || passes_ > 0); };
    if (!open()) {
      ++waiting_;
      readers_may_.wait(lock, open);
      --waiting_;
      if (passes_ > 0) --passes_;
    }
    ++readers_;
  }
  void UnlockShared() {
    std::lock_guard lock(mutex_);
    if (--readers_ == 0 && writer_waits_) writer_may_.notify_one();
  }

  void Lock() {
    std::unique_lock lock(mutex_);
    writer_waits_ = true;
    writer_may_.wait(lock, [this] { return readers_ == 0 && passes_ == 0; });
    writer_waits_ = false;
    writing_ = true;
  }
  void Unlock() {
    std::lock_guard lock(mutex_);
    writing_ = false;
    passes_ = waiting_;
    if (waiting_ > 0) readers_may_.notify_all();
  }

  class Shared {
   public:
    explicit Shared(Gate& gate) : gate_(gate) { gate_.LockShared(); }
    ~Shared() { gate_.UnlockShared(); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

   private:
    Gate& gate_;
  };
  class Exclusive {
   public:
    explicit Exclusive(Gate& gate) : gate_(gate) { gate_.Lock(); }
    ~Exclusive() { gate_.Unlock(); }
    Exclusive(const Exclusive&) = delete;
    Exclusive& operator=(const Exclusive&) = delete;

   private:
    Gate& gate_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable readers_may_;
  std::condition_variable writer_may_;
  int readers_ = 0;
  int waiting_ = 0;
  int passes_ = 0;  // readers that go before the writer
  bool writer_waits_ = false;
  bool writing_ = false;
};

}  // namespace sundog::vectors
