// Group numbers by a key that is one integer: in front of KeyTable, so that a row of a known group
// needs no key bytes. Open addressing with linear probing.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/key_table.h"

namespace sundog::exec {

class IntegerKeys {
 public:
  IntegerKeys() { Clear(); }

  // KeyTable::kAbsent if it is not known.
  uint32_t Find(uint64_t key) const {
    size_t mask = slots_.size() - 1;
    for (size_t i = Home(key);; i = (i + 1) & mask) {
      if (slots_[i].number == KeyTable::kAbsent || slots_[i].key == key) return slots_[i].number;
    }
  }

  // The key must be absent.
  void Add(uint64_t key, uint32_t number) {
    if (++size_ * 2 > slots_.size()) Grow();
    Place({key, number});
  }

  size_t used_bytes() const { return slots_.size() * sizeof(Slot); }
  void Clear() {
    slots_.assign(kLeastSlots, Slot{});
    size_ = 0;
  }

 private:
  static constexpr size_t kLeastSlots = 64;
  struct Slot {
    uint64_t key = 0;
    uint32_t number = KeyTable::kAbsent;
  };

  size_t Home(uint64_t key) const {
    uint64_t mixed = key * 0x9e3779b97f4a7c15;
    return (mixed ^ (mixed >> 32)) & (slots_.size() - 1);
  }
  void Place(const Slot& slot) {
    size_t i = Home(slot.key);
    while (slots_[i].number != KeyTable::kAbsent) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = slot;
  }
  void Grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != KeyTable::kAbsent) Place(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two
  size_t size_ = 0;
};

}  // namespace sundog::exec
