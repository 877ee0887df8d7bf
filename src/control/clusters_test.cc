#include "control/clusters.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/clock.h"
#include "kv/memory/memory_store.h"

namespace sundog::control {
namespace {

using session::Profile;

TEST(Clusters, ANewStoreGetsADefaultClusterThatStays) {
  auto store = kv::OpenMemoryStore();
  std::string id;
  {
    Clusters clusters(*store, base::SystemClock(), std::nullopt);
    const ClusterPtr& cluster = clusters.default_cluster();
    EXPECT_EQ(cluster->name, "default");
    EXPECT_EQ(cluster->profile, Profile::kPostgres);
    EXPECT_EQ(cluster->id.size(), 26u);
    EXPECT_EQ(cluster->id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
              std::string::npos);
    id = cluster->id;
  }
  Clusters again(*store, base::SystemClock(), std::nullopt);
  EXPECT_EQ(again.default_cluster()->id, id);
  EXPECT_EQ(again.Find(id), again.default_cluster());
  EXPECT_EQ(again.Find(""), nullptr);
  EXPECT_EQ(again.Find(id.substr(1)), nullptr);
}

TEST(Clusters, AProfileIsForGood) {
  auto store = kv::OpenMemoryStore();
  Clusters(*store, base::SystemClock(), Profile::kDsql);
  Clusters same(*store, base::SystemClock(), Profile::kDsql);
  Clusters unsaid(*store, base::SystemClock(), std::nullopt);
  EXPECT_EQ(unsaid.default_cluster()->profile, Profile::kDsql);
  EXPECT_THROW(Clusters(*store, base::SystemClock(), Profile::kPostgres), std::runtime_error);
}

}  // namespace
}  // namespace sundog::control
