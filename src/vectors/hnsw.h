// The navigable graph itself: hnswlib's structure and its way of adding points, our distances and
// our search.
//
// Why the search is ours: hnswlib 0.6.2 knows one state of a point, deleted or not, for everybody;
// here each reader has a version of its own and sees other points. So a search walks through all
// points and counts those that its version shows; and it can be continued where it stopped, which
// hnswlib's cannot. Nothing is ever marked deleted in hnswlib: adding a point where all points
// around it are marked reads beyond an empty list there.
//
// Points of one vector share a node: more equal points than a node has links would be an island
// that searches do not leave.
//
// One thread writes. Add() excludes readers, through a Gate of the owner's; what only reads may be
// called by the writing thread at any time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kv/store.h"
#include "vectors/graph_options.h"
#include "vectors/point.h"

namespace sundog::vectors {

class CheckpointReader;
class CheckpointWriter;

class Hnsw {
 public:
  explicit Hnsw(const GraphOptions& options);
  ~Hnsw();
  Hnsw(const Hnsw&) = delete;
  Hnsw& operator=(const Hnsw&) = delete;

  // Takes the point in, and its vector off it. Throws std::exception where memory ends; the graph
  // is of no use then.
  void Add(std::shared_ptr<Point> point);

  // Notes of `most` more nodes whether searches must look at their points: not where there is one
  // only, which lives and was born by `oldest`. No search older than that may be under way or come.
  // Excludes readers.
  void Settle(kv::Version oldest, uint32_t most);
  // The point is about to die.
  void Unsettle(const Point& point);

  std::string_view VectorOf(const Point& point) const;
  std::span<const std::shared_ptr<Point>> points() const { return points_; }
  size_t bytes() const;

  // The nodes, their links and points; see checkpoint.h. False: `keep_going` said so.
  bool Save(CheckpointWriter& to, const std::function<bool()>& keep_going) const;
  // Into an empty graph. False: not well formed, or `keep_going` said so. Points that were not dead
  // are shown at every version.
  bool Load(CheckpointReader& from, const std::function<bool()>& keep_going);

  // One search: the nearest points that `version` shows and whose number is below `numbers_end`.
  class Walk {
   public:
    // `probe` and `graph` must outlive it.
    Walk(const Hnsw& graph, std::string_view probe, kv::Version version, uint64_t numbers_end);

    struct Found {
      double distance;
      uint32_t node;
      const Point* point;  // never null in what Next() gives
      friend bool operator<(const Found& a, const Found& b) { return a.distance < b.distance; }
    };
    // The next points that have a distance to the probe, in ascending order: about the nearest
    // `count` of those not yet given, or fewer, or none, where very many nodes had to be looked at
    // for them. False: all have been given. With the gate held shared.
    bool Next(size_t count, std::vector<Found>& found);

   private:
    struct Reached {
      double distance;
      uint32_t node;
      friend bool operator>(const Reached& a, const Reached& b) { return a.distance > b.distance; }
    };

    Reached Descend() const;
    void Resume(size_t count);
    bool Sweep(size_t count);
    void Expand(uint32_t node, size_t count);
    void Reach(uint32_t node, double distance, size_t count);
    double Measure(uint32_t node) const;
    bool HasNoDistance(const Found& found) const;
    void PrefetchVector(uint32_t node) const;
    void PrefetchRest(uint32_t node) const;
    void PrefetchLinks(uint32_t node) const;
    bool Visit(uint32_t node);
    // Calls `visit(found)` for each point of the node that the search is to know.
    template <typename Visitor>
    void ForEachPoint(const Reached& reached, Visitor&& visit) const;
    // Whether what is at this distance may still be among the nearest.
    bool Matters(double distance, size_t count) const {
      return nearest_.size() < count || distance < nearest_.front().distance;
    }

    const Hnsw& graph_;
    const std::string_view probe_;  // as nodes hold vectors
    const kv::Version version_;
    const uint64_t numbers_end_;
    const uint32_t nodes_end_;  // points of nodes below it were there when the search began
    bool started_ = false;
    std::vector<uint64_t> visited_;      // a bit a node
    std::vector<Reached> frontier_;      // a heap: to be expanded, nearest first
    std::vector<Reached> left_out_;      // too far for this batch; neither expanded nor looked at
    std::vector<Found> nearest_;         // a heap: this batch, farthest first
    std::vector<Found> spare_;           // shown points of nodes reached that no batch had yet
    std::vector<Reached> unvisited_;     // links of the node that is expanded
    uint32_t swept_ = 0;    // nodes below it were visited
    size_t measured_ = 0;   // nodes in this batch
  };

 private:
  class Index;
  struct Metric;

  const void* NodeForm(const Point& point);
  std::string_view NodeVector(uint32_t node) const;
  Point* FirstPoint(uint32_t node) const;
  void EnsureRoom(size_t nodes);
  // An equal vector's node; node_count() if there is none.
  uint32_t FindNode(std::string_view vector, uint64_t hash) const;
  uint32_t node_count() const;
  void SaveNode(CheckpointWriter& to, uint32_t node) const;
  bool LoadNode(CheckpointReader& from, uint32_t node);
  bool LoadPoints(CheckpointReader& from, uint32_t node);
  bool LoadVector(CheckpointReader& from, uint32_t node);
  bool LinksAreSound() const;

  const GraphOptions options_;
  std::unique_ptr<Metric> metric_;
  std::unique_ptr<Index> index_;
  std::vector<std::shared_ptr<Point>> points_;
  std::unordered_map<uint64_t, uint32_t> node_of_hash_;  // the first node of a vector's hash
  // Of each node whether it is settled. Without it a search would look up the points of all nodes
  // that it reaches, each in memory far from everything else. Readers and Unsettle() meet there.
  std::unique_ptr<std::atomic<bool>[]> settled_;
  size_t settled_room_ = 0;
  uint32_t settle_next_ = 0;  // nodes below it were looked at
  std::string node_form_;    // of the point being added
  size_t link_bytes_ = 0;    // of upper levels
  size_t vector_bytes_ = 0;  // outside of the nodes
};

}  // namespace sundog::vectors
