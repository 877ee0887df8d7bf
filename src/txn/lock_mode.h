// PostgreSQL's lock modes and which of them exclude each other. Tables use all eight; row locks and
// advisory locks use some of them, chosen so that one table of conflicts serves all.
#pragma once

#include <cstdint>
#include <string_view>

namespace sundog::txn {

enum class LockMode : uint8_t {
  kAccessShare,
  kRowShare,
  kRowExclusive,
  kShareUpdateExclusive,
  kShare,
  kShareRowExclusive,
  kExclusive,
  kAccessExclusive,
};
inline constexpr int kLockModes = 8;

// "AccessShareLock", … as pg_locks and deadlock reports name them.
std::string_view LockModeName(LockMode mode);

using LockModeSet = uint8_t;
constexpr LockModeSet SetOf(LockMode mode) {
  return static_cast<LockModeSet>(1u << static_cast<unsigned>(mode));
}
// The modes that others may not hold while one holds `mode`.
LockModeSet ConflictsOf(LockMode mode);

// FOR KEY SHARE … FOR UPDATE, weakest first. UPDATE takes kNoKeyUpdate where no column of a unique
// index changes, else kUpdate; DELETE takes kUpdate.
enum class RowLockMode : uint8_t { kKeyShare, kShare, kNoKeyUpdate, kUpdate };

constexpr LockMode TableModeOf(RowLockMode mode) {
  constexpr LockMode kModes[] = {LockMode::kAccessShare, LockMode::kRowShare, LockMode::kExclusive,
                                 LockMode::kAccessExclusive};
  return kModes[static_cast<int>(mode)];
}

enum class WaitPolicy : uint8_t {
  kWait,
  kNoWait,      // NOWAIT: the caller raises 55P03
  kSkipLocked,  // SKIP LOCKED: the caller leaves the row out
};

}  // namespace sundog::txn
