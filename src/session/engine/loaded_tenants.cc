#include "session/engine/loaded_tenants.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

namespace sundog::session {

namespace {

// How often idle tenants are looked for: a quarter of the time they have to be idle, within these.
constexpr int64_t kShortestPauseUs = 50'000;
constexpr int64_t kLongestPauseUs = 15'000'000;
// Past so many, the memory goes back to the machine.
constexpr size_t kWorthTrimming = 64;

}  // namespace

LoadedTenants::Use::Use(LoadedTenants& tenants, uint32_t tenant)
    : tenants_(tenants), tenant_(tenant) {
  runtime::MutexLock lock(tenants_.mutex_);
  ++tenants_.loaded_[tenant].uses;
}

LoadedTenants::Use::~Use() {
  int64_t now_us = tenants_.clock_.MonotonicMicros();
  runtime::MutexLock lock(tenants_.mutex_);
  State& state = tenants_.loaded_.at(tenant_);
  CHECK_GT(state.uses, size_t{0});
  --state.uses;
  state.last_use_us = now_us;
}

bool LoadedTenants::IsNew(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  return std::exchange(loaded_.at(tenant).is_new, false);
}

bool LoadedTenants::IsLoaded(uint32_t tenant) const {
  runtime::MutexLock lock(mutex_);
  return loaded_.contains(tenant);
}

size_t LoadedTenants::count() const {
  runtime::MutexLock lock(mutex_);
  return loaded_.size();
}

std::vector<uint32_t> LoadedTenants::Idle(int64_t idle_us) const {
  int64_t now_us = clock_.MonotonicMicros();
  std::vector<uint32_t> idle;
  runtime::MutexLock lock(mutex_);
  for (const auto& [tenant, state] : loaded_) {
    if (state.uses == 0 && now_us - state.last_use_us >= idle_us) idle.push_back(tenant);
  }
  return idle;
}

std::vector<std::any> LoadedTenants::Forget(uint32_t tenant) {
  std::vector<std::any> forgotten;
  for (const Keeper& keeper : keepers_) {
    if (keeper.forget) forgotten.push_back(keeper.forget(tenant));
  }
  return forgotten;
}

bool LoadedTenants::ForgetIfIdle(uint32_t tenant, int64_t idle_us) {
  int64_t now_us = clock_.MonotonicMicros();
  std::vector<std::any> forgotten;  // outlives the lock
  runtime::MutexLock lock(mutex_);
  auto found = loaded_.find(tenant);
  if (found == loaded_.end()) return false;
  if (found->second.uses > 0 || now_us - found->second.last_use_us < idle_us) return false;
  forgotten = Forget(tenant);
  loaded_.erase(found);
  return true;
}

void LoadedTenants::Drop(uint32_t tenant) {
  std::vector<std::any> forgotten;  // outlives the lock
  runtime::MutexLock lock(mutex_);
  forgotten = Forget(tenant);
  // Whoever looks at its catalog just now leaves an entry that is soon idle.
  auto found = loaded_.find(tenant);
  if (found != loaded_.end() && found->second.uses == 0) loaded_.erase(found);
}

size_t LoadedTenants::UnloadIdle(int64_t idle_us) {
  size_t unloaded = 0;
  for (uint32_t tenant : Idle(idle_us)) {
    try {
      for (const Keeper& keeper : keepers_) {
        if (keeper.settle) keeper.settle(tenant);
      }
    } catch (const std::exception& error) {
      // A full disk, say. The tenant stays as it is, and is tried again.
      base::LogWarning(fmt::format("tenant {} stays in memory: {}", tenant, error.what()));
      continue;
    }
    if (ForgetIfIdle(tenant, idle_us)) ++unloaded;
  }
  return unloaded;
}

void LoadedTenants::StartUnloading(int64_t idle_us, std::function<void()> also) {
  thread_ = std::thread([this, idle_us, also = std::move(also)] { Run(idle_us, also); });
}

void LoadedTenants::StopUnloading() {
  if (!thread_.joinable()) return;
  {
    runtime::MutexLock lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

void LoadedTenants::Run(int64_t idle_us, const std::function<void()>& also) {
  auto pause = std::chrono::microseconds(
      std::clamp(idle_us / 4, kShortestPauseUs, kLongestPauseUs));
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (stopped_.wait_for(lock, pause, [this] { return stopping_; })) return;
    }
    size_t unloaded = UnloadIdle(idle_us);
    also();
    if (unloaded >= kWorthTrimming) malloc_trim(0);
  }
}

}  // namespace sundog::session
