// Carries out a server's jobs: each on a fiber of its own, from when it is submitted, or from the
// start of the server where it was left, until its row says how it ended. Owned by the engine; safe
// from all threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/jobs.h"
#include "runtime/mutex.h"

namespace sundog::runtime {
class CancelToken;
class OneShotEvent;
class Runtime;
}  // namespace sundog::runtime

namespace sundog::session {

class Engine;
class JobSession;

class JobRunner {
 public:
  // Both must outlive the runner.
  JobRunner(Engine& engine, runtime::Runtime& runtime);
  ~JobRunner();  // CHECKs that nothing runs
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // Takes up what is unfinished in the store.
  void Start();
  // From a plain thread, at the end. What runs stops where it is; a runner on the same store goes
  // on with it.
  void Stop();
  // A job's row has been committed, or may have been: one that is not there is nothing to do.
  void Submit(uint32_t tenant, const std::string& id);
  // Whoever wanted the job does not any more: it ends as failed, if it has not ended before.
  // Returns when it has ended, or the runner stops; not to be cancelled.
  void Abandon(const std::string& id);

 private:
  struct Running {
    std::shared_ptr<runtime::CancelToken> token;  // null until its fiber runs
    bool abandoned = false;
    std::vector<runtime::OneShotEvent*> waiters;  // for its end
  };

  void Run(uint32_t tenant, const std::string& id);
  // False: its session was ended.
  bool RunInSession(uint32_t tenant, const catalog::Job& job);
  bool stopping();
  // False: it has to be tried again later.
  bool Attempt(JobSession& session, const catalog::Job& job, bool abandoned);
  void Forget(const std::string& id);
  void DeleteOldRows();

  Engine& engine_;
  runtime::Runtime& runtime_;
  runtime::Mutex mutex_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  size_t next_reactor_ GUARDED_BY(mutex_) = 0;
  std::map<std::string, Running> running_ GUARDED_BY(mutex_);  // by id
  runtime::OneShotEvent* idle_ GUARDED_BY(mutex_) = nullptr;
};

// Waits until the job has ended, as long as the running statement is not cancelled. Nullopt: there
// is no such job.
std::optional<catalog::Job> AwaitJob(Engine& engine, uint32_t tenant, std::string_view id);

}  // namespace sundog::session
