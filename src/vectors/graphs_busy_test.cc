// Searches that never pause, and points that keep coming: neither keeps the other out. Judged by
// counts: how many searches there may be before points are in the graph.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "vectors/vectors_fixture.h"

namespace sundog::vectors {
namespace {

constexpr GraphKey kKey{1, 77, 2};
constexpr size_t kSearchers = 8;
// Each search keeps the gate to the graph for long.
constexpr size_t kEf = 300;
constexpr uint64_t kFirstRows = 500;
constexpr uint64_t kRowsOfACommit = 25;
#ifdef SUNDOG_SANITIZE
constexpr int kCommits = 5;
#else
constexpr int kCommits = 20;
#endif
// In all, while some points are still to be taken in: several times what it takes where each has
// its turn, and a third of it where the writer has to find the graph unused by chance.
constexpr uint64_t kMostSearches = 200'000;

class BusyGraphsTest : public ::testing::Test {
 protected:
  BusyGraphsTest() {
    base::Random random(1);
    for (int i = 0; i < 100; ++i) probes_.push_back(RandomVector(options_, random));
  }
  ~BusyGraphsTest() override {
    done_ = true;
    for (std::thread& searcher : searchers_) searcher.join();
  }

  void Commit(uint64_t first, uint64_t count) {
    CommitRandomVectors(store_, kKey, options_, random_, first, count);
  }

  void StartSearching() {
    for (size_t i = 0; i < kSearchers; ++i) {
      searchers_.emplace_back([this, i] {
        for (size_t n = i; !done_; ++n) SearchOnce(probes_[n % probes_.size()]);
      });
    }
  }
  void SearchOnce(const std::string& probe) {
    kv::SnapshotPtr snapshot = store_.Newest();
    auto search = graphs_.Search(kKey, options_, snapshot->version(), probe, kEf);
    if (search) {
      EXPECT_EQ(search->Next(kEf).size(), kEf);
      ++answered_;
    } else {
      ++refused_;
    }
  }

  // False: that took too many searches.
  bool AwaitAllTakenIn(uint64_t points) {
    while (answered_ < kMostSearches) {
      std::vector<GraphInfo> infos = graphs_.List();
      if (!infos.empty() && infos[0].points == points && infos[0].progress == 1) {
        EXPECT_EQ(infos[0].state, GraphState::kReady);
        return true;
      }
      std::this_thread::yield();
    }
    return false;
  }

  kv::MemoryBackend backend_;
  kv::Store& store_ = backend_.store();
  GraphOptions options_{.dimensions = 32};
  base::Random random_{2};
  Graphs graphs_{{.store = &store_}};
  std::vector<std::string> probes_;
  std::atomic<uint64_t> answered_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<bool> done_ = false;
  std::vector<std::thread> searchers_;
};

TEST_F(BusyGraphsTest, PointsAreTakenInWhileSearchesGoOn) {
  Commit(0, kFirstRows);
  StartSearching();
  ASSERT_TRUE(AwaitAllTakenIn(kFirstRows));
  const uint64_t refused = refused_;
  for (uint64_t i = 0; i < kCommits; ++i) {
    Commit(kFirstRows + i * kRowsOfACommit, kRowsOfACommit);
    ASSERT_TRUE(AwaitAllTakenIn(kFirstRows + (i + 1) * kRowsOfACommit)) << "commit " << i;
  }
  // The graph answers all of them from when it is there, but for those under way just then.
  EXPECT_LE(refused_, refused + searchers_.size());
  EXPECT_GE(answered_, kCommits);  // which did not wait for the points
  std::printf("%llu searches answered\n", static_cast<unsigned long long>(answered_));
}

}  // namespace
}  // namespace sundog::vectors
