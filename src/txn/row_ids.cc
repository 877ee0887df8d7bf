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
  auto it = next_.find(prefix);
  if (it == next_.end()) it = next_.emplace(prefix, AfterLastStored(prefix)).first;
  uint64_t first = it->second;
  it->second += count;
  return first;
}

void RowIds::ForgetAll(std::string_view prefix) {
  runtime::MutexLock lock(mutex_);
  auto first = next_.lower_bound(prefix);
  auto last = first;
  while (last != next_.end() && last->first.starts_with(prefix)) ++last;
  next_.erase(first, last);
}

}  // namespace sundog::txn
