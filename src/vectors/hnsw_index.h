// hnswlib, tamed: included here and nowhere else.
#pragma once

#include <mutex>

// hnswlib locks a mutex of 40 bytes a node, for threads that add points at once, and in whatever
// order nodes meet. Here one thread does. What hnswlib calls std::mutex is this one.
namespace hnswlib::std {
using namespace ::std;
struct mutex {
  void lock() {}
  void unlock() {}
};
}  // namespace hnswlib::std

// Without this hnswlib prefetches what the word behind a list of links names, which may lie behind
// the allocation.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <limits>
#include <string_view>

#include "base/check.h"
#include "vectors/hnsw.h"

namespace sundog::vectors {

// How nodes hold vectors, and how far they are from each other.
struct Hnsw::Metric : hnswlib::SpaceInterface<double> {
  explicit Metric(const GraphOptions& options)
      : distance(types::FindVectorDistance(options.element, options.metric)),
        sparse(options.element == types::VectorElement::kSparse),
        vector_bytes(VectorBytes(options)) {
    CHECK(distance != nullptr);
    CHECK_GE(options.m, 2);
  }

  // Of a vector, or of the view that stands for a sparse one.
  static size_t VectorBytes(const GraphOptions& options) {
    auto dimensions = static_cast<size_t>(options.dimensions);
    switch (options.element) {
      case types::VectorElement::kFloat: return dimensions * 4;
      case types::VectorElement::kHalf: return dimensions * 2;
      case types::VectorElement::kSparse: return sizeof(std::string_view);
      case types::VectorElement::kBit: return 4 + (dimensions + 7) / 8;
    }
    return 0;
  }

  std::string_view VectorAt(const void* node_form) const {
    if (!sparse) return {static_cast<const char*>(node_form), vector_bytes};
    std::string_view vector;
    __builtin_memcpy(static_cast<void*>(&vector), node_form, sizeof vector);
    return vector;
  }

  // Where there is no distance it is as far as can be, so that it can be ordered.
  double Measure(std::string_view a, std::string_view b) const {
    double result = distance(a, b);
    return result == result ? result : std::numeric_limits<double>::infinity();
  }
  static double MeasureNodes(const void* a, const void* b, const void* self) {
    auto& metric = *static_cast<const Metric*>(self);
    return metric.Measure(metric.VectorAt(a), metric.VectorAt(b));
  }

  // Links lie before and behind a node's vector, and are read as integers.
  size_t get_data_size() override { return (vector_bytes + 7) / 8 * 8; }
  hnswlib::DISTFUNC<double> get_dist_func() override { return MeasureNodes; }
  void* get_dist_func_param() override { return this; }

  const types::VectorDistance distance;
  const bool sparse;
  const size_t vector_bytes;
};

// A node's label is the address of its first point.
class Hnsw::Index : public hnswlib::HierarchicalNSW<double> {
 public:
  using HierarchicalNSW::HierarchicalNSW;

  std::span<const uint32_t> Links(uint32_t node, int level) const {
    hnswlib::linklistsizeint* list = get_linklist_at_level(node, level);
    return {list + 1, getListCount(list)};
  }
  int LevelOf(uint32_t node) const { return element_levels_[node]; }
};

}  // namespace sundog::vectors
