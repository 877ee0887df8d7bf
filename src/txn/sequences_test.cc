#include "txn/sequences.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

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

}  // namespace
}  // namespace sundog::txn
