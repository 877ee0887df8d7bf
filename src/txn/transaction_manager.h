// What all transactions of a server share: the store, the lock manager, sequences, transaction ids.
// One a server; must outlive every Transaction. Safe from all threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "txn/lock_manager.h"
#include "txn/row_ids.h"

namespace sundog::kv {
class Store;
}
namespace sundog::base {
class Clock;
}

namespace sundog::txn {

class Sequences;

class TransactionManager {
 public:
  // Both must outlive this object.
  TransactionManager(kv::Store& store, base::Clock& clock);
  ~TransactionManager();

  kv::Store& store() const { return store_; }
  base::Clock& clock() const { return clock_; }
  LockManager& locks() { return locks_; }
  Sequences& sequences() { return *sequences_; }
  RowIds& row_ids() { return row_ids_; }

  uint64_t NextTransactionId() { return next_transaction_id_.fetch_add(1); }
  uint64_t last_transaction_id() const { return next_transaction_id_.load() - 1; }

 private:
  kv::Store& store_;
  base::Clock& clock_;
  LockManager locks_;
  std::unique_ptr<Sequences> sequences_;
  RowIds row_ids_;
  std::atomic<uint64_t> next_transaction_id_;
};

}  // namespace sundog::txn
