#include "vectors/graph_search.h"

#include <algorithm>

namespace sundog::vectors {

GraphSearch::GraphSearch(std::shared_ptr<const void> owner, Gate& gate, const Hnsw& hnsw,
                         std::string probe, kv::Version version, uint64_t numbers_end,
                         size_t ef_search, std::vector<Delta> delta)
    : owner_(std::move(owner)),
      gate_(gate),
      probe_(std::move(probe)),
      ef_search_(std::max<size_t>(ef_search, 1)),
      walk_(hnsw, probe_, version, numbers_end),
      delta_(std::move(delta)) {
  // Those without a distance to this probe are nobody's neighbours.
  std::erase_if(delta_, [](const Delta& d) { return d.distance != d.distance; });
  std::sort(delta_.begin(), delta_.end(),
            [](const Delta& a, const Delta& b) { return a.distance > b.distance; });
}

void GraphSearch::FindMore(size_t wanted) {
  next_found_ = 0;
  Gate::Shared open(gate_);
  walked_to_end_ = !walk_.Next(std::max(ef_search_, wanted), found_);
}

void GraphSearch::Give(double distance, const Point& point) {
  if (batch_size_ == batch_.size()) batch_.emplace_back();
  Candidate& candidate = batch_[batch_size_++];
  candidate.row_key.assign(point.row_key);
  candidate.distance = distance;
}

std::span<const Candidate> GraphSearch::Next(size_t wanted) {
  batch_size_ = 0;
  while (batch_size_ < wanted) {
    if (!has_found() && !walked_to_end_) FindMore(wanted);
    if (!has_found() && !walked_to_end_) break;  // the walk pauses
    if (has_found() &&
        (delta_.empty() || found_[next_found_].distance <= delta_.back().distance)) {
      Give(found_[next_found_].distance, *found_[next_found_].point);
      ++next_found_;
    } else if (!delta_.empty()) {
      Give(delta_.back().distance, *delta_.back().point);
      delta_.pop_back();
    } else {
      break;
    }
  }
  // A walk's next part may begin nearer than the one before ended.
  std::sort(batch_.begin(), batch_.begin() + static_cast<ptrdiff_t>(batch_size_),
            [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  return {batch_.data(), batch_size_};
}

}  // namespace sundog::vectors
