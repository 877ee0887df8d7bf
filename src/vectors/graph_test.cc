// One graph, worked on step by step.
#include "vectors/graph.h"

#include <gtest/gtest.h>

#include "vectors/vectors_fixture.h"

namespace sundog::vectors {
namespace {

constexpr GraphKey kKey{1, 5, 2};

class GraphTest : public ::testing::Test {
 protected:
  GraphTest() { graph_->Start(std::make_unique<Hnsw>(options_)); }
  ~GraphTest() override { graph_->Close(); }

  void Commit(uint64_t first, uint64_t count) {
    CommitRandomVectors(store_, kKey, options_, random_, first, count);
  }
  bool WorkOneStep() { return graph_->Work(/*slice_us=*/0); }

  kv::MemoryBackend backend_;
  kv::Store& store_ = backend_.store();
  GraphOptions options_{.dimensions = 8};
  base::Random random_{1};
  std::shared_ptr<Graph> graph_ = std::make_shared<Graph>(
      store_, kKey, options_, /*most_bytes=*/size_t{1} << 30, [] {});
};

TEST_F(GraphTest, ItIsReadyWhenFewPointsWait) {
  EXPECT_FALSE(graph_->counts().ready);
  while (WorkOneStep()) continue;
  EXPECT_TRUE(graph_->counts().ready);
  Commit(0, Graph::kFewWaiting);
  EXPECT_TRUE(graph_->counts().ready);
  Commit(5000, 1);
  EXPECT_EQ(graph_->counts().waiting, Graph::kFewWaiting + 1);
  EXPECT_FALSE(graph_->counts().ready);  // though it answers
  std::string probe = RandomVector(options_, random_);
  auto search = graph_->Search(store_.Newest()->version(), probe, 40);
  ASSERT_NE(search, nullptr);
  EXPECT_EQ(Collect(*search, 100, SIZE_MAX).size(), Graph::kFewWaiting + 1);
  // Its changes are points now, which wait all the same.
  EXPECT_EQ(graph_->counts().waiting, Graph::kFewWaiting + 1);
  EXPECT_FALSE(graph_->counts().ready);
  while (WorkOneStep()) continue;
  EXPECT_EQ(graph_->counts().waiting, 0u);
  EXPECT_TRUE(graph_->counts().ready);
}

TEST_F(GraphTest, ItIsNotReadyWhereWhatWaitsIsTooMuchToSearch) {
  options_.dimensions = 16'000;
  graph_->Close();
  graph_ = std::make_shared<Graph>(store_, kKey, options_, size_t{1} << 30, [] {});
  graph_->Start(std::make_unique<Hnsw>(options_));
  Commit(0, 40);
  while (!graph_->counts().complete) WorkOneStep();
  std::string probe = RandomVector(options_, random_);
  EXPECT_EQ(graph_->counts().waiting, 40u);
  EXPECT_EQ(graph_->Search(store_.Newest()->version(), probe, 40), nullptr);
  EXPECT_FALSE(graph_->counts().ready);
}

}  // namespace
}  // namespace sundog::vectors
