// Finishes what creating and deleting a cluster began, on a thread of its own: whoever asked has
// the answer CREATING or DELETING long since, and a server that stopped in between goes on here
// when it starts again.
//
// What fails (a full disk, say) is logged and tried again every second.
#pragma once

#include <condition_variable>
#include <functional>
#include <thread>

#include "control/clusters.h"
#include "runtime/mutex.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

class ClusterWorker {
 public:
  struct Steps {
    // Makes a new tenant's first rows; what is there already stays.
    std::function<void(const Cluster&)> prepare;
    // Ends a tenant's sessions. False: some are left, to be asked again soon.
    std::function<bool(const Cluster&)> close;
    // Its data is gone, but for the bytes. May be null.
    std::function<void()> deleted;
  };

  // The clusters, and what the steps use, outlive it. Starts at once.
  ClusterWorker(Clusters& clusters, Steps steps);
  // Leaves what is unfinished to the next start.
  ~ClusterWorker();
  ClusterWorker(const ClusterWorker&) = delete;
  ClusterWorker& operator=(const ClusterWorker&) = delete;

 private:
  void Run();
  // How long until the next try; 0 when all is done.
  int64_t FinishAll();
  bool Finish(const Cluster& cluster);
  void Wake();
  bool IsStopping();

  Clusters& clusters_;
  const Steps steps_;
  runtime::Mutex mutex_;
  std::condition_variable_any woken_;
  bool has_work_ GUARDED_BY(mutex_) = true;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

class SpaceReclaimer;
ClusterWorker::Steps StepsOf(session::Engine& engine, SpaceReclaimer* reclaimer = nullptr);

}  // namespace sundog::control
