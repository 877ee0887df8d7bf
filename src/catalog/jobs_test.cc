// Rows of jobs: by tenant, in every state, and how long they are shown.
#include "catalog/jobs.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "kv/store_fixture.h"

namespace sundog::catalog {
namespace {

class JobsTest : public ::testing::Test {
 protected:
  Job Store(uint32_t tenant, JobStatus status) {
    Job job;
    job.id = NewJobId();
    job.status = status;
    job.dsql = true;
    job.table = 16384;
    job.object = 16390;
    job.object_name = "public.i";
    job.error_detail = "Key (a)=(1) is duplicated.";
    job.start_us = 1'760'000'000'000'000;
    job.update_us = job.start_us + 5;
    job.maintenance_memory_kb = 65536;
    job.statement_memory_kb = 262144;
    std::string key = JobKey(tenant, job.id);
    std::string value = EncodeJob(job);
    kv::Write write{kv::Write::Kind::kPut, key, value};
    EXPECT_EQ(backend_.store().Commit({.writes = {&write, 1}}).kind,
              kv::CommitOutcome::Kind::kCommitted);
    return job;
  }

  kv::MemoryBackend backend_;
};

TEST_F(JobsTest, ComeBackAsTheyWere) {
  for (JobStatus status : {JobStatus::kSubmitted, JobStatus::kProcessing, JobStatus::kCompleted,
                           JobStatus::kFailed}) {
    Job job = Store(7, status);
    std::optional<Job> found = FindJob(*backend_.store().Newest(), 7, job.id);
    ASSERT_TRUE(found);
    EXPECT_EQ(EncodeJob(*found), EncodeJob(job));
    EXPECT_EQ(found->status, status);
    EXPECT_EQ(found->update_us, job.update_us);
  }
}

TEST_F(JobsTest, BelongToTheirTenant) {
  Job mine = Store(7, JobStatus::kSubmitted);
  Job other = Store(8, JobStatus::kSubmitted);
  kv::SnapshotPtr snapshot = backend_.store().Newest();
  ASSERT_EQ(JobsOf(*snapshot, 7).size(), 1u);
  EXPECT_EQ(JobsOf(*snapshot, 7)[0].id, mine.id);
  EXPECT_FALSE(FindJob(*snapshot, 7, other.id));
  std::vector<TenantJob> all = AllJobs(*snapshot);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].tenant, 8u);
  EXPECT_EQ(all[1].job.id, other.id);
}

TEST_F(JobsTest, AreShownUntilHalfAnHourAfterTheirEnd) {
  Job job = Store(7, JobStatus::kFailed);
  EXPECT_TRUE(job.shown(job.update_us));
  EXPECT_TRUE(job.shown(job.update_us + kJobShownMicros - 1));
  EXPECT_FALSE(job.shown(job.update_us + kJobShownMicros));
  job.status = JobStatus::kProcessing;
  EXPECT_TRUE(job.shown(job.update_us + kJobShownMicros));
}

TEST_F(JobsTest, IdsAreUuidsInBase32) {
  std::string id = NewJobId();
  EXPECT_NE(id, NewJobId());
  EXPECT_EQ(id[6] & 0xF0, 0x40);
  EXPECT_EQ(id[8] & 0xC0, 0x80);
  EXPECT_EQ(JobIdText(id).size(), 26u);
  EXPECT_EQ(ParseJobId(JobIdText(id)), id);
  for (std::string_view bad : {"", "x", "mzxw6ytboi", "not a job's identifier  26"}) {
    try {
      ParseJobId(bad);
      ADD_FAILURE() << bad;
    } catch (const SqlError& error) {
      EXPECT_EQ(error.state().code(), "22P02");
      EXPECT_EQ(error.fields().message, "Unable to convert text to UUID");
    }
  }
}

}  // namespace
}  // namespace sundog::catalog
