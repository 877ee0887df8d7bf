// Clusters of vectors: k-means++ (Arthur and Vassilvitskii, 2007) finds centroids to begin with,
// Lloyd's algorithm improves them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/random.h"

namespace sundog::storage {

struct KMeansInput {
  std::span<const float> vectors;  // one after the other
  size_t dimensions = 0;
  size_t clusters = 0;
  // The vectors have length 1, and the centroids are to have it: clusters are of directions.
  bool spherical = false;
};

// What finding the clusters of so many vectors takes, the vectors themselves included.
size_t KMeansBytes(size_t vectors, size_t dimensions, size_t clusters);

// At most as many centroids as asked for, one after the other; fewer where there are fewer distinct
// vectors. `pause` is called now and then and may throw.
std::vector<float> FindClusters(const KMeansInput& input, base::Random& random,
                                const std::function<void()>& pause);

// Scales the vector to length 1; false if it is all zeros.
bool ScaleToUnit(std::span<float> vector);

}  // namespace sundog::storage
