// A walk through many points that its version does not show.
#include <gtest/gtest.h>

#include "vectors/graph_search.h"
#include "vectors/vectors_fixture.h"

namespace sundog::vectors {
namespace {

constexpr kv::Version kEarly = 5;
constexpr kv::Version kLate = 10;
constexpr uint64_t kPoints = 50'000;

class HnswWalkTest : public ::testing::Test {
 protected:
  // All are born late but every `early`th.
  void Fill(uint64_t early) {
    base::Random random(1);
    for (uint64_t i = 0; i < kPoints; ++i) {
      std::string vector;
      for (int d = 0; d < 2; ++d) {
        base::AppendLittleEndian(vector, static_cast<float>(random.NextDouble()));
      }
      kv::Version born = early > 0 && i % early == 0 ? 1 : kLate;
      hnsw_.Add(std::make_shared<Point>(RowKey(i), vector, born, i));
    }
  }
  std::unique_ptr<GraphSearch> Search(std::vector<GraphSearch::Delta> delta = {}) {
    return std::make_unique<GraphSearch>(nullptr, gate_, hnsw_, std::string(8, 0), kEarly,
                                         kPoints, /*ef_search=*/10, std::move(delta));
  }

  Gate gate_;
  Hnsw hnsw_{{.dimensions = 2, .m = 4, .ef_construction = 8}};
};

TEST_F(HnswWalkTest, ItPausesWhereItFindsNothing) {
  Fill(/*early=*/0);
  auto search = Search();
  size_t pauses = 0;
  for (; search->Next(10).empty() && !search->finished(); ++pauses) {
    // The one that writes may come in.
    Gate::Exclusive closed(gate_);
  }
  EXPECT_TRUE(search->finished());
  EXPECT_GE(pauses, 2u);
  EXPECT_LE(pauses, 4u);
  EXPECT_TRUE(search->Next(10).empty());
}

TEST_F(HnswWalkTest, WhatItFindsAfterPausesIsAllThereIs) {
  Fill(/*early=*/10'000);
  auto waiting = std::make_shared<Point>("waiting", std::string(8, 0), 1, kPoints);
  auto search = Search({{0.5, waiting}});
  std::vector<Candidate> found = Collect(*search, 10, SIZE_MAX);
  std::set<std::string> rows;
  for (const Candidate& candidate : found) rows.insert(candidate.row_key);
  EXPECT_EQ(found.size(), 6u);
  EXPECT_EQ(rows, (std::set<std::string>{RowKey(0), RowKey(10'000), RowKey(20'000),
                                         RowKey(30'000), RowKey(40'000), "waiting"}));
}

}  // namespace
}  // namespace sundog::vectors
