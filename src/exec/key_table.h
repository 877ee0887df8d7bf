// A hash table of distinct byte keys, numbered in order of arrival: groups, DISTINCT, set
// operations, the build side of hash joins.
//
// Open addressing with linear probing; the slots hold 32 bits of the hash and the number, so that
// most misses never touch the keys.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace sundog::exec {

class KeyTable {
 public:
  static constexpr uint32_t kAbsent = ~uint32_t{0};

  KeyTable() { slots_.resize(64); }

  // The key's number; a new one if it was absent (then `*fresh` is true).
  uint32_t Insert(std::string_view key, bool* fresh);
  uint32_t Find(std::string_view key) const;

  size_t size() const { return keys_.size(); }
  std::string_view key(uint32_t number) const { return keys_[number]; }
  size_t used_bytes() const {
    return bytes_.allocated_bytes() + slots_.size() * sizeof(Slot) +
           keys_.size() * sizeof(std::string_view);
  }
  void Clear();
  static uint64_t Hash(std::string_view key);

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = kAbsent;
  };
  void Grow();

  std::vector<Slot> slots_;  // a power of two
  std::vector<std::string_view> keys_;
  base::Arena bytes_{4096};
};

}  // namespace sundog::exec
