#include "txn/lock_manager.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "base/check.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "txn/lock_shard.h"

namespace sundog::txn {
namespace {

// Spreads all bits over all bits (the finalizer of MurmurHash3). Never 0, which marks free slots.
uint64_t Mix(uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53;
  hash ^= hash >> 33;
  return hash == 0 ? 1 : hash;
}

uint64_t MixNumbers(LockKind kind, uint32_t tenant, uint32_t a, uint32_t b, uint32_t c) {
  uint64_t hash = Mix((uint64_t{tenant} << 32) | (static_cast<uint64_t>(kind) << 16) | c);
  return Mix(hash ^ Mix((uint64_t{a} << 32) | b));
}

bool Covers(LockModeSet held, LockMode mode) {
  for (int i = 0; i < kLockModes; ++i) {
    LockModeSet conflicts = ConflictsOf(static_cast<LockMode>(i));
    if (((held >> i) & 1) && (conflicts & ConflictsOf(mode)) == ConflictsOf(mode)) return true;
  }
  return false;
}

}  // namespace

// One step of a cycle: who waits, for what, for whom.
struct LockManager::Edge {
  int32_t process_id;
  LockTag tag;
  LockMode mode;
  const LockBackend* blocker;
};

// A backend that is in the way of a waiter. It may end, and its memory be gone, as soon as the
// shard's mutex is released, unless it waits itself: so its number is noted.
struct LockManager::Blocker {
  LockBackend* backend;
  int32_t process_id;
};

LockTag LockTag::Row(uint32_t tenant, std::string_view key) {
  uint64_t hash = Mix(std::hash<std::string_view>()(key));
  return {.hash = hash, .kind = LockKind::kRow, .tenant = tenant};
}

LockTag LockTag::Table(uint32_t tenant, uint32_t oid) {
  return {.hash = MixNumbers(LockKind::kTable, tenant, oid, 0, 0),
          .kind = LockKind::kTable,
          .tenant = tenant,
          .object = oid};
}

LockTag LockTag::Advisory(uint32_t tenant, int64_t key) {
  uint32_t high = static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32);
  uint32_t low = static_cast<uint32_t>(key);
  return {MixNumbers(LockKind::kAdvisory, tenant, high, low, 1), LockKind::kAdvisory, tenant, high,
          low, 1};
}

LockTag LockTag::Advisory(uint32_t tenant, int32_t key1, int32_t key2) {
  uint32_t first = static_cast<uint32_t>(key1);
  uint32_t second = static_cast<uint32_t>(key2);
  return {MixNumbers(LockKind::kAdvisory, tenant, first, second, 2), LockKind::kAdvisory, tenant,
          first, second, 2};
}

LockHolder::~LockHolder() { CHECK(taken_.empty()); }

LockManager::LockManager() : shards_(std::make_unique<Shard[]>(kShards)) {}
LockManager::~LockManager() = default;

LockManager::Shard& LockManager::ShardOf(uint64_t hash) const {
  return shards_[hash & (kShards - 1)];
}

LockOutcome LockManager::Acquire(LockHolder& holder, const LockRequest& request) {
  Shard& shard = ShardOf(request.tag.hash);
  {
    runtime::MutexLock lock(shard.mutex);
    Slot& slot = shard.FindOrAdd(request.tag);
    LockModeSet mine = slot.ModesOf(holder);
    bool advisory = request.tag.kind == LockKind::kAdvisory;
    if (mine != 0 && !advisory && Covers(mine, request.mode)) return LockOutcome::kAlreadyHeld;
    bool free = !slot.Excluded(*holder.backend_, request.mode);
    if (free && slot.contended && !slot.contended->queue.empty()) {
      free = slot.HeldBy(*holder.backend_);
      if (!free) {
        free = std::none_of(slot.contended->queue.begin(), slot.contended->queue.end(),
                            [&](LockWaiter* waiter) {
                              return ConflictsOf(request.mode) & SetOf(waiter->mode);
                            });
      }
    }
    if (free) {
      slot.AddHold(holder, request.mode);
      holder.taken_.push_back({request.tag.hash, request.tag.kind, request.mode});
      return LockOutcome::kGranted;
    }
    if (!request.wait) return LockOutcome::kNotAvailable;
  }
  return Wait(holder, request);
}

LockOutcome LockManager::Wait(LockHolder& holder, const LockRequest& request) {
  LockWaiter waiter;
  waiter.holder = &holder;
  waiter.tag = request.tag;
  waiter.mode = request.mode;
  LockBackend& backend = *holder.backend_;
  {
    runtime::MutexLock wait_lock(wait_mutex_);
    Shard& shard = ShardOf(request.tag.hash);
    {
      runtime::MutexLock lock(shard.mutex);
      Slot& slot = shard.FindOrAdd(request.tag);
      if (!slot.contended) slot.contended = std::make_unique<Contended>();
      std::vector<LockWaiter*>& queue = slot.contended->queue;
      // Who holds the lock already goes first: those before it wait for it anyway.
      queue.insert(slot.HeldBy(backend) ? queue.begin() : queue.end(), &waiter);
      Shard::GrantQueue(slot);  // it may have become free between the two looks
    }
    backend.waiting = &waiter;
    waiting_.insert(&backend);
    std::vector<Edge> cycle;
    std::vector<LockBackend*> seen;
    if (FindCycle(backend, backend, seen, cycle)) {
      bool granted_meanwhile = Withdraw(waiter);
      backend.waiting = nullptr;
      waiting_.erase(&backend);
      if (!granted_meanwhile) ThrowDeadlock(cycle);
      holder.taken_.push_back({request.tag.hash, request.tag.kind, request.mode});
      return LockOutcome::kGrantedAfterWait;
    }
  }
  runtime::WaitOutcome outcome = waiter.event.WaitInterruptible(request.deadline_us);
  bool granted = true;
  {
    runtime::MutexLock wait_lock(wait_mutex_);
    backend.waiting = nullptr;
    waiting_.erase(&backend);
    if (outcome != runtime::WaitOutcome::kSignaled) granted = Withdraw(waiter);
  }
  if (granted) holder.taken_.push_back({request.tag.hash, request.tag.kind, request.mode});
  if (outcome == runtime::WaitOutcome::kInterrupted) runtime::CheckInterrupts();
  if (!granted) {
    throw SqlError(sqlstate::kLockNotAvailable, "canceling statement due to lock timeout");
  }
  return LockOutcome::kGrantedAfterWait;
}

bool LockManager::Withdraw(LockWaiter& waiter) {
  Shard& shard = ShardOf(waiter.tag.hash);
  runtime::MutexLock lock(shard.mutex);
  if (waiter.granted) return true;
  Slot* slot = shard.Find(waiter.tag.hash);
  CHECK(slot != nullptr && slot->contended);
  std::erase(slot->contended->queue, &waiter);
  Shard::GrantQueue(*slot);
  shard.Tidy(*slot);
  return false;
}

void LockManager::ReleaseOne(LockHolder& holder, uint64_t hash, LockKind, LockMode mode) {
  Shard& shard = ShardOf(hash);
  runtime::MutexLock lock(shard.mutex);
  Slot* slot = shard.Find(hash);
  CHECK(slot != nullptr);
  slot->RemoveHold(holder, mode);
  Shard::GrantQueue(*slot);
  shard.Tidy(*slot);
}

void LockManager::ReleaseTo(LockHolder& holder, size_t mark) {
  std::vector<LockHolder::Taken>& taken = holder.taken_;
  CHECK_LE(mark, taken.size());
  constexpr size_t kMany = 16 * kShards;
  if (taken.size() - mark > kMany) {
    // Shard by shard, so that one shard's table stays in the processor's cache.
    auto first = taken.begin() + static_cast<ptrdiff_t>(mark);
    const std::vector<LockHolder::Taken> sorted(first, taken.end());
    std::array<size_t, kShards + 1> starts{};
    for (const LockHolder::Taken& one : sorted) ++starts[(one.hash & (kShards - 1)) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const LockHolder::Taken& one : sorted) {
      first[static_cast<ptrdiff_t>(starts[one.hash & (kShards - 1)]++)] = one;
    }
  }
  while (taken.size() > mark) {
    LockHolder::Taken last = taken.back();
    taken.pop_back();
    // An advisory lock is held until it has been given back as often as it was taken.
    bool again = last.kind == LockKind::kAdvisory &&
                 std::any_of(taken.begin(), taken.end(), [&](const LockHolder::Taken& other) {
                   return other.hash == last.hash && other.mode == last.mode;
                 });
    if (!again) ReleaseOne(holder, last.hash, last.kind, last.mode);
  }
}

bool LockManager::Release(LockHolder& holder, const LockTag& tag, LockMode mode) {
  std::vector<LockHolder::Taken>& taken = holder.taken_;
  auto matches = [&](const LockHolder::Taken& one) {
    return one.hash == tag.hash && one.mode == mode;
  };
  auto last = std::find_if(taken.rbegin(), taken.rend(), matches);
  if (last == taken.rend()) return false;
  taken.erase(std::next(last).base());
  if (std::none_of(taken.begin(), taken.end(), matches)) {
    ReleaseOne(holder, tag.hash, tag.kind, mode);
  }
  return true;
}

bool LockManager::IsHeld(const LockHolder& holder, const LockTag& tag, LockMode mode) const {
  return std::any_of(holder.taken_.begin(), holder.taken_.end(), [&](const LockHolder::Taken& one) {
    return one.hash == tag.hash && one.mode == mode;
  });
}

std::vector<LockManager::Blocker> LockManager::Blockers(const LockWaiter& waiter) const {
  std::vector<Blocker> blockers;
  auto add = [&](LockBackend& backend) { blockers.push_back({&backend, backend.process_id}); };
  Shard& shard = ShardOf(waiter.tag.hash);
  runtime::MutexLock lock(shard.mutex);
  if (waiter.granted) return blockers;
  const LockBackend* self = &waiter.holder->backend();
  const Slot* slot = shard.Find(waiter.tag.hash);
  CHECK(slot != nullptr && slot->contended);
  slot->ForEachHold([&](const LockHolder& other, LockModeSet held) {
    if (&other.backend() != self && (held & ConflictsOf(waiter.mode)) != 0) {
      add(other.backend());
    }
  });
  if (slot->HeldBy(*self)) return blockers;
  for (const LockWaiter* earlier : slot->contended->queue) {
    if (earlier == &waiter) break;
    if (SetOf(earlier->mode) & ConflictsOf(waiter.mode)) {
      add(earlier->holder->backend());
    }
  }
  return blockers;
}

// Depth first. A backend that does not wait ends a path; so only waiting ones, which stay where
// they are while wait_mutex_ is held, are ever looked into.
bool LockManager::FindCycle(LockBackend& from, LockBackend& at, std::vector<LockBackend*>& seen,
                            std::vector<Edge>& path) const {
  for (const Blocker& blocker : Blockers(*at.waiting)) {
    Edge edge{at.process_id, at.waiting->tag, at.waiting->mode, blocker.backend};
    if (blocker.backend == &from) {
      path.push_back(edge);
      return true;
    }
    if (!waiting_.contains(blocker.backend)) continue;
    if (std::find(seen.begin(), seen.end(), blocker.backend) != seen.end()) continue;
    seen.push_back(blocker.backend);
    path.push_back(edge);
    if (FindCycle(from, *blocker.backend, seen, path)) return true;
    path.pop_back();
  }
  return false;
}

// Called with wait_mutex_ held: all backends of the cycle wait.
void LockManager::ThrowDeadlock(const std::vector<Edge>& cycle) {
  std::string detail;
  for (const Edge& edge : cycle) {
    std::string target;
    switch (edge.tag.kind) {
      case LockKind::kRow:
        // PostgreSQL waits for the transaction that holds the row.
        target = fmt::format("ShareLock on transaction {}", edge.blocker->transaction_id);
        break;
      case LockKind::kTable:
        target = fmt::format("{} on relation {} of database {}", LockModeName(edge.mode),
                             edge.tag.object, edge.tag.tenant);
        break;
      case LockKind::kAdvisory:
        target = fmt::format("{} on advisory lock [{},{},{},{}]", LockModeName(edge.mode),
                             edge.tag.tenant, edge.tag.object, edge.tag.object2, edge.tag.object3);
        break;
    }
    if (!detail.empty()) detail += '\n';
    detail += fmt::format("Process {} waits for {}; blocked by process {}.", edge.process_id,
                          target, edge.blocker->process_id);
  }
  throw SqlError(sqlstate::kTRDeadlockDetected, "deadlock detected")
      .Detail(std::move(detail))
      .Hint("See server log for query details.");
}

std::vector<LockInfo> LockManager::List(uint32_t tenant) const {
  std::vector<LockInfo> result;
  for (size_t i = 0; i < kShards; ++i) {
    runtime::MutexLock lock(shards_[i].mutex);
    shards_[i].ForEach([&](const Slot& slot) {
      if (!slot.contended || slot.contended->tag.kind == LockKind::kRow) return;
      const LockTag& tag = slot.contended->tag;
      if (tag.tenant != tenant) return;
      slot.ForEachHold([&](const LockHolder& holder, LockModeSet modes) {
        for (int m = 0; m < kLockModes; ++m) {
          if ((modes >> m) & 1) {
            result.push_back({tag, static_cast<LockMode>(m), true,
                              holder.backend().process_id});
          }
        }
      });
      for (const LockWaiter* waiter : slot.contended->queue) {
        result.push_back({tag, waiter->mode, false, waiter->holder->backend().process_id});
      }
    });
  }
  return result;
}

std::vector<int32_t> LockManager::BlockersOf(int32_t process_id) const {
  std::vector<int32_t> result;
  runtime::MutexLock wait_lock(wait_mutex_);
  for (LockBackend* backend : waiting_) {
    if (backend->process_id != process_id) continue;
    for (const Blocker& blocker : Blockers(*backend->waiting)) {
      result.push_back(blocker.process_id);
    }
  }
  return result;
}

}  // namespace sundog::txn
