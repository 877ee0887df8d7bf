#include "txn/sequences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/random.h"
#include "base/sql_error.h"
#include "kv/store_fixture.h"

namespace sundog::txn {
namespace {

TEST(Sequences, CountUpAndDownToTheirLimits) {
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  SequenceParameters up{.start = 5, .increment = 3, .max_value = 12};
  int64_t last = 0;
  EXPECT_EQ(sequences.Position("up", up).is_called, false);
  EXPECT_EQ(sequences.Next("up", "up", up, 1, &last), 5);
  EXPECT_EQ(sequences.Next("up", "up", up, 5, &last), 8);
  EXPECT_EQ(last, 11);
  try {
    sequences.Next("up", "up", up, 1, &last);
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state().code(), "2200H");
    EXPECT_EQ(error.fields().message, "nextval: reached maximum value of sequence \"up\" (12)");
  }
  SequenceParameters down{
      .start = -1, .increment = -1, .min_value = -2, .max_value = -1, .cycle = true};
  for (int64_t expected : {-1, -2, -1, -2}) {
    EXPECT_EQ(sequences.Next("down", "down", down, 1, &last), expected);
  }
}

// Seconds of counting, one by one; and a reservation goes over the end of a sequence that cycles.
TEST(Sequences, LargeCachesTakeNoTime) {
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  int64_t last = 0;
  EXPECT_EQ(sequences.Next("all", "all", {}, INT64_MAX, &last), 1);
  EXPECT_EQ(last, INT64_MAX);
  SequenceParameters down{
      .start = 0, .increment = INT64_MIN, .min_value = INT64_MIN, .max_value = 0, .cycle = true};
  for (int64_t expected : {int64_t{0}, int64_t{0}}) {
    EXPECT_EQ(sequences.Next("down", "down", down, INT64_MAX, &last), expected);
    EXPECT_EQ(last, INT64_MIN);
  }
}

// What a sequence gives after a crash shows where its reservations end.
TEST(Sequences, ReservationsEndWhereCountingEnds) {
  base::Random random(4711);
  auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random.Below(static_cast<uint64_t>(bound)));
  };
  for (int round = 0; round < 500; ++round) {
    SequenceParameters parameters;
    parameters.min_value = below(10);
    parameters.max_value = parameters.min_value + 1 + below(40);
    int64_t width = parameters.max_value - parameters.min_value;
    parameters.start = parameters.min_value + below(width + 1);
    parameters.increment = (1 + below(width + 3)) * (below(2) == 0 ? 1 : -1);
    parameters.cycle = true;
    const int64_t count = 1 + below(200);
    const int64_t reserved = std::max<int64_t>(count, 32);
    bool up = parameters.increment > 0;
    int64_t expected = parameters.start;
    for (int64_t i = 0; i < reserved; ++i) {
      expected += parameters.increment;
      if (up && expected > parameters.max_value) expected = parameters.min_value;
      if (!up && expected < parameters.min_value) expected = parameters.max_value;
    }
    kv::MemoryBackend backend;
    Sequences(backend.store()).Next("s", "s", parameters, count, nullptr);
    Sequences after_crash(backend.store());
    ASSERT_EQ(after_crash.Next("s", "s", parameters, 1, nullptr), expected)
        << parameters.min_value << ".." << parameters.max_value << " from " << parameters.start
        << " by " << parameters.increment << ", " << count;
  }
}

TEST(Sequences, OrderlyStopLeavesNoGapAndACrashNoRepetition) {
  kv::MemoryBackend backend;
  SequenceParameters parameters;
  {
    Sequences sequences(backend.store());
    EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 1);
    EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 2);
    sequences.Flush();
  }
  {
    Sequences sequences(backend.store());
    EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 3);
  }
  Sequences sequences(backend.store());
  EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 35);
}

TEST(Sequences, SetTakesEffectAtOnce) {
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  SequenceParameters parameters;
  sequences.Next("s", "s", parameters, 1, nullptr);
  sequences.Set("s", {100, true});
  EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 101);
  sequences.Set("s", {7, false});
  EXPECT_EQ(sequences.Next("s", "s", parameters, 1, nullptr), 7);
}

TEST(Sequences, ConcurrentCallersShareNoValue) {
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  std::mutex mutex;
  std::set<int64_t> seen;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        int64_t value = sequences.Next("s", "s", {}, 1, nullptr);
        std::lock_guard lock(mutex);
        EXPECT_TRUE(seen.insert(value).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*seen.rbegin(), 2000);
}

TEST(Sequences, WhatWasDroppedIsNotWrittenBack) {
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  for (std::string_view key : {"shop/a", "shop/b", "shop/c"}) {
    sequences.Next(key, "s", {}, 1, nullptr);
  }
  auto holds = [&](std::string_view key) {
    kv::ReadBuffer buffer;
    return backend.store().Newest()->Get(key, buffer).has_value();
  };
  auto drop = [&](const kv::Write& write) {
    ASSERT_EQ(backend.store().Commit({.writes = {&write, 1}}).kind,
              kv::CommitOutcome::Kind::kCommitted);
  };
  drop({kv::Write::Kind::kDelete, "shop/a", {}});
  sequences.Flush("shop/");
  EXPECT_FALSE(holds("shop/a"));
  EXPECT_TRUE(holds("shop/b"));
  sequences.Next("shop/b", "s", {}, 1, nullptr);
  sequences.Next("shop/c", "s", {}, 1, nullptr);
  drop({kv::Write::Kind::kDeleteRange, "shop/", "shop/c"});
  sequences.Release("shop/");
  EXPECT_FALSE(holds("shop/b"));
  EXPECT_EQ(sequences.Next("shop/c", "s", {}, 1, nullptr), 3);
}

// Whoever uses a sequence while it is released goes on with the position that was written.
TEST(Sequences, NoValueIsGivenTwiceWhileOthersRelease) {
  constexpr int kThreads = 3;
  constexpr int kEach = 2000;
  kv::MemoryBackend backend;
  Sequences sequences(backend.store());
  std::mutex mutex;
  std::set<int64_t> given;
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        int64_t last = 0;
        int64_t first = sequences.Next("shop/s", "s", {}, 2, &last);
        std::lock_guard lock(mutex);
        for (int64_t value = first; value <= last; ++value) {
          ASSERT_TRUE(given.insert(value).second) << value;
        }
      }
      --running;
    });
  }
  while (running > 0) sequences.Release("shop/");
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*given.rbegin(), int64_t{2} * kThreads * kEach);  // and none was left out
}

}  // namespace
}  // namespace sundog::txn
