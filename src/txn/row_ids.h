// Hidden row ids of tables without a primary key: ascending, each given once. Kept in memory; after
// a start the first one asked for follows the last row stored. Safe from all threads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runtime/mutex.h"

namespace sundog::kv {
class Store;
}

namespace sundog::txn {

class RowIds {
 public:
  // `store` must outlive this object.
  explicit RowIds(kv::Store& store) : store_(store) {}

  // The first of `count` ids for rows whose keys are `prefix` and the id, 8 bytes big-endian.
  uint64_t Take(std::string_view prefix, uint64_t count);
  // Of all tables whose rows' keys begin so, while no transaction has taken any that it has not
  // committed: as after a start, the next ones follow the last rows stored.
  void ForgetAll(std::string_view prefix);

 private:
  uint64_t AfterLastStored(std::string_view prefix) const;

  kv::Store& store_;
  runtime::Mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> next_ GUARDED_BY(mutex_);
};

}  // namespace sundog::txn
