// Which tenants a server keeps something in memory for, and how that is let go of when nobody has
// used a tenant for a while: a server may have many thousands, and few are used at any time.
//
// 1. Whoever works for a tenant (a session, a look at its newest catalog) holds a Use.
// 2. Whatever is kept by tenant is registered once, with how it is let go of (Keeper), by the
//    engine that owns it all.
// 3. UnloadIdle() looks for tenants without a Use since a while. First it settles, which may take
//    long and harms nobody who comes meanwhile; then, if still nobody has come, it forgets, while
//    nobody can come. Whoever comes next finds nothing in memory, as after a start.
//
// Safe from all threads.
#pragma once

#include <any>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}

namespace sundog::session {

class LoadedTenants {
 public:
  struct Keeper {
    // What must be stored before it can be forgotten. May suspend; has to be right while the tenant
    // is used, too. May be null.
    std::function<void(uint32_t tenant)> settle;
    // Lets go of what is in memory. No Use is there, and none begins, of any tenant: must be quick.
    // What takes time to destroy is handed back, and is destroyed when others may go on. May be
    // null.
    std::function<std::any(uint32_t tenant)> forget;
  };

  explicit LoadedTenants(const base::Clock& clock) : clock_(clock) {}
  ~LoadedTenants() { StopUnloading(); }
  LoadedTenants(const LoadedTenants&) = delete;
  LoadedTenants& operator=(const LoadedTenants&) = delete;

  // Before any Use.
  void Register(Keeper keeper) { keepers_.push_back(std::move(keeper)); }

  // As long as it is there, nothing of the tenant is forgotten.
  class [[nodiscard]] Use {
   public:
    Use(LoadedTenants& tenants, uint32_t tenant);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    LoadedTenants& tenants_;
    const uint32_t tenant_;
  };

  // Of a tenant in use: true for the first who asks since it was loaded.
  bool IsNew(uint32_t tenant);
  bool IsLoaded(uint32_t tenant) const;
  size_t count() const;

  // Unloads those that nobody has used for `idle_us`; how many. Not on a fiber's behalf: it may
  // take long.
  size_t UnloadIdle(int64_t idle_us);
  // The tenant is to go, and has no session any more: nothing is settled.
  void Drop(uint32_t tenant);

  // Unloads on a thread of its own from now on, and calls `also` each time it has looked.
  void StartUnloading(int64_t idle_us, std::function<void()> also);
  void StopUnloading();

 private:
  struct State {
    size_t uses = 0;
    bool is_new = true;
    int64_t last_use_us = 0;
  };

  std::vector<uint32_t> Idle(int64_t idle_us) const;
  // False: somebody has come.
  bool ForgetIfIdle(uint32_t tenant, int64_t idle_us);
  // What the keepers hand back.
  [[nodiscard]] std::vector<std::any> Forget(uint32_t tenant) REQUIRES(mutex_);
  void Run(int64_t idle_us, const std::function<void()>& also);

  const base::Clock& clock_;
  std::vector<Keeper> keepers_;

  mutable runtime::Mutex mutex_;
  std::map<uint32_t, State> loaded_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::condition_variable_any stopped_;
  std::thread thread_;
};

}  // namespace sundog::session
