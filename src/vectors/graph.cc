#include "vectors/graph.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/clock.h"
#include "codec/key_space.h"
#include "vectors/graph_search.h"

namespace sundog::vectors {

namespace {

constexpr size_t kEntriesAtOnce = 256;
constexpr size_t kChangesAtOnce = 256;
// How long searches wait for points to be taken in: about as long as one takes itself, so that
// neither starves the other.
constexpr int64_t kTakeInUs = 1000;
// More than are taken in at once, so that nothing stays behind but what a snapshot holds up.
constexpr uint32_t kSettledAtOnce = 1024;
constexpr size_t kWaitingPointBytes = sizeof(Point) + 150;

}  // namespace

Graph::Graph(kv::Store& store, const GraphKey& key, const GraphOptions& options,
             size_t most_bytes, std::function<void()> wake)
    : store_(store),
      options_(options),
      prefix_(codec::KeyPrefix(key.tenant, key.storage, key.index)),
      distance_(types::FindVectorDistance(options.element, options.metric)),
      queue_(prefix_, most_bytes, std::move(wake)) {}

Graph::~Graph() = default;

bool Graph::CanMeasure(std::string_view vector) const {
  return !vector.empty() &&
         types::VectorDimensions(options_.element, vector) == options_.dimensions &&
         !std::isnan(distance_(vector, vector));
}

// --- reading entries ---

void Graph::Start(std::unique_ptr<Hnsw> loaded) {
  hnsw_ = std::move(loaded);
  {
    runtime::MutexLock lock(mutex_);
    for (const std::shared_ptr<Point>& point : hnsw_->points()) {
      if (point->died != kNever) continue;
      // Two live points of one row are none that a checkpoint of ours has.
      if (!current_.try_emplace(point->row_key, point.get()).second) Kill(*point, /*version=*/0);
    }
    next_number_ = all_points_ = hnsw_->points().size();
  }
  feed_ = store_.OpenFeed(prefix_, queue_);
  snapshot_ = store_.Newest();
  base_ = snapshot_->version();
  cursor_ = snapshot_->Scan(kv::PrefixRange(prefix_));
  Measure();
}

bool Graph::ReadEntries() {
  std::span<const kv::Entry> entries = cursor_->Next(kEntriesAtOnce);
  runtime::MutexLock lock(mutex_);
  for (const kv::Entry& entry : entries) {
    // As old as can be: no snapshot before the base is answered.
    Put(entry.key.substr(prefix_.size()), entry.value, /*version=*/0);
  }
  if (!entries.empty()) return true;
  FinishReading();
  return false;
}

void Graph::FinishReading() {
  for (auto it = current_.begin(); it != current_.end();) {
    if (it->second->confirmed) {
      ++it;
      continue;
    }
    Kill(*it->second, /*version=*/0);
    it = current_.erase(it);
  }
  complete_ = true;
  cursor_.reset();
  snapshot_.reset();
}

// --- changes ---

void Graph::Put(std::string_view row_key, std::string_view entry_value, kv::Version version) {
  std::string_view vector = EntryVector(entry_value);
  bool held = CanMeasure(vector);
  auto it = current_.find(row_key);
  if (it != current_.end()) {
    if (held && hnsw_->VectorOf(*it->second) == vector) {
      it->second->confirmed = true;
      return;
    }
    Kill(*it->second, version);
    current_.erase(it);
  }
  if (!held) return;
  auto point = std::make_shared<Point>(std::string(row_key), vector, version, next_number_++);
  point->confirmed = true;
  current_.emplace(point->row_key, point.get());
  waiting_bytes_ += vector.size();
  waiting_.push_back(std::move(point));
  ++all_points_;
  ++changes_;
}

void Graph::Kill(Point& point, kv::Version version) {
  hnsw_->Unsettle(point);
  point.died.store(version, std::memory_order_relaxed);
  ++changes_;
}

void Graph::EraseRange(std::string_view begin, std::string_view end, kv::Version version) {
  for (auto it = current_.begin(); it != current_.end();) {
    std::string key = prefix_ + std::string(it->first);
    if (key < begin || key >= end) {
      ++it;
      continue;
    }
    Kill(*it->second, version);
    it = current_.erase(it);
  }
}

void Graph::Apply(const ChangeQueue::Change& change, std::string_view key,
                  std::string_view value) {
  if (change.version <= base_) return;  // the base showed it
  switch (change.kind) {
    case kv::Write::Kind::kPut:
      Put(key, value, change.version);
      return;
    case kv::Write::Kind::kDelete:
      if (auto it = current_.find(key); it != current_.end()) {
        Kill(*it->second, change.version);
        current_.erase(it);
      }
      return;
    case kv::Write::Kind::kDeleteRange:
      EraseRange(key, value, change.version);
      return;
  }
}

size_t Graph::waiting_changes() const {
  return batch_.changes.size() - batch_change_ + queue_.size();
}

// By the working thread, or with the gate held: vectors in the Hnsw are looked at.
void Graph::ApplyChanges(size_t most) {
  for (; most > 0; --most) {
    if (batch_change_ == batch_.changes.size()) {
      batch_change_ = batch_byte_ = 0;
      batch_ = {};
      if (!queue_.Pop(batch_)) return;
    }
    const ChangeQueue::Change& change = batch_.changes[batch_change_++];
    std::string_view bytes = std::string_view(batch_.bytes).substr(batch_byte_);
    batch_byte_ += change.key_bytes + change.value_bytes;
    Apply(change, bytes.substr(0, change.key_bytes),
          bytes.substr(change.key_bytes, change.value_bytes));
  }
}

// --- work ---

bool Graph::TakeSomeIn(kv::Version oldest) {
  Gate::Exclusive closed(gate_);
  const int64_t end_us = base::SystemClock().MonotonicMicros() + kTakeInUs;
  bool more = true;
  do {
    std::shared_ptr<Point> point;
    {
      runtime::MutexLock lock(mutex_);
      more = !waiting_.empty();
      if (!more) break;
      point = waiting_.front();
    }
    size_t vector_bytes = point->vector->size();
    bool skipped = point->died.load(std::memory_order_relaxed) <= oldest;
    if (!skipped) hnsw_->Add(point);
    runtime::MutexLock lock(mutex_);
    waiting_.pop_front();
    waiting_bytes_ -= vector_bytes;
    if (skipped) --all_points_;
  } while (base::SystemClock().MonotonicMicros() < end_us);
  hnsw_->Settle(oldest, kSettledAtOnce);
  return more;
}

bool Graph::Work(int64_t slice_us) {
  const int64_t end_us = base::SystemClock().MonotonicMicros() + slice_us;
  kv::Version oldest = store_.OldestSnapshot();
  bool more = true;
  do {
    if (cursor_ != nullptr) {
      ReadEntries();
      continue;
    }
    {
      runtime::MutexLock lock(mutex_);
      ApplyChanges(kChangesAtOnce);
    }
    more = TakeSomeIn(oldest);
    if (!more) {
      runtime::MutexLock lock(mutex_);
      more = waiting_changes() > 0 || !waiting_.empty();
    }
  } while (more && base::SystemClock().MonotonicMicros() < end_us);
  Measure();
  return more;
}

void Graph::Measure() {
  runtime::MutexLock lock(mutex_);
  bytes_ = hnsw_->bytes() + waiting_bytes_ + waiting_.size() * kWaitingPointBytes +
           batch_.bytes.size();
}

void Graph::Close() {
  {
    runtime::MutexLock lock(mutex_);
    closed_ = true;
  }
  cursor_.reset();
  snapshot_.reset();
  feed_.reset();
}

Graph::Counts Graph::counts() const {
  runtime::MutexLock lock(mutex_);
  size_t waiting = waiting_.size() + waiting_changes();
  bool few = waiting <= kFewWaiting && waiting_bytes_ + queue_.bytes() <= kMostDeltaBytes;
  return {.complete = complete_,
          .ready = complete_ && few,
          .points = current_.size(),
          .dead = all_points_ - current_.size(),
          .waiting = waiting,
          .changes = changes_};
}

// --- search ---

std::unique_ptr<NearestSearch> Graph::Search(kv::Version version, std::string_view probe,
                                             size_t ef_search) {
  if (!CanMeasure(probe)) return nullptr;
  // Until the distances to the waiting points are known: they may be taken in at any time after.
  Gate::Shared open(gate_);
  std::vector<std::shared_ptr<const Point>> waiting;
  uint64_t numbers_end;
  {
    runtime::MutexLock lock(mutex_);
    if (!complete_ || closed_ || dropped() || overrun() || version < base_) return nullptr;
    if (waiting_changes() > kMostChangesToApply) return nullptr;
    ApplyChanges(kMostChangesToApply + 1);
    // Looked at again: what came since may be more, or have overrun the queue.
    if (waiting_changes() > 0 || dropped() || overrun()) return nullptr;
    if (waiting_bytes_ > kMostDeltaBytes) return nullptr;
    numbers_end = waiting_.empty() ? next_number_ : waiting_.front()->number;
    for (const std::shared_ptr<Point>& point : waiting_) {
      if (point->ShownAt(version)) waiting.push_back(point);
    }
  }
  std::vector<GraphSearch::Delta> delta;
  delta.reserve(waiting.size());
  for (std::shared_ptr<const Point>& point : waiting) {
    double distance = distance_(probe, *point->vector);
    delta.push_back({distance, std::move(point)});
  }
  return std::make_unique<GraphSearch>(shared_from_this(), gate_, *hnsw_, std::string(probe),
                                       version, numbers_end, ef_search, std::move(delta));
}

}  // namespace sundog::vectors
