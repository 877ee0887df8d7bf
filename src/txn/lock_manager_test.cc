#include "txn/lock_manager.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/sql_error.h"

namespace sundog::txn {
namespace {

class LockManagerTest : public ::testing::Test {
 protected:
  struct Client {
    explicit Client(int32_t pid) : backend{.process_id = pid, .tenant = 1} {
      backend.transaction_id = static_cast<uint64_t>(1000 + pid);
    }
    LockBackend backend;
    LockHolder holder{backend};
  };
  ~LockManagerTest() override {
    for (Client& client : clients_) locks_.ReleaseAll(client.holder);
  }
  Client& NewClient() { return clients_.emplace_back(static_cast<int32_t>(clients_.size() + 1)); }
  LockOutcome Try(Client& client, const LockTag& tag, LockMode mode) {
    return locks_.Acquire(client.holder, {.tag = tag, .mode = mode, .wait = false});
  }
  // Starts a thread that acquires, and returns once it waits.
  std::thread AcquireInBackground(Client& client, const LockTag& tag, LockMode mode,
                                  std::atomic<int>* order = nullptr, int* place = nullptr) {
    std::thread thread([=, this, &client] {
      locks_.Acquire(client.holder, {.tag = tag, .mode = mode});
      if (place) *place = order->fetch_add(1);
    });
    while (locks_.BlockersOf(client.backend.process_id).empty()) std::this_thread::yield();
    return thread;
  }

  LockManager locks_;
  std::deque<Client> clients_;
  const LockTag row_ = LockTag::Row(1, "row");
  const LockTag other_row_ = LockTag::Row(1, "other");
};

TEST_F(LockManagerTest, RowModesExcludeEachOtherAsInPostgres) {
  constexpr RowLockMode kModes[] = {RowLockMode::kKeyShare, RowLockMode::kShare,
                                    RowLockMode::kNoKeyUpdate, RowLockMode::kUpdate};
  constexpr bool kCompatible[4][4] = {{true, true, true, false},
                                      {true, true, false, false},
                                      {true, false, false, false},
                                      {false, false, false, false}};
  Client& a = NewClient();
  Client& b = NewClient();
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      EXPECT_EQ(Try(a, row_, TableModeOf(kModes[i])), LockOutcome::kGranted);
      EXPECT_EQ(Try(b, row_, TableModeOf(kModes[j])),
                kCompatible[i][j] ? LockOutcome::kGranted : LockOutcome::kNotAvailable);
      locks_.ReleaseAll(a.holder);
      locks_.ReleaseAll(b.holder);
    }
  }
}

TEST_F(LockManagerTest, WaitersAreServedInOrder) {
  Client& holder = NewClient();
  Client& writer = NewClient();
  Client& reader = NewClient();
  Try(holder, row_, LockMode::kAccessShare);
  std::atomic<int> order = 0;
  int writer_place = -1;
  int reader_place = -1;
  std::thread first =
      AcquireInBackground(writer, row_, LockMode::kAccessExclusive, &order, &writer_place);
  // It would suit the holder, but not the writer that waits before it.
  EXPECT_EQ(Try(reader, row_, LockMode::kAccessShare), LockOutcome::kNotAvailable);
  std::thread second =
      AcquireInBackground(reader, row_, LockMode::kAccessShare, &order, &reader_place);
  locks_.ReleaseAll(holder.holder);
  first.join();
  locks_.ReleaseAll(writer.holder);
  second.join();
  EXPECT_EQ(writer_place, 0);
  EXPECT_EQ(reader_place, 1);
}

TEST_F(LockManagerTest, HolderUpgradesPastWaiters) {
  Client& a = NewClient();
  Client& b = NewClient();
  Try(a, row_, LockMode::kRowShare);
  std::thread waiting = AcquireInBackground(b, row_, LockMode::kAccessExclusive);
  EXPECT_EQ(Try(a, row_, LockMode::kAccessExclusive), LockOutcome::kGranted);
  locks_.ReleaseAll(a.holder);
  waiting.join();
}

TEST_F(LockManagerTest, DeadlockIsFoundAndNamed) {
  Client& a = NewClient();
  Client& b = NewClient();
  Try(a, row_, LockMode::kAccessExclusive);
  Try(b, other_row_, LockMode::kAccessExclusive);
  std::thread waiting = AcquireInBackground(a, other_row_, LockMode::kAccessExclusive);
  try {
    locks_.Acquire(b.holder, {.tag = row_, .mode = LockMode::kAccessExclusive});
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state().code(), "40P01");
    EXPECT_EQ(error.fields().message, "deadlock detected");
    EXPECT_EQ(error.fields().detail,
              "Process 2 waits for ShareLock on transaction 1001; blocked by process 1.\n"
              "Process 1 waits for ShareLock on transaction 1002; blocked by process 2.");
    EXPECT_EQ(error.fields().hint, "See server log for query details.");
  }
  locks_.ReleaseAll(b.holder);
  waiting.join();
}

TEST_F(LockManagerTest, TwoSharersUpgradingAreADeadlock) {
  Client& a = NewClient();
  Client& b = NewClient();
  Try(a, row_, LockMode::kRowShare);
  Try(b, row_, LockMode::kRowShare);
  std::thread waiting = AcquireInBackground(a, row_, LockMode::kExclusive);
  EXPECT_THROW(locks_.Acquire(b.holder, {.tag = row_, .mode = LockMode::kExclusive}), SqlError);
  locks_.ReleaseAll(b.holder);
  waiting.join();
}

TEST_F(LockManagerTest, LockTimeoutLeavesNothingBehind) {
  Client& a = NewClient();
  Client& b = NewClient();
  Client& c = NewClient();
  Try(a, row_, LockMode::kAccessShare);
  try {
    locks_.Acquire(b.holder, {.tag = row_,
                              .mode = LockMode::kAccessExclusive,
                              .deadline_us = base::SystemClock().MonotonicMicros() + 1000});
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state().code(), "55P03");
    EXPECT_EQ(error.fields().message, "canceling statement due to lock timeout");
  }
  EXPECT_EQ(Try(c, row_, LockMode::kAccessShare), LockOutcome::kGranted);
}

TEST_F(LockManagerTest, ReleaseToMarkKeepsEarlierLocks) {
  Client& a = NewClient();
  Client& b = NewClient();
  Try(a, row_, LockMode::kRowShare);
  size_t mark = a.holder.mark();
  Try(a, row_, LockMode::kAccessExclusive);
  Try(a, other_row_, LockMode::kAccessExclusive);
  locks_.ReleaseTo(a.holder, mark);
  EXPECT_EQ(Try(b, row_, LockMode::kRowShare), LockOutcome::kGranted);
  EXPECT_EQ(Try(b, row_, LockMode::kExclusive), LockOutcome::kNotAvailable);
  EXPECT_EQ(Try(b, other_row_, LockMode::kExclusive), LockOutcome::kGranted);
}

TEST_F(LockManagerTest, AdvisoryLocksCount) {
  Client& a = NewClient();
  Client& b = NewClient();
  LockTag tag = LockTag::Advisory(1, int64_t{42});
  Try(a, tag, LockMode::kExclusive);
  Try(a, tag, LockMode::kExclusive);
  EXPECT_TRUE(locks_.Release(a.holder, tag, LockMode::kExclusive));
  EXPECT_EQ(Try(b, tag, LockMode::kExclusive), LockOutcome::kNotAvailable);
  EXPECT_TRUE(locks_.Release(a.holder, tag, LockMode::kExclusive));
  EXPECT_FALSE(locks_.Release(a.holder, tag, LockMode::kExclusive));
  EXPECT_EQ(Try(b, tag, LockMode::kExclusive), LockOutcome::kGranted);
  EXPECT_EQ(Try(a, LockTag::Advisory(1, 0, 42), LockMode::kExclusive), LockOutcome::kGranted);
}

TEST_F(LockManagerTest, ListShowsTablesHeldAndWaitedFor) {
  Client& a = NewClient();
  Client& b = NewClient();
  LockTag table = LockTag::Table(1, 16384);
  Try(a, table, LockMode::kRowExclusive);
  std::thread waiting = AcquireInBackground(b, table, LockMode::kShare);
  auto list = locks_.List(1);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].tag.object, 16384u);
  EXPECT_TRUE(list[0].granted);
  EXPECT_FALSE(list[1].granted);
  EXPECT_EQ(list[1].process_id, 2);
  EXPECT_TRUE(locks_.List(2).empty());
  locks_.ReleaseAll(a.holder);
  waiting.join();
}

// Random locking from many threads: exclusive holders are alone, and nobody waits for ever.
TEST_F(LockManagerTest, RandomLockingExcludesAndEnds) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  constexpr int kRows = 5;
  std::atomic<int> exclusive[kRows] = {};
  std::atomic<int> shared[kRows] = {};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    Client& client = NewClient();
    threads.emplace_back([&, t] {
      base::Random random(seed + static_cast<uint64_t>(t));
      for (int round = 0; round < 2000; ++round) {
        std::vector<std::pair<int, bool>> held;
        try {
          for (int i = 0; i < 3; ++i) {
            int row = static_cast<int>(random.Below(kRows));
            bool write = random.Below(2) == 0;
            LockTag tag = LockTag::Row(1, "r" + std::to_string(row));
            LockMode mode = write ? LockMode::kAccessExclusive : LockMode::kRowShare;
            if (locks_.Acquire(client.holder, {.tag = tag, .mode = mode}) ==
                LockOutcome::kAlreadyHeld) {
              continue;
            }
            held.emplace_back(row, write);
            int mine_exclusive = 0;
            int mine_shared = 0;
            for (auto [r, w] : held) {
              if (r == row) ++(w ? mine_exclusive : mine_shared);
            }
            ++(write ? exclusive : shared)[row];
            if (exclusive[row] > mine_exclusive) ++wrong;
            if (write && shared[row] > mine_shared) ++wrong;
          }
        } catch (const SqlError& error) {
          if (error.state().code() != "40P01") ++wrong;
        }
        for (auto [row, write] : held) --(write ? exclusive : shared)[row];
        locks_.ReleaseAll(client.holder);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace sundog::txn
