#include "txn/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/bytes.h"
#include "base/check.h"
#include "base/sql_error.h"
#include "kv/store.h"

namespace sundog::txn {
namespace {

// How many values a first reservation covers, as PostgreSQL logs them, and the most.
constexpr int64_t kFirstReservation = 32;
constexpr int64_t kMaxReservation = 1024;

// Stored as: last_value, 8 bytes little-endian; is_called, 1 byte.
constexpr size_t kStoredBytes = 9;

std::string Encode(const SequencePosition& position) {
  std::string bytes;
  base::AppendLittleEndian(bytes, position.last_value);
  bytes.push_back(position.is_called ? 1 : 0);
  return bytes;
}

SequencePosition Decode(std::string_view bytes) {
  if (bytes.size() != kStoredBytes) {
    throw SqlError(sqlstate::kDataCorrupted, "stored position of a sequence is malformed");
  }
  return {base::LoadLittleEndian<int64_t>(bytes.data()), bytes[8] != 0};
}

// The value after `position`; false at the end of a sequence that does not cycle.
bool Advance(SequencePosition& position, const SequenceParameters& parameters) {
  if (!position.is_called) {
    position.is_called = true;
    return true;
  }
  int64_t next;
  bool overflow = __builtin_add_overflow(position.last_value, parameters.increment, &next);
  bool beyond = parameters.increment > 0 ? overflow || next > parameters.max_value
                                         : overflow || next < parameters.min_value;
  if (beyond) {
    if (!parameters.cycle) return false;
    next = parameters.increment > 0 ? parameters.min_value : parameters.max_value;
  }
  position.last_value = next;
  return true;
}

// As many values as there are from `position` to the sequence's end, but `most`; how many it was.
int64_t AdvanceInRun(SequencePosition& position, const SequenceParameters& parameters,
                     int64_t most) {
  bool up = parameters.increment > 0;
  int64_t end = up ? parameters.max_value : parameters.min_value;
  bool at_end = up ? position.last_value >= end : position.last_value <= end;
  if (at_end) return 0;
  auto last = static_cast<uint64_t>(position.last_value);
  auto step = static_cast<uint64_t>(parameters.increment);
  uint64_t distance = up ? static_cast<uint64_t>(end) - last : last - static_cast<uint64_t>(end);
  uint64_t taken = std::min(distance / (up ? step : -step), static_cast<uint64_t>(most));
  position.last_value = static_cast<int64_t>(last + taken * step);
  return static_cast<int64_t>(taken);
}

// `count` values, over the end of a sequence that cycles; how many there were.
int64_t AdvanceBy(SequencePosition& position, const SequenceParameters& parameters,
                  int64_t count) {
  int64_t taken = 0;
  while (taken < count && Advance(position, parameters)) {
    ++taken;
    taken += AdvanceInRun(position, parameters, count - taken);
    if (taken == count || !parameters.cycle) break;
    // Whole rounds lead from the end to the end, whatever was the first one.
    SequencePosition end = position;
    static_cast<void>(Advance(end, parameters));
    int64_t round = AdvanceInRun(end, parameters, INT64_MAX - 1) + 1;
    if (count - taken < round) continue;
    taken += (count - taken) / round * round;
    position = end;
  }
  return taken;
}

[[noreturn]] void ThrowExhausted(std::string_view name, const SequenceParameters& parameters) {
  bool up = parameters.increment > 0;
  throw SqlError(sqlstate::kSequenceGeneratorLimitExceeded,
                 fmt::format("nextval: reached {} value of sequence \"{}\" ({})",
                             up ? "maximum" : "minimum", name,
                             up ? parameters.max_value : parameters.min_value));
}

}  // namespace

struct Sequences::State {
  runtime::FiberMutex mutex;
  bool loaded GUARDED_BY(mutex) = false;
  SequencePosition position GUARDED_BY(mutex);
  // How many more values the stored position covers, counted with this increment.
  int64_t covered GUARDED_BY(mutex) = 0;
  int64_t increment GUARDED_BY(mutex) = 0;
  int64_t next_reservation GUARDED_BY(mutex) = kFirstReservation;
  bool stored_is_exact GUARDED_BY(mutex) = true;
  // Out of the map: another state has the sequence from now on.
  bool released GUARDED_BY(mutex) = false;
};

class Sequences::Held {
 public:
  Held(Sequences& sequences, std::string_view key) {
    while (true) {
      state_ = sequences.Find(key);
      lock_ = std::unique_lock(state_->mutex);
      if (!state_->released) return;
      lock_.unlock();
    }
  }
  State& operator*() const { return *state_; }
  State* operator->() const { return state_.get(); }

 private:
  std::shared_ptr<State> state_;  // outlives the lock
  std::unique_lock<runtime::FiberMutex> lock_;
};

namespace {

[[noreturn]] void ThrowUnknownOutcome() {
  throw SqlError(sqlstate::kTransactionResolutionUnknown,
                 "it is unknown whether the sequence was advanced");
}

void Store(kv::Store& store, std::string_view key, const SequencePosition& position) {
  std::string value = Encode(position);
  kv::Write write{kv::Write::Kind::kPut, key, value};
  kv::CommitOutcome outcome = store.Commit({.writes = {&write, 1}});
  if (outcome.kind != kv::CommitOutcome::Kind::kCommitted) ThrowUnknownOutcome();
}

}  // namespace

Sequences::Sequences(kv::Store& store) : store_(store) {}
Sequences::~Sequences() = default;

std::shared_ptr<Sequences::State> Sequences::Find(std::string_view key) {
  runtime::MutexLock lock(mutex_);
  auto found = states_.find(key);
  if (found == states_.end()) {
    found = states_.emplace(std::string(key), std::make_shared<State>()).first;
  }
  return found->second;
}

void Sequences::Load(State& state, std::string_view key, const SequenceParameters& parameters) {
  if (state.loaded) return;
  kv::ReadBuffer buffer;
  auto stored = store_.Newest()->Get(key, buffer);
  state.position = stored ? Decode(*stored) : SequencePosition{parameters.start, false};
  state.loaded = true;
}

// Makes durable that the next values are used up.
void Sequences::Reserve(State& state, std::string_view key, const SequenceParameters& parameters,
                        int64_t count) {
  int64_t wanted = std::max(count, state.next_reservation);
  SequencePosition ahead = state.position;
  int64_t steps = AdvanceBy(ahead, parameters, wanted);
  if (steps == 0) return;
  Store(store_, key, ahead);
  state.covered = steps;
  state.increment = parameters.increment;
  state.stored_is_exact = false;
  state.next_reservation = std::min(state.next_reservation * 2, kMaxReservation);
}

int64_t Sequences::Next(std::string_view key, std::string_view name,
                        const SequenceParameters& parameters, int64_t count, int64_t* last) {
  CHECK_GT(count, 0);
  Held state(*this, key);
  Load(*state, key, parameters);
  if (state->covered < count || state->increment != parameters.increment) {
    Reserve(*state, key, parameters, count);
  }
  SequencePosition position = state->position;
  if (!Advance(position, parameters)) ThrowExhausted(name, parameters);
  int64_t first = position.last_value;
  // Handing out several, a limit ends the run: what is left is for the next call.
  int64_t taken = 1 + AdvanceInRun(position, parameters, count - 1);
  CHECK_GE(state->covered, taken);
  state->covered -= taken;
  state->position = position;
  if (last) *last = position.last_value;
  return first;
}

void Sequences::Set(std::string_view key, const SequencePosition& position) {
  Held state(*this, key);
  Store(store_, key, position);
  state->loaded = true;
  state->position = position;
  state->covered = 0;
  state->stored_is_exact = true;
}

SequencePosition Sequences::Position(std::string_view key, const SequenceParameters& parameters) {
  Held state(*this, key);
  Load(*state, key, parameters);
  return state->position;
}

void Sequences::ForgetAll(std::string_view prefix) {
  runtime::MutexLock lock(mutex_);
  auto first = states_.lower_bound(prefix);
  auto last = first;
  while (last != states_.end() && last->first.starts_with(prefix)) ++last;
  states_.erase(first, last);
}

std::vector<Sequences::States::value_type> Sequences::WithPrefix(std::string_view prefix) {
  std::vector<States::value_type> found;
  runtime::MutexLock lock(mutex_);
  for (auto it = states_.lower_bound(prefix); it != states_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    found.push_back(*it);
  }
  return found;
}

void Sequences::StoreExactly(State& state, std::string_view key) {
  if (state.stored_is_exact) return;
  std::string value = Encode(state.position);
  kv::Write write{kv::Write::Kind::kPut, key, value};
  kv::CommitOutcome::Kind outcome = kv::CommitOutcome::Kind::kConflict;
  while (outcome != kv::CommitOutcome::Kind::kCommitted) {
    kv::SnapshotPtr snapshot = store_.Newest();
    kv::ReadBuffer buffer;
    if (!snapshot->Get(key, buffer)) break;
    kv::KeyCheck check{key, snapshot->version()};
    // If a crash takes it back, the reservation that it gives up is what counts.
    outcome = store_.Commit({.writes = {&write, 1},
                             .key_checks = {&check, 1},
                             .durability = kv::Durability::kLazy}).kind;
    if (outcome == kv::CommitOutcome::Kind::kMaybeCommitted) ThrowUnknownOutcome();
  }
  state.covered = 0;
  state.stored_is_exact = true;
}

void Sequences::Flush(std::string_view prefix) {
  for (const auto& [key, state] : WithPrefix(prefix)) {
    std::lock_guard lock(state->mutex);
    if (!state->released) StoreExactly(*state, key);
  }
}

void Sequences::Release(std::string_view prefix) {
  for (const auto& [key, state] : WithPrefix(prefix)) {
    std::lock_guard lock(state->mutex);
    if (state->released) continue;
    StoreExactly(*state, key);
    state->released = true;
    runtime::MutexLock map_lock(mutex_);
    auto found = states_.find(key);
    if (found != states_.end() && found->second == state) states_.erase(found);
  }
}

}  // namespace sundog::txn
