// Branches on a real engine.
#include "control/branch_copier.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/catalog_rows.h"
#include "catalog/jobs.h"
#include "codec/key_space.h"
#include "control/databases.h"
#include "control/prepare_tenant.h"
#include "kv/store.h"
#include "session/engine/engine_fixture.h"

namespace sundog::control {
namespace {

class BranchCopierTest : public session::EngineFixture, public ::testing::Test {
 protected:
  BranchCopierTest() : EngineFixture(session::Profile::kPostgres) {
    source_ = databases_.Create("shop", session::Profile::kPostgres).cluster;
  }
  std::string RunIn(const Cluster& cluster, const std::string& sql) {
    session::JobSession session(engine_, cluster.tenant, profile_);
    std::string answer;
    session.Transact([&](session::EngineTransaction& transaction) {
      answer = EngineFixture::RunIn(transaction, session, sql);
    });
    return answer;
  }
  ClusterPtr Branch(const std::string& name = "copy") {
    ClusterPtr branch = databases_.CreateBranch(*source_, name).cluster;
    while (clusters_.Get(branch->id)->state == ClusterState::kCloning) std::this_thread::yield();
    return clusters_.Get(branch->id);
  }

  Clusters clusters_{*store_, base::SystemClock(), std::nullopt};
  Databases databases_{clusters_, engine_};
  ClusterPtr source_;
};

TEST_F(BranchCopierTest, NumbersGoOnInBothAndNoneIsGivenTwice) {
  RunIn(*source_, "CREATE TABLE t (id serial, v int)");  // with hidden row ids
  RunIn(*source_, "INSERT INTO t (v) VALUES (1), (2), (3)");
  ClusterPtr branch = Branch();
  ASSERT_EQ(branch->state, ClusterState::kActive);
  for (int round = 0; round < 3; ++round) {
    for (const ClusterPtr& each : {source_, branch}) {
      EXPECT_EQ(RunIn(*each, "INSERT INTO t (v) VALUES (9) RETURNING id"),
                std::to_string(4 + round));
      std::string table = "u" + std::to_string(round);
      RunIn(*each, "CREATE TABLE " + table + " (id serial, v int)");
      RunIn(*each, "INSERT INTO " + table + " (v) VALUES (7)");
      EXPECT_EQ(RunIn(*each, "SELECT count(*) FROM " + table), "1");
    }
  }
  for (const ClusterPtr& each : {source_, branch}) {
    EXPECT_EQ(RunIn(*each, "SELECT count(*) FROM t"), "6");
    EXPECT_EQ(RunIn(*each, "SELECT count(*) - count(DISTINCT oid) FROM pg_class"), "0");
  }
  RunIn(*branch, "DROP TABLE t");
  EXPECT_EQ(RunIn(*source_, "SELECT count(*) FROM t"), "6");
  EXPECT_NE(engine_.NewestCatalog(source_->tenant)->identity(),
            engine_.NewestCatalog(branch->tenant)->identity());
}

TEST_F(BranchCopierTest, ItIsOfOneMomentWhileTheSourceIsUsed) {
  RunIn(*source_, "CREATE TABLE t (id int PRIMARY KEY, v int)");
  RunIn(*source_, "INSERT INTO t SELECT i, 10 FROM generate_series(1, 3000) i");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 1; !stop; i = i % 2900 + 1) {
      RunIn(*source_, "UPDATE t SET v = v + CASE WHEN id < 2000 THEN 1 ELSE -1 END WHERE id IN (" +
                          std::to_string(i % 1999 + 1) + ", " + std::to_string(2000 + i % 1000) +
                          ")");
    }
  });
  for (const char* name : {"a", "b", "c", "d"}) {
    ClusterPtr branch = Branch(name);
    EXPECT_EQ(RunIn(*branch, "SELECT count(*) || ' ' || sum(v) FROM t"), "3000 30000");
  }
  stop = true;
  writer.join();
}

TEST_F(BranchCopierTest, WhatIsTemporaryStaysWithTheSource) {
  constexpr uint32_t kTable = codec::kFirstTemporaryStorageId + 5;
  auto keys_of = [](uint32_t tenant) {
    return std::vector{codec::SequenceKey(tenant, kTable), codec::KeyPrefix(tenant, kTable, 1)};
  };
  RunIn(*source_, "CREATE TABLE t (id serial)");
  RunIn(*source_, "INSERT INTO t DEFAULT VALUES");
  for (const std::string& key : keys_of(source_->tenant)) {
    kv::Write write{kv::Write::Kind::kPut, key, "x"};
    ASSERT_EQ(store_->Commit({.writes = {&write, 1}}).kind, kv::CommitOutcome::Kind::kCommitted);
  }
  ClusterPtr branch = Branch();
  ASSERT_EQ(branch->state, ClusterState::kActive);
  for (const std::string& key : keys_of(branch->tenant)) {
    kv::ReadBuffer buffer;
    EXPECT_FALSE(store_->Newest()->Get(key, buffer));
  }
  EXPECT_EQ(RunIn(*branch, "INSERT INTO t DEFAULT VALUES RETURNING id"), "2");
}

TEST_F(BranchCopierTest, AJobUnderWayIsOneOfTheBranchAsWell) {
  RunIn(*source_, "CREATE TABLE t (id int)");
  for (auto [status, name] : {std::pair{catalog::JobStatus::kProcessing, "under way"},
                              std::pair{catalog::JobStatus::kCompleted, "done"}}) {
    catalog::Job job;
    job.id = catalog::NewJobId();
    job.status = status;
    job.object_name = name;
    std::string key = catalog::JobKey(source_->tenant, job.id);
    std::string value = catalog::EncodeJob(job);
    kv::Write write{kv::Write::Kind::kPut, key, value};
    ASSERT_EQ(store_->Commit({.writes = {&write, 1}}).kind, kv::CommitOutcome::Kind::kCommitted);
  }
  ClusterPtr branch = Branch();
  std::vector<catalog::Job> jobs = catalog::JobsOf(*store_->Newest(), branch->tenant);
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs[0].object_name, "under way");
  EXPECT_EQ(jobs[0].status, catalog::JobStatus::kSubmitted);
  EXPECT_FALSE(catalog::FindJob(*store_->Newest(), source_->tenant, jobs[0].id));
}

TEST_F(BranchCopierTest, WhatAStoppedServerLeftHasFailed) {
  NewCluster wanted;
  wanted.is_database = true;
  wanted.source = source_->id;
  wanted.tags[std::string(kNameTag)] = "left";
  ClusterPtr left = clusters_.Create(wanted);
  EXPECT_EQ(left->state, ClusterState::kCloning);
  Databases restarted(clusters_, engine_);
  EXPECT_EQ(clusters_.Get(left->id)->state, ClusterState::kCreateFailed);
  EXPECT_NE(clusters_.Get(left->id)->reason.find("stopped"), std::string::npos);
}

TEST_F(BranchCopierTest, ASourceThatIsGoneCannotBeCopied) {
  clusters_.Delete(source_->id);
  ClusterPtr branch = Branch();
  EXPECT_EQ(branch->state, ClusterState::kCreateFailed);
  EXPECT_NE(branch->reason.find("deleted"), std::string::npos);
}

// While it lives, no thread can be made: each would have a stack that no memory holds.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_init(&before_);
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    EXPECT_EQ(pthread_attr_setstacksize(&huge, size_t{1} << 48), 0);
    EXPECT_EQ(pthread_setattr_default_np(&huge), 0);
    pthread_attr_destroy(&huge);
  }
  NoThreads(const NoThreads&) = delete;
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

TEST_F(BranchCopierTest, WithoutAThreadABranchFailsAndTakesNoPlace) {
  for (const char* name : {"a", "b", "c"}) {
    NoThreads none;
    ClusterPtr branch = databases_.CreateBranch(*source_, name).cluster;
    branch = clusters_.Get(branch->id);
    EXPECT_EQ(branch->state, ClusterState::kCreateFailed);
    EXPECT_NE(branch->reason.find("thread"), std::string::npos);
  }
  EXPECT_EQ(Branch()->state, ClusterState::kActive);
}

TEST_F(BranchCopierTest, AStoreThatFailsIsSaidAsTheReason) {
  // Its admin is not where it should be.
  std::string key = catalog::RoleKey(source_->tenant, kAdminRole);
  engine_.NewestCatalog(source_->tenant);
  kv::Write write{kv::Write::Kind::kDelete, key, {}};
  ASSERT_EQ(store_->Commit({.writes = {&write, 1}}).kind, kv::CommitOutcome::Kind::kCommitted);
  ClusterPtr branch = Branch();
  EXPECT_EQ(branch->state, ClusterState::kCreateFailed);
  EXPECT_NE(branch->reason.find("no role admin"), std::string::npos);
  EXPECT_TRUE(store_->Newest()
                  ->Scan(kv::PrefixRange(codec::TenantPrefix(branch->tenant)))
                  ->Next(1)
                  .empty());
}

}  // namespace
}  // namespace sundog::control
