#include "txn/transaction_manager.h"

#include "kv/store.h"
#include "txn/sequences.h"

namespace sundog::txn {
namespace {

// Below are PostgreSQL's special transaction ids; its first normal one after initdb is about here.
constexpr uint64_t kFirstTransactionId = 731;

}  // namespace

TransactionManager::TransactionManager(kv::Store& store, base::Clock& clock)
    : store_(store),
      clock_(clock),
      sequences_(std::make_unique<Sequences>(store)),
      row_ids_(store),
      next_transaction_id_(kFirstTransactionId + store.NewestVersion()) {}

TransactionManager::~TransactionManager() = default;

}  // namespace sundog::txn
