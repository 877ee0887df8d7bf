#include "session/engine/advisory_locks.h"

namespace sundog::session {

txn::LockTag AdvisoryLocks::TagOf(uint32_t tenant, const catalog::AdvisoryLock& lock) {
  return lock.is_pair ? txn::LockTag::Advisory(tenant, lock.key1, lock.key2)
                      : txn::LockTag::Advisory(tenant, lock.key);
}

txn::LockMode AdvisoryLocks::ModeOf(const catalog::AdvisoryLock& lock) {
  return lock.shared ? txn::LockMode::kShare : txn::LockMode::kExclusive;
}

bool AdvisoryLocks::Lock(const catalog::AdvisoryLock& lock) {
  int& count = counts_[KeyOf(lock)];
  if (count == 0) {
    txn::LockRequest request;
    request.tag = TagOf(holder_.backend().tenant, lock);
    request.mode = ModeOf(lock);
    request.wait = lock.wait;
    if (manager_.Acquire(holder_, request) == txn::LockOutcome::kNotAvailable) return false;
  }
  ++count;
  return true;
}

bool AdvisoryLocks::Unlock(const catalog::AdvisoryLock& lock) {
  auto at = counts_.find(KeyOf(lock));
  if (at == counts_.end() || at->second == 0) return false;
  if (--at->second == 0) {
    counts_.erase(at);
    return manager_.Release(holder_, TagOf(holder_.backend().tenant, lock), ModeOf(lock));
  }
  return true;
}

void AdvisoryLocks::UnlockAll() {
  counts_.clear();
  manager_.ReleaseAll(holder_);
}

}  // namespace sundog::session
