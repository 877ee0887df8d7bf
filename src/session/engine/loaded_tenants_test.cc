#include "session/engine/loaded_tenants.h"

#include <gtest/gtest.h>

#include <any>
#include <atomic>
#include <barrier>
#include <memory>
#include <optional>
#include <thread>

#include "base/bytes.h"
#include "codec/key_space.h"
#include "kv/store.h"
#include "session/engine/engine_fixture.h"
#include "txn/sequences.h"

namespace sundog::session {
namespace {

constexpr int64_t kIdleUs = 1'000'000;

class LoadedTenantsTest : public ::testing::Test {
 protected:
  base::ManualClock clock_;
  LoadedTenants tenants_{clock_};
};

TEST_F(LoadedTenantsTest, OnlyWhatNobodyUsesAndNobodyHasUsedForAWhileIsForgotten) {
  std::vector<uint32_t> settled;
  std::vector<uint32_t> forgotten;
  tenants_.Register({[&](uint32_t tenant) { settled.push_back(tenant); }, nullptr});
  tenants_.Register({nullptr, [&](uint32_t tenant) -> std::any {
                       forgotten.push_back(tenant);
                       return {};
                     }});
  std::optional<LoadedTenants::Use> used(std::in_place, tenants_, 1);
  { LoadedTenants::Use twice(tenants_, 1); }
  { LoadedTenants::Use once(tenants_, 2); }
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 0u);
  clock_.Advance(kIdleUs);
  { LoadedTenants::Use just_now(tenants_, 3); }
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 1u);
  EXPECT_EQ(forgotten, std::vector<uint32_t>{2});
  EXPECT_EQ(settled, forgotten);
  EXPECT_TRUE(tenants_.IsLoaded(1) && !tenants_.IsLoaded(2) && tenants_.IsLoaded(3));
  used.reset();
  clock_.Advance(kIdleUs);
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 2u);
  EXPECT_EQ(tenants_.count(), 0u);
}

TEST_F(LoadedTenantsTest, OneIsToldThatATenantIsNew) {
  std::optional<LoadedTenants::Use> use(std::in_place, tenants_, 1);
  EXPECT_TRUE(tenants_.IsNew(1));
  EXPECT_FALSE(tenants_.IsNew(1));
  use.reset();
  clock_.Advance(kIdleUs);
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 1u);
  use.emplace(tenants_, 1);
  EXPECT_TRUE(tenants_.IsNew(1));
}

TEST_F(LoadedTenantsTest, WhoComesWhileItSettlesKeepsItAll) {
  std::optional<LoadedTenants::Use> newcomer;
  tenants_.Register({[&](uint32_t tenant) { newcomer.emplace(tenants_, tenant); },
                     [](uint32_t) -> std::any {
                       ADD_FAILURE();
                       return {};
                     }});
  { LoadedTenants::Use use(tenants_, 1); }
  clock_.Advance(kIdleUs);
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 0u);
  EXPECT_TRUE(tenants_.IsLoaded(1));
}

TEST_F(LoadedTenantsTest, WhatCannotBeSettledStays) {
  bool disk_full = true;
  tenants_.Register({[&](uint32_t) {
                       if (disk_full) throw std::runtime_error("disk full");
                     },
                     nullptr});
  { LoadedTenants::Use use(tenants_, 1); }
  clock_.Advance(kIdleUs);
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 0u);
  EXPECT_TRUE(tenants_.IsLoaded(1));
  disk_full = false;
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 1u);
}

// Says whether others may come while it is destroyed.
class Remains {
 public:
  Remains(const LoadedTenants& tenants, int& destroyed)
      : tenants_(tenants), destroyed_(destroyed) {}
  Remains(const Remains&) = delete;
  ~Remains() {
    std::thread([this] { EXPECT_EQ(tenants_.count(), 0u); }).join();
    ++destroyed_;
  }

 private:
  const LoadedTenants& tenants_;
  int& destroyed_;
};

TEST_F(LoadedTenantsTest, NobodyWaitsForWhatIsForgottenToBeDestroyed) {
  int destroyed = 0;
  tenants_.Register({nullptr, [&](uint32_t) -> std::any {
                       return std::make_shared<Remains>(tenants_, destroyed);
                     }});
  { LoadedTenants::Use use(tenants_, 1); }
  clock_.Advance(kIdleUs);
  EXPECT_EQ(tenants_.UnloadIdle(kIdleUs), 1u);
  EXPECT_EQ(destroyed, 1);
  { LoadedTenants::Use use(tenants_, 2); }
  tenants_.Drop(2);
  EXPECT_EQ(destroyed, 2);
}

// --- on an engine ---

class UnloadingTest : public EngineFixture, public ::testing::Test {
 protected:
  UnloadingTest() : EngineFixture(Profile::kPostgres) {}
  using EngineFixture::Run;
};

TEST_F(UnloadingTest, NumbersGoOnWhereTheyWere) {
  Run("CREATE TABLE t (id serial, v int)");  // without a primary key: hidden row ids
  EXPECT_EQ(Run("INSERT INTO t (v) VALUES (1), (2) RETURNING id"), "2");
  EXPECT_EQ(engine_.loaded_tenants().UnloadIdle(0), 1u);
  EXPECT_FALSE(engine_.loaded_tenants().IsLoaded(kTenant));
  EXPECT_EQ(Run("INSERT INTO t (v) VALUES (3) RETURNING id"), "3");
  EXPECT_EQ(Run("SELECT count(*) FROM t"), "3");
  Run("CREATE TABLE u (v int)");
  EXPECT_EQ(Run("SELECT count(DISTINCT oid) FROM pg_class WHERE relname IN ('t', 'u')"), "2");
}

TEST_F(UnloadingTest, ASessionsTenantStays) {
  JobSession session(engine_, kTenant, profile_);
  EXPECT_EQ(engine_.loaded_tenants().UnloadIdle(0), 0u);
}

TEST_F(UnloadingTest, AnalyzedTablesAreNotForgotten) {
  Run("CREATE TABLE t (v int)");
  Run("INSERT INTO t SELECT generate_series(1, 70)");
  Run("ANALYZE t");
  EXPECT_EQ(engine_.loaded_tenants().UnloadIdle(0), 1u);
  EXPECT_EQ(Run("SELECT reltuples FROM pg_class WHERE relname = 't'"), "70");
}

// In each round sessions arrive while everything that is idle for no time at all is unloaded: at
// any time, when all is settled, or when it is being forgotten. No number is given twice, and no
// row is lost.
TEST_F(UnloadingTest, SessionsThatArriveAtThatMomentGetWhatTheyWouldOtherwise) {
  constexpr int kThreads = 3;
  constexpr int kRounds = 90;
  int round = 0;
  std::atomic<int> settled = 0;    // in which round
  std::atomic<int> forgotten = 0;  // the same
  engine_.loaded_tenants().Register({[&](uint32_t) { settled = round; },
                                     [&](uint32_t) -> std::any {
                                       forgotten = round;
                                       return {};
                                     }});
  Run("CREATE TABLE t (id serial, v int)");
  std::barrier all(kThreads + 1, [&]() noexcept { ++round; });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        all.arrive_and_wait();
        while (round % 3 == 1 && settled != round) std::this_thread::yield();
        while (round % 3 == 2 && forgotten != round) std::this_thread::yield();
        Run("INSERT INTO t (v) VALUES (1)");
      }
    });
  }
  size_t unloaded = 0;
  for (int i = 0; i < kRounds; ++i) {
    all.arrive_and_wait();
    // The last round may have ended with its being forgotten.
    { LoadedTenants::Use loads(engine_.loaded_tenants(), kTenant); }
    unloaded += engine_.loaded_tenants().UnloadIdle(0);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(unloaded, size_t{kRounds / 3});
  EXPECT_EQ(Run("SELECT count(*) FROM t"), std::to_string(kThreads * kRounds));
  EXPECT_EQ(Run("SELECT count(DISTINCT id) FROM t"), std::to_string(kThreads * kRounds));
  RecordProperty("unloaded", static_cast<int>(unloaded));
}

}  // namespace
}  // namespace sundog::session
