#include "control/space_reclaimer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <mutex>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"
#include "codec/key_space.h"
#include "control/cluster_rows.h"
#include "control/clusters.h"
#include "kv/store.h"

namespace sundog::control {

namespace {

// Nothing was deleted for so long.
constexpr auto kQuiet = std::chrono::milliseconds(500);
// Fewer bytes are left to the store.
constexpr uint64_t kWorthRewriting = uint64_t{4} << 20;

}  // namespace

std::vector<DeletedRun> RunsOf(std::span<const DeletedTenant> deleted,
                               std::span<const uint32_t> left) {
  std::vector<DeletedRun> runs;
  auto next_left = left.begin();
  for (const DeletedTenant& one : deleted) {
    auto after = std::lower_bound(next_left, left.end(), one.tenant);
    if (runs.empty() || after != next_left) {
      runs.emplace_back().first =
          after == left.begin() ? codec::kFirstTenant : *std::prev(after) + 1;
    }
    next_left = after;
    runs.back().tenants.push_back(one.tenant);
    runs.back().bytes += one.bytes;
  }
  return runs;
}

SpaceReclaimer::SpaceReclaimer(kv::Store& store, const Clusters& clusters)
    : store_(store), clusters_(clusters) {
  thread_ = std::thread([this] { Run(); });
}

SpaceReclaimer::~SpaceReclaimer() {
  {
    runtime::MutexLock lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void SpaceReclaimer::Wake() {
  {
    runtime::MutexLock lock(mutex_);
    has_work_ = true;
  }
  woken_.notify_one();
}

void SpaceReclaimer::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      auto is_woken = [this] { return has_work_ || stopping_; };
      woken_.wait(lock, is_woken);
      do {
        has_work_ = false;
      } while (!stopping_ && woken_.wait_for(lock, kQuiet, is_woken));
      if (stopping_) return;
    }
    try {
      ReclaimAll();
    } catch (const std::exception& error) {
      // At the next deletion, or start, it is tried again.
      base::LogWarning(fmt::format("deleted data still takes room: {}", error.what()));
    }
  }
}

void SpaceReclaimer::ReclaimAll() {
  // A tenant that is made now is after all that are gone.
  std::vector<DeletedTenant> deleted = Deleted();
  for (const DeletedRun& run : RunsOf(deleted, clusters_.Tenants())) {
    if (stopping_) return;
    if (run.bytes < kWorthRewriting) {
      if (run.tenants.size() > 1) Fold(run);
      continue;
    }
    // Those before the first that is counted may be counted with it.
    store_.Reclaim({codec::TenantPrefix(run.first),
                    kv::PrefixEnd(codec::TenantPrefix(run.tenants.back()))},
                   stopping_);
    if (stopping_) return;
    Forget(run);
  }
}

std::vector<DeletedTenant> SpaceReclaimer::Deleted() const {
  std::vector<DeletedTenant> deleted;
  auto rows = store_.Newest()->Scan(kv::PrefixRange(
      codec::StoragePrefix(codec::kServerTenant, codec::kDeletedStorageId)));
  for (auto entries = rows->Next(256); !entries.empty(); entries = rows->Next(256)) {
    for (const kv::Entry& entry : entries) {
      CHECK_EQ(entry.key.size(), codec::kKeyPrefixBytes);
      CHECK_EQ(entry.value.size(), sizeof(uint64_t));
      deleted.push_back({base::LoadBigEndian<uint32_t>(entry.key.data() + 8),
                         base::LoadBigEndian<uint64_t>(entry.value.data())});
    }
  }
  return deleted;
}

void SpaceReclaimer::Fold(const DeletedRun& run) {
  std::string bytes;
  base::AppendBigEndian(bytes, run.bytes);
  Replace(run, &bytes);
}

void SpaceReclaimer::Forget(const DeletedRun& run) { Replace(run, nullptr); }

void SpaceReclaimer::Replace(const DeletedRun& run, const std::string* last_value) {
  std::vector<std::string> keys;
  for (uint32_t tenant : run.tenants) keys.push_back(DeletedTenantKey(tenant));
  std::vector<kv::Write> writes;
  for (const std::string& key : keys) writes.push_back({kv::Write::Kind::kDelete, key, {}});
  if (last_value != nullptr) writes.back() = {kv::Write::Kind::kPut, keys.back(), *last_value};
  // Nobody else changes these rows; what is lost at a crash is done again.
  static_cast<void>(store_.Commit({.writes = writes, .durability = kv::Durability::kLazy}));
}

}  // namespace sundog::control
