#include "kv/adjudicator.h"

#include <exception>

#include "base/check.h"
#include "base/sql_error.h"
#include "runtime/event.h"

namespace sundog::kv {

// Lives on the requester's stack; the adjudicator does not touch it after Signal().
struct Adjudicator::Pending {
  const CommitRequest* request;
  bool alone;
  CommitOutcome outcome;
  std::exception_ptr error;
  runtime::OneShotEvent done;
};

class Adjudicator::KeyWatch : public Watch {
 public:
  KeyWatch(Adjudicator& owner, std::string_view key) : owner_(owner), key_(key) {
    std::lock_guard lock(owner_.watch_mutex_);
    owner_.watches_.emplace(key_, this);
    ++owner_.watch_count_;
  }
  ~KeyWatch() override {
    std::lock_guard lock(owner_.watch_mutex_);
    auto [it, end] = owner_.watches_.equal_range(key_);
    for (; it != end; ++it) {
      if (it->second == this) {
        owner_.watches_.erase(it);
        --owner_.watch_count_;
        return;
      }
    }
  }
  void Wait() override { fired_.Wait(); }
  bool WaitUntil(int64_t monotonic_us) override { return fired_.WaitUntil(monotonic_us); }
  // With owner_.watch_mutex_ held.
  void Fire() {
    if (!fired_.signaled()) fired_.Signal();
  }

 private:
  Adjudicator& owner_;
  const std::string key_;
  runtime::OneShotEvent fired_;
};

Adjudicator::Adjudicator(CommitSink& sink, Version newest, ConflictWindow::Limits limits)
    : sink_(sink), window_(newest, limits), newest_(newest), last_given_(newest) {
  thread_ = std::thread([this] { Run(); });
}

Adjudicator::~Adjudicator() {
  {
    std::lock_guard lock(queue_mutex_);
    CHECK(queue_.empty());
    stop_ = true;
  }
  queue_changed_.notify_one();
  thread_.join();
}

CommitOutcome Adjudicator::Commit(const CommitRequest& request, bool alone) {
  Pending pending{.request = &request, .alone = alone};
  {
    std::lock_guard lock(queue_mutex_);
    CHECK(!stop_);
    queue_.push_back(&pending);
  }
  queue_changed_.notify_one();
  pending.done.Wait();
  if (pending.error) std::rethrow_exception(pending.error);
  return std::move(pending.outcome);
}

Changed Adjudicator::ChangedSince(std::string_view key, Version since) const {
  // A snapshot of the newest version may be in use a moment before newest() says so: the window,
  // which heard of it first, has to be asked.
  return window_.KeyChanged(key, since, newest());
}

std::unique_ptr<Watch> Adjudicator::WatchKey(std::string_view key) {
  return std::make_unique<KeyWatch>(*this, key);
}

bool Adjudicator::TakeGroup(std::vector<Pending*>& group) {
  group.clear();
  std::unique_lock lock(queue_mutex_);
  queue_changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
  if (queue_.empty()) return false;
  size_t count = 1;
  if (!queue_.front()->alone) {
    while (count < queue_.size() && !queue_[count]->alone) ++count;
  }
  group.assign(queue_.begin(), queue_.begin() + count);
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return true;
}

void Adjudicator::Run() {
  std::vector<Pending*> group;
  std::vector<CommitSink::Winner> winners;
  while (TakeGroup(group)) {
    JudgeGroup(group, winners);
    if (!winners.empty()) {
      bool applied = ApplyGroup(group, winners);
      DeliverAndPublish(applied ? winners : std::span<const CommitSink::Winner>());
      if (watch_count_.load(std::memory_order_relaxed) > 0) FireWatches(winners);
    }
    for (Pending* pending : group) pending->done.Signal();
  }
}

void Adjudicator::JudgeGroup(std::span<Pending* const> group,
                             std::vector<CommitSink::Winner>& winners) {
  using Kind = CommitOutcome::Kind;
  winners.clear();
  for (Pending* pending : group) {
    CommitOutcome& outcome = pending->outcome;
    switch (window_.Judge(*pending->request, &outcome.conflict_key)) {
      case ConflictWindow::Verdict::kTooOld:
        outcome.kind = Kind::kTooOld;
        continue;
      case ConflictWindow::Verdict::kConflict:
        outcome.kind = Kind::kConflict;
        continue;
      case ConflictWindow::Verdict::kPass:
        break;
    }
    outcome.kind = Kind::kCommitted;
    if (pending->request->writes.empty() && pending->request->marks.empty()) {
      outcome.version = last_given_;
      continue;
    }
    outcome.version = ++last_given_;
    window_.Record(outcome.version, *pending->request);
    winners.push_back({pending->request, outcome.version});
  }
}

bool Adjudicator::ApplyGroup(std::span<Pending* const> group,
                             std::span<const CommitSink::Winner> winners) {
  bool sync = false;
  for (const CommitSink::Winner& winner : winners) {
    sync |= winner.request->durability == Durability::kSynced;
  }
  try {
    sink_.Apply(winners, sync);
    return true;
  } catch (const SqlError&) {
    for (Pending* pending : group) {
      bool wrote = !pending->request->writes.empty() || !pending->request->marks.empty();
      if (wrote && pending->outcome.kind == CommitOutcome::Kind::kCommitted) {
        pending->error = std::current_exception();
      }
    }
    return false;
  }
}

void Adjudicator::DeliverAndPublish(std::span<const CommitSink::Winner> winners) {
  runtime::MutexLock lock(feeds_.mutex());
  for (const CommitSink::Winner& winner : winners) {
    feeds_.Deliver(winner.version, winner.request->writes);
  }
  sink_.Publish(last_given_);
  newest_.store(last_given_, std::memory_order_release);
}

void Adjudicator::FireWatches(std::span<const CommitSink::Winner> winners) {
  std::lock_guard lock(watch_mutex_);
  for (const CommitSink::Winner& winner : winners) {
    for (const Write& write : winner.request->writes) {
      if (write.kind == Write::Kind::kDeleteRange) {
        for (auto& [key, watch] : watches_) {
          if (key >= write.key && key < write.value) watch->Fire();
        }
        continue;
      }
      auto [it, end] = watches_.equal_range(std::string(write.key));
      for (; it != end; ++it) it->second->Fire();
    }
  }
}

}  // namespace sundog::kv
