#include "storage/k_means.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "types/distance.h"

namespace sundog::storage {

namespace {

constexpr int kMostRounds = 25;
// The clusters are good enough when no more than one vector in this many moves.
constexpr size_t kSettled = 1000;
constexpr size_t kRowsBetweenPauses = 64;

class KMeans {
 public:
  KMeans(const KMeansInput& input, base::Random& random, const std::function<void()>& pause)
      : input_(input),
        random_(random),
        pause_(pause),
        count_(input.dimensions == 0 ? 0 : input.vectors.size() / input.dimensions),
        nearest_(count_, 0),
        distance_(count_, std::numeric_limits<float>::max()) {}

  std::vector<float> Run() {
    if (count_ == 0) return {};
    ChooseFirst();
    for (int round = 0; round < kMostRounds; ++round) {
      MoveCentroids();
      if (Assign() <= count_ / kSettled) break;
    }
    return std::move(centroids_);
  }

 private:
  std::span<const float> VectorAt(size_t i) const {
    return input_.vectors.subspan(i * input_.dimensions, input_.dimensions);
  }
  size_t cluster_count() const { return centroids_.size() / input_.dimensions; }
  std::span<float> Centroid(size_t i) {
    return std::span(centroids_).subspan(i * input_.dimensions, input_.dimensions);
  }

  // Of vectors of length 1 the order by angle is this order too.
  float Distance(size_t vector, size_t centroid) {
    return types::Distances().floats.l2_squared(
        reinterpret_cast<const char*>(VectorAt(vector).data()),
        reinterpret_cast<const char*>(Centroid(centroid).data()), input_.dimensions);
  }

  // Each next centroid is a vector, the likelier the farther it is from those before.
  void ChooseFirst() {
    centroids_.reserve(std::min(input_.clusters, count_) * input_.dimensions);
    AddCentroid(static_cast<size_t>(random_.Below(count_)));
    while (cluster_count() < input_.clusters) {
      double sum = 0;
      for (float distance : distance_) sum += distance;
      if (!(sum > 0)) return;  // all of them are centroids
      double at = random_.NextDouble() * sum;
      size_t chosen = 0;
      size_t last = 0;  // that can be chosen
      for (; chosen < count_; ++chosen) {
        if (distance_[chosen] <= 0) continue;
        last = chosen;
        at -= distance_[chosen];
        if (at <= 0) break;
      }
      AddCentroid(last);
    }
  }

  void AddCentroid(size_t vector) {
    size_t centroid = cluster_count();
    std::span<const float> values = VectorAt(vector);
    centroids_.insert(centroids_.end(), values.begin(), values.end());
    for (size_t i = 0; i < count_; ++i) {
      if (i % 4096 == 0) pause_();
      float distance = Distance(i, centroid);
      if (distance >= distance_[i]) continue;
      distance_[i] = distance;
      nearest_[i] = static_cast<uint32_t>(centroid);
    }
  }

  void MoveCentroids() {
    std::vector<double> sums(centroids_.size(), 0);
    std::vector<size_t> members(cluster_count(), 0);
    for (size_t i = 0; i < count_; ++i) {
      ++members[nearest_[i]];
      double* sum = sums.data() + nearest_[i] * input_.dimensions;
      std::span<const float> values = VectorAt(i);
      for (size_t d = 0; d < input_.dimensions; ++d) sum[d] += values[d];
    }
    for (size_t c = 0; c < members.size(); ++c) {
      if (members[c] == 0) continue;  // stays where it is
      std::span<float> centroid = Centroid(c);
      std::vector<float> before(centroid.begin(), centroid.end());
      for (size_t d = 0; d < input_.dimensions; ++d) {
        double mean = sums[c * input_.dimensions + d] / static_cast<double>(members[c]);
        centroid[d] = static_cast<float>(mean);
      }
      if (input_.spherical && !ScaleToUnit(centroid)) {
        std::copy(before.begin(), before.end(), centroid.begin());
      }
    }
  }

  // How many vectors are in another cluster now.
  size_t Assign() {
    size_t moved = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (i % kRowsBetweenPauses == 0) pause_();
      uint32_t best = nearest_[i];
      float best_distance = Distance(i, best);
      for (size_t c = 0; c < cluster_count(); ++c) {
        float distance = Distance(i, c);
        if (distance >= best_distance) continue;
        best = static_cast<uint32_t>(c);
        best_distance = distance;
      }
      moved += best != nearest_[i];
      nearest_[i] = best;
    }
    return moved;
  }

  const KMeansInput& input_;
  base::Random& random_;
  const std::function<void()>& pause_;
  const size_t count_;
  std::vector<float> centroids_;
  std::vector<uint32_t> nearest_;  // of each vector: its cluster
  std::vector<float> distance_;    // and how far it was from the centroid that it was chosen by
};

}  // namespace

bool ScaleToUnit(std::span<float> vector) {
  double norm = 0;
  for (float element : vector) norm += static_cast<double>(element) * element;
  norm = std::sqrt(norm);
  if (!(norm > 0)) return false;
  for (float& element : vector) element = static_cast<float>(element / norm);
  return true;
}

size_t KMeansBytes(size_t vectors, size_t dimensions, size_t clusters) {
  size_t a_vector = dimensions * sizeof(float) + sizeof(uint32_t) + sizeof(float);
  size_t a_centroid = dimensions * (sizeof(float) + sizeof(double)) + sizeof(size_t);
  return vectors * a_vector + std::min(clusters, vectors) * a_centroid;
}

std::vector<float> FindClusters(const KMeansInput& input, base::Random& random,
                                const std::function<void()>& pause) {
  return KMeans(input, random, pause).Run();
}

}  // namespace sundog::storage
