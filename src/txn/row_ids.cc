#include "txn/row_ids.h"

#include "base/bytes.h"
#include "base/check.h"
#include "kv/store.h"

namespace sundog::txn {

uint64_t RowIds::AfterLastStored(std::string_view prefix) const {
  auto cursor = store_.Newest()->Scan(kv::PrefixRange(prefix),
                                      {.direction = kv::Direction::kReverse});
  auto last = cursor->Next(1);
  if (last.empty()) return 1;
  CHECK_EQ(last[0].key.size(), prefix.size() + sizeof(uint64_t));
  return base::LoadBigEndian<uint64_t>(last[0].key.data() + prefix.size()) + 1;
}

uint64_t RowIds::Take(std::string_view prefix, uint64_t count) {
  runtime::MutexLock lock(mutex_);
  auto [it, added] = next_.try_emplace(std::string(prefix), 0);
  if (added) it->second = AfterLastStored(prefix);
  uint64_t first = it->second;
  it->second += count;
  return first;
}

}  // namespace sundog::txn
