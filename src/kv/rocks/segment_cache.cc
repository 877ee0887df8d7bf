#include "kv/rocks/segment_cache.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/memory.h"

namespace sundog::kv {
namespace {

// A full cache gives up only what this many scans have not used.
constexpr uint64_t kKeepForScans = 4;
// Entries of a segment, unless the range ends before. Very small ones are not worth their place.
constexpr size_t kSegmentEntries = 1024;
constexpr size_t kLeastEntries = 16;
// A segment of large entries has fewer.
constexpr size_t kSegmentBytes = 2 << 20;

bool Before(std::string_view key, std::string_view end) { return end.empty() || key < end; }

}  // namespace

SegmentCache::SegmentCache(size_t budget_bytes, Unchanged unchanged)
    : budget_bytes_(budget_bytes), unchanged_(std::move(unchanged)) {}

SegmentPtr SegmentCache::Find(std::string_view key, Version version, uint64_t scan,
                              std::string* gap_end) const {
  runtime::MutexLock lock(mutex_);
  auto it = segments_.upper_bound(key);
  if (it != segments_.begin()) {
    const SegmentPtr& segment = std::prev(it)->second;
    if (Before(key, segment->end)) {
      if (segment->since <= version) {
        segment->last_scan.store(scan, std::memory_order_relaxed);
        return segment;
      }
      gap_end->assign(segment->end);  // too new for this reader: pass it by
      return nullptr;
    }
  }
  if (it == segments_.end()) {
    gap_end->clear();
  } else {
    gap_end->assign(it->first);
  }
  return nullptr;
}

void SegmentCache::Offer(std::shared_ptr<Segment> segment, uint64_t scan) {
  size_t weight = segment->Weight();
  if (weight > budget_bytes_) return;
  segment->last_scan.store(scan, std::memory_order_relaxed);
  runtime::MutexLock lock(mutex_);
  if (!unchanged_(segment->begin, segment->end, segment->since)) return;
  // Another scan may have been here meanwhile.
  auto next = segments_.lower_bound(segment->begin);
  if (next != segments_.end() && Before(next->first, segment->end)) return;
  if (next != segments_.begin() && Before(segment->begin, std::prev(next)->second->end)) return;
  if (!MakeRoom(weight, scan)) return;
  bytes_ += weight;
  arrivals_.push_back(segment);
  std::string begin = segment->begin;
  segments_.emplace_hint(next, std::move(begin), std::move(segment));
}

bool SegmentCache::MakeRoom(size_t weight, uint64_t scan) {
  while (bytes_ + weight > budget_bytes_) {
    CHECK(!arrivals_.empty());
    SegmentPtr oldest = arrivals_.front().lock();
    auto it = oldest ? segments_.find(oldest->begin) : segments_.end();
    if (it == segments_.end() || it->second != oldest) {
      arrivals_.pop_front();
      continue;
    }
    if (oldest->last_scan.load(std::memory_order_relaxed) + kKeepForScans > scan) return false;
    arrivals_.pop_front();
    Remove(it);
  }
  return true;
}

void SegmentCache::Remove(Map::iterator it) {
  bytes_ -= it->second->Weight();
  segments_.erase(it);
  // Keep the list of arrivals from growing with what is gone.
  if (arrivals_.size() > 2 * segments_.size() + kSegmentEntries) {
    std::erase_if(arrivals_, [](const auto& arrival) { return arrival.expired(); });
  }
}

void SegmentCache::RemoveRange(std::string_view begin, std::string_view end) {
  auto it = segments_.upper_bound(begin);
  if (it != segments_.begin() && Before(begin, std::prev(it)->second->end)) --it;
  while (it != segments_.end() && Before(it->first, end)) Remove(it++);
}

void SegmentCache::Invalidate(const CommitRequest& request) {
  if (bytes() == 0) {
    // Nothing in it; and what is offered from now on finds this commit in the window.
    return;
  }
  runtime::MutexLock lock(mutex_);
  for (const Write& write : request.writes) {
    if (segments_.empty()) return;
    if (write.kind == Write::Kind::kDeleteRange) {
      RemoveRange(write.key, write.value);
      continue;
    }
    auto it = segments_.upper_bound(write.key);
    if (it == segments_.begin()) continue;
    --it;
    if (Before(write.key, it->second->end)) Remove(it);
  }
}

SegmentCursor::SegmentCursor(SegmentCache& cache, SnapshotPtr snapshot, OpenSource open,
                             KeyRange range)
    : cache_(cache),
      snapshot_(std::move(snapshot)),
      open_(std::move(open)),
      scan_(cache.BeginScan()) {
  Reset(std::move(range));
}

void SegmentCursor::Reset(KeyRange range) {
  done_ = range.empty();
  position_ = std::move(range.begin);
  end_ = std::move(range.end);
  source_ready_ = false;
  segment_.reset();
}

std::span<const Entry> SegmentCursor::Next(size_t max_entries) {
  CHECK_GT(max_entries, 0u);
  while (segment_ == nullptr || next_entry_ == segment_->entries.size()) {
    if (!LoadSegment()) return {};
  }
  std::span<const Entry> rest = std::span(segment_->entries).subspan(next_entry_);
  if (rest.size() > max_entries) rest = rest.first(max_entries);
  if (!end_.empty() && rest.back().key >= end_) {
    auto stop = std::lower_bound(rest.begin(), rest.end(), end_,
                                 [](const Entry& entry, const std::string& key) {
                                   return entry.key < key;
                                 });
    rest = rest.first(static_cast<size_t>(stop - rest.begin()));
    next_entry_ = segment_->entries.size();
    return rest;  // empty at the end of the range, which `position_` has passed
  }
  next_entry_ += rest.size();
  return rest;
}

// Moves to the segment at `position_`. False: the range is read.
bool SegmentCursor::LoadSegment() {
  // The cache's, soon.
  base::UncountedMemory uncounted;
  segment_.reset();
  if (done_ || !Before(position_, end_)) return false;
  std::string gap_end;
  segment_ = cache_.Find(position_, snapshot_->version(), scan_, &gap_end);
  if (segment_ == nullptr) {
    segment_ = ReadSegment(gap_end);
    next_entry_ = 0;
  } else {
    source_ready_ = false;
    auto first = std::lower_bound(
        segment_->entries.begin(), segment_->entries.end(), position_,
        [](const Entry& entry, const std::string& key) { return entry.key < key; });
    next_entry_ = static_cast<size_t>(first - segment_->entries.begin());
  }
  // An end that is empty is the end of all keys.
  done_ = segment_->end.empty();
  position_ = segment_->end;
  return true;
}

void SegmentCursor::PlaceSource(const std::string& until) {
  if (source_ready_ && source_position_ == position_ && source_end_ == until) return;
  if (source_) {
    source_->Reset({position_, until});
  } else {
    source_ = open_({position_, until});
  }
  source_end_ = until;
  source_ready_ = true;
}

SegmentPtr SegmentCursor::ReadSegment(const std::string& gap_end) {
  PlaceSource(gap_end.empty() || !Before(gap_end, end_) ? end_ : gap_end);
  auto segment = std::make_shared<Segment>();
  segment->begin = position_;
  segment->since = snapshot_->version();
  std::vector<std::pair<size_t, size_t>> sizes;
  bool at_end = false;
  while (sizes.size() < kSegmentEntries && segment->bytes.size() < kSegmentBytes) {
    std::span<const Entry> entries = source_->Next(kSegmentEntries - sizes.size());
    at_end = entries.empty();
    if (at_end) break;
    for (const Entry& entry : entries) {
      segment->bytes.append(entry.key).append(entry.value);
      sizes.emplace_back(entry.key.size(), entry.value.size());
    }
  }
  segment->bytes.shrink_to_fit();
  segment->entries.reserve(sizes.size());
  const char* at = segment->bytes.data();
  for (auto [key_size, value_size] : sizes) {
    segment->entries.push_back({{at, key_size}, {at + key_size, value_size}});
    at += key_size + value_size;
  }
  if (at_end) {
    segment->end = source_end_;
  } else {
    segment->end.assign(segment->entries.back().key).push_back('\0');
  }
  source_position_ = segment->end;
  if (sizes.size() >= kLeastEntries || !at_end) cache_.Offer(segment, scan_);
  return segment;
}

}  // namespace sundog::kv
