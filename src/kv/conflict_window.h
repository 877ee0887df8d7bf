// Remembers which keys the latest commits wrote, so that a commit can be judged against everything
// that happened since its snapshot.
//
// 1. Each commit leaves a record: its version and its keys, sorted. Records form a queue.
// 2. A hash table maps the hash of each remembered key to the newest version that wrote it; this
//    answers checks of single keys. Two keys with one hash can only cause a needless conflict.
// 3. Checks of ranges walk the records newer than the version asked about and search each.
// 4. A commit of very many keys, and every range delete, is remembered as ranges: runs of
//    consecutive keys of that commit. Keys between them count as written too.
// 5. When the bound on keys is passed, the oldest records go, and what asks about earlier versions
//    is told that it is too old.
//
// Judge and Record are called by one thread; KeyChanged and RangeUnchanged by any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kv/store.h"

namespace sundog::kv {

// From a 64-bit hash to a version, open addressing with linear probing.
class HashVersionMap {
 public:
  HashVersionMap();
  Version Find(uint64_t hash) const;  // 0 when absent
  void Put(uint64_t hash, Version version);
  // Removes the entry if it still has this version.
  void Erase(uint64_t hash, Version version);
  size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t hash;
    Version version;  // 0: free
  };
  void Grow();
  size_t Home(uint64_t hash) const { return hash & (slots_.size() - 1); }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

class ConflictWindow {
 public:
  struct Limits {
    size_t max_keys = 1 << 19;
    size_t max_bytes = 64 << 20;
    // A commit of more keys than this is remembered as ranges of `run_keys` keys.
    size_t coarse_above_keys = 1 << 13;
    size_t run_keys = 256;
  };

  // Nothing is known of what happened up to and with `start`.
  ConflictWindow(Version start, Limits limits);

  enum class Verdict : uint8_t { kPass, kConflict, kTooOld };
  // On kConflict `*conflict_key` says where.
  Verdict Judge(const CommitRequest& request, std::string* conflict_key) const;

  // `version` is above all recorded before.
  void Record(Version version, const CommitRequest& request);

  // Whether a commit later than `since` and up to `until` wrote the key; kUnknown also when only a
  // later one is remembered, or only a range around the key.
  Changed KeyChanged(std::string_view key, Version since, Version until) const;

  // True only if it is certain that no commit remembered wrote in the range after `since`; gives up
  // when there are many to look through.
  bool RangeUnchanged(std::string_view begin, std::string_view end, Version since) const;

  // The oldest version that checks may ask about.
  Version oldest() const { return oldest_; }

 private:
  struct RememberedCommit {
    Version version = 0;
    std::string bytes;                // the keys, end to end
    std::vector<uint32_t> key_ends;   // in order; key i is [key_ends[i-1], key_ends[i])
    std::vector<KeyRange> ranges;

    std::string_view Key(size_t i) const {
      size_t from = i == 0 ? 0 : key_ends[i - 1];
      return std::string_view(bytes).substr(from, key_ends[i] - from);
    }
    bool WroteIn(std::string_view begin, std::string_view end) const;
    bool RangesCover(std::string_view key) const;
    size_t Weight() const { return bytes.size() + key_ends.size() * 20 + ranges.size() * 96; }
  };

  bool RangesChanged(std::string_view key, Version since) const;
  bool RangeChanged(const RangeCheck& check) const;
  RememberedCommit Remember(Version version, const CommitRequest& request) const;
  void Index(const RememberedCommit& commit);
  void DropOldest();

  const Limits limits_;
  mutable std::shared_mutex mutex_;
  // Written under mutex_ by the one recording thread, which reads them without.
  std::deque<RememberedCommit> commits_;
  std::vector<std::pair<Version, const RememberedCommit*>> coarse_;
  HashVersionMap versions_;
  size_t keys_ = 0;
  size_t bytes_ = 0;
  Version oldest_;
};

}  // namespace sundog::kv
