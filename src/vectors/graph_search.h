// One search of a graph: the points of its Hnsw and those that waited when the search began,
// merged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vectors/gate.h"
#include "vectors/hnsw.h"
#include "vectors/nearest_search.h"

namespace sundog::vectors {

class GraphSearch : public NearestSearch {
 public:
  struct Delta {
    double distance;
    std::shared_ptr<const Point> point;
  };

  // `owner` keeps `gate` and `hnsw` alive.
  GraphSearch(std::shared_ptr<const void> owner, Gate& gate, const Hnsw& hnsw, std::string probe,
              kv::Version version, uint64_t numbers_end, size_t ef_search,
              std::vector<Delta> delta);

  std::span<const Candidate> Next(size_t wanted) override;
  bool finished() const override {
    return walked_to_end_ && next_found_ == found_.size() && delta_.empty();
  }

 private:
  bool has_found() const { return next_found_ < found_.size(); }
  // Walks on, for a moment.
  void FindMore(size_t wanted);
  void Give(double distance, const Point& point);

  const std::shared_ptr<const void> owner_;
  Gate& gate_;
  const std::string probe_;
  const size_t ef_search_;
  Hnsw::Walk walk_;
  bool walked_to_end_ = false;
  std::vector<Hnsw::Walk::Found> found_;
  size_t next_found_ = 0;
  std::vector<Delta> delta_;  // nearest last
  std::vector<Candidate> batch_;
  size_t batch_size_ = 0;
};

}  // namespace sundog::vectors
