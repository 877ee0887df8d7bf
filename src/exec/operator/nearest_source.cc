#include "exec/operator/nearest_source.h"

#include <algorithm>
#include <cmath>

#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "storage/centroids.h"
#include "storage/entry_decoder.h"

namespace sundog::exec {

namespace {

bool IsNearer(const vectors::Candidate& a, const vectors::Candidate& b) {
  return a.distance < b.distance;
}

void KeepNearest(size_t most, std::vector<vectors::Candidate>& candidates) {
  auto end = candidates.begin() + static_cast<ptrdiff_t>(most);
  std::nth_element(candidates.begin(), end, candidates.end(), IsNearer);
  candidates.erase(end, candidates.end());
}

}  // namespace

EntryDistances::EntryDistances(const storage::IndexLayout& index,
                               const binder::BoundExpression& distance, ExecutionContext& context)
    : context_(context),
      index_(index),
      distance_(MakeEvaluator(distance, context)),
      vectors_({types::PhysicalKind::kVarlen}) {}

void EntryDistances::Read(kv::Cursor& entries, size_t most,
                          std::vector<vectors::Candidate>& to) {
  while (true) {
    runtime::CheckInterrupts();
    std::span<const kv::Entry> batch = entries.Next(types::kVectorSize);
    if (batch.empty()) return;
    values_.clear();
    row_keys_.clear();
    for (const kv::Entry& entry : batch) {
      storage::IndexEntryParts parts = storage::SplitIndexEntry(
          index_, entry.key.substr(codec::kKeyPrefixBytes), entry.value);
      values_.push_back(parts.stored);
      row_keys_.push_back(parts.row_key);
    }
    vectors_.Reset();
    index_.stored_format().ReadColumn(values_, 0, vectors_.column(0), 0);
    const Chunk& chunk = vectors_.Finish(batch.size());
    const Vector& distances = distance_->Evaluate(chunk, chunk.rows);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (distances.IsNull(i) || std::isnan(distances.At<double>(i))) continue;
      to.push_back({std::string(row_keys_[i]), distances.At<double>(i)});
    }
    if (to.size() / 2 >= most) KeepNearest(most, to);
    Count(to);
  }
}

void EntryDistances::Count(const std::vector<vectors::Candidate>& held) {
  if (held.empty()) return;
  // Of the keys one stands for all.
  size_t bytes =
      held.capacity() * sizeof(vectors::Candidate) + held.size() * held.back().row_key.capacity();
  if (bytes <= counted_bytes_) return;
  context_.memory.Add(bytes - counted_bytes_);
  counted_bytes_ = bytes;
  context_.memory.Check();
}

void EntryDistances::Forget() {
  context_.memory.Subtract(counted_bytes_);
  counted_bytes_ = 0;
}

void EntrySource::ReadGroup() {
  found_.clear();
  next_ = 0;
  std::unique_ptr<kv::Cursor> cursor;
  for (kv::KeyRange& range : groups_[next_group_++]) {
    if (cursor == nullptr) {
      cursor = view_.Scan(std::move(range), {.whole_range = true});
    } else {
      cursor->Reset(std::move(range));
    }
    distances_.Read(*cursor, most_, found_);
  }
}

std::span<const vectors::Candidate> EntrySource::Next(size_t wanted) {
  while (next_ == found_.size()) {
    if (next_group_ == groups_.size()) return {};
    ReadGroup();
  }
  size_t count = std::min(wanted, found_.size() - next_);
  auto first = found_.begin() + static_cast<ptrdiff_t>(next_);
  std::partial_sort(first, first + static_cast<ptrdiff_t>(count), found_.end(), IsNearer);
  next_ += count;
  return {first, first + static_cast<ptrdiff_t>(count)};
}

NearestSource MakeWholeIndexSource(const storage::IndexLayout& index, EntryDistances& distances,
                                   const txn::ReadView& view, size_t most) {
  std::vector<EntrySource::Group> groups = {{index.WholeRange()}};
  return {std::make_unique<EntrySource>(distances, view, std::move(groups), most),
          /*certain=*/true};
}

NearestSource MakeListSource(const storage::IndexLayout& index, EntryDistances& distances,
                             const txn::ReadView& view, std::string_view probe, size_t probes,
                             size_t most_probes, size_t most) {
  std::vector<int32_t> lists = index.centroids().Find(index, view)->Ranked(probe, probes);
  lists.resize(std::min(lists.size(), std::max(probes, most_probes)));
  std::vector<EntrySource::Group> groups;
  for (size_t i = 0; i < lists.size(); ++i) {
    if (i % probes == 0) groups.emplace_back();
    groups.back().push_back(storage::ListRange(index, lists[i]));
  }
  return {std::make_unique<EntrySource>(distances, view, std::move(groups), most),
          /*certain=*/true};
}

}  // namespace sundog::exec
