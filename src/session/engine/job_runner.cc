#include "session/engine/job_runner.h"

#include <fmt/format.h>

#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/sql_error.h"
#include "kv/store.h"
#include "runtime/event.h"
#include "runtime/interrupt.h"
#include "runtime/reactor.h"
#include "runtime/runtime.h"
#include "session/engine/job_session.h"
#include "session/engine/job_work.h"

namespace sundog::session {

namespace {

// The disk is full, or fails: a job waits for better times.
constexpr int64_t kEnvironmentPauseMicros = 1'000'000;
// How often one who waits for a job looks whether its statement was cancelled.
constexpr int64_t kWatchMicros = 50'000;

size_t HeapLimitOf(const catalog::Job& job) {
  // A row of before there were these.
  if (job.maintenance_memory_kb == 0) return std::numeric_limits<size_t>::max();
  return HeapLimit(static_cast<size_t>(job.statement_memory_kb) << 10,
                   static_cast<size_t>(job.maintenance_memory_kb) << 10);
}

}  // namespace

JobRunner::JobRunner(Engine& engine, runtime::Runtime& runtime)
    : engine_(engine), runtime_(runtime) {}

JobRunner::~JobRunner() {
  runtime::MutexLock lock(mutex_);
  CHECK(running_.empty());
}

void JobRunner::Start() {
  for (const catalog::TenantJob& job : catalog::AllJobs(*engine_.store().Newest())) {
    if (!job.job.finished()) Submit(job.tenant, job.job.id);
  }
}

void JobRunner::Stop() {
  runtime::OneShotEvent idle;
  {
    runtime::MutexLock lock(mutex_);
    stopping_ = true;
    for (auto& [id, running] : running_) {
      if (running.token != nullptr) running.token->Cancel(runtime::CancelReason::kShutdown);
    }
    if (running_.empty()) return;
    idle_ = &idle;
  }
  idle.Wait();
  // The one who signalled has let go of the mutex, and of the event.
  runtime::MutexLock lock(mutex_);
}

void JobRunner::Submit(uint32_t tenant, const std::string& id) {
  runtime::Reactor* reactor = nullptr;
  {
    runtime::MutexLock lock(mutex_);
    if (stopping_ || !running_.try_emplace(id).second) return;
    reactor = &runtime_.reactor(next_reactor_++ % runtime_.size());
  }
  reactor->PostFiber([this, tenant, id] { Run(tenant, id); });
}

void JobRunner::Abandon(const std::string& id) {
  runtime::OneShotEvent ended;
  {
    runtime::MutexLock lock(mutex_);
    auto found = running_.find(id);
    if (found == running_.end()) return;
    Running& running = found->second;
    running.abandoned = true;
    running.waiters.push_back(&ended);
    if (running.token != nullptr) running.token->Cancel(runtime::CancelReason::kUserRequest);
  }
  ended.Wait();
  // As in Stop().
  runtime::MutexLock lock(mutex_);
}

void JobRunner::Forget(const std::string& id) {
  runtime::MutexLock lock(mutex_);
  auto found = running_.find(id);
  for (runtime::OneShotEvent* waiter : found->second.waiters) waiter->Signal();
  running_.erase(found);
  if (running_.empty() && idle_ != nullptr) std::exchange(idle_, nullptr)->Signal();
}

void JobRunner::Run(uint32_t tenant, const std::string& id) {
  try {
    std::optional<catalog::Job> job;
    do {
      job = catalog::FindJob(*engine_.store().Newest(), tenant, id);
    } while (job && !job->finished() && !RunInSession(tenant, *job));
    DeleteOldRows();
  } catch (const std::exception& error) {
    if (!stopping()) {
      base::LogError(fmt::format("job {} stopped: {}", catalog::JobIdText(id), error.what()));
    }
  }
  Forget(id);
}

bool JobRunner::RunInSession(uint32_t tenant, const catalog::Job& job) {
  // Throws where the tenant is being deleted.
  JobSession session(engine_, tenant, job.dsql ? Profile::kDsql : Profile::kPostgres);
  bool abandoned = false;
  {
    runtime::MutexLock lock(mutex_);
    Running& running = running_[job.id];
    running.token = session.shared_cancel_token();
    abandoned = running.abandoned;
    if (stopping_) session.cancel_token().Cancel(runtime::CancelReason::kShutdown);
  }
  runtime::InterruptScope scope(session.cancel_token());
  base::MemoryLimit limit(HeapLimitOf(job));
  try {
    while (!Attempt(session, job, abandoned)) {
      runtime::OneShotEvent never;
      static_cast<void>(never.WaitInterruptible(engine_.clock().MonotonicMicros() +
                                                kEnvironmentPauseMicros));
      runtime::CheckInterrupts();
    }
    return true;
  } catch (const SqlError&) {
    // pg_terminate_backend() ends the session, and not the job. An abandoned one comes again to be
    // ended.
    if (!session.cancel_token().cancelled() || stopping()) throw;
    return false;
  }
}

bool JobRunner::stopping() {
  runtime::MutexLock lock(mutex_);
  return stopping_;
}

bool JobRunner::Attempt(JobSession& session, const catalog::Job& job, bool abandoned) {
  try {
    abandoned ? AbandonJob(session, job) : RunJob(session, job);
    return true;
  } catch (const SqlError& error) {
    session.cancel_token().ThrowIfCancelled();
    if (!IsOfEnvironment(error)) throw;
    base::LogWarning(fmt::format("job {} will be tried again: {}", catalog::JobIdText(job.id),
                                 error.what()));
    return false;
  }
}

void JobRunner::DeleteOldRows() {
  kv::SnapshotPtr snapshot = engine_.store().Newest();
  std::vector<std::string> keys;
  int64_t now_us = engine_.clock().WallMicros();
  for (const catalog::TenantJob& job : catalog::AllJobs(*snapshot)) {
    if (!job.job.shown(now_us)) keys.push_back(catalog::JobKey(job.tenant, job.job.id));
  }
  if (keys.empty()) return;
  std::vector<kv::Write> writes;
  for (const std::string& key : keys) writes.push_back({kv::Write::Kind::kDelete, key, {}});
  // Nobody changes the row of a finished job, so there is nothing to be judged.
  static_cast<void>(engine_.store().Commit({.writes = writes}));
}

std::optional<catalog::Job> AwaitJob(Engine& engine, uint32_t tenant, std::string_view id) {
  while (true) {
    std::unique_ptr<kv::Watch> changed = engine.store().WatchKey(catalog::JobKey(tenant, id));
    std::optional<catalog::Job> job = catalog::FindJob(*engine.store().Newest(), tenant, id);
    if (!job || job->finished()) return job;
    while (!changed->WaitUntil(engine.clock().MonotonicMicros() + kWatchMicros)) {
      runtime::CheckInterrupts();
    }
  }
}

}  // namespace sundog::session
