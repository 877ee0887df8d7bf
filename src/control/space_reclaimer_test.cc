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
  EXPECT_TRUE(RunsOf({}, left).empty());
  EXPECT_EQ(RunsOf(deleted, {}).size(), 1u);
}

TEST(SpaceReclaimer, WhatIsWorthItIsDoneAndForgotten) {
  std::unique_ptr<kv::Store> store = kv::OpenMemoryStore();
  Clusters clusters(*store, base::SystemClock(), std::nullopt);
  uint32_t live = clusters.Create({})->tenant;
  auto leave = [&](uint32_t tenant, uint64_t bytes) {
    std::string key = DeletedTenantKey(tenant);
    std::string value;
    base::AppendBigEndian(value, bytes);
    kv::Write write{kv::Write::Kind::kPut, key, value};
    ASSERT_EQ(store->Commit({.writes = {&write, 1}}).kind,
              kv::CommitOutcome::Kind::kCommitted);
  };
  auto waits = [&](uint32_t tenant) {
    kv::ReadBuffer buffer;
    std::string key = DeletedTenantKey(tenant);
    return store->Newest()->Get(key, buffer).has_value();
  };
  leave(live + 1, 3 << 20);
  SpaceReclaimer reclaimer(*store, clusters);
  leave(live + 2, 3 << 20);
  reclaimer.Wake();
  while (waits(live + 2)) std::this_thread::yield();
  EXPECT_FALSE(waits(live + 1));
}

}  // namespace
}  // namespace sundog::control
