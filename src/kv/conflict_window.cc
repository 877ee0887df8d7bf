#include "kv/conflict_window.h"

#include <algorithm>
#include <functional>
#include <mutex>

#include "base/check.h"

namespace sundog::kv {
namespace {

uint64_t HashKey(std::string_view key) {
  // The low bits choose the slot: spread what the library's hash leaves in the high ones.
  uint64_t hash = std::hash<std::string_view>()(key);
  return hash ^ (hash >> 32);
}

constexpr size_t kFirstSlots = 1 << 10;
constexpr Version kManyCommits = 256;

bool Before(std::string_view key, std::string_view end) { return end.empty() || key < end; }

}  // namespace

HashVersionMap::HashVersionMap() : slots_(kFirstSlots, Slot{0, 0}) {}

Version HashVersionMap::Find(uint64_t hash) const {
  for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[i];
    if (slot.version == 0) return 0;
    if (slot.hash == hash) return slot.version;
  }
}

void HashVersionMap::Put(uint64_t hash, Version version) {
  CHECK_GT(version, 0u);
  if ((size_ + 1) * 2 > slots_.size()) Grow();
  for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
    Slot& slot = slots_[i];
    if (slot.version == 0) {
      slot = {hash, version};
      ++size_;
      return;
    }
    if (slot.hash == hash) {
      slot.version = version;
      return;
    }
  }
}

void HashVersionMap::Erase(uint64_t hash, Version version) {
  size_t mask = slots_.size() - 1;
  size_t i = Home(hash);
  while (slots_[i].version != 0 && slots_[i].hash != hash) i = (i + 1) & mask;
  if (slots_[i].version != version) return;
  // Close the gap: move back every later entry of the run whose home is not after the hole.
  size_t hole = i;
  for (size_t j = (i + 1) & mask; slots_[j].version != 0; j = (j + 1) & mask) {
    size_t distance_home = (j - Home(slots_[j].hash)) & mask;
    size_t distance_hole = (j - hole) & mask;
    if (distance_home >= distance_hole) {
      slots_[hole] = slots_[j];
      hole = j;
    }
  }
  slots_[hole] = {0, 0};
  --size_;
}

void HashVersionMap::Grow() {
  std::vector<Slot> old(slots_.size() * 2, Slot{0, 0});
  old.swap(slots_);
  size_ = 0;
  for (const Slot& slot : old) {
    if (slot.version != 0) Put(slot.hash, slot.version);
  }
}

bool ConflictWindow::RememberedCommit::WroteIn(std::string_view begin,
                                               std::string_view end) const {
  size_t low = 0;
  size_t high = key_ends.size();
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (Key(middle) < begin) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < key_ends.size() && Before(Key(low), end)) return true;
  for (const KeyRange& range : ranges) {
    if (Before(range.begin, end) && Before(begin, range.end)) return true;
  }
  return false;
}

bool ConflictWindow::RememberedCommit::RangesCover(std::string_view key) const {
  for (const KeyRange& range : ranges) {
    if (range.Contains(key)) return true;
  }
  return false;
}

ConflictWindow::ConflictWindow(Version start, Limits limits) : limits_(limits), oldest_(start) {}

bool ConflictWindow::RangesChanged(std::string_view key, Version since) const {
  for (auto it = coarse_.rbegin(); it != coarse_.rend() && it->first > since; ++it) {
    if (it->second->RangesCover(key)) return true;
  }
  return false;
}

Changed ConflictWindow::KeyChanged(std::string_view key, Version since, Version until) const {
  std::shared_lock lock(mutex_);
  if (since < oldest_) return Changed::kUnknown;
  if (commits_.empty() || commits_.back().version <= since) return Changed::kNo;
  Version last = versions_.Find(HashKey(key));
  if (last > since) return last <= until ? Changed::kYes : Changed::kUnknown;
  return RangesChanged(key, since) ? Changed::kUnknown : Changed::kNo;
}

bool ConflictWindow::RangeChanged(const RangeCheck& check) const {
  for (auto it = commits_.rbegin(); it != commits_.rend() && it->version > check.since; ++it) {
    if (it->WroteIn(check.begin, check.end)) return true;
  }
  return false;
}

bool ConflictWindow::RangeUnchanged(std::string_view begin, std::string_view end,
                                    Version since) const {
  std::shared_lock lock(mutex_);
  if (since < oldest_) return false;
  if (commits_.empty() || commits_.back().version <= since) return true;
  if (commits_.back().version - since > kManyCommits) return false;
  return !RangeChanged({begin, end, since});
}

ConflictWindow::Verdict ConflictWindow::Judge(const CommitRequest& request,
                                              std::string* conflict_key) const {
  for (const KeyCheck& check : request.key_checks) {
    if (check.since < oldest_) return Verdict::kTooOld;
    if (versions_.Find(HashKey(check.key)) > check.since ||
        RangesChanged(check.key, check.since)) {
      conflict_key->assign(check.key);
      return Verdict::kConflict;
    }
  }
  for (const RangeCheck& check : request.range_checks) {
    if (check.since < oldest_) return Verdict::kTooOld;
    if (RangeChanged(check)) {
      conflict_key->assign(check.begin);
      return Verdict::kConflict;
    }
  }
  return Verdict::kPass;
}

ConflictWindow::RememberedCommit ConflictWindow::Remember(Version version,
                                                          const CommitRequest& request) const {
  RememberedCommit commit;
  commit.version = version;
  std::vector<std::string_view> keys(request.marks.begin(), request.marks.end());
  keys.reserve(keys.size() + request.writes.size());
  for (const Write& write : request.writes) {
    if (write.kind == Write::Kind::kDeleteRange) {
      commit.ranges.push_back({std::string(write.key), std::string(write.value)});
    } else {
      keys.push_back(write.key);
    }
  }
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
  if (keys.size() > limits_.coarse_above_keys) {
    for (size_t i = 0; i < keys.size(); i += limits_.run_keys) {
      size_t last = std::min(keys.size(), i + limits_.run_keys) - 1;
      commit.ranges.push_back({std::string(keys[i]), std::string(keys[last]) + '\0'});
    }
    return commit;
  }
  size_t bytes = 0;
  for (std::string_view key : keys) bytes += key.size();
  commit.bytes.reserve(bytes);
  commit.key_ends.reserve(keys.size());
  for (std::string_view key : keys) {
    commit.bytes.append(key);
    commit.key_ends.push_back(static_cast<uint32_t>(commit.bytes.size()));
  }
  return commit;
}

void ConflictWindow::Index(const RememberedCommit& commit) {
  for (size_t i = 0; i < commit.key_ends.size(); ++i) {
    versions_.Put(HashKey(commit.Key(i)), commit.version);
  }
  if (!commit.ranges.empty()) coarse_.emplace_back(commit.version, &commit);
  keys_ += commit.key_ends.size() + commit.ranges.size();
  bytes_ += commit.Weight();
}

void ConflictWindow::Record(Version version, const CommitRequest& request) {
  RememberedCommit commit = Remember(version, request);
  std::unique_lock lock(mutex_);
  CHECK(commits_.empty() || commits_.back().version < version);
  CHECK_LT(oldest_, version);
  commits_.push_back(std::move(commit));
  Index(commits_.back());
  while (commits_.size() > 1 && (keys_ > limits_.max_keys || bytes_ > limits_.max_bytes)) {
    DropOldest();
  }
}

void ConflictWindow::DropOldest() {
  const RememberedCommit& commit = commits_.front();
  for (size_t i = 0; i < commit.key_ends.size(); ++i) {
    versions_.Erase(HashKey(commit.Key(i)), commit.version);
  }
  if (!coarse_.empty() && coarse_.front().second == &commit) coarse_.erase(coarse_.begin());
  keys_ -= commit.key_ends.size() + commit.ranges.size();
  bytes_ -= commit.Weight();
  oldest_ = commit.version;
  commits_.pop_front();
}

}  // namespace sundog::kv
