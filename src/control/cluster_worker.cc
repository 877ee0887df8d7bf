#include "control/cluster_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "control/prepare_tenant.h"
#include "control/space_reclaimer.h"
#include "session/engine/engine.h"

namespace sundog::control {

namespace {

constexpr int64_t kSessionsLeftMs = 20;
constexpr int64_t kFailedMs = 1000;

}  // namespace

ClusterWorker::Steps StepsOf(session::Engine& engine, SpaceReclaimer* reclaimer) {
  return {[&engine](const Cluster& cluster) {
            PrepareTenant(engine, cluster.tenant);
          },
          [&engine](const Cluster& cluster) { return engine.CloseTenant(cluster.tenant); },
          [reclaimer] {
            if (reclaimer != nullptr) reclaimer->Wake();
          }};
}

ClusterWorker::ClusterWorker(Clusters& clusters, Steps steps)
    : clusters_(clusters), steps_(std::move(steps)) {
  clusters_.SetObserver([this] { Wake(); });
  thread_ = std::thread([this] { Run(); });
}

ClusterWorker::~ClusterWorker() {
  {
    runtime::MutexLock lock(mutex_);
    stopping_ = true;
  }
  clusters_.SetObserver(nullptr);
  woken_.notify_one();
  thread_.join();
}

void ClusterWorker::Wake() {
  {
    runtime::MutexLock lock(mutex_);
    has_work_ = true;
  }
  woken_.notify_one();
}

bool ClusterWorker::IsStopping() {
  runtime::MutexLock lock(mutex_);
  return stopping_;
}

void ClusterWorker::Run() {
  int64_t next_try_ms = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      auto is_woken = [this] { return has_work_ || stopping_; };
      if (next_try_ms == 0) {
        woken_.wait(lock, is_woken);
      } else {
        woken_.wait_for(lock, std::chrono::milliseconds(next_try_ms), is_woken);
      }
      if (stopping_) return;
      has_work_ = false;
    }
    next_try_ms = FinishAll();
  }
}

int64_t ClusterWorker::FinishAll() {
  int64_t next_try_ms = 0;
  for (const ClusterPtr& cluster : clusters_.Unfinished()) {
    // There may be thousands, with a commit each.
    if (IsStopping()) break;
    int64_t again_ms = 0;
    try {
      if (!Finish(*cluster)) again_ms = kSessionsLeftMs;
    } catch (const std::exception& error) {
      again_ms = kFailedMs;
      base::LogWarning(fmt::format("cluster {} stays {}: {}", cluster->id,
                                   ClusterStateName(cluster->state), error.what()));
    }
    if (again_ms != 0 && (next_try_ms == 0 || again_ms < next_try_ms)) next_try_ms = again_ms;
  }
  return next_try_ms;
}

bool ClusterWorker::Finish(const Cluster& cluster) {
  if (cluster.state == ClusterState::kCreating) {
    steps_.prepare(cluster);
    clusters_.FinishCreation(cluster.id);
    return true;
  }
  if (!steps_.close(cluster)) return false;
  clusters_.FinishDeletion(cluster.id);
  if (steps_.deleted) steps_.deleted();
  return true;
}

}  // namespace sundog::control
