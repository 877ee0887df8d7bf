// Sequences outside of transactions: nextval hands out each value once, whatever becomes of the
// transaction that asked, and after a crash too.
//
// 1. The store keeps, a sequence, how far its values are used up ("reserved"), under a key that the
//    caller chooses with the sequence's storage id; no key: nothing was handed out yet.
// 2. The server keeps the current position in memory and hands out values up to the reservation.
//    Past it, it first makes a further reservation durable: 32 values, more each time while the
//    sequence is used quickly.
// 3. Release() and Flush(), when a tenant is unloaded and at an orderly stop, write the exact
//    positions back, so that only a crash leaves a gap.
//
// Safe from all threads; may suspend the fiber.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::kv {
class Store;
}

namespace sundog::txn {

struct SequenceParameters {
  int64_t start = 1;
  int64_t increment = 1;
  int64_t min_value = 1;
  int64_t max_value = INT64_MAX;
  bool cycle = false;
};

// As `SELECT * FROM the_sequence` shows it.
struct SequencePosition {
  int64_t last_value = 1;
  bool is_called = false;
};

class Sequences {
 public:
  // `store` must outlive this object.
  explicit Sequences(kv::Store& store);
  ~Sequences();

  // Takes `count` values at once (CACHE); returns the first, and the last in `*last`. Throws 2200H
  // `nextval: reached maximum value of sequence "name" (…)`.
  int64_t Next(std::string_view key, std::string_view name, const SequenceParameters& parameters,
               int64_t count, int64_t* last);
  // setval(); the caller has checked the bounds.
  void Set(std::string_view key, const SequencePosition& position);
  SequencePosition Position(std::string_view key, const SequenceParameters& parameters);
  // The sequences whose keys begin so are to go; the keys are the caller's to delete.
  void ForgetAll(std::string_view prefix);
  // Writes the exact positions of all sequences but those that were dropped.
  void Flush() { Flush(""); }
  // Of those whose keys begin so.
  void Flush(std::string_view prefix);
  // As Flush(), and keeps them in memory no longer. Harmless while they are used: whoever comes
  // next reads the position that was written.
  void Release(std::string_view prefix);

 private:
  struct State;
  using States = std::map<std::string, std::shared_ptr<State>, std::less<>>;
  // A state with its mutex held, that has not been released.
  class Held;

  std::shared_ptr<State> Find(std::string_view key);
  std::vector<States::value_type> WithPrefix(std::string_view prefix);
  // With the state's mutex held:
  // Nothing, where the key is gone: the sequence was dropped, and is not to come back.
  void StoreExactly(State& state, std::string_view key);
  void Load(State& state, std::string_view key, const SequenceParameters& parameters);
  void Reserve(State& state, std::string_view key, const SequenceParameters& parameters,
               int64_t count);

  kv::Store& store_;
  runtime::Mutex mutex_;
  States states_ GUARDED_BY(mutex_);
};

}  // namespace sundog::txn
