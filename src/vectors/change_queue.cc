#include "vectors/change_queue.h"

namespace sundog::vectors {

void ChangeQueue::Take(kv::Version version, std::span<const kv::Write> writes) {
  {
    runtime::MutexLock lock(mutex_);
    try {
      for (const kv::Write& write : writes) {
        if (CoversAll(write)) dropped_ = true;
        if (overrun_ || dropped_) break;
        Append(version, write);
      }
    } catch (const std::bad_alloc&) {
      // The commit has happened, and others wait for this thread: it is the graph that ends.
      overrun_ = true;
    }
    if (bytes_ > most_bytes_) overrun_ = true;
    if (overrun_ || dropped_) {
      batches_.clear();
      size_ = 0;
      bytes_ = 0;
    }
  }
  wake_();
}

bool ChangeQueue::CoversAll(const kv::Write& write) const {
  return write.kind == kv::Write::Kind::kDeleteRange && write.key <= prefix_ && !end_.empty() &&
         write.value >= end_;
}

// Keys lose the prefix, but for range deletes, which may begin or end outside of it.
void ChangeQueue::Append(kv::Version version, const kv::Write& write) {
  std::string_view key = write.key;
  if (write.kind != kv::Write::Kind::kDeleteRange) key.remove_prefix(prefix_.size());
  if (batches_.empty() || batches_.back().bytes.size() > kBatchBytes) batches_.emplace_back();
  Batch& batch = batches_.back();
  batch.changes.push_back({version, write.kind, key.size(), write.value.size()});
  batch.bytes.append(key).append(write.value);
  size_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(key.size() + write.value.size() + sizeof(Change), std::memory_order_relaxed);
}

bool ChangeQueue::Pop(Batch& batch) {
  runtime::MutexLock lock(mutex_);
  if (batches_.empty()) return false;
  batch = std::move(batches_.front());
  batches_.pop_front();
  size_.fetch_sub(batch.changes.size(), std::memory_order_relaxed);
  bytes_.fetch_sub(batch.bytes.size() + batch.changes.size() * sizeof(Change),
                   std::memory_order_relaxed);
  return true;
}

}  // namespace sundog::vectors
