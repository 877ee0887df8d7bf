#include "control/clusters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "control/cluster_rows.h"
#include "control/cluster_worker.h"
#include "control/prepare_tenant.h"
#include "kv/memory/memory_store.h"
#include "kv/store.h"
#include "session/engine/engine.h"
#include "session/session_context.h"

namespace sundog::control {
namespace {

using session::Profile;
using Kind = ClusterError::Kind;

constexpr std::string_view kPolicy =
    R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "dsql:DbConnect", "Resource": "*"}})";

// Which refusal a call ends in; null: none.
template <typename Call>
std::optional<Kind> RefusalOf(Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const ClusterError& error) {
    return error.kind();
  }
}

class ClustersTest : public ::testing::Test {
 protected:
  std::unique_ptr<Clusters> Open(std::optional<Profile> profile = std::nullopt,
                                 size_t limit = kDefaultClusterLimit) {
    return std::make_unique<Clusters>(*store_, base::SystemClock(), profile, limit);
  }
  // A worker that does nothing to tenants, until everything is finished.
  static void Finish(Clusters& clusters) {
    while (!clusters.Unfinished().empty()) {
      for (const ClusterPtr& cluster : clusters.Unfinished()) {
        if (cluster->state == ClusterState::kCreating) {
          clusters.FinishCreation(cluster->id);
        } else {
          clusters.FinishDeletion(cluster->id);
        }
      }
    }
  }
  static ClusterPtr MakeActive(Clusters& clusters, NewCluster wanted = {}) {
    ClusterPtr made = clusters.Create(wanted);
    Finish(clusters);
    return clusters.Get(made->id);
  }
  void Write(const std::string& key, const std::string& value) {
    kv::Write write{kv::Write::Kind::kPut, key, value};
    ASSERT_EQ(store_->Commit({.writes = {&write, 1}}).kind,
              kv::CommitOutcome::Kind::kCommitted);
  }
  bool Holds(const std::string& key) {
    kv::ReadBuffer buffer;
    return store_->Newest()->Get(key, buffer).has_value();
  }

  std::unique_ptr<kv::Store> store_ = kv::OpenMemoryStore();
};

TEST_F(ClustersTest, ANewStoreGetsADefaultClusterThatStays) {
  std::string id;
  {
    auto clusters = Open();
    ClusterPtr cluster = clusters->default_cluster();
    EXPECT_EQ(cluster->name(), "default");
    EXPECT_EQ(cluster->profile, Profile::kPostgres);
    EXPECT_EQ(cluster->id.size(), 26u);
    EXPECT_EQ(cluster->id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
              std::string::npos);
    id = cluster->id;
  }
  auto again = Open();
  EXPECT_EQ(again->default_cluster()->id, id);
  EXPECT_EQ(again->Find(id), again->default_cluster());
  EXPECT_EQ(again->Find(""), nullptr);
  EXPECT_EQ(again->Find(id.substr(1)), nullptr);
  again->SetDeletionProtection(id, false);
  EXPECT_EQ(RefusalOf([&] { again->Delete(id); }), Kind::kFirst);
}

TEST_F(ClustersTest, IsFoundByIdAndByNameWhileItIsActive) {
  auto clusters = Open();
  NewCluster wanted;
  wanted.deletion_protected = false;
  wanted.tags = {{"Name", "shop"}};
  ClusterPtr first = clusters->Create(wanted);
  EXPECT_EQ(clusters->FindNamed("shop"), nullptr);
  Finish(*clusters);
  ClusterPtr second = MakeActive(*clusters, wanted);
  EXPECT_EQ(clusters->FindNamed("shop")->id, first->id);
  EXPECT_EQ(clusters->FindNamed(second->id), second);
  EXPECT_EQ(clusters->FindNamed("default"), clusters->default_cluster());
  for (std::string_view nobodys : {"", "sho", "shop1", "Shop"}) {
    EXPECT_EQ(clusters->FindNamed(nobodys), nullptr) << nobodys;
  }
  // A name cannot hide another's id.
  clusters->SetTags(first->id, [&](Tags& tags) { tags["Name"] = second->id; });
  EXPECT_EQ(clusters->FindNamed(second->id)->id, second->id);
  EXPECT_EQ(clusters->FindNamed("shop")->id, second->id);
  clusters->SetTags(first->id, [](Tags& tags) { tags["Name"] = "shop"; });
  clusters->Delete(first->id);
  EXPECT_EQ(clusters->FindNamed("shop")->id, second->id);
  Finish(*clusters);
  EXPECT_EQ(Open()->FindNamed("shop")->id, second->id);
}

TEST_F(ClustersTest, ADatabaseHasANameOfItsOwnAndCountsForItself) {
  Clusters clusters(*store_, base::SystemClock(), std::nullopt, /*limit=*/2,
                    /*database_limit=*/2);
  std::string first_row;
  auto create = [&](const std::string& name) {
    NewCluster wanted;
    wanted.deletion_protected = false;
    wanted.tags = {{"Name", name}};
    wanted.is_database = true;
    wanted.first_rows = [&](uint32_t tenant) {
      first_row = codec::KeyPrefix(tenant, codec::kCatalogStorageId, 1);
      return std::vector<StoredRow>{{first_row, "x"}};
    };
    return clusters.Create(wanted);
  };
  ClusterPtr shop = create("shop");
  EXPECT_TRUE(Holds(first_row));
  EXPECT_EQ(clusters.GetNamed("shop")->state, ClusterState::kActive);
  EXPECT_EQ(RefusalOf([&] { create("shop"); }), Kind::kConflict);
  EXPECT_EQ(RefusalOf([&] { create("default"); }), Kind::kConflict);
  EXPECT_TRUE(clusters.GetNamed("shop")->is_database);
  EXPECT_EQ(RefusalOf([&] { create("shop"); }), Kind::kConflict);
  create("other");
  EXPECT_EQ(RefusalOf([&] { create("third"); }), Kind::kLimit);
  // Clusters have a limit of their own.
  MakeActive(clusters);
  EXPECT_EQ(RefusalOf([&] { clusters.Create({}); }), Kind::kLimit);
  // A name is free when its database is going.
  Finish(clusters);
  clusters.Delete(shop->id);
  EXPECT_EQ(clusters.GetNamed("shop"), nullptr);
  EXPECT_EQ(RefusalOf([&] { create("shop"); }), Kind::kLimit);
  Finish(clusters);
  EXPECT_NE(create("shop")->id, shop->id);
}

TEST_F(ClustersTest, AProfileIsForGood) {
  Open(Profile::kDsql);
  Open(Profile::kDsql);
  EXPECT_EQ(Open()->default_cluster()->profile, Profile::kDsql);
  EXPECT_THROW(Open(Profile::kPostgres), std::runtime_error);
}

TEST_F(ClustersTest, ARowWithoutTagsHasItsNameElsewhere) {
  Write(ClusterKey(1), R"({"id":"a","name":"old","profile":"dsql","created_us":5})");
  auto clusters = Open();
  EXPECT_EQ(clusters->default_cluster()->name(), "old");
  EXPECT_TRUE(clusters->default_cluster()->deletion_protected);
  EXPECT_EQ(clusters->default_cluster()->state, ClusterState::kActive);
}

TEST_F(ClustersTest, WhatIsStoredIsReadBackAsItWas) {
  Cluster cluster;
  cluster.id = "a";
  cluster.tenant = 7;
  cluster.profile = Profile::kDsql;
  cluster.created_us = 12;
  cluster.state = ClusterState::kDeleting;
  cluster.deletion_protected = false;
  cluster.tags = {{"Name", "shop"}, {"é\"", ""}};
  cluster.request = "r";
  cluster.request_digest = "d";
  cluster.policy = kPolicy;
  cluster.policy_version = 3;
  cluster.policy_request = "p";
  cluster.is_database = true;
  cluster.source = "s";
  cluster.reason = "why";
  Cluster read = DecodeCluster(ClusterKey(7), EncodeCluster(cluster));
  EXPECT_EQ(EncodeCluster(read), EncodeCluster(cluster));
  EXPECT_EQ(read.tenant, 7u);
  EXPECT_EQ(read.tags, cluster.tags);
  EXPECT_TRUE(read.is_database);
  EXPECT_EQ(read.source, "s");
  EXPECT_EQ(read.reason, "why");
  EXPECT_NE(read.parsed_policy, nullptr);
  for (const char* bad : {"", "[]", "{}", R"({"id":"a","profile":"x","created_us":1})",
                          R"({"id":"a","profile":"dsql","created_us":1,"state":"GONE"})",
                          R"({"id":"a","profile":"dsql","created_us":1,"tags":{"a":1}})"}) {
    EXPECT_THROW(DecodeCluster(ClusterKey(7), bad), base::SqlError) << bad;
  }
}

TEST_F(ClustersTest, ACreatedClusterCanBeConnectedToWhenItIsActive) {
  auto clusters = Open();
  ClusterPtr made = clusters->Create({.tags = {{"Name", "shop"}}});
  EXPECT_EQ(made->state, ClusterState::kCreating);
  EXPECT_EQ(clusters->Find(made->id), nullptr);
  EXPECT_NE(clusters->Get(made->id), nullptr);
  EXPECT_EQ(RefusalOf([&] { clusters->SetDeletionProtection(made->id, false); }),
            Kind::kConflict);
  clusters = Open();
  ASSERT_EQ(clusters->Unfinished().size(), 1u);
  Finish(*clusters);
  ClusterPtr found = Open()->Find(made->id);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name(), "shop");
  EXPECT_EQ(found->profile, Profile::kDsql);
  EXPECT_NE(found->tenant, Open()->default_cluster()->tenant);
}

TEST_F(ClustersTest, AClientTokenMakesOneCluster) {
  auto clusters = Open();
  NewCluster wanted{.request = "token", .request_digest = "digest"};
  ClusterPtr made = clusters->Create(wanted);
  EXPECT_EQ(clusters->Create(wanted)->id, made->id);
  EXPECT_EQ(Open()->Create(wanted)->id, made->id);
  wanted.request_digest = "another";
  EXPECT_EQ(RefusalOf([&] { clusters->Create(wanted); }), Kind::kConflict);
  EXPECT_NE(clusters->Create({})->id, clusters->Create({})->id);
}

TEST_F(ClustersTest, ThereIsALimit) {
  auto clusters = Open(std::nullopt, 2);
  ClusterPtr made = clusters->Create({.deletion_protected = false});
  EXPECT_EQ(RefusalOf([&] { clusters->Create({}); }), Kind::kLimit);
  clusters->Delete(made->id);
  EXPECT_EQ(RefusalOf([&] { clusters->Create({}); }), Kind::kLimit);
  Finish(*clusters);
  EXPECT_EQ(RefusalOf([&] { clusters->Create({}); }), std::nullopt);
}

TEST_F(ClustersTest, DeletionTakesTheDataAndNeverATenantsNumberAgain) {
  auto clusters = Open();
  ClusterPtr kept = MakeActive(*clusters);
  ClusterPtr made = MakeActive(*clusters);
  std::string lost = codec::KeyPrefix(made->tenant, codec::kFirstTableStorageId, 1);
  std::string left = codec::KeyPrefix(kept->tenant, codec::kFirstTableStorageId, 1);
  Write(lost, "x");
  Write(left, "x");
  EXPECT_EQ(RefusalOf([&] { clusters->Delete(made->id); }), Kind::kProtected);
  clusters->SetDeletionProtection(made->id, false);
  EXPECT_EQ(clusters->Delete(made->id)->state, ClusterState::kDeleting);
  EXPECT_EQ(clusters->Delete(made->id)->state, ClusterState::kDeleting);
  EXPECT_EQ(clusters->Find(made->id), nullptr);
  EXPECT_TRUE(Holds(lost));
  clusters = Open();
  EXPECT_EQ(clusters->Find(made->id), nullptr);
  Finish(*clusters);
  EXPECT_FALSE(Holds(lost));
  EXPECT_TRUE(Holds(left));
  EXPECT_FALSE(Holds(ClusterKey(made->tenant)));
  EXPECT_EQ(clusters->Get(made->id), nullptr);
  EXPECT_EQ(RefusalOf([&] { clusters->Delete(made->id); }), Kind::kNotFound);
  EXPECT_GT(Open()->Create({})->tenant, made->tenant);
}

TEST_F(ClustersTest, ListsInPages) {
  auto clusters = Open();
  for (int i = 0; i < 4; ++i) clusters->Create({});
  std::set<std::string> seen;
  std::string after;
  std::vector<size_t> pages;
  while (true) {
    std::vector<ClusterPtr> page = clusters->List(after, 2);
    if (page.empty()) break;
    pages.push_back(page.size());
    for (const ClusterPtr& cluster : page) seen.insert(cluster->id);
    after = page.back()->id;
  }
  EXPECT_EQ(pages, (std::vector<size_t>{2, 2, 1}));
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(ClustersTest, PoliciesHaveVersions) {
  auto clusters = Open();
  std::string id = clusters->default_cluster()->id;
  std::string policy(kPolicy);
  EXPECT_EQ(RefusalOf([&] { clusters->SetPolicy(id, std::nullopt, std::nullopt, ""); }),
            Kind::kNoPolicy);
  EXPECT_EQ(RefusalOf([&] { clusters->SetPolicy(id, "{}", std::nullopt, ""); }),
            Kind::kMalformedPolicy);
  EXPECT_EQ(clusters->SetPolicy(id, policy, std::nullopt, "a")->policy_version, 1u);
  EXPECT_EQ(clusters->SetPolicy(id, policy, std::nullopt, "a")->policy_version, 1u);
  EXPECT_EQ(clusters->SetPolicy(id, policy, 1, "b")->policy_version, 2u);
  EXPECT_EQ(RefusalOf([&] { clusters->SetPolicy(id, policy, 1, "c"); }), Kind::kConflict);
  EXPECT_EQ(clusters->SetPolicy(id, std::nullopt, 2, "d")->policy_version, 3u);
  EXPECT_EQ(clusters->Get(id)->parsed_policy, nullptr);
  EXPECT_EQ(clusters->SetPolicy(id, std::nullopt, 2, "d")->policy_version, 3u);
  EXPECT_EQ(Open()->SetPolicy(id, policy, 3, "e")->policy_version, 4u);
}

TEST_F(ClustersTest, ABranchThatFailsLeavesNothingButItsName) {
  std::string id;
  std::string row;
  {
    auto clusters = Open();
    NewCluster wanted;
    wanted.is_database = true;
    wanted.source = clusters->default_cluster()->id;
    wanted.deletion_protected = false;
    wanted.tags[std::string(kNameTag)] = "copy";
    ClusterPtr made = clusters->Create(wanted);
    id = made->id;
    EXPECT_EQ(clusters->Find(id), nullptr);
    row = codec::KeyPrefix(made->tenant, codec::kFirstTableStorageId, 1);
    kv::Write write{kv::Write::Kind::kPut, row, "x"};
    EXPECT_TRUE(clusters->WriteCloning(*made, {&write, 1}));
    EXPECT_TRUE(Holds(row));
  }
  auto clusters = Open();
  ASSERT_EQ(clusters->Cloning().size(), 1u);
  EXPECT_TRUE(clusters->Unfinished().empty());
  ClusterPtr cloning = clusters->Cloning()[0];
  clusters->FailCloning(id, "because");
  EXPECT_FALSE(Holds(row));
  EXPECT_EQ(clusters->Get(id)->state, ClusterState::kCreateFailed);
  EXPECT_EQ(Open()->Get(id)->reason, "because");
  EXPECT_EQ(clusters->GetNamed("copy")->id, id);
  EXPECT_EQ(clusters->FindNamed("copy"), nullptr);
  // It is over: nothing is written any more.
  kv::Write late{kv::Write::Kind::kPut, row, "y"};
  EXPECT_FALSE(clusters->WriteCloning(*cloning, {&late, 1}));
  EXPECT_FALSE(clusters->FinishCloning(id, {{row, "z"}}));
  EXPECT_FALSE(Holds(row));
  clusters->Delete(id);
  Finish(*clusters);
  EXPECT_EQ(clusters->GetNamed("copy"), nullptr);
}

TEST_F(ClustersTest, DeletingTakesAllKeysHoweverManyThereAre) {
  auto clusters = Open();
  for (int keys : {0, 1, 5000}) {
    ClusterPtr made = MakeActive(*clusters, {.deletion_protected = false});
    ClusterPtr neighbour = MakeActive(*clusters);
    std::string kept = codec::KeyPrefix(neighbour->tenant, 1000, 1);
    Write(kept, "x");
    for (int i = 0; i < keys; ++i) {
      std::string key = codec::KeyPrefix(made->tenant, 1000, 1);
      base::AppendBigEndian(key, i);
      Write(key, "x");
    }
    clusters->Delete(made->id);
    Finish(*clusters);
    EXPECT_TRUE(store_->Newest()
                    ->Scan(kv::PrefixRange(codec::TenantPrefix(made->tenant)))
                    ->Next(1)
                    .empty());
    EXPECT_TRUE(Holds(kept));
    EXPECT_TRUE(Holds(DeletedTenantKey(made->tenant)));
  }
}

TEST_F(ClustersTest, ADatabasesNameIsNotToBeHadByATag) {
  auto clusters = Open();
  ClusterPtr older = MakeActive(*clusters, {.tags = {{"Name", "old"}}});
  NewCluster wanted{.deletion_protected = false, .tags = {{"Name", "shop"}}};
  wanted.is_database = true;
  wanted.first_rows = [](uint32_t) { return std::vector<StoredRow>(); };
  ClusterPtr shop = clusters->Create(wanted);
  auto rename = [&](const ClusterPtr& cluster, const std::string& name) {
    return RefusalOf([&] {
      clusters->SetTags(cluster->id, [&](Tags& tags) { tags["Name"] = name; });
    });
  };
  EXPECT_EQ(rename(older, "shop"), Kind::kConflict);
  EXPECT_EQ(clusters->Get(older->id)->name(), "old");
  EXPECT_EQ(clusters->FindNamed("shop")->id, shop->id);
  EXPECT_EQ(rename(shop, "shop"), std::nullopt);
  // One that had it from the beginning, and comes after it, may keep it.
  ClusterPtr younger = MakeActive(*clusters, {.tags = {{"Name", "shop"}}});
  clusters->SetTags(younger->id, [](Tags& tags) { tags["a"] = "b"; });
  EXPECT_EQ(clusters->FindNamed("shop")->id, shop->id);
  clusters->Delete(shop->id);
  EXPECT_EQ(rename(older, "shop"), std::nullopt);
}

TEST_F(ClustersTest, ARequestIsFoundInItsRow) {
  EXPECT_TRUE(HasRequest(EncodeCluster({.request = "x"})));
  EXPECT_FALSE(HasRequest(EncodeCluster({.tags = {{"a", "\"request\":"}},
                                         .policy_version = 1,
                                         .policy_request = "x"})));
}

// --- the worker, on a real engine ---

class ClusterWorkerTest : public ClustersTest {
 protected:
  static void WaitUntilFinished(const Clusters& clusters) {
    while (!clusters.Unfinished().empty()) std::this_thread::yield();
  }
  static std::string Verifier(const std::string& password) { return password; }

  session::Engine engine_{*store_, base::SystemClock(), "", Verifier};
};

TEST_F(ClusterWorkerTest, FinishesWhatAStoppedServerLeft) {
  ClusterPtr creating;
  ClusterPtr deleting;
  {
    auto clusters = Open();
    deleting = clusters->Create({.deletion_protected = false});
    clusters->Delete(deleting->id);
    creating = clusters->Create({});
  }
  auto clusters = Open();
  ClusterWorker worker(*clusters, StepsOf(engine_));
  WaitUntilFinished(*clusters);
  EXPECT_EQ(clusters->Get(deleting->id), nullptr);
  ASSERT_NE(clusters->Find(creating->id), nullptr);
  EXPECT_NE(engine_.NewestCatalog(creating->tenant)->FindRole("admin"), nullptr);
}

TEST_F(ClusterWorkerTest, EveryClusterItMakesHasAnAdminWhoIsNoSuperuser) {
  auto clusters = Open();
  ClusterWorker worker(*clusters, StepsOf(engine_));
  for (Profile profile : {Profile::kPostgres, Profile::kDsql}) {
    ClusterPtr made = clusters->Create({.profile = profile});
    WaitUntilFinished(*clusters);
    catalog::CatalogPtr catalog = engine_.NewestCatalog(made->tenant);
    const catalog::RoleDescriptor* admin = catalog->FindRole("admin");
    ASSERT_NE(admin, nullptr);
    EXPECT_EQ(admin->oid, kAdminRole);
    EXPECT_TRUE(admin->login && admin->create_role && !admin->superuser);
    EXPECT_EQ(catalog->FindSchema(catalog::kPublicSchema)->owner, kAdminRole);
  }
}

TEST_F(ClusterWorkerTest, FinishesWhatIsAskedForMeanwhile) {
  auto clusters = Open();
  ClusterWorker worker(*clusters, StepsOf(engine_));
  ClusterPtr made = clusters->Create({.deletion_protected = false});
  WaitUntilFinished(*clusters);
  EXPECT_NE(clusters->Find(made->id), nullptr);
  clusters->Delete(made->id);
  WaitUntilFinished(*clusters);
  EXPECT_EQ(clusters->Get(made->id), nullptr);
}

TEST_F(ClusterWorkerTest, EndsSessionsBeforeItRemovesData) {
  auto clusters = Open();
  ClusterPtr made = MakeActive(*clusters, {.deletion_protected = false});
  std::string row = codec::KeyPrefix(made->tenant, codec::kFirstTableStorageId, 1);
  Write(row, "x");
  auto open_session = [&](const Cluster& cluster, int32_t pid) {
    session::SessionIdentity identity;
    identity.tenant = cluster.tenant;
    identity.user = "postgres";
    identity.process_id = pid;
    auto context = std::make_unique<session::SessionContext>(identity, base::SystemClock());
    engine_.Attach(*context);
    return context;
  };
  auto session = open_session(*made, 1);
  auto elsewhere = open_session(*clusters->default_cluster(), 2);
  clusters->Delete(made->id);
  ClusterWorker worker(*clusters, StepsOf(engine_));
  while (!session->cancel_token().cancelled()) std::this_thread::yield();
  EXPECT_TRUE(Holds(row));
  // One that was let in just before the deletion, and comes now.
  EXPECT_THROW(open_session(*made, 3), base::SqlError);
  session.reset();
  WaitUntilFinished(*clusters);
  EXPECT_FALSE(Holds(row));
  EXPECT_FALSE(elsewhere->cancel_token().cancelled());
}

TEST_F(ClusterWorkerTest, TriesAgainAfterAFailureAndAsLongAsSessionsAreLeft) {
  auto clusters = Open();
  int prepared = 0;
  int closed = 0;
  ClusterWorker worker(*clusters, {[&](const Cluster&) {
                                     if (++prepared < 2) throw std::runtime_error("disk full");
                                   },
                                   [&](const Cluster&) { return ++closed == 3; }});
  ClusterPtr made = clusters->Create({.deletion_protected = false});
  WaitUntilFinished(*clusters);
  clusters->Delete(made->id);
  WaitUntilFinished(*clusters);
  EXPECT_EQ(prepared, 2);
  EXPECT_EQ(closed, 3);
}

TEST_F(ClusterWorkerTest, LeavesToTheNextStartWhatItHasNotBegun) {
  auto clusters = Open();
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(MakeActive(*clusters, {.deletion_protected = false})->id);
  }
  for (const std::string& id : made) clusters->Delete(id);
  std::atomic<bool> has_begun = false;
  auto observer = std::make_shared<int>();
  std::weak_ptr<int> works = observer;
  std::optional<ClusterWorker> worker;
  worker.emplace(*clusters,
                 ClusterWorker::Steps{.prepare = [](const Cluster&) {},
                                      .close =
                                          [&](const Cluster&) {
                                            has_begun = true;
                                            while (!works.expired()) std::this_thread::yield();
                                            return true;
                                          },
                                      .deleted = nullptr});
  // Gone when the worker, which stops by then, takes the observer away.
  clusters->SetObserver([kept = std::move(observer)] {});
  while (!has_begun) std::this_thread::yield();
  worker.reset();
  EXPECT_EQ(clusters->Unfinished().size(), 4u);
}

}  // namespace
}  // namespace sundog::control
