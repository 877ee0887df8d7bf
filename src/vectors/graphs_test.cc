// The graphs of a server through their public face: what is found, what is forgotten, what is kept
// on disk.
#include "vectors/graphs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "base/file.h"
#include "vectors/vectors_fixture.h"

namespace sundog::vectors {
namespace {

namespace fs = std::filesystem;
using types::VectorElement;
using types::VectorMetric;

class GraphsTest : public ::testing::Test {
 protected:
  GraphsTest() { Open(); }

  void Open(size_t budget = size_t{1} << 30, int64_t stop_within_ms = 60'000) {
    graphs_.reset();
    graphs_ = std::make_unique<Graphs>(GraphsOptions{.store = &store_,
                                                     .folder = folder_.path() + "/vectors",
                                                     .budget_bytes = budget,
                                                     .stop_within_ms = stop_within_ms});
  }

  // An absent vector deletes.
  void Write(const std::map<uint64_t, std::optional<std::string>>& rows, GraphKey key = kKey) {
    kv::WriteList writes;
    for (auto& [row, vector] : rows) {
      writes.Add(Prefix(key) + RowKey(row),
                 vector ? std::optional(EntryValue(*vector)) : std::nullopt);
    }
    EXPECT_EQ(store_.Commit({.writes = writes.view()}).kind, kv::CommitOutcome::Kind::kCommitted);
  }
  void Fill(uint64_t first, uint64_t count, GraphKey key = kKey) {
    std::map<uint64_t, std::optional<std::string>> rows;
    for (uint64_t row = first; row < first + count; ++row) {
      rows[row] = RandomVector(options_, random_);
    }
    Write(rows, key);
  }
  void DropIndex(GraphKey key = kKey) {
    kv::WriteList writes;
    writes.AddRange(Prefix(key), kv::PrefixEnd(Prefix(key)));
    EXPECT_EQ(store_.Commit({.writes = writes.view()}).kind, kv::CommitOutcome::Kind::kCommitted);
  }

  std::unique_ptr<NearestSearch> Search(const std::string& probe, size_t ef = 40,
                                        GraphKey key = kKey) {
    return graphs_->Search(key, options_, store_.Newest()->version(), probe, ef);
  }
  void LoadGraph(GraphKey key = kKey) {
    graphs_->Load(key, options_);
    graphs_->AwaitRest();
  }

  // A search to its end gives every entry once, with its very distance.
  void ExpectFindsAll(const kv::SnapshotPtr& snapshot, const std::string& probe,
                      size_t wanted = 7) {
    auto search = graphs_->Search(kKey, options_, snapshot->version(), probe, 40);
    ASSERT_NE(search, nullptr);
    std::vector<Candidate> all = Collect(*search, wanted, SIZE_MAX);
    Distances found;
    for (Candidate& candidate : all) found[candidate.row_key] = candidate.distance;
    EXPECT_EQ(found.size(), all.size());
    EXPECT_EQ(found, ExactDistances(*snapshot, kKey, options_, probe));
  }
  void ExpectFindsAll() { ExpectFindsAll(store_.Newest(), RandomVector(options_, random_)); }

  GraphInfo Info(GraphKey key = kKey) {
    for (const GraphInfo& info : graphs_->List()) {
      if (info.key == key) return info;
    }
    return {};
  }
  bool Listed(GraphKey key = kKey) { return Info(key).key == key; }
  std::string File(GraphKey key = kKey) {
    return folder_.path() + "/vectors/" + std::to_string(key.tenant) + "-" +
           std::to_string(key.storage) + "-" + std::to_string(key.index) + ".graph";
  }
  static std::string Prefix(const GraphKey& key) {
    return codec::KeyPrefix(key.tenant, key.storage, key.index);
  }

  static constexpr GraphKey kKey{1, 1000, 2};
  static constexpr GraphKey kOther{1, 1001, 2};

  kv::MemoryBackend backend_;
  kv::Store& store_ = backend_.store();
  kv::TemporaryFolder folder_;
  GraphOptions options_{.dimensions = 8};
  base::Random random_{1};
  std::unique_ptr<Graphs> graphs_;
};

TEST_F(GraphsTest, WhatIsSavedIsLoadedUnaskedWhereThereIsRoom) {
  Fill(0, 300);
  graphs_->LoadSaved(kKey, options_);
  graphs_->AwaitRest();
  EXPECT_FALSE(Listed());
  LoadGraph();
  size_t bytes = Info().bytes;
  Open();
  graphs_->LoadSaved(kKey, options_);
  graphs_->AwaitRest();
  EXPECT_EQ(Info().points, 300u);
  ExpectFindsAll();

  // It gives way to what somebody asks for, and pushes nothing out.
  Fill(0, 300, kOther);
  LoadGraph(kOther);
  Open(bytes * 3 / 2);
  graphs_->LoadSaved(kKey, options_);
  graphs_->AwaitRest();
  EXPECT_TRUE(Listed());
  LoadGraph(kOther);
  EXPECT_TRUE(Listed(kOther));
  EXPECT_FALSE(Listed());
  graphs_->LoadSaved(kKey, options_);
  graphs_->AwaitRest();
  EXPECT_FALSE(Listed());
  EXPECT_TRUE(Listed(kOther));
}

TEST_F(GraphsTest, WhatHasNoDistanceToTheProbeIsNoCandidateAndInfinitelyFarOnesAre) {
  options_ = {.metric = types::VectorMetric::kInnerProduct, .dimensions = 2};
  auto vector = [](float a, float b) {
    std::string bytes;
    base::AppendLittleEndian(bytes, a);
    base::AppendLittleEndian(bytes, b);
    return bytes;
  };
  const float large = 3e38F;
  for (uint64_t row = 0; row < 300; row += 3) {
    Write({{row, vector(large, -large)}, {row + 1, vector(-large, -large)},
           {row + 2, vector(1, static_cast<float>(row))}});
  }
  LoadGraph();
  Write({{300, vector(large, -large)}, {301, vector(-large, -large)}});  // these wait
  auto search = graphs_->Search(kKey, options_, store_.Newest()->version(),
                                vector(large, large), 40);
  ASSERT_NE(search, nullptr);
  std::vector<Candidate> all = Collect(*search, 7, SIZE_MAX);
  EXPECT_EQ(all.size(), 201u);
  for (const Candidate& candidate : all) EXPECT_FALSE(std::isnan(candidate.distance));
  EXPECT_EQ(std::count_if(all.begin(), all.end(),
                          [](const Candidate& one) { return std::isinf(one.distance); }),
            200);
}

TEST_F(GraphsTest, SearchesAreExactUntilTheGraphIsThere) {
  Fill(0, 300);
  std::string probe = RandomVector(options_, random_);
  EXPECT_EQ(Search(probe), nullptr);  // which asks for it
  graphs_->AwaitRest();
  EXPECT_EQ(Info().state, GraphState::kReady);
  EXPECT_EQ(Info().points, 300u);
  EXPECT_EQ(Info().dead_points, 0u);
  EXPECT_EQ(Info().progress, 1);
  EXPECT_GT(Info().bytes, 300u * 32);
  ExpectFindsAll();
}

TEST_F(GraphsTest, EveryTypeAndMetricFindsItsNearestWithTheFunctionsDistance) {
  for (VectorElement element : {VectorElement::kFloat, VectorElement::kHalf,
                                VectorElement::kSparse, VectorElement::kBit}) {
    for (VectorMetric metric :
         {VectorMetric::kL2, VectorMetric::kInnerProduct, VectorMetric::kCosine,
          VectorMetric::kL1, VectorMetric::kHamming, VectorMetric::kJaccard}) {
      if (types::FindVectorDistance(element, metric) == nullptr) continue;
      SCOPED_TRACE(std::to_string(static_cast<int>(element)) + "/" +
                   std::to_string(static_cast<int>(metric)));
      DropIndex();
      graphs_->AwaitRest();
      options_ = {.element = element, .metric = metric, .dimensions = 19, .m = 12};
      Fill(0, 500);
      LoadGraph();
      Fill(500, 50);  // some of them may still wait
      size_t found = 0;
      for (int i = 0; i < 20; ++i) {
        std::string probe = RandomVector(options_, random_);
        auto search = Search(probe);
        ASSERT_NE(search, nullptr);
        Distances exact = ExactDistances(*store_.Newest(), kKey, options_, probe);
        std::vector<Candidate> nearest = Collect(*search, 10, 10);
        for (const Candidate& candidate : nearest) {
          EXPECT_EQ(candidate.distance, exact.at(candidate.row_key));
        }
        found += CountNearest(exact, nearest, 10);
      }
      EXPECT_GE(found, 180u) << "of 200";
      ExpectFindsAll();
    }
  }
}

TEST_F(GraphsTest, CommitsAreFoundAtOnceAndOldSnapshotsKeepWhatTheyShow) {
  Fill(0, 200);
  LoadGraph();
  std::string probe = RandomVector(options_, random_);
  kv::SnapshotPtr before = store_.Newest();
  Write({{1, std::nullopt}, {2, RandomVector(options_, random_)}, {900, probe}});
  kv::SnapshotPtr after = store_.Newest();
  ExpectFindsAll(before, probe);
  ExpectFindsAll(after, probe);
  graphs_->AwaitRest();
  Write({{900, std::nullopt}});
  ExpectFindsAll(before, probe);
  ExpectFindsAll(after, probe);
  ExpectFindsAll();
  EXPECT_EQ(Info().points, 199u);
  EXPECT_EQ(Info().dead_points, 3u);
}

TEST_F(GraphsTest, ASearchGoesOnThroughChanges) {
  Fill(0, 300);
  LoadGraph();
  std::string probe = RandomVector(options_, random_);
  kv::SnapshotPtr snapshot = store_.Newest();
  Distances exact = ExactDistances(*snapshot, kKey, options_, probe);
  Fill(300, 10);
  auto search = graphs_->Search(kKey, options_, snapshot->version(), probe, 10);
  ASSERT_NE(search, nullptr);
  Distances found;
  for (uint64_t round = 0;; ++round) {
    auto batch = search->Next(20);
    if (batch.empty()) break;
    for (const Candidate& candidate : batch) {
      EXPECT_TRUE(found.emplace(candidate.row_key, candidate.distance).second);
    }
    Fill(100 + round * 10, 10);
    Fill(1000 + round * 50, 50);
    graphs_->AwaitRest();
  }
  EXPECT_EQ(found, exact);
}

TEST_F(GraphsTest, EqualVectorsAreAllFound) {
  std::string same = RandomVector(options_, random_);
  Fill(0, 200);
  std::map<uint64_t, std::optional<std::string>> rows;
  for (uint64_t row = 1000; row < 1300; ++row) rows[row] = same;
  Write(rows);
  LoadGraph();
  ExpectFindsAll();
  auto search = Search(same);
  std::vector<Candidate> nearest = Collect(*search, 300, 300);
  ASSERT_EQ(nearest.size(), 300u);
  EXPECT_EQ(nearest.back().distance, 0);
  Write({{1000, std::nullopt}, {1001, RandomVector(options_, random_)}});
  ExpectFindsAll();
}

TEST_F(GraphsTest, WhatHasNoDistanceIsLeftToTheExactScan) {
  options_.metric = VectorMetric::kCosine;
  Fill(0, 100);
  std::string zero(32, '\0');
  Write({{200, zero}, {3, zero}});
  LoadGraph();
  EXPECT_EQ(Info().points, 99u);
  ExpectFindsAll();
  EXPECT_EQ(Search(zero), nullptr);
  EXPECT_EQ(Search(std::string(28, 'a')), nullptr);  // of other dimensions
  Write({{4, zero}, {3, RandomVector(options_, random_)}});
  ExpectFindsAll();
}

TEST_F(GraphsTest, ADroppedIndexLeavesNothing) {
  Fill(0, 2000);
  LoadGraph();
  Open();  // writes the checkpoint
  EXPECT_TRUE(fs::exists(File()));
  LoadGraph();
  DropIndex();
  graphs_->AwaitRest();
  EXPECT_FALSE(Listed());
  EXPECT_FALSE(fs::exists(File()));
  Fill(0, 10);
  LoadGraph();
  ExpectFindsAll();
}

TEST_F(GraphsTest, AnIndexMayBeDroppedWhileItsGraphIsMade) {
  options_.dimensions = 64;
  Fill(0, 5000);
  graphs_->Load(kKey, options_);
  while (Info().points == 0) std::this_thread::yield();
  DropIndex();
  graphs_->AwaitRest();
  EXPECT_FALSE(Listed());
  EXPECT_FALSE(fs::exists(File()));
}

TEST_F(GraphsTest, StoppingEndsAGraphThatIsMadeAndItGoesOnAfterwards) {
  options_.dimensions = 64;
  Fill(0, 5000);
  graphs_->Load(kKey, options_);
  while (Info().points < 5000) std::this_thread::yield();
  kv::SnapshotPtr snapshot = store_.Newest();
  graphs_->Stop();
  EXPECT_TRUE(graphs_->List().empty());
  EXPECT_EQ(Search(RandomVector(options_, random_)), nullptr);
  Open();
  LoadGraph();
  EXPECT_EQ(Info().points, 5000u);
  ExpectFindsAll();
}

TEST_F(GraphsTest, ACheckpointIsReconciledWithTheEntries) {
  Fill(0, 500);
  LoadGraph();
  graphs_.reset();
  ASSERT_TRUE(fs::exists(File()));
  Fill(100, 50);
  Fill(1000, 50);
  Write({{1, std::nullopt}, {2, std::nullopt}});
  Open();
  LoadGraph();
  EXPECT_EQ(Info().points, 548u);
  EXPECT_EQ(Info().dead_points, 52u);  // so the file was read
  ExpectFindsAll();
  Open();
  LoadGraph();
  EXPECT_EQ(Info().dead_points, 52u);
  ExpectFindsAll();
}

TEST_F(GraphsTest, AfterACrashAnOlderCheckpointIsReconciled) {
  Fill(0, 500);
  LoadGraph();
  Open();
  LoadGraph();
  Fill(250, 500);
  Write({{7, std::nullopt}});
  graphs_->AwaitRest();
  Open(size_t{1} << 30, /*stop_within_ms=*/0);
  Open(size_t{1} << 30, 0);  // the one before wrote none
  LoadGraph();
  EXPECT_EQ(Info().points, 749u);
  EXPECT_EQ(Info().dead_points, 251u);
  ExpectFindsAll();
}

TEST_F(GraphsTest, SparseVectorsAndEqualOnesComeBackFromACheckpoint) {
  options_.element = VectorElement::kSparse;
  options_.dimensions = 40;
  Fill(0, 300);
  std::string same = RandomVector(options_, random_);
  Write({{500, same}, {501, same}, {502, same}});
  LoadGraph();
  Open();
  LoadGraph();
  EXPECT_EQ(Info().points, 303u);
  EXPECT_EQ(Info().dead_points, 0u);
  ExpectFindsAll();
  Fill(600, 50);
  ExpectFindsAll();
}

TEST_F(GraphsTest, ADamagedCheckpointIsThrownAway) {
  Fill(0, 300);
  LoadGraph();
  graphs_.reset();
  std::string sound = base::ReadFile(File());
  for (size_t at : {size_t{3}, size_t{30}, sound.size() / 2, sound.size() - 1}) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(File(), std::ios::binary) << damaged;
    Write({{1, RandomVector(options_, random_)}});
    Open(size_t{1} << 30, 0);
    LoadGraph();
    EXPECT_FALSE(fs::exists(File())) << at;
    EXPECT_EQ(Info().dead_points, 0u);
    ExpectFindsAll();
    graphs_.reset();
  }
  for (size_t size : {size_t{0}, size_t{10}, sound.size() / 3, sound.size() - 1}) {
    std::ofstream(File(), std::ios::binary) << sound.substr(0, size);
    Open(size_t{1} << 30, 0);
    LoadGraph();
    EXPECT_FALSE(fs::exists(File())) << size;
    ExpectFindsAll();
    graphs_.reset();
  }
}

TEST_F(GraphsTest, ACheckpointOfAnotherIndexOrOtherOptionsIsThrownAway) {
  Fill(0, 300);
  Fill(0, 200, kOther);
  LoadGraph();
  graphs_.reset();
  fs::copy_file(File(), File(kOther));
  Open(size_t{1} << 30, 0);
  LoadGraph(kOther);
  EXPECT_FALSE(fs::exists(File(kOther)));
  EXPECT_EQ(Info(kOther).points, 200u);
  options_.m = 8;
  LoadGraph();
  EXPECT_FALSE(fs::exists(File()));
  ExpectFindsAll();
}

TEST_F(GraphsTest, FilesOfIndexesThatAreGoneAreSweptAway) {
  Fill(0, 300);
  LoadGraph();
  graphs_.reset();
  DropIndex();
  std::ofstream(File(kOther) + ".new") << "half";
  std::ofstream(folder_.path() + "/vectors/other") << "not ours";
  Open();
  graphs_->AwaitRest();
  EXPECT_FALSE(fs::exists(File()));
  EXPECT_FALSE(fs::exists(File(kOther) + ".new"));
  EXPECT_TRUE(fs::exists(folder_.path() + "/vectors/other"));
}

TEST_F(GraphsTest, OverTheBudgetTheLeastRecentlyUsedGraphGoes) {
  Fill(0, 2000);
  Fill(0, 2000, kOther);
  LoadGraph();
  size_t bytes = Info().bytes;
  Open(bytes * 3 / 2);
  LoadGraph();
  EXPECT_EQ(Info().state, GraphState::kReady);
  LoadGraph(kOther);
  EXPECT_FALSE(Listed());
  EXPECT_EQ(Info(kOther).state, GraphState::kReady);
  EXPECT_EQ(Search(RandomVector(options_, random_)), nullptr);
  graphs_->AwaitRest();
  EXPECT_EQ(Info().state, GraphState::kReady);
  EXPECT_FALSE(Listed(kOther));
  ExpectFindsAll();
}

TEST_F(GraphsTest, AGraphThatGaveWayIsNotLoadedBeforeItIsSearched) {
  Fill(0, 2000);
  Fill(0, 2000, kOther);
  LoadGraph();
  size_t bytes = Info().bytes;
  LoadGraph(kOther);
  Open(bytes * 3 / 2);
  LoadGraph(kOther);
  // Who loads it throws it away.
  std::ofstream(File(kOther), std::ios::binary) << "damaged";
  LoadGraph();
  EXPECT_EQ(Info().state, GraphState::kReady);
  EXPECT_FALSE(Listed(kOther));
  EXPECT_TRUE(fs::exists(File(kOther)));
}

TEST_F(GraphsTest, AGraphLargerThanTheBudgetIsNotMade) {
  Fill(0, 2000);
  Fill(0, 10, kOther);
  LoadGraph();
  size_t bytes = Info().bytes;
  for (size_t budget : {size_t{1000}, bytes / 2}) {
    Open(budget);
    LoadGraph();
    EXPECT_EQ(Info().state, GraphState::kTooLarge);
    EXPECT_EQ(Info().bytes, 0u);
    EXPECT_EQ(Search(RandomVector(options_, random_)), nullptr);
  }
  LoadGraph(kOther);
  EXPECT_EQ(Info(kOther).state, GraphState::kReady);
}

TEST_F(GraphsTest, MoreChangesThanTheBudgetEndAGraph) {
  Fill(0, 100);
  Open(400'000);
  LoadGraph();
  EXPECT_EQ(Info().state, GraphState::kReady);
  Fill(100, 9000);
  graphs_->AwaitRest();
  EXPECT_EQ(Info().state, GraphState::kTooLarge);
  EXPECT_EQ(Search(RandomVector(options_, random_)), nullptr);
}

TEST_F(GraphsTest, ATenantThatRestsGivesItsMemoryBack) {
  Fill(0, 300);
  LoadGraph();
  graphs_->Unload(2);
  graphs_->AwaitRest();
  EXPECT_TRUE(Listed());
  graphs_->Unload(1);
  graphs_->AwaitRest();
  EXPECT_FALSE(Listed());
  EXPECT_TRUE(fs::exists(File()));
  Write({{1, std::nullopt}});
  LoadGraph();
  EXPECT_EQ(Info().dead_points, 1u);
  ExpectFindsAll();
}

TEST_F(GraphsTest, ATenantThatGoesLeavesNoFile) {
  for (bool in_memory : {true, false}) {
    Fill(0, 300);
    LoadGraph();
    graphs_->Unload(1);
    graphs_->AwaitRest();
    ASSERT_TRUE(fs::exists(File()));
    if (in_memory) {
      LoadGraph();
      Fill(300, 300);
    }
    graphs_->Remove(2);
    graphs_->AwaitRest();
    EXPECT_TRUE(fs::exists(File()));
    graphs_->Remove(1);
    graphs_->Unload(1);
    graphs_->AwaitRest();
    EXPECT_FALSE(Listed());
    EXPECT_FALSE(fs::exists(File()));
  }
}

TEST_F(GraphsTest, ATenantThatGoesWhileTheServerStopsLeavesNoFile) {
  Fill(0, 300);
  LoadGraph();
  graphs_->Remove(1);
  graphs_->Stop();
  EXPECT_FALSE(fs::exists(File()));
}

TEST_F(GraphsTest, TooManyDeadPointsHaveTheGraphMadeAnew) {
  Fill(0, 1000);
  LoadGraph();
  std::string probe = RandomVector(options_, random_);
  kv::SnapshotPtr old = store_.Newest();
  for (uint64_t first = 0; first < 1000; first += 100) Fill(first, 100);
  graphs_->AwaitRest();
  Fill(0, 100);
  graphs_->AwaitRest();
  EXPECT_EQ(Info().dead_points, 1100u);  // the old snapshot shows some of them
  ExpectFindsAll(old, probe);
  ExpectFindsAll();
  old.reset();
  graphs_->Load(kOther, options_);  // which lets the thread look
  while (Info().dead_points > 0) std::this_thread::yield();
  EXPECT_EQ(Info().points, 1000u);
  ExpectFindsAll();
}

}  // namespace
}  // namespace sundog::vectors
