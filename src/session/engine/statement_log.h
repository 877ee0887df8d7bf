// What the statements of each tenant took: how many there were in the last minute and how long
// they ran, and which were slow. Kept in memory for the tenants that were heard of last: a few
// kilobytes each while they are heard of, and then the slow statements.
//
// Times are those that the server worked at a statement, its commit included where it is one query
// message; for the extended protocol that is Execute alone. A slow statement is kept without the
// values in it: strings and numbers are question marks.
//
// One a server; safe from all threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/mutex.h"

namespace sundog::base {
class Clock;
}

namespace sundog::session {

// `sql` with a question mark for each value, without comments, and white space as single spaces, at
// most a thousand bytes of it.
std::string WithoutValues(std::string_view sql);

class StatementLog {
 public:
  static constexpr int64_t kWindowSeconds = 60;
  // What takes as long is slow.
  static constexpr int64_t kSlowMicros = 10'000;
  static constexpr size_t kSlowStatements = 50;  // of a tenant
  static constexpr size_t kMaxTenants = 4096;

  struct Window {
    int64_t statements = 0;
    int64_t errors = 0;
    int64_t commits = 0;
    double average_ms = 0;
    double p99_ms = 0;  // within a quarter
  };
  struct SlowStatement {
    std::string query;
    int64_t calls = 0;
    int64_t total_us = 0;
    int64_t max_us = 0;
    int64_t last_us = 0;  // when, since 1970
  };

  explicit StatementLog(base::Clock& clock) : clock_(clock) {}

  void NoteStatement(uint32_t tenant, std::string_view sql, int64_t duration_us, bool failed);
  void NoteCommit(uint32_t tenant);
  // Of the last minute.
  Window Read(uint32_t tenant);
  // Those that took most, together, first.
  std::vector<SlowStatement> SlowStatements(uint32_t tenant);
  void Forget(uint32_t tenant);
  // Gives back what is out of the last minute; whoever reads notices no difference.
  void RemoveOld();
  // Of how many it has anything.
  size_t count();

 private:
  static constexpr int64_t kSliceSeconds = 5;
  static constexpr size_t kSlices = kWindowSeconds / kSliceSeconds;
  // Four a power of two, from a microsecond to some hours.
  static constexpr size_t kDurations = 4 * 34;
  static constexpr size_t kShards = 16;

  struct Slice {
    int64_t number = -1;  // of five seconds each, since the clock began
    uint32_t statements = 0;
    uint32_t errors = 0;
    uint32_t commits = 0;
    int64_t total_us = 0;
    std::array<uint16_t, kDurations> durations{};  // stays at its largest value
  };
  using Slices = std::array<Slice, kSlices>;
  struct Record {
    int64_t last_slice = 0;
    std::unique_ptr<Slices> slices;  // null: nothing in the last minute
    std::vector<SlowStatement> slow;
  };
  struct Shard {
    runtime::Mutex mutex;
    std::unordered_map<uint32_t, std::unique_ptr<Record>> records GUARDED_BY(mutex);
  };

  static size_t DurationIndex(int64_t duration_us);
  Shard& ShardOf(uint32_t tenant) { return shards_[tenant % kShards]; }
  Slice& CurrentSlice(Shard& shard, uint32_t tenant) REQUIRES(shard.mutex);
  void NoteSlow(Record& record, std::string query, int64_t duration_us) const;
  int64_t SliceNumber() const;
  bool IsOld(int64_t slice) const {
    return slice <= SliceNumber() - static_cast<int64_t>(kSlices);
  }

  base::Clock& clock_;
  std::array<Shard, kShards> shards_;
};

}  // namespace sundog::session
