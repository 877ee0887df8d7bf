// What the centroids of all ivfflat indexes together may take of memory: those used last stay.
// An index's cache (CentroidCache) knows its own only as long as they are kept here, or used.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "storage/centroids.h"

namespace sundog::storage {

// Safe from all threads.
class KeptCentroids {
 public:
  explicit KeptCentroids(size_t most_bytes) : most_bytes_(most_bytes) {}

  // The process's, of 256 MB.
  static KeptCentroids& OfAllIndexes();

  // They were used. What alone would be over the limit is not kept.
  void Use(const std::shared_ptr<const Centroids>& centroids);
  size_t bytes() const;

 private:
  using Pointer = std::shared_ptr<const Centroids>;

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::list<Pointer> newest_first_;
  std::unordered_map<const Centroids*, std::list<Pointer>::iterator> places_;
  size_t bytes_ = 0;
};

}  // namespace sundog::storage
