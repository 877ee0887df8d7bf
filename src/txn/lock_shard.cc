#include "txn/lock_shard.h"

#include "base/check.h"

namespace sundog::txn {

bool LockManager::Slot::HeldBy(const LockBackend& backend) const {
  bool held = false;
  ForEachHold([&](const LockHolder& other, LockModeSet) { held |= &other.backend() == &backend; });
  return held;
}

LockModeSet LockManager::Slot::ModesOf(const LockHolder& asked) const {
  LockModeSet found = 0;
  ForEachHold([&](const LockHolder& other, LockModeSet held) {
    if (&other == &asked) found = held;
  });
  return found;
}

bool LockManager::Slot::Excluded(const LockBackend& backend, LockMode mode) const {
  bool excluded = false;
  ForEachHold([&](const LockHolder& other, LockModeSet held) {
    excluded |= &other.backend() != &backend && (held & ConflictsOf(mode)) != 0;
  });
  return excluded;
}

void LockManager::Slot::AddHold(LockHolder& added, LockMode mode) {
  if (holder == nullptr || holder == &added) {
    if (holder == nullptr) modes = 0;
    holder = &added;
    modes |= SetOf(mode);
    return;
  }
  if (!contended) contended = std::make_unique<Contended>();
  for (Contended::Hold& hold : contended->more) {
    if (hold.holder == &added) {
      hold.modes |= SetOf(mode);
      return;
    }
  }
  contended->more.push_back({&added, SetOf(mode)});
}

void LockManager::Slot::RemoveHold(const LockHolder& removed, LockMode mode) {
  LockModeSet keep = static_cast<LockModeSet>(~SetOf(mode));
  if (holder == &removed) {
    CHECK(modes & SetOf(mode));
    modes &= keep;
    if (modes != 0) return;
    holder = nullptr;
    if (contended && !contended->more.empty()) {
      holder = contended->more.back().holder;
      modes = contended->more.back().modes;
      contended->more.pop_back();
    }
    return;
  }
  CHECK(contended);
  for (size_t i = 0; i < contended->more.size(); ++i) {
    Contended::Hold& hold = contended->more[i];
    if (hold.holder != &removed) continue;
    CHECK(hold.modes & SetOf(mode));
    hold.modes &= keep;
    if (hold.modes == 0) contended->more.erase(contended->more.begin() + i);
    return;
  }
  CHECK(false);
}

LockManager::Slot* LockManager::Shard::Find(uint64_t hash) {
  for (size_t i = Home(hash); slots_[i].hash != 0; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].hash == hash) return &slots_[i];
  }
  return nullptr;
}

LockManager::Slot& LockManager::Shard::FindOrAdd(const LockTag& tag) {
  if (Slot* found = Find(tag.hash)) return *found;
  if ((used_ + 1) * 3 > slots_.size() * 2) Grow();
  size_t i = Home(tag.hash);
  while (slots_[i].hash != 0) i = (i + 1) & (slots_.size() - 1);
  slots_[i].hash = tag.hash;
  ++used_;
  if (tag.kind != LockKind::kRow) {
    slots_[i].contended = std::make_unique<Contended>();
    slots_[i].contended->tag = tag;
  }
  return slots_[i];
}

void LockManager::Shard::Tidy(Slot& slot) {
  if (!slot.idle()) return;
  // A table is locked again and again: its slot stays.
  if (slot.contended && slot.contended->tag.kind == LockKind::kTable) return;
  size_t mask = slots_.size() - 1;
  size_t hole = static_cast<size_t>(&slot - slots_.data());
  slots_[hole] = Slot();
  for (size_t j = (hole + 1) & mask; slots_[j].hash != 0; j = (j + 1) & mask) {
    if (((j - Home(slots_[j].hash)) & mask) >= ((j - hole) & mask)) {
      slots_[hole] = std::move(slots_[j]);
      slots_[j] = Slot();
      hole = j;
    }
  }
  --used_;
}

void LockManager::Shard::Grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (Slot& slot : old) {
    if (slot.hash == 0) continue;
    size_t i = Home(slot.hash);
    while (slots_[i].hash != 0) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = std::move(slot);
  }
}

void LockManager::Shard::GrantQueue(Slot& slot) {
  if (!slot.contended) return;
  std::vector<LockWaiter*>& queue = slot.contended->queue;
  LockModeSet earlier = 0;  // what those who go on waiting ask for
  for (size_t i = 0; i < queue.size();) {
    LockWaiter* waiter = queue[i];
    const LockBackend& backend = waiter->holder->backend();
    bool behind = (earlier & ConflictsOf(waiter->mode)) != 0 && !slot.HeldBy(backend);
    if (behind || slot.Excluded(backend, waiter->mode)) {
      earlier |= SetOf(waiter->mode);
      ++i;
      continue;
    }
    slot.AddHold(*waiter->holder, waiter->mode);
    queue.erase(queue.begin() + i);
    waiter->granted = true;
    waiter->event.Signal();
  }
}

}  // namespace sundog::txn
