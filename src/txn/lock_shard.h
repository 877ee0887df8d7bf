// One shard of the lock table: a hash table of locks, each with its holders and its queue. Part of
// the lock manager.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/event.h"
#include "runtime/mutex.h"
#include "txn/lock_manager.h"

namespace sundog::txn {

// On the stack of who waits. Granted under the shard's mutex; then it is in no queue any more.
struct LockWaiter {
  LockHolder* holder = nullptr;
  LockTag tag;
  LockMode mode = LockMode::kAccessShare;
  bool granted = false;
  runtime::OneShotEvent event;
};

// What a lock has beyond one holder. Tables and advisory locks always have it: it knows the tag.
struct LockManager::Contended {
  struct Hold {
    LockHolder* holder;
    LockModeSet modes;
  };
  LockTag tag;
  std::vector<Hold> more;
  std::vector<LockWaiter*> queue;
};

struct LockManager::Slot {
  uint64_t hash = 0;  // 0: free
  LockHolder* holder = nullptr;
  LockModeSet modes = 0;
  std::unique_ptr<Contended> contended;

  template <typename Visit>
  void ForEachHold(Visit&& visit) const {
    if (holder != nullptr) visit(*holder, modes);
    if (contended) {
      for (const Contended::Hold& hold : contended->more) visit(*hold.holder, hold.modes);
    }
  }
  bool idle() const {
    bool others = contended && (!contended->more.empty() || !contended->queue.empty());
    return holder == nullptr && !others;
  }
  bool HeldBy(const LockBackend& backend) const;
  LockModeSet ModesOf(const LockHolder& holder) const;
  // Whether another backend's hold excludes `mode`.
  bool Excluded(const LockBackend& backend, LockMode mode) const;
  void AddHold(LockHolder& holder, LockMode mode);
  void RemoveHold(const LockHolder& holder, LockMode mode);
};

class LockManager::Shard {
 public:
  runtime::Mutex mutex;

  Slot* Find(uint64_t hash) REQUIRES(mutex);
  Slot& FindOrAdd(const LockTag& tag) REQUIRES(mutex);
  // Frees the slot if nothing is left in it.
  void Tidy(Slot& slot) REQUIRES(mutex);
  // Grants the queue in order as far as it goes, and wakes those it granted.
  static void GrantQueue(Slot& slot);

  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.hash != 0) visit(slot);
    }
  }

 private:
  size_t Home(uint64_t hash) const { return (hash >> 8) & (slots_.size() - 1); }
  void Grow();

  std::vector<Slot> slots_ = std::vector<Slot>(64);
  size_t used_ = 0;
};

}  // namespace sundog::txn
