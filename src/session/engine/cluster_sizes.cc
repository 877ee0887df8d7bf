#include "session/engine/cluster_sizes.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "kv/store.h"

namespace sundog::session {

int64_t ClusterSizes::Measure(uint32_t tenant) const {
  return static_cast<int64_t>(
      store_.EstimateBytes(kv::PrefixRange(codec::TenantPrefix(tenant))));
}

void ClusterSizes::Check(uint32_t tenant) {
  std::optional<int64_t> bytes;
  {
    runtime::MutexLock lock(mutex_);
    auto known = measured_.find(tenant);
    bool good = known != measured_.end() &&
                clock_.MonotonicMicros() < known->second.good_until_us;
    if (good) bytes = known->second.bytes;
  }
  if (!bytes) {
    bytes = Measure(tenant);
    int64_t pause_us = std::max((most_bytes_ - *bytes) / kMostBytesAMicro, kLeastPauseMicros);
    runtime::MutexLock lock(mutex_);
    measured_[tenant] = {*bytes, clock_.MonotonicMicros() + pause_us};
  }
  if (*bytes <= most_bytes_) return;
  throw SqlError(sqlstate::kDiskFull, "Current cluster size exceeds cluster size limit.");
}

void ClusterSizes::Forget(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  measured_.erase(tenant);
}

}  // namespace sundog::session
