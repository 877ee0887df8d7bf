#include "txn/lock_mode.h"

namespace sundog::txn {
namespace {

constexpr LockModeSet Conflicts(std::initializer_list<LockMode> modes) {
  LockModeSet set = 0;
  for (LockMode mode : modes) set |= SetOf(mode);
  return set;
}

struct ModeRow {
  std::string_view name;
  LockModeSet conflicts;
};

using enum LockMode;

// clang-format off
constexpr ModeRow kModes[kLockModes] = {
    {"AccessShareLock", Conflicts({kAccessExclusive})},
    {"RowShareLock", Conflicts({kExclusive, kAccessExclusive})},
    {"RowExclusiveLock", Conflicts({kShare, kShareRowExclusive, kExclusive, kAccessExclusive})},
    {"ShareUpdateExclusiveLock", Conflicts({kShareUpdateExclusive, kShare, kShareRowExclusive,
                                            kExclusive, kAccessExclusive})},
    {"ShareLock", Conflicts({kRowExclusive, kShareUpdateExclusive, kShareRowExclusive, kExclusive,
                             kAccessExclusive})},
    {"ShareRowExclusiveLock", Conflicts({kRowExclusive, kShareUpdateExclusive, kShare,
                                         kShareRowExclusive, kExclusive, kAccessExclusive})},
    {"ExclusiveLock", Conflicts({kRowShare, kRowExclusive, kShareUpdateExclusive, kShare,
                                 kShareRowExclusive, kExclusive, kAccessExclusive})},
    {"AccessExclusiveLock", 0xff},
};
// clang-format on

constexpr bool Symmetric() {
  for (int a = 0; a < kLockModes; ++a) {
    for (int b = 0; b < kLockModes; ++b) {
      if (((kModes[a].conflicts >> b) & 1) != ((kModes[b].conflicts >> a) & 1)) return false;
    }
  }
  return true;
}
static_assert(Symmetric());

}  // namespace

std::string_view LockModeName(LockMode mode) { return kModes[static_cast<int>(mode)].name; }
LockModeSet ConflictsOf(LockMode mode) { return kModes[static_cast<int>(mode)].conflicts; }

}  // namespace sundog::txn
