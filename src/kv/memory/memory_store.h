// The store in memory: a sorted map from keys to their versions. The reference model that the
// other backends are compared with, and what tests run on; nothing survives it.
//
// Each key has a chain of versions in ascending order; a deletion is a version without a value.
// Versions that no open snapshot can see any more are dropped when their key is written again.
#pragma once

#include <memory>

#include "kv/store.h"

namespace sundog::kv {

std::unique_ptr<Store> OpenMemoryStore();

}  // namespace sundog::kv
