// Gives back the bytes of tenants that are gone, on a thread of its own. Deleting them only says
// that their entries do not count any more; the store would find out when it next rewrites its
// files, and for one who has just deleted a lot that may be never.
//
// Rewriting costs, so it is done where it is worth it: for neighbours together, once nothing more
// was deleted for a moment, and not for a few small ones, which wait until there are more of them,
// counted together in the row of the last: there is at most one row more than clusters.
// What waits is in the store (control/clusters.h), so a server that stopped goes on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::kv {
class Store;
}

namespace sundog::control {

class Clusters;

// Tenants that are gone, with none between them that is not.
struct DeletedRun {
  uint32_t first = 0;             // no tenant from here to the first of `tenants` is left either
  std::vector<uint32_t> tenants;  // those counted, ascending
  uint64_t bytes = 0;
};
struct DeletedTenant {
  uint32_t tenant = 0;
  uint64_t bytes = 0;
};
// Both ascending.
std::vector<DeletedRun> RunsOf(std::span<const DeletedTenant> deleted,
                               std::span<const uint32_t> left);

class SpaceReclaimer {
 public:
  // Both outlive it. Starts at once, with what was left over.
  SpaceReclaimer(kv::Store& store, const Clusters& clusters);
  ~SpaceReclaimer();
  SpaceReclaimer(const SpaceReclaimer&) = delete;
  SpaceReclaimer& operator=(const SpaceReclaimer&) = delete;

  // A tenant has been deleted. From any thread.
  void Wake();

 private:
  void Run();
  void ReclaimAll();
  std::vector<DeletedTenant> Deleted() const;
  // One row says what all of the run's said.
  void Fold(const DeletedRun& run);
  void Forget(const DeletedRun& run);
  // `last_value`: what the row of the run's last tenant says from now on; null: that goes as well.
  void Replace(const DeletedRun& run, const std::string* last_value);

  kv::Store& store_;
  const Clusters& clusters_;
  std::atomic<bool> stopping_ = false;
  runtime::Mutex mutex_;
  std::condition_variable_any woken_;
  bool has_work_ GUARDED_BY(mutex_) = true;
  std::thread thread_;
};

}  // namespace sundog::control
