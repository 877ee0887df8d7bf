#include "exec/key_table.h"

#include <cstring>

namespace sundog::exec {

// wyhash's mixing step over eight bytes at a time.
uint64_t KeyTable::Hash(std::string_view key) {
  auto mix = [](uint64_t a, uint64_t b) {
    unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  uint64_t state = 0x9e3779b97f4a7c15 ^ key.size();
  const char* at = key.data();
  size_t left = key.size();
  while (left >= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = mix(state ^ word, 0xa0761d6478bd642f);
    at += 8;
    left -= 8;
  }
  uint64_t tail = 0;
  std::memcpy(&tail, at, left);
  return mix(state ^ tail, 0xe7037ed1a0b428db);
}

uint32_t KeyTable::Insert(std::string_view key, bool* fresh) {
  if ((keys_.size() + 1) * 2 > slots_.size()) Grow();
  uint64_t hash = Hash(key);
  size_t mask = slots_.size() - 1;
  uint32_t tag = static_cast<uint32_t>(hash >> 32);
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.number == kAbsent) {
      slot = {tag, static_cast<uint32_t>(keys_.size())};
      keys_.push_back(bytes_.Copy(key));
      *fresh = true;
      return slot.number;
    }
    if (slot.hash == tag && keys_[slot.number] == key) {
      *fresh = false;
      return slot.number;
    }
  }
}

uint32_t KeyTable::Find(std::string_view key) const {
  uint64_t hash = Hash(key);
  size_t mask = slots_.size() - 1;
  uint32_t tag = static_cast<uint32_t>(hash >> 32);
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.number == kAbsent) return kAbsent;
    if (slot.hash == tag && keys_[slot.number] == key) return slot.number;
  }
}

void KeyTable::Grow() {
  std::vector<Slot> old(slots_.size() * 4);
  old.swap(slots_);
  size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number == kAbsent) continue;
    size_t i = Hash(keys_[slot.number]) & mask;
    while (slots_[i].number != kAbsent) i = (i + 1) & mask;
    slots_[i] = slot;
  }
}

void KeyTable::Clear() {
  slots_.assign(64, Slot{});
  keys_.clear();
  bytes_.Reset();
}

}  // namespace sundog::exec
