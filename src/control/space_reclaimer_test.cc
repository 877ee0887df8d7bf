#include "control/space_reclaimer.h"

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "codec/key_space.h"
#include "control/cluster_rows.h"
#include "control/clusters.h"
#include "kv/memory/memory_store.h"
#include "kv/store.h"

namespace sundog::control {
namespace {

std::vector<std::vector<uint32_t>> TenantsOf(const std::vector<DeletedRun>& runs) {
  std::vector<std::vector<uint32_t>> tenants;
  for (const DeletedRun& run : runs) tenants.push_back(run.tenants);
  return tenants;
}

TEST(SpaceReclaimer, NeighboursGoTogether) {
  std::vector<DeletedTenant> deleted{{2, 10}, {3, 20}, {5, 1}, {9, 2}};
  std::vector<uint32_t> left{1, 4, 10};
  std::vector<DeletedRun> runs = RunsOf(deleted, left);
  EXPECT_EQ(TenantsOf(runs), (std::vector<std::vector<uint32_t>>{{2, 3}, {5, 9}}));
  EXPECT_EQ(runs[0].bytes, 30u);
  EXPECT_EQ(runs[0].first, 2u);
  EXPECT_EQ(RunsOf(std::vector<DeletedTenant>{{8, 1}}, left)[0].first, 5u);
  EXPECT_TRUE(RunsOf({}, left).empty());
  EXPECT_EQ(RunsOf(deleted, {}).size(), 1u);
}

class SpaceReclaimerTest : public ::testing::Test {
 protected:
  void Leave(uint32_t tenant, uint64_t bytes) {
    std::string key = DeletedTenantKey(tenant);
    std::string value;
    base::AppendBigEndian(value, bytes);
    kv::Write write{kv::Write::Kind::kPut, key, value};
    ASSERT_EQ(store_->Commit({.writes = {&write, 1}}).kind,
              kv::CommitOutcome::Kind::kCommitted);
  }
  // 0: it is not counted.
  uint64_t Left(uint32_t tenant) {
    kv::ReadBuffer buffer;
    std::string key = DeletedTenantKey(tenant);
    auto value = store_->Newest()->Get(key, buffer);
    return value ? base::LoadBigEndian<uint64_t>(value->data()) : 0;
  }

  std::unique_ptr<kv::Store> store_ = kv::OpenMemoryStore();
  Clusters clusters_{*store_, base::SystemClock(), std::nullopt};
};

TEST_F(SpaceReclaimerTest, WhatIsWorthItIsDoneAndForgotten) {
  uint32_t live = clusters_.Create({})->tenant;
  Leave(live + 1, 3 << 20);
  SpaceReclaimer reclaimer(*store_, clusters_);
  Leave(live + 2, 3 << 20);
  reclaimer.Wake();
  while (Left(live + 2) > 0) std::this_thread::yield();
  EXPECT_EQ(Left(live + 1), 0u);
}

TEST_F(SpaceReclaimerTest, AFewSmallOnesAreCountedInOneRowUntilThereAreMore) {
  uint32_t live = clusters_.Create({})->tenant;
  for (uint32_t i = 1; i <= 5; ++i) Leave(live + i, i);
  SpaceReclaimer reclaimer(*store_, clusters_);
  while (Left(live + 5) != 15) std::this_thread::yield();
  for (uint32_t i = 1; i < 5; ++i) EXPECT_EQ(Left(live + i), 0u);
  Leave(live + 6, (4 << 20) - 15);
  reclaimer.Wake();
  while (Left(live + 6) > 0) std::this_thread::yield();
  EXPECT_EQ(Left(live + 5), 0u);
}

}  // namespace
}  // namespace sundog::control
