// What a feed brought and a graph has not looked at yet. The committing thread copies bytes here,
// and does nothing else.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kv/store.h"
#include "runtime/mutex.h"

namespace sundog::vectors {

class ChangeQueue : public kv::FeedSink {
 public:
  struct Change {
    kv::Version version;
    kv::Write::Kind kind;
    size_t key_bytes;
    size_t value_bytes;
  };
  // Changes in their order; their keys and values end to end.
  struct Batch {
    std::vector<Change> changes;
    std::string bytes;
  };

  // Of keys under `prefix`. `wake` is called when there is something, by the committing thread.
  ChangeQueue(std::string prefix, size_t most_bytes, std::function<void()> wake)
      : prefix_(std::move(prefix)), most_bytes_(most_bytes), wake_(std::move(wake)) {}

  void Take(kv::Version version, std::span<const kv::Write> writes) override;

  // The first changes that wait; false: there are none.
  bool Pop(Batch& batch);
  // How many wait.
  size_t size() const { return size_.load(std::memory_order_relaxed); }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  // There were more than `most_bytes`, or than there is memory for; what waited is gone.
  bool overrun() const { return overrun_.load(std::memory_order_relaxed); }
  // A range delete took all keys: the index is gone.
  bool dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kBatchBytes = 1 << 20;

  void Append(kv::Version version, const kv::Write& write) REQUIRES(mutex_);
  bool CoversAll(const kv::Write& write) const;

  const std::string prefix_;
  const std::string end_ = kv::PrefixEnd(prefix_);
  const size_t most_bytes_;
  const std::function<void()> wake_;
  runtime::Mutex mutex_;
  std::deque<Batch> batches_ GUARDED_BY(mutex_);
  std::atomic<size_t> size_ = 0;
  std::atomic<size_t> bytes_ = 0;
  std::atomic<bool> overrun_ = false;
  std::atomic<bool> dropped_ = false;
};

}  // namespace sundog::vectors
