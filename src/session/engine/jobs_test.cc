// Jobs on an engine: what state an index is in before, in the midst and after, whatever happens to
// the server or the table meanwhile; in both profiles.
#include <gtest/gtest.h>

#include <functional>

#include "runtime/runtime.h"
#include "session/engine/engine_fixture.h"
#include "session/engine/job_catalogs.h"
#include "session/engine/job_runner.h"

namespace sundog::session {
namespace {

using catalog::IndexState;
using catalog::Job;
using catalog::JobStatus;

class JobsTest : public ::testing::TestWithParam<Profile>, protected EngineFixture {
 protected:
  using EngineFixture::Run;

  JobsTest() : EngineFixture(GetParam()) {
    Run("create table t (id int primary key, a int)");
    Run("insert into t values (1, 1), (2, 2), (3, 3)");
  }
  ~JobsTest() override { engine_.StopJobs(); }

  // So many that a build of an index takes several steps.
  void AddRows() {
    Run("insert into t select i, i from generate_series(10, 2500) i");
    Run("insert into t select i, i from generate_series(2501, 5000) i");
  }
  std::string Submit(const std::string& sql) { return catalog::ParseJobId(Run(sql)); }

  Job JobNow(const std::string& id) {
    return catalog::FindJob(*store_->Newest(), kTenant, id).value();
  }
  IndexState StateNow(size_t position = 1) {
    catalog::CatalogPtr catalog = engine_.NewestCatalog(kTenant);
    return (*catalog->contents().tables.begin())->indexes.at(position).state;
  }
  // Of whoever waits for a lock on a table.
  int32_t JobProcess() {
    for (const txn::LockInfo& lock : engine_.transactions().locks().List(kTenant)) {
      if (!lock.granted) return lock.process_id;
    }
    return 0;
  }
  Job Await(const std::string& id) { return AwaitJob(engine_, kTenant, id).value(); }

  runtime::Runtime runtime_{1};
};

INSTANTIATE_TEST_SUITE_P(Profiles, JobsTest,
                         ::testing::Values(Profile::kPostgres, Profile::kDsql));

TEST_P(JobsTest, AnIndexIsDeclaredUntilItsJobRuns) {
  std::string id = Submit("create index async t_a on t (a)");
  EXPECT_EQ(StateNow(), IndexState::kInvalid);
  EXPECT_EQ(JobNow(id).status, JobStatus::kSubmitted);
  EXPECT_EQ(JobNow(id).object_name, "public.t_a");
  std::string declared = engine_.NewestCatalog(kTenant)->identity();
  engine_.StartJobs(runtime_);
  EXPECT_EQ(Await(id).status, JobStatus::kCompleted);
  EXPECT_EQ(StateNow(), IndexState::kReady);
  // Sessions that knew that catalog are not told of what the job has made of it.
  std::string built = engine_.NewestCatalog(kTenant)->identity();
  EXPECT_NE(built, declared);
  EXPECT_TRUE(engine_.job_catalogs().Lead(declared, built));
  EXPECT_EQ(Run("select id from t where a = 2"), "2");
}

class LockingJobsTest : public JobsTest {
 protected:
  // While the build of an index on t waits for a writer's end.
  void WhileAWriterHoldsTheBuildUp(const std::function<void(const std::string& id)>& body) {
    JobSession writer(engine_, kTenant, GetParam());
    writer.Transact([&](EngineTransaction& transaction) {
      RunIn(transaction, writer, "insert into t values (9, 9)");
      std::string id = Submit("create index async t_a on t (a)");
      engine_.StartJobs(runtime_);
      while (engine_.transactions().locks().BlockersOf(JobProcess()).empty()) continue;
      body(id);
    });
  }
};

INSTANTIATE_TEST_SUITE_P(Profiles, LockingJobsTest, ::testing::Values(Profile::kPostgres));

TEST_P(LockingJobsTest, AWriterHoldsTheBuildUpAndTheNextRunnerTakesItUp) {
  std::string id;
  WhileAWriterHoldsTheBuildUp([&](const std::string& build) {
    id = build;
    EXPECT_EQ(StateNow(), IndexState::kInvalid);
    engine_.StopJobs();
    EXPECT_FALSE(JobNow(id).finished());
  });
  EXPECT_EQ(StateNow(), IndexState::kInvalid);
  engine_.StartJobs(runtime_);
  EXPECT_EQ(Await(id).status, JobStatus::kCompleted);
  EXPECT_EQ(Run("select id from t where a = 9"), "9");
}

TEST_P(LockingJobsTest, AnAbandonedBuildEndsAndLeavesTheIndexInvalid) {
  std::string id;
  WhileAWriterHoldsTheBuildUp([&](const std::string& build) {
    id = build;
    engine_.jobs()->Abandon(id);
    EXPECT_EQ(JobNow(id).status, JobStatus::kFailed);
    EXPECT_EQ(JobNow(id).error_state, "57014");
  });
  EXPECT_EQ(StateNow(), IndexState::kInvalid);
  engine_.jobs()->Abandon(id);  // there is nothing to end any more
}

// It may come at any moment of a build, also after its end.
TEST_P(JobsTest, ABuildIsAbandonedWholly) {
  AddRows();
  for (int round = 0; round < 15; ++round) {
    std::string id = Submit("create index async t_a on t (a)");
    if (round == 0) engine_.StartJobs(runtime_);
    while (round % 3 == 1 && JobNow(id).status == JobStatus::kSubmitted) continue;
    while (round % 3 == 2 && StateNow() == IndexState::kInvalid) continue;
    engine_.jobs()->Abandon(id);
    Job job = JobNow(id);
    EXPECT_TRUE(job.finished());
    EXPECT_EQ(StateNow(), job.status == JobStatus::kCompleted ? IndexState::kReady
                                                              : IndexState::kInvalid);
    Run("drop index t_a");
  }
}

TEST_P(JobsTest, EachRowHasItsEntryAfterManySteps) {
  AddRows();
  std::string id = Submit("create unique index async t_a on t (a)");
  engine_.StartJobs(runtime_);
  EXPECT_EQ(Await(id).status, JobStatus::kCompleted);
  EXPECT_EQ(Run("select id from t where a = 5000"), "5000");
}

TEST_P(JobsTest, NothingIsLeftOfAnIndexThatIsDroppedWhileItIsBuilt) {
  AddRows();
  for (int round = 0; round < 20; ++round) {
    std::string id = Submit("create index async t_a on t (a)");
    if (round == 0) engine_.StartJobs(runtime_);
    while (StateNow() == IndexState::kInvalid) continue;
    Run("drop index t_a");
    Await(id);
  }
  catalog::CatalogPtr catalog = engine_.NewestCatalog(kTenant);
  uint32_t storage_id = (*catalog->contents().tables.begin())->storage_id;
  auto cursor =
      store_->Newest()->Scan(kv::PrefixRange(codec::StoragePrefix(kTenant, storage_id)));
  size_t entries = 0;
  while (size_t count = cursor->Next(1000).size()) entries += count;
  EXPECT_EQ(std::to_string(entries), Run("select count(*) from t"));
}

TEST_P(JobsTest, DuplicatesLeaveTheIndexInvalid) {
  Run("insert into t values (4, 3)");
  std::string id = Submit("create unique index async t_a on t (a)");
  engine_.StartJobs(runtime_);
  Job job = Await(id);
  EXPECT_EQ(job.status, JobStatus::kFailed);
  EXPECT_EQ(job.details, "found duplicate key(s) while validating index uniqueness");
  EXPECT_EQ(job.error_state, "23505");
  EXPECT_EQ(job.error_detail, "Key (a)=(3) is duplicated.");
  EXPECT_EQ(StateNow(), IndexState::kInvalid);
  Run("insert into t values (5, 1)");
}

TEST_P(JobsTest, WhatIsDroppedEndsItsJob) {
  std::string id = Submit("create index async t_a on t (a)");
  Run("drop index t_a");
  std::string other = Submit("create index async t_b on t (a)");
  Run("drop table t");
  engine_.StartJobs(runtime_);
  EXPECT_EQ(Await(id).status, JobStatus::kFailed);
  EXPECT_EQ(Await(other).details, "Skipped job for nonexistent table.");
}

TEST_P(JobsTest, AnEndedSessionDoesNotEndTheJob) {
  std::string id = Submit("create index async t_a on t (a)");
  engine_.StartJobs(runtime_);
  JobSession client(engine_, kTenant, GetParam());
  for (int round = 0; round < 5; ++round) {
    client.Look([&](EngineTransaction& transaction) {
      client.session().UseCatalog(transaction.Catalog(), &transaction);
      for (const catalog::SessionRow& session : client.session().Sessions()) {
        bool own = session.pid == client.session().backend_pid();
        if (!own) engine_.sessions().Terminate(kTenant, session.pid);
      }
    });
  }
  EXPECT_EQ(Await(id).status, JobStatus::kCompleted);
}

TEST_P(JobsTest, ConstraintsAreValidatedAsTheRowsAre) {
  Run("alter table t add constraint small check (a < 3) not valid");
  std::string id = Submit("alter table async t validate constraint small");
  engine_.StartJobs(runtime_);
  EXPECT_EQ(Await(id).error_state, "23514");
  Run("delete from t where id = 3");
  EXPECT_EQ(Await(Submit("alter table async t validate constraint small")).status,
            JobStatus::kCompleted);
  EXPECT_EQ(Run("select convalidated from pg_constraint where conname = 'small'"), "t");
}

TEST(JobCatalogsTest, KnowWhatJobsAloneHaveChanged) {
  JobCatalogs catalogs;
  catalogs.Add("a", "b");
  catalogs.Add("b", "c");
  catalogs.Add("x", "y");
  EXPECT_TRUE(catalogs.Lead("a", "a"));
  EXPECT_TRUE(catalogs.Lead("a", "c"));
  EXPECT_FALSE(catalogs.Lead("c", "a"));
  EXPECT_FALSE(catalogs.Lead("a", "x"));
  EXPECT_FALSE(catalogs.Lead("a", "y"));
}

}  // namespace
}  // namespace sundog::session
