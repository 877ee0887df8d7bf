// What every backend of kv/store.h must do, run on each of them.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "kv/store_fixture.h"

namespace sundog::kv {
namespace {

using Kind = CommitOutcome::Kind;

template <typename Backend>
class StoreConformance : public ::testing::Test {
 protected:
  Backend backend_;
  Store& store_ = backend_.store();

  // Commits the puts (an absent value deletes) and returns the version.
  Version Put(std::map<std::string, std::optional<std::string>> entries) {
    WriteList writes;
    for (const auto& [key, value] : entries) writes.Add(key, value);
    CommitOutcome outcome = store_.Commit({.writes = writes.view()});
    EXPECT_EQ(outcome.kind, Kind::kCommitted);
    return outcome.version;
  }
  std::optional<std::string> Get(std::string_view key) { return GetFrom(store_.Newest(), key); }
  static std::optional<std::string> GetFrom(const SnapshotPtr& snapshot, std::string_view key) {
    ReadBuffer buffer;
    auto value = snapshot->Get(key, buffer);
    return value ? std::optional(std::string(*value)) : std::nullopt;
  }
};

using Backends = ::testing::Types<MemoryBackend, RocksBackend>;
TYPED_TEST_SUITE(StoreConformance, Backends);

TYPED_TEST(StoreConformance, ReadsWhatWasCommitted) {
  EXPECT_EQ(this->Get("a"), std::nullopt);
  this->Put({{"a", "1"}, {"b", ""}});
  EXPECT_EQ(this->Get("a"), "1");
  EXPECT_EQ(this->Get("b"), "");
  this->Put({{"a", std::nullopt}});
  EXPECT_EQ(this->Get("a"), std::nullopt);
}

TYPED_TEST(StoreConformance, VersionsAscend) {
  Version first = this->Put({{"a", "1"}});
  Version second = this->Put({{"a", "2"}});
  EXPECT_LT(first, second);
  EXPECT_EQ(this->store_.NewestVersion(), second);
  EXPECT_EQ(this->store_.Newest()->version(), second);
}

TYPED_TEST(StoreConformance, SnapshotsAreStable) {
  this->Put({{"a", "1"}, {"b", "1"}});
  SnapshotPtr before = this->store_.Newest();
  this->Put({{"a", "2"}, {"b", std::nullopt}, {"c", "2"}});
  this->Put({{"a", "3"}});
  EXPECT_EQ(this->GetFrom(before, "a"), "1");
  EXPECT_EQ(this->GetFrom(before, "b"), "1");
  EXPECT_EQ(this->GetFrom(before, "c"), std::nullopt);
  EXPECT_EQ(ReadAll(*before, {"", ""}, Direction::kForward).size(), 2u);
  EXPECT_EQ(this->Get("a"), "3");
}

TYPED_TEST(StoreConformance, MultiGetAnswersInTheOrderOfItsKeys) {
  this->Put({{"a", "1"}, {"c", "3"}});
  std::string_view keys[] = {"c", "b", "a", "c"};
  ReadBuffer buffer;
  auto values = this->store_.Newest()->MultiGet(keys, buffer);
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(values[0], "3");
  EXPECT_EQ(values[1], std::nullopt);
  EXPECT_EQ(values[2], "1");
  EXPECT_EQ(values[3], "3");
}

TYPED_TEST(StoreConformance, ScansRangesBothWays) {
  this->Put({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
  SnapshotPtr snapshot = this->store_.Newest();
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(ReadAll(*snapshot, {"b", "d"}, Direction::kForward), (Pairs{{"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(ReadAll(*snapshot, {"b", "d"}, Direction::kReverse), (Pairs{{"c", "3"}, {"b", "2"}}));
  EXPECT_EQ(ReadAll(*snapshot, {"bb", ""}, Direction::kForward), (Pairs{{"c", "3"}, {"d", "4"}}));
  EXPECT_EQ(ReadAll(*snapshot, {"", "bb"}, Direction::kReverse), (Pairs{{"b", "2"}, {"a", "1"}}));
  EXPECT_TRUE(ReadAll(*snapshot, {"c", "c"}, Direction::kForward).empty());
  EXPECT_TRUE(ReadAll(*snapshot, {"d", "a"}, Direction::kReverse).empty());
}

TYPED_TEST(StoreConformance, CursorStartsOverOnAnotherRange) {
  this->Put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  for (Direction direction : {Direction::kForward, Direction::kReverse}) {
    auto cursor = this->store_.Newest()->Scan({"a", "b"}, {.direction = direction});
    EXPECT_EQ(cursor->Next(10).size(), 1u);
    EXPECT_TRUE(cursor->Next(10).empty());
    cursor->Reset({"b", ""});
    EXPECT_EQ(cursor->Next(1).size(), 1u);
    cursor->Reset({"a", ""});
    EXPECT_EQ(cursor->Next(10).size(), 3u);
    cursor->Reset({"x", "a"});
    EXPECT_TRUE(cursor->Next(10).empty());
  }
}

TYPED_TEST(StoreConformance, RangeDeletesComeBeforeTheOtherWrites) {
  this->Put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  WriteList writes;
  writes.AddRange("a", "c");
  writes.Add("b", "new");
  ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
  EXPECT_EQ(this->Get("a"), std::nullopt);
  EXPECT_EQ(this->Get("b"), "new");
  EXPECT_EQ(this->Get("c"), "3");
}

TYPED_TEST(StoreConformance, RangeDeletesAndPutsOfOnePrefixAlternate) {
  std::string prefix = "one table's prefix ";
  for (int round = 0; round < 20; ++round) {
    for (char row = 'a'; row < 'k'; ++row) this->Put({{prefix + row, std::to_string(round)}});
    WriteList writes;
    writes.AddRange(prefix + "b", prefix + "j");
    EXPECT_TRUE(this->store_.Commit({.writes = writes.view()}).kind == Kind::kCommitted);
    this->Put({{prefix + "c", "again"}});
    EXPECT_EQ(ReadAll(*this->store_.Newest(), {"", ""}, Direction::kForward).size(), 3u);
    EXPECT_EQ(this->Get(prefix + "c"), "again");
    EXPECT_EQ(this->Get(prefix + "d"), std::nullopt);
  }
}

TYPED_TEST(StoreConformance, CheckedKeyWrittenSinceConflicts) {
  Version read_at = this->Put({{"a", "1"}});
  this->Put({{"a", "2"}});
  WriteList writes;
  writes.Add("z", "1");
  KeyCheck checks[] = {{"b", read_at}, {"a", read_at}};
  CommitOutcome outcome =
      this->store_.Commit({.writes = writes.view(), .key_checks = checks});
  EXPECT_EQ(outcome.kind, Kind::kConflict);
  EXPECT_EQ(outcome.conflict_key, "a");
  EXPECT_EQ(this->Get("z"), std::nullopt);
  checks[1].since = this->store_.NewestVersion();
  EXPECT_EQ(this->store_.Commit({.writes = writes.view(), .key_checks = checks}).kind,
            Kind::kCommitted);
}

TYPED_TEST(StoreConformance, UncheckedWritesDoNotConflict) {
  this->Put({{"a", "1"}});
  this->Put({{"a", "2"}});
  EXPECT_EQ(this->Get("a"), "2");
}

TYPED_TEST(StoreConformance, CheckedRangeSeesPhantomsDeletionsAndRangeDeletes) {
  auto judge = [&](Version since) {
    WriteList writes;
    writes.Add("z", "1");
    RangeCheck checks[] = {{"b", "d", since}};
    return this->store_.Commit({.writes = writes.view(), .range_checks = checks}).kind;
  };
  Version since = this->Put({{"c", "1"}});
  this->Put({{"a", "1"}, {"d", "1"}});
  EXPECT_EQ(judge(since), Kind::kCommitted);
  this->Put({{"bb", "phantom"}});
  EXPECT_EQ(judge(since), Kind::kConflict);
  since = this->store_.NewestVersion();
  this->Put({{"c", std::nullopt}});
  EXPECT_EQ(judge(since), Kind::kConflict);
  since = this->store_.NewestVersion();
  WriteList writes;
  writes.AddRange("a", "bc");
  ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
  EXPECT_EQ(judge(since), Kind::kConflict);
  EXPECT_EQ(judge(this->store_.NewestVersion()), Kind::kCommitted);
}

TYPED_TEST(StoreConformance, MarksConflictWithoutWriting) {
  Version since = this->Put({{"a", "1"}});
  std::string_view marks[] = {"a"};
  CommitOutcome marked = this->store_.Commit({.marks = marks});
  EXPECT_EQ(marked.kind, Kind::kCommitted);
  EXPECT_GT(marked.version, since);
  WriteList writes;
  writes.Add("a", "2");
  KeyCheck checks[] = {{"a", since}};
  EXPECT_EQ(this->store_.Commit({.writes = writes.view(), .key_checks = checks}).kind,
            Kind::kConflict);
  EXPECT_EQ(this->Get("a"), "1");
}

TYPED_TEST(StoreConformance, CheckOnlyCommitTakesNoVersion) {
  Version since = this->Put({{"a", "1"}});
  KeyCheck checks[] = {{"a", since}};
  CommitOutcome outcome = this->store_.Commit({.key_checks = checks});
  EXPECT_EQ(outcome.kind, Kind::kCommitted);
  EXPECT_EQ(outcome.version, since);
}

TYPED_TEST(StoreConformance, ChangedSinceKnowsRecentWrites) {
  Version first = this->Put({{"a", "1"}});
  EXPECT_EQ(this->store_.ChangedSince("a", first), Changed::kNo);
  Version second = this->Put({{"b", "1"}});
  EXPECT_EQ(this->store_.ChangedSince("a", first), Changed::kNo);
  EXPECT_EQ(this->store_.ChangedSince("b", first), Changed::kYes);
  EXPECT_EQ(this->store_.ChangedSince("b", second), Changed::kNo);
}

TYPED_TEST(StoreConformance, WatchFiresOnWriteAndRangeDelete) {
  auto written = this->store_.WatchKey("a");
  auto covered = this->store_.WatchKey("m");
  auto untouched = this->store_.WatchKey("x");
  this->Put({{"a", "1"}});
  written->Wait();
  WriteList writes;
  writes.AddRange("l", "n");
  ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
  covered->Wait();
  EXPECT_FALSE(untouched->WaitUntil(base::SystemClock().MonotonicMicros()));
}

// What a feed brought, as text: `version: key=value, -key, [begin,end)`.
class RecordingSink : public FeedSink {
 public:
  explicit RecordingSink(Store& store) : store_(store) {}

  void Take(Version version, std::span<const Write> writes) override {
    EXPECT_GT(version, store_.NewestVersion());  // not yet published
    EXPECT_GE(version, last_version_);
    last_version_ = version;
    for (const Write& write : writes) {
      std::string key(write.key);
      switch (write.kind) {
        case Write::Kind::kPut: taken_.push_back(key + "=" + std::string(write.value)); break;
        case Write::Kind::kDelete: taken_.push_back("-" + key); break;
        case Write::Kind::kDeleteRange:
          EXPECT_EQ(writes.size(), 1u);
          taken_.push_back("[" + key + "," + std::string(write.value) + ")");
          break;
      }
    }
  }
  std::vector<std::string> TakeAll() { return std::exchange(taken_, {}); }
  Version last_version() const { return last_version_; }

 private:
  Store& store_;
  std::vector<std::string> taken_;
  Version last_version_ = 0;
};

using Strings = std::vector<std::string>;

TYPED_TEST(StoreConformance, FeedBringsTheWritesUnderItsPrefix) {
  RecordingSink sink(this->store_);
  this->Put({{"p1", "before"}});
  auto feed = this->store_.OpenFeed("p", sink);
  Version version =
      this->Put({{"o", "1"}, {"p", "2"}, {"p1", std::nullopt}, {"p2", "3"}, {"q", "4"}});
  EXPECT_EQ(sink.TakeAll(), (Strings{"p=2", "-p1", "p2=3"}));
  EXPECT_EQ(sink.last_version(), version);
  this->Put({{"o", "1"}, {"q", "4"}, {"", "5"}});
  EXPECT_EQ(sink.TakeAll(), Strings());
  feed.reset();
  this->Put({{"p", "6"}});
  EXPECT_EQ(sink.TakeAll(), Strings());
}

TYPED_TEST(StoreConformance, FeedsMayNestAndShareAPrefix) {
  RecordingSink all(this->store_);
  RecordingSink some(this->store_);
  RecordingSink same(this->store_);
  auto all_feed = this->store_.OpenFeed("", all);
  auto some_feed = this->store_.OpenFeed("ab", some);
  auto same_feed = this->store_.OpenFeed("ab", same);
  this->Put({{"a", "1"}, {"ab", "2"}, {"abc", "3"}, {"b", "4"}});
  EXPECT_EQ(all.TakeAll(), (Strings{"a=1", "ab=2", "abc=3", "b=4"}));
  EXPECT_EQ(some.TakeAll(), (Strings{"ab=2", "abc=3"}));
  EXPECT_EQ(same.TakeAll(), (Strings{"ab=2", "abc=3"}));
  some_feed.reset();
  this->Put({{"ab", "5"}});
  EXPECT_EQ(some.TakeAll(), Strings());
  EXPECT_EQ(same.TakeAll(), Strings{"ab=5"});
}

TYPED_TEST(StoreConformance, FeedBringsRangeDeletesThatTouchItFirst) {
  RecordingSink sink(this->store_);
  RecordingSink last(this->store_);
  auto feed = this->store_.OpenFeed("m", sink);
  auto last_feed = this->store_.OpenFeed("\xff", last);
  auto commit = [&](std::string_view begin, std::string_view end) {
    WriteList writes;
    writes.Add("a", "1");
    writes.AddRange(begin, end);
    writes.Add("mz", "2");
    EXPECT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
    return sink.TakeAll();
  };
  EXPECT_EQ(commit("b", "m"), Strings{"mz=2"});
  EXPECT_EQ(commit("b", "m0"), (Strings{"[b,m0)", "mz=2"}));
  EXPECT_EQ(commit("m5", "m6"), (Strings{"[m5,m6)", "mz=2"}));
  EXPECT_EQ(commit("m5", "z"), (Strings{"[m5,z)", "mz=2"}));
  WriteList beyond;
  beyond.AddRange("n", "\xff\xff");
  EXPECT_EQ(this->store_.Commit({.writes = beyond.view()}).kind, Kind::kCommitted);
  EXPECT_EQ(sink.TakeAll(), Strings());
  EXPECT_EQ(last.TakeAll(), Strings{"[n,\xff\xff)"});
}

TYPED_TEST(StoreConformance, FeedBringsNothingOfACommitThatLost) {
  Version read_at = this->Put({{"p", "1"}});
  this->Put({{"p", "2"}});
  RecordingSink sink(this->store_);
  auto feed = this->store_.OpenFeed("p", sink);
  WriteList writes;
  writes.Add("p", "3");
  KeyCheck checks[] = {{"p", read_at}};
  EXPECT_EQ(this->store_.Commit({.writes = writes.view(), .key_checks = checks}).kind,
            Kind::kConflict);
  EXPECT_EQ(sink.TakeAll(), Strings());
}

// Whoever opens a feed and then reads a snapshot has every commit at least once, however many
// commit meanwhile.
TYPED_TEST(StoreConformance, FeedAndALaterSnapshotMissNoCommit) {
  class Collector : public FeedSink {
   public:
    void Take(Version version, std::span<const Write> writes) override {
      for (const Write& write : writes) taken.emplace_back(version, write.key);
    }
    std::vector<std::pair<Version, std::string>> taken;
  };
  // A few commits a round, so that what is read stays small.
  constexpr int kCommits = 10;
  std::atomic<int> allowed = 0;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop;) {
      if (i == allowed) {
        std::this_thread::yield();
      } else {
        this->Put({{"p" + std::to_string(i++), ""}});
      }
    }
  });
  for (int round = 0; round < 50 && !this->HasFailure(); ++round) {
    allowed += kCommits;
    Collector collector;
    auto feed = this->store_.OpenFeed("p", collector);
    SnapshotPtr first = this->store_.Newest();
    allowed += kCommits;
    while (this->store_.NewestVersion() < first->version() + 3) std::this_thread::yield();
    SnapshotPtr second = this->store_.Newest();
    feed.reset();
    std::set<std::string> keys;
    for (auto& [key, value] : ReadAll(*first, PrefixRange("p"), Direction::kForward, 1000)) {
      keys.insert(key);
    }
    for (auto& [version, key] : collector.taken) {
      if (version > first->version() && version <= second->version()) {
        EXPECT_TRUE(keys.insert(key).second) << key;
      }
    }
    std::set<std::string> shown;
    for (auto& [key, value] : ReadAll(*second, PrefixRange("p"), Direction::kForward, 1000)) {
      shown.insert(key);
    }
    EXPECT_EQ(keys, shown);
  }
  stop = true;
  writer.join();
}

TYPED_TEST(StoreConformance, OldestSnapshotIsTheOldestThatIsHeld) {
  Version first = this->Put({{"a", "1"}});
  EXPECT_EQ(this->store_.OldestSnapshot(), first);
  SnapshotPtr old = this->store_.Newest();
  this->Put({{"a", "2"}});
  SnapshotPtr middle = this->store_.Newest();
  Version newest = this->Put({{"a", "3"}});
  EXPECT_EQ(this->store_.OldestSnapshot(), first);
  auto cursor = old->Scan({"", ""});
  old.reset();
  EXPECT_EQ(this->store_.OldestSnapshot(), first);  // the cursor keeps it
  cursor.reset();
  EXPECT_EQ(this->store_.OldestSnapshot(), middle->version());
  middle.reset();
  EXPECT_EQ(this->store_.OldestSnapshot(), newest);
}

TYPED_TEST(StoreConformance, LargeCommitsAreAtomicAndJudgedLikeOthers) {
  Version since = this->Put({{"k0000500", "old"}, {"k", "short"}});
  SnapshotPtr before = this->store_.Newest();
  constexpr int kRows = 20000;
  WriteList writes;
  writes.Add("k", std::nullopt);
  for (int i = 0; i < kRows; ++i) {
    char key[16];
    snprintf(key, sizeof key, "k%07d", i);
    writes.Add(key, std::string(100, static_cast<char>('a' + i % 26)));
  }
  ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
  EXPECT_EQ(this->GetFrom(before, "k0000500"), "old");
  EXPECT_EQ(this->Get("k0000500"), std::string(100, 'a' + 500 % 26));
  EXPECT_EQ(this->Get("k"), std::nullopt);
  EXPECT_EQ(ReadAll(*this->store_.Newest(), PrefixRange("k0"), Direction::kReverse).size(),
            static_cast<size_t>(kRows));
  EXPECT_NE(this->store_.ChangedSince("k0012345", since), Changed::kNo);
  WriteList late;
  late.Add("k0012345", "lost");
  KeyCheck checks[] = {{"k0012345", since}};
  EXPECT_EQ(this->store_.Commit({.writes = late.view(), .key_checks = checks}).kind,
            Kind::kConflict);
  this->Put({{"k0000500", "newer"}});
  EXPECT_EQ(this->Get("k0000500"), "newer");
}

TYPED_TEST(StoreConformance, ConcurrentCheckedIncrementsLoseNothing) {
  this->Put({{"n", "0"}});
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int done = 0; done < kEach;) {
        SnapshotPtr snapshot = this->store_.Newest();
        std::string next = std::to_string(std::stoi(*this->GetFrom(snapshot, "n")) + 1);
        WriteList writes;
        writes.Add("n", next);
        KeyCheck checks[] = {{"n", snapshot->version()}};
        CommitOutcome outcome =
            this->store_.Commit({.writes = writes.view(), .key_checks = checks});
        if (outcome.kind == Kind::kCommitted) {
          ++done;
        } else {
          ++conflicts;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(this->Get("n"), std::to_string(kThreads * kEach));
}

// Writers move amounts between keys while whole ranges are read: each snapshot has the same total.
TYPED_TEST(StoreConformance, WholeRangesAreOneVersionWhileOthersCommit) {
  constexpr int kKeys = 3000;
  constexpr int kAmount = 100;
  auto key_of = [](uint64_t i) {
    char key[16];
    snprintf(key, sizeof key, "k%06d", static_cast<int>(i));
    return std::string(key);
  };
  WriteList all;
  for (int i = 0; i < kKeys; ++i) all.Add(key_of(i), std::to_string(kAmount));
  ASSERT_EQ(this->store_.Commit({.writes = all.view()}).kind, Kind::kCommitted);
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    base::Random random(seed);
    while (!stop) {
      uint64_t from = random.Below(kKeys - 1);
      uint64_t to = from + 1 + random.Below(kKeys - 1 - from);
      SnapshotPtr snapshot = this->store_.Newest();
      WriteList writes;
      auto value_of = [&](uint64_t i) { return std::stoi(*this->GetFrom(snapshot, key_of(i))); };
      writes.Add(key_of(from), std::to_string(value_of(from) - 1));
      writes.Add(key_of(to), std::to_string(value_of(to) + 1));
      ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
    }
  });
  SnapshotPtr old = this->store_.Newest();
  for (int round = 0; round < 60; ++round) {
    if (round % 10 == 0) old = this->store_.Newest();
    for (const SnapshotPtr& snapshot : {this->store_.Newest(), old}) {
      int64_t total = 0;
      size_t count = 0;
      for (const auto& [key, value] :
           ReadAll(*snapshot, {"k", "l"}, Direction::kForward, 500, true)) {
        total += std::stoi(value);
        ++count;
      }
      EXPECT_EQ(count, static_cast<size_t>(kKeys));
      EXPECT_EQ(total, kKeys * kAmount);
    }
  }
  stop = true;
  writer.join();
}

// Random commits and reads, at old and new snapshots, against plain maps.
TYPED_TEST(StoreConformance, RandomHistoryMatchesTheModel) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  using Model = std::map<std::string, std::string>;
  Model newest;
  std::vector<std::pair<SnapshotPtr, Model>> held;
  auto random_key = [&] {
    std::string key = "p";
    for (uint64_t n = random.Below(3); n > 0; --n) {
      key.push_back(static_cast<char>("\0\x01" "ab\xff"[random.Below(5)]));
    }
    return key;
  };
  for (int step = 0; step < 1500; ++step) {
    WriteList writes;
    std::map<std::string, std::optional<std::string>> chosen;
    for (uint64_t n = 1 + random.Below(5); n > 0; --n) {
      chosen[random_key()] = random.Below(3) == 0
                                 ? std::nullopt
                                 : std::optional(std::string(random.Below(40), 'v'));
    }
    if (random.Below(10) == 0) {
      KeyRange range{random_key(), random_key()};
      if (!range.empty()) {
        writes.AddRange(range.begin, range.end);
        newest.erase(newest.lower_bound(range.begin), newest.lower_bound(range.end));
      }
    }
    for (const auto& [key, value] : chosen) {
      writes.Add(key, value);
      if (value) {
        newest[key] = *value;
      } else {
        newest.erase(key);
      }
    }
    ASSERT_EQ(this->store_.Commit({.writes = writes.view()}).kind, Kind::kCommitted);
    if (random.Below(4) == 0) held.emplace_back(this->store_.Newest(), newest);
    if (held.size() > 8) held.erase(held.begin() + random.Below(held.size()));
    if (held.empty()) continue;
    const auto& [snapshot, model] = held[random.Below(held.size())];
    std::string probe = random_key();
    auto found = model.find(probe);
    ASSERT_EQ(this->GetFrom(snapshot, probe),
              found == model.end() ? std::nullopt : std::optional(found->second));
    KeyRange range{random_key(), random.Below(3) == 0 ? "" : random_key()};
    std::vector<std::pair<std::string, std::string>> expected;
    for (const auto& entry : model) {
      if (range.Contains(entry.first)) expected.push_back(entry);
    }
    ASSERT_EQ(ReadAll(*snapshot, range, Direction::kForward, 1 + random.Below(4)), expected);
    ASSERT_EQ(ReadAll(*snapshot, range, Direction::kForward, 1 + random.Below(40), true), expected);
    std::reverse(expected.begin(), expected.end());
    ASSERT_EQ(ReadAll(*snapshot, range, Direction::kReverse, 1 + random.Below(4)), expected);
  }
}

}  // namespace
}  // namespace sundog::kv
