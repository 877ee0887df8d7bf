#include "session/statement_cache.h"

#include <algorithm>
#include <functional>

namespace sundog::session {

std::unique_ptr<Execution> CachedPlan::TakeExecution() {
  runtime::MutexLock lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Execution> execution = std::move(idle_.back());
  idle_.pop_back();
  return execution;
}

void CachedPlan::GiveBack(std::unique_ptr<Execution> execution) {
  constexpr size_t kMostIdle = 16;
  runtime::MutexLock lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(execution));
}

const std::string& StatementCache::Flatten(const Key& key) {
  thread_local std::string flat;
  flat.assign(reinterpret_cast<const char*>(key.types.data()), key.types.size_bytes());
  flat.append(key.text).push_back('\0');
  flat.append(key.scope);
  return flat;
}

StatementCache::Shard& StatementCache::ShardOf(const std::string& flat) {
  return shards_[(std::hash<std::string>()(flat) >> 32) % kShards];
}

std::shared_ptr<CachedPlan> StatementCache::Find(const Key& key, int64_t now_us) {
  const std::string& flat = Flatten(key);
  Shard& shard = ShardOf(flat);
  runtime::MutexLock lock(shard.mutex);
  auto at = shard.entries.find(flat);
  if (at == shard.entries.end() || !IsYoung(at->second, now_us)) return nullptr;
  at->second.last_use = ++shard.uses;
  return at->second.plan;
}

bool StatementCache::SeenBefore(const Key& key) {
  uint64_t hash = std::hash<std::string>()(Flatten(key)) | 1;
  std::atomic<uint64_t>& place = seen_[(hash >> 1) % kRemembered];
  return place.exchange(hash, std::memory_order_relaxed) == hash;
}

std::shared_ptr<CachedPlan> StatementCache::Put(const Key& key,
                                                std::shared_ptr<const PreparedPlan> plan,
                                                int64_t now_us) {
  auto cached = std::make_shared<CachedPlan>(std::move(plan));
  std::shared_ptr<CachedPlan> replaced;  // dies after the lock is gone
  const std::string& flat = Flatten(key);
  Shard& shard = ShardOf(flat);
  runtime::MutexLock lock(shard.mutex);
  if (shard.entries.size() >= kShardEntries && !shard.entries.contains(flat)) {
    auto oldest = std::min_element(
        shard.entries.begin(), shard.entries.end(),
        [](const auto& a, const auto& b) { return a.second.last_use < b.second.last_use; });
    replaced = std::move(oldest->second.plan);
    shard.entries.erase(oldest);
  }
  Entry& entry = shard.entries[flat];
  if (entry.plan != nullptr) replaced = std::move(entry.plan);
  entry = {cached, now_us, ++shard.uses};
  return cached;
}

void StatementCache::Remove(const Key& key) {
  std::shared_ptr<CachedPlan> removed;
  const std::string& flat = Flatten(key);
  Shard& shard = ShardOf(flat);
  runtime::MutexLock lock(shard.mutex);
  auto at = shard.entries.find(flat);
  if (at == shard.entries.end()) return;
  removed = std::move(at->second.plan);
  shard.entries.erase(at);
}

void StatementCache::RemoveOld(int64_t now_us) {
  std::vector<std::shared_ptr<CachedPlan>> removed;  // die after the locks are gone
  for (Shard& shard : shards_) {
    runtime::MutexLock lock(shard.mutex);
    std::erase_if(shard.entries, [&](auto& entry) {
      if (IsYoung(entry.second, now_us)) return false;
      removed.push_back(std::move(entry.second.plan));
      return true;
    });
  }
}

}  // namespace sundog::session
