// Locks on rows, tables and advisory numbers, as PostgreSQL has them: held to the end of the
// transaction (advisory ones also by the session), first come first served, deadlocks found at
// once.
//
// 1. What is locked is a LockTag: a kind and a 64-bit hash. Two objects with one hash would exclude
//    each other needlessly; with 64 bits that does not happen in practice and harms nothing.
// 2. The table of locks is split into shards, each with a mutex. An uncontended lock is one slot of
//    a hash table: no allocation.
// 3. A request is granted if it conflicts with no other backend's hold and with no earlier waiter;
//    a backend that holds the object already passes the waiters (an upgrade).
// 4. Who must wait queues up, and then looks for a cycle through the waiting backends. It finds one
//    only if its own wait closed it; then it leaves the queue and throws 40P01.
// 5. Releasing grants the queue in order as far as the modes allow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "runtime/event.h"
#include "runtime/mutex.h"
#include "txn/lock_mode.h"

namespace sundog::txn {

enum class LockKind : uint8_t { kRow, kTable, kAdvisory };

// What is locked, and how deadlock reports and pg_locks name it.
struct LockTag {
  uint64_t hash = 0;
  LockKind kind = LockKind::kRow;
  uint32_t tenant = 0;
  // Table: its OID. Advisory: the two halves of the key and 1 (one bigint) or 2 (two ints).
  uint32_t object = 0;
  uint32_t object2 = 0;
  uint16_t object3 = 0;

  static LockTag Row(uint32_t tenant, std::string_view key);
  static LockTag Table(uint32_t tenant, uint32_t oid);
  static LockTag Advisory(uint32_t tenant, int64_t key);
  static LockTag Advisory(uint32_t tenant, int32_t key1, int32_t key2);
};

struct LockWaiter;

// One client's place in the lock manager: its locks never exclude each other. Owned by the session,
// outlives its LockHolders.
struct LockBackend {
  int32_t process_id = 0;   // as pg_backend_pid() gives it
  uint32_t tenant = 0;
  uint64_t transaction_id = 0;  // of the running transaction, for reports; 0: none
  // What it waits for; guarded by the lock manager's wait mutex.
  LockWaiter* waiting = nullptr;
};

// A set of locks released together: a transaction's, or a session's advisory ones. Used by one
// thread or fiber at a time.
class LockHolder {
 public:
  explicit LockHolder(LockBackend& backend) : backend_(&backend) {}
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;
  ~LockHolder();  // CHECKs that all is released

  LockBackend& backend() const { return *backend_; }
  // For savepoints: how many locks were taken so far.
  size_t mark() const { return taken_.size(); }

 private:
  friend class LockManager;
  struct Taken {
    uint64_t hash;
    LockKind kind;
    LockMode mode;
  };
  LockBackend* backend_;
  std::vector<Taken> taken_;  // advisory locks as often as they were taken, others once a mode
};

struct LockRequest {
  LockTag tag;
  LockMode mode = LockMode::kAccessShare;
  bool wait = true;
  // lock_timeout as a point in time (base::Clock::MonotonicMicros): 55P03 when it passes.
  int64_t deadline_us = runtime::kNoDeadline;
};

enum class LockOutcome : uint8_t {
  kGranted,
  kGrantedAfterWait,
  kAlreadyHeld,   // in this or a stronger mode of this holder
  kNotAvailable,  // !wait, and another holds it
};

struct LockInfo {
  LockTag tag;
  LockMode mode;
  bool granted;
  int32_t process_id;
};

class LockManager {
 public:
  LockManager();
  ~LockManager();

  // Throws 40P01, 55P03 (deadline) or what CheckInterrupts() throws; the request is then withdrawn.
  LockOutcome Acquire(LockHolder& holder, const LockRequest& request);
  // Takes one hold back early (advisory unlock). False if the holder has none in this mode.
  bool Release(LockHolder& holder, const LockTag& tag, LockMode mode);
  // Takes back all locks after the first `mark`.
  void ReleaseTo(LockHolder& holder, size_t mark);
  void ReleaseAll(LockHolder& holder) { ReleaseTo(holder, 0); }

  bool IsHeld(const LockHolder& holder, const LockTag& tag, LockMode mode) const;
  // Everything held and waited for by the tenant; for pg_locks.
  std::vector<LockInfo> List(uint32_t tenant) const;
  // The processes that keep this one waiting; for pg_blocking_pids().
  std::vector<int32_t> BlockersOf(int32_t process_id) const;

 private:
  struct Slot;
  struct Contended;
  class Shard;
  struct Edge;
  struct Blocker;
  static constexpr size_t kShards = 64;

  Shard& ShardOf(uint64_t hash) const;
  LockOutcome Wait(LockHolder& holder, const LockRequest& request);
  // True if it was granted in the meantime.
  bool Withdraw(LockWaiter& waiter);
  void ReleaseOne(LockHolder& holder, uint64_t hash, LockKind kind, LockMode mode);
  bool FindCycle(LockBackend& from, LockBackend& at, std::vector<LockBackend*>& seen,
                 std::vector<Edge>& path) const REQUIRES(wait_mutex_);
  std::vector<Blocker> Blockers(const LockWaiter& waiter) const;
  [[noreturn]] static void ThrowDeadlock(const std::vector<Edge>& cycle);

  std::unique_ptr<Shard[]> shards_;
  // Held while a wait begins and is searched for cycles; taken before a shard's mutex.
  mutable runtime::Mutex wait_mutex_;
  std::unordered_set<LockBackend*> waiting_ GUARDED_BY(wait_mutex_);
};

}  // namespace sundog::txn
