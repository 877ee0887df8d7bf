// Threads insert, change, delete and truncate while others search, at new snapshots and at old
// ones; what a snapshot shows is the model. Then the server "crashes", and it goes on with what the
// checkpoint kept.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "base/check.h"
#include "runtime/mutex.h"
#include "vectors/vectors_fixture.h"

namespace sundog::vectors {
namespace {

constexpr GraphKey kKey{3, 1234, 5};
constexpr size_t kWriters = 3;
constexpr uint64_t kRowsOfAWriter = 250;

// Sanitizers make everything slow; what they look for shows in fewer rounds, too.
#ifdef SUNDOG_SANITIZE
constexpr size_t kSearchesOfARound = 150;
#else
constexpr size_t kSearchesOfARound = 600;
#endif
constexpr int kMostCommitsOfAWriter = 20'000;

template <typename Backend>
class GraphsRandomTest : public ::testing::Test {
 protected:
  GraphsRandomTest() : seed_(base::SecureSeed()) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
  }

  void OpenGraphs(int64_t stop_within_ms) {
    graphs_.reset();
    graphs_ = std::make_unique<Graphs>(GraphsOptions{
        .store = &store_, .folder = folder_.path(), .stop_within_ms = stop_within_ms});
  }

  void Commit(const kv::WriteList& writes) {
    kv::CommitOutcome outcome =
        store_.Commit({.writes = writes.view(), .durability = kv::Durability::kLazy});
    EXPECT_EQ(outcome.kind, kv::CommitOutcome::Kind::kCommitted);
  }

  // Of the writer's own rows, so that nobody's commit is in another's way.
  void WriteSome(size_t writer, base::Random& random) {
    std::set<uint64_t> rows;
    for (uint64_t n = random.Below(8); n < 8; ++n) {
      rows.insert(writer * 1000 + random.Below(kRowsOfAWriter));
    }
    kv::WriteList writes;
    for (uint64_t row : rows) {
      std::optional<std::string> vector;
      if (random.Below(4) > 0) vector = EntryValue(NewVector(random));
      writes.Add(prefix_ + RowKey(row), vector);
    }
    Commit(writes);
  }
  // Some are of vectors that others have, some have no length.
  std::string NewVector(base::Random& random) {
    if (random.Below(30) == 0) return std::string(4 * static_cast<size_t>(options_.dimensions), 0);
    if (random.Below(10) > 0) return RandomVector(options_, random);
    base::Random known(random.Below(3));
    return RandomVector(options_, known);
  }
  void Truncate(base::Random& random) {
    kv::WriteList writes;
    if (random.Below(2) == 0) {
      writes.AddRange(prefix_, kv::PrefixEnd(prefix_));
    } else {
      uint64_t first = random.Below(kWriters * 1000);
      writes.AddRange(prefix_ + RowKey(first), prefix_ + RowKey(first + 100));
    }
    Commit(writes);
  }

  // One search, judged by what the snapshot shows.
  void Check(const kv::SnapshotPtr& snapshot, base::Random& random) {
    std::string probe = RandomVector(options_, random);
    auto search = graphs_->Search(kKey, options_, snapshot->version(), probe, 40);
    if (!search) {
      ++refused_;
      graphs_->AwaitRest();
      return;
    }
    ++answered_;
    Distances exact = ExactDistances(*snapshot, kKey, options_, probe);
    bool to_the_end = random.Below(4) == 0;
    std::vector<Candidate> found =
        Collect(*search, 1 + random.Below(30), to_the_end ? SIZE_MAX : 10);
    std::set<std::string> rows;
    for (const Candidate& candidate : found) {
      ASSERT_TRUE(rows.insert(candidate.row_key).second) << "twice";
      auto it = exact.find(candidate.row_key);
      ASSERT_NE(it, exact.end()) << "not there at the snapshot";
      ASSERT_EQ(candidate.distance, it->second);
    }
    if (to_the_end) {
      ASSERT_EQ(found.size(), exact.size());
    }
    searched_ += std::min<size_t>(10, exact.size());
    found_ += CountNearest(exact, found, 10);
  }

  void RunWriters(std::atomic<bool>& done) {
    std::vector<std::thread> writers;
    for (size_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([this, writer] {
        base::Random random(seed_ + writer + round_ * 100);
        size_t enough = answered_ + kSearchesOfARound;
        for (int i = 0; i < kMostCommitsOfAWriter && answered_ < enough; ++i) {
          WriteSome(writer, random);
          if (random.Below(300) == 0) Truncate(random);
          // The background thread gives way to everybody: so that it gets anywhere.
          if (random.Below(10) == 0) graphs_->AwaitRest();
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    done = true;
  }

  void RunSearches(std::atomic<bool>& done, size_t searcher) {
    base::Random random(seed_ + 10 + searcher + round_ * 100);
    std::deque<kv::SnapshotPtr> held;
    while (!done && !this->HasFatalFailure()) {
      held.push_back(store_.Newest());
      Check(held.back(), random);
      Check(held[random.Below(held.size())], random);
      if (held.size() > 20) held.erase(held.begin() + static_cast<ptrdiff_t>(random.Below(20)));
    }
  }

  void Round() {
    ++round_;
    std::atomic<bool> done = false;
    std::vector<std::thread> searchers;
    for (size_t i = 0; i < 2; ++i) {
      searchers.emplace_back([this, &done, i] { RunSearches(done, i); });
    }
    RunWriters(done);
    for (std::thread& searcher : searchers) searcher.join();
  }

  const uint64_t seed_;
  uint64_t round_ = 0;
  Backend backend_;
  kv::Store& store_ = backend_.store();
  kv::TemporaryFolder folder_;
  GraphOptions options_{.metric = types::VectorMetric::kCosine, .dimensions = 12};
  const std::string prefix_ = codec::KeyPrefix(kKey.tenant, kKey.storage, kKey.index);
  std::atomic<size_t> answered_ = 0;
  std::atomic<size_t> refused_ = 0;
  std::atomic<size_t> searched_ = 0;
  std::atomic<size_t> found_ = 0;
  std::unique_ptr<Graphs> graphs_;
};

using Backends = ::testing::Types<kv::MemoryBackend, kv::RocksBackend>;
TYPED_TEST_SUITE(GraphsRandomTest, Backends);

TYPED_TEST(GraphsRandomTest, SearchesGiveWhatTheirSnapshotShows) {
  for (int64_t stop_within_ms : {60'000, 0, 60'000}) {
    this->OpenGraphs(stop_within_ms);
    this->Round();
    // Now nobody writes: a graph that was asked for is there, and all of it is found.
    base::Random random(this->seed_ + 99);
    this->graphs_->Load(kKey, this->options_);
    this->graphs_->AwaitRest();
    size_t refused = this->refused_;
    for (int i = 0; i < 50; ++i) this->Check(this->store_.Newest(), random);
    EXPECT_EQ(this->refused_, refused);
  }
  this->graphs_.reset();
  std::printf("found %zu of %zu; %zu searches answered, %zu to be exact\n", this->found_.load(),
              this->searched_.load(), this->answered_.load(), this->refused_.load());
  EXPECT_GE(this->answered_, 3 * kSearchesOfARound);
  EXPECT_GE(static_cast<double>(this->found_), 0.97 * static_cast<double>(this->searched_));
}

}  // namespace
}  // namespace sundog::vectors
