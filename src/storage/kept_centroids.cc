#include "storage/kept_centroids.h"

namespace sundog::storage {

namespace {

constexpr size_t kMostBytes = size_t{256} << 20;

}  // namespace

KeptCentroids& KeptCentroids::OfAllIndexes() {
  static KeptCentroids kept(kMostBytes);
  return kept;
}

void KeptCentroids::Use(const std::shared_ptr<const Centroids>& centroids) {
  if (centroids->bytes() > most_bytes_) return;
  std::list<Pointer> gone;  // freed without the lock
  std::lock_guard lock(mutex_);
  auto place = places_.find(centroids.get());
  if (place != places_.end()) {
    newest_first_.splice(newest_first_.begin(), newest_first_, place->second);
    return;
  }
  newest_first_.push_front(centroids);
  places_.emplace(centroids.get(), newest_first_.begin());
  bytes_ += centroids->bytes();
  while (bytes_ > most_bytes_) {
    auto oldest = std::prev(newest_first_.end());
    bytes_ -= (*oldest)->bytes();
    places_.erase(oldest->get());
    gone.splice(gone.begin(), newest_first_, oldest);
  }
}

size_t KeptCentroids::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace sundog::storage
