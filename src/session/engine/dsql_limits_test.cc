// Aurora DSQL's limits in sessions of profile dsql, where reaching them takes hours or much data
// otherwise.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "session/engine/engine_fixture.h"

namespace sundog::session {
namespace {

constexpr int64_t kSecond = 1'000'000;

class DsqlLimitsTest : public ::testing::Test, protected EngineFixture {
 protected:
  using EngineFixture::Run;

  static constexpr int64_t kClusterBytes = 200'000;

  DsqlLimitsTest() : EngineFixture(Profile::kDsql, clock_, kClusterBytes) {}

  // In a transaction that is so old at its commit.
  void RunAged(const std::string& sql, int64_t seconds) {
    JobSession session(engine_, kTenant, profile_);
    session.Transact([&](EngineTransaction& transaction) {
      RunIn(transaction, session, sql);
      clock_.Advance(seconds * kSecond);
    });
  }

  // So many definitions in one transaction; "{}" is the number.
  std::string RefusalOf(const std::string& definition, size_t count) {
    JobSession session(engine_, kTenant, profile_);
    try {
      session.Transact([&](EngineTransaction& transaction) {
        for (size_t i = 0; i < count; ++i) {
          transaction.BeginStatement();
          RunIn(transaction, session, fmt::format(fmt::runtime(definition), i));
        }
      });
      return "";
    } catch (const SqlError& error) {
      return Describe(error);
    }
  }

  static inline base::ManualClock clock_{1'700'000'000 * kSecond};
};

TEST_F(DsqlLimitsTest, ATransactionEndsAt300Seconds) {
  Run("create table t (id int primary key)");
  RunAged("insert into t values (1)", 300);
  try {
    RunAged("insert into t values (2)", 301);
    FAIL() << "no error";
  } catch (const SqlError& error) {
    EXPECT_EQ(error.state(), sqlstate::kProgramLimitExceeded);
    EXPECT_EQ(error.fields().message, "transaction age limit of 300s exceeded");
    EXPECT_EQ(error.fields().detail, "Current transaction age 301s exceeds 300s");
  }
  EXPECT_EQ(Run("select count(*) from t"), "1");
}

TEST_F(DsqlLimitsTest, AThousandTables) {
  constexpr const char* kTable = "create table t{} (id int)";
  constexpr const char* kRefusal = "54000 creating more than 1000 tables not allowed";
  EXPECT_EQ(RefusalOf(kTable, 1001), kRefusal);
  EXPECT_EQ(RefusalOf(kTable, 1000), "");
  EXPECT_EQ(Refusal("create table one_more (id int)"), kRefusal);
  Run("drop table t0");
  EXPECT_EQ(Refusal("create table one_more (id int)"), "");
}

TEST_F(DsqlLimitsTest, AClusterThatIsTooLargeGrowsNoFurther) {
  constexpr const char* kRefusal = "53100 Current cluster size exceeds cluster size limit.";
  Run("create table t (id int primary key, a text)");
  Run("create table small (id int primary key)");
  Run("insert into small values (1)");
  Run("insert into t select i, repeat('x', 500) from generate_series(1, 1000) i");
  EXPECT_EQ(Run("select sys.cluster_size_limit()"), std::to_string(kClusterBytes));
  EXPECT_GT(std::stoll(Run("select sys.cluster_size()")), 500'000);
  clock_.Advance(kSecond);
  EXPECT_EQ(Refusal("insert into small values (2)"), kRefusal);
  EXPECT_EQ(Refusal("update small set id = 3"), kRefusal);
  EXPECT_EQ(Refusal("insert into small values (1) on conflict do nothing"), kRefusal);
  EXPECT_EQ(Run("select count(*) from small"), "1");
  EXPECT_EQ(Refusal("delete from t"), "");
  clock_.Advance(kSecond);
  EXPECT_EQ(Refusal("insert into small values (2)"), "");
}

class OtherProfileTest : public ::testing::Test, protected EngineFixture {
 protected:
  using EngineFixture::Run;

  OtherProfileTest() : EngineFixture(Profile::kPostgres, clock_, /*dsql_cluster_bytes=*/0) {}

  static inline base::ManualClock clock_{1'700'000'000 * kSecond};
};

TEST_F(OtherProfileTest, HasNoLimitOfItsSize) {
  Run("create table t (id int primary key)");
  EXPECT_EQ(Refusal("insert into t values (1)"), "");
  EXPECT_EQ(Run("select sys.cluster_size_limit() is null"), "t");
  EXPECT_EQ(Run("select sys.cluster_size() > 0"), "t");
}

}  // namespace
}  // namespace sundog::session
