// The advisory locks that a session holds beyond its transactions. They count: what was taken twice
// must be given back twice.
#pragma once

#include <map>
#include <tuple>

#include "catalog/statement_services.h"
#include "txn/lock_manager.h"

namespace sundog::session {

class AdvisoryLocks {
 public:
  // `manager` and `backend` must outlive this object, which gives all locks back at its end.
  AdvisoryLocks(txn::LockManager& manager, txn::LockBackend& backend)
      : manager_(manager), holder_(backend) {}
  ~AdvisoryLocks() { UnlockAll(); }

  // False if it does not wait and another session holds it. May throw as LockManager::Acquire.
  bool Lock(const catalog::AdvisoryLock& lock);
  bool Unlock(const catalog::AdvisoryLock& lock);
  void UnlockAll();

  static txn::LockTag TagOf(uint32_t tenant, const catalog::AdvisoryLock& lock);
  static txn::LockMode ModeOf(const catalog::AdvisoryLock& lock);

 private:
  using Key = std::tuple<int64_t, int32_t, int32_t, bool, bool>;
  static Key KeyOf(const catalog::AdvisoryLock& lock) {
    return {lock.key, lock.key1, lock.key2, lock.is_pair, lock.shared};
  }

  txn::LockManager& manager_;
  txn::LockHolder holder_;
  std::map<Key, int> counts_;
};

}  // namespace sundog::session
