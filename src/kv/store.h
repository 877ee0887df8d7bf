// The store contract: an ordered map from byte strings to byte strings with many versions, read
// through snapshots and changed by commits that are judged first. Everything above (transactions,
// catalog, tables) is written against this header; kv/memory and kv/rocks stand behind it, and one
// conformance suite (store_conformance_test.cc) runs against each.
//
// Promises of every backend:
//   1. Versions are totally ordered; each commit that writes has its own.
//   2. A snapshot sees all commits up to its version and nothing of later ones, for as long as it
//      is held. Reading never waits for a commit.
//   3. A commit is atomic. It is judged against every commit between the versions it read at and
//      its own. When Commit() has returned kCommitted it is durable (unless Durability::kLazy was
//      asked for) and every snapshot opened from then on sees it.
//   4. Keys and values are any bytes; the order is memcmp's.
// Everything may be called from any thread. Only Commit() and Watch::Wait() suspend a fiber.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::kv {

using Version = uint64_t;

// Keys from `begin` up to but without `end`; an empty `end` is the end of the key space.
struct KeyRange {
  std::string begin;
  std::string end;

  bool Contains(std::string_view key) const {
    return key >= begin && (end.empty() || key < end);
  }
  bool empty() const { return !end.empty() && begin >= end; }
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// The smallest key above all keys that start with `prefix`; empty when there is none.
std::string PrefixEnd(std::string_view prefix);
// All keys that start with `prefix`.
KeyRange PrefixRange(std::string_view prefix);

enum class Direction : uint8_t { kForward, kReverse };

struct Entry {
  std::string_view key;
  std::string_view value;
};

// Holds what Get and MultiGet return: their views are valid until the buffer is used again or
// destroyed. Reusing one buffer makes point reads free of allocation. Of one store only.
class ReadBuffer {
 public:
  // A backend's own part: pinned blocks, copies.
  struct Pins {
    virtual ~Pins() = default;
  };
  std::unique_ptr<Pins> pins;
  std::vector<std::optional<std::string_view>> values;
};

struct ScanOptions {
  Direction direction = Direction::kForward;
  // The scan will read most of a large range: read ahead.
  bool whole_range = false;
};

// A position in a range of one snapshot. Used by one thread at a time; keeps its snapshot alive.
class Cursor {
 public:
  virtual ~Cursor() = default;
  // The next entries, at least one and at most `max_entries`; none at the end of the range.
  // They are valid until the next call.
  virtual std::span<const Entry> Next(size_t max_entries) = 0;
  // Starts over on another range with the same options: much cheaper than a new cursor.
  virtual void Reset(KeyRange range) = 0;
};

class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Version version() const = 0;
  virtual std::optional<std::string_view> Get(std::string_view key, ReadBuffer& buffer) const = 0;
  // One answer a key, in their order.
  virtual std::span<const std::optional<std::string_view>> MultiGet(
      std::span<const std::string_view> keys, ReadBuffer& buffer) const = 0;
  virtual std::unique_ptr<Cursor> Scan(KeyRange range, ScanOptions options = {}) const = 0;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

struct Write {
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  Kind kind = Kind::kPut;
  std::string_view key;
  // The value of a put; the end of a range delete (never empty).
  std::string_view value;
};

// The commit conflicts when `key` was written or marked by a commit later than `since`.
struct KeyCheck {
  std::string_view key;
  Version since = 0;
};

// The same for every key of [begin, end); an empty `end` is the end of the key space.
struct RangeCheck {
  std::string_view begin;
  std::string_view end;
  Version since = 0;
};

enum class Durability : uint8_t {
  kSynced,  // On disk when Commit() returns.
  kLazy,    // A crash of the machine may lose it, and then everything committed after it too.
};

// What a transaction asks to be made true at once. The views must stay valid until Commit()
// returns. Writes alone are not checked: whoever holds a lock on a key need not be judged for it.
struct CommitRequest {
  // In ascending order of keys, no key twice. Range deletes take effect before all the others.
  std::span<const Write> writes;
  std::span<const KeyCheck> key_checks;
  std::span<const RangeCheck> range_checks;
  // Keys that count as written for the checks of others though nothing is stored (FOR UPDATE
  // without locks). Any order.
  std::span<const std::string_view> marks;
  Durability durability = Durability::kSynced;
};

struct [[nodiscard]] CommitOutcome {
  enum class Kind : uint8_t {
    kCommitted,
    kConflict,        // A checked key was written by a later commit; nothing was done.
    kTooOld,          // A check reaches back further than the store remembers; nothing was done.
    kMaybeCommitted,  // The answer was lost: it may or may not have happened.
  };
  Kind kind = Kind::kMaybeCommitted;
  // kCommitted: the commit's own version, or the newest one when it wrote and marked nothing.
  Version version = 0;
  // kConflict: a key or the begin of a range whose check failed.
  std::string conflict_key;
};

// Fires once, when a key is written after the watch was made (or a range delete covers it).
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void Wait() = 0;
  // False when the time came first (base::Clock::MonotonicMicros).
  virtual bool WaitUntil(int64_t monotonic_us) = 0;
};

// Takes what a feed brings, on the thread that commits, which every commit waits for: to be quick,
// not to read the store, and not to open or close feeds.
class FeedSink {
 public:
  virtual ~FeedSink() = default;
  // Writes of one commit, in the order of their keys: puts and deletes of keys under the feed's
  // prefix, or one range delete, which may reach beyond it. Several calls may be of one commit, its
  // range deletes first; versions ascend. The views are valid during the call.
  virtual void Take(Version version, std::span<const Write> writes) = 0;
};

// An open feed; closed at the end of its life, after which its sink is not called any more.
class Feed {
 public:
  virtual ~Feed() = default;
};

enum class Changed : uint8_t {
  kNo,
  kYes,
  kUnknown,  // The store does not remember so exactly or so far back: read and compare.
};

class Store {
 public:
  virtual ~Store() = default;

  // A snapshot of the newest committed version. Cheap: readers of one version share it.
  virtual SnapshotPtr Newest() = 0;
  virtual Version NewestVersion() = 0;

  // Throws SqlError when the environment fails: 53100 (disk full), 58030 (I/O); then nothing of
  // the request is visible.
  virtual CommitOutcome Commit(const CommitRequest& request) = 0;

  // Whether the key was written by a commit later than `since` and not later than the newest
  // version. Never a false kNo: kNo holds for every snapshot that was opened before the call.
  virtual Changed ChangedSince(std::string_view key, Version since) = 0;

  virtual std::unique_ptr<Watch> WatchKey(std::string_view key) = 0;

  // From now on `sink` gets every committed write to a key under `prefix`, and every range delete
  // that touches one, once it is as durable as was asked for and before its version is published:
  // it knows all that any snapshot shows. What a snapshot that is opened after this call does not
  // show, the feed brings; it may also bring some of what it shows. Costs commits a moment each.
  virtual std::unique_ptr<Feed> OpenFeed(std::string_view prefix, FeedSink& sink) = 0;

  // No snapshot older than this is held any more.
  virtual Version OldestSnapshot() = 0;

  // About how many bytes of keys and values the range holds; for planning and display.
  virtual uint64_t EstimateBytes(const KeyRange& range) = 0;

  // Gives back what deleted entries of the range still take, as far as no snapshot sees them.
  // Returns when that is done, which may take minutes, or soon after `*stop`.
  virtual void Reclaim(const KeyRange& /*range*/, std::atomic<bool>& /*stop*/) {}

  // Makes everything committed so far durable, lazily committed too.
  virtual void Flush() = 0;
};

}  // namespace sundog::kv
