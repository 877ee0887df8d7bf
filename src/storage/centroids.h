// The lists of an index of access method ivfflat: each is around a centroid, found by k-means when
// the index was made, and takes the vectors that are nearest to it. Which list a vector belongs to
// depends on nothing but the vector and the centroids, which never change: a list's number is an
// index column like any other.
//
//   key, after the index's prefix | value
//   ------------------------------+---------------------------------------------------------------
//   int4 -2                       | identity, 16 random bytes; dimensions, 4 bytes little-endian
//   int4 -1, int4 list            | the centroid: a float an element, little-endian
//   int4 list, row key            | the vector, as a row value of one column
//
// The integers in keys are as codec/key_codec.h makes them. Vectors of bits count as vectors of
// zeros and ones.
//
// Invariants:
//  1. Without the first row there is one list, number 0: so it is where the table was empty.
//  2. A vector's list is the same on every machine: distances that are equal but for rounding are
//     compared anew in double precision, in one order of additions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "storage/table_writer.h"
#include "txn/read_view.h"

namespace sundog::storage {

// Immutable; shared between threads.
class Centroids {
 public:
  // `type`: of the vectors. `values`: a row of floats a list. Of none there is one list.
  Centroids(types::Oid type, bool spherical, size_t dimensions, std::vector<float> values);

  size_t list_count() const { return count_ == 0 ? 1 : count_; }
  // Of memory.
  size_t bytes() const { return sizeof *this + values_.capacity() * sizeof(float); }
  // The list of a vector.
  int32_t ListOf(std::string_view vector) const;
  // All lists, those around what is nearest to the probe first: the first `exactly` of them as
  // ListOf() would choose them, the same on every machine, those behind in single precision.
  std::vector<int32_t> Ranked(std::string_view probe, size_t exactly) const;

 private:
  std::span<const float> Row(size_t list) const {
    return std::span(values_).subspan(list * dimensions_, dimensions_);
  }
  // Smaller is nearer; single precision.
  float Distance(size_t list, std::span<const float> vector) const;
  double ExactDistance(size_t list, std::span<const float> vector) const;
  // Distances that differ by no more may be equal.
  double Doubt(std::span<const float> vector) const;
  bool ToFloats(std::string_view vector, std::vector<float>& to) const;

  types::Oid type_;
  bool spherical_;
  size_t dimensions_;
  size_t count_;
  std::vector<float> values_;
  double largest_norm_ = 0;  // of a centroid, squared
};

class KeptCentroids;

// The centroids of one index, in memory from a use on until others are used more (`kept`). Belongs
// to its layout.
class CentroidCache {
 public:
  CentroidCache();
  explicit CentroidCache(KeptCentroids& kept) : kept_(kept) {}

  // As the view shows them. From any thread.
  std::shared_ptr<const Centroids> Find(const IndexLayout& index, const txn::ReadView& view);

 private:
  KeptCentroids& kept_;
  std::mutex mutex_;
  std::string identity_;
  std::weak_ptr<const Centroids> centroids_;
};

// The entries of a list.
kv::KeyRange ListRange(const IndexLayout& index, int32_t list);

// What finding centroids may take.
struct CentroidMemory {
  size_t most_bytes = SIZE_MAX;  // maintenance_work_mem
  // How much more is taken; to be given back by the caller. May throw.
  std::function<void(size_t bytes)> count = [](size_t) {};
};

struct CentroidSample {
  size_t rows = 0;   // that were looked at, no more than are needed
  size_t lists = 0;  // that were asked for
};
// Before BackfillIndex: finds the centroids in a sample of the rows, and writes them. Does nothing
// if they are there already. 54000 where that takes more than `memory` has, with pgvector's text;
// it takes less than pgvector's algorithm, so that more fits.
CentroidSample MakeCentroids(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
                             const TableWriter::Context& context, const CentroidMemory& memory);

}  // namespace sundog::storage
