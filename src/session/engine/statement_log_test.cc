#include "session/engine/statement_log.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace sundog::session {
namespace {

TEST(WithoutValues, ReplacesLiteralsAndKeepsNames) {
  EXPECT_EQ(WithoutValues("select  a1, \"B 2\" from t\nwhere x = 'it''s' and y=-1.5e3;"),
            "select a1, \"B 2\" from t where x = ? and y=-?");
  EXPECT_EQ(WithoutValues("alter role a password E'x\\'y' valid until 'z'"),
            "alter role a password ? valid until ?");
  EXPECT_EQ(WithoutValues("do $b$ select 'secret' $b$ -- secret\n; select $1, $$a$$"),
            "do ? ; select $1, ?");
  EXPECT_EQ(WithoutValues("select /* a /* secret */ b */ 1"), "select ?");
  EXPECT_EQ(WithoutValues("select 'never closed"), "select ?");
  for (const char* quote : {"", "\""}) {
    std::string clipped = WithoutValues(quote + std::string(1 << 20, 'x') + quote);
    EXPECT_EQ(clipped.size(), 1000u);
    EXPECT_LT(clipped.capacity(), 2000u);
  }
}

TEST(StatementLog, CountsTheLastMinuteOfEachTenant) {
  base::ManualClock clock(1'000'000'000);
  StatementLog log(clock);
  for (int i = 0; i < 99; ++i) log.NoteStatement(1, "select 1", 100, false);
  log.NoteStatement(1, "select 2", 8'000, true);
  log.NoteCommit(1);
  StatementLog::Window window = log.Read(1);
  EXPECT_EQ(window.statements, 100);
  EXPECT_EQ(window.errors, 1);
  EXPECT_EQ(window.commits, 1);
  EXPECT_NEAR(window.average_ms, 0.179, 0.001);
  EXPECT_GE(window.p99_ms, 0.1);
  EXPECT_LE(window.p99_ms, 0.125);
  EXPECT_EQ(log.Read(2).statements, 0);
  EXPECT_TRUE(log.SlowStatements(1).empty());
  clock.Advance(61'000'000);
  EXPECT_EQ(log.Read(1).statements, 0);
}

TEST(StatementLog, KeepsTheSlowStatementsThatTookMost) {
  base::ManualClock clock(1'000'000'000);
  StatementLog log(clock);
  for (size_t i = 0; i < 3 * StatementLog::kSlowStatements; ++i) {
    log.NoteStatement(1, "select a" + std::string(i, 'x'), 10'000, false);
  }
  for (int i = 0; i < 3; ++i) {
    log.NoteStatement(1, "select pg_sleep(" + std::to_string(i) + ")", 50'000, false);
  }
  auto slow = log.SlowStatements(1);
  ASSERT_EQ(slow.size(), StatementLog::kSlowStatements);
  EXPECT_EQ(slow[0].query, "select pg_sleep(?)");
  EXPECT_EQ(slow[0].calls, 3);
  EXPECT_EQ(slow[0].total_us, 150'000);
  EXPECT_TRUE(log.SlowStatements(2).empty());
  log.Forget(1);
  EXPECT_TRUE(log.SlowStatements(1).empty());
}

TEST(StatementLog, TakesNoMemoryForTenantsThatAreNotHeardOf) {
  base::ManualClock clock(1'000'000'000);
  StatementLog log(clock);
  log.NoteStatement(1, "select 1", 100, false);
  log.NoteStatement(2, "select 2", 20'000, false);
  clock.Advance(30'000'000);
  log.NoteCommit(3);
  log.RemoveOld();
  EXPECT_EQ(log.count(), 3u);
  EXPECT_EQ(log.Read(1).statements, 1);
  clock.Advance(35'000'000);
  log.RemoveOld();
  EXPECT_EQ(log.count(), 2u);  // with a slow one, and heard of just now
  EXPECT_EQ(log.Read(2).statements, 0);
  EXPECT_EQ(log.SlowStatements(2).size(), 1u);
  EXPECT_EQ(log.Read(3).commits, 1);
  log.NoteStatement(2, "select 2", 100, false);
  EXPECT_EQ(log.Read(2).statements, 1);
}

TEST(StatementLog, ForgetsTheTenantsThatWereHeardOfLongAgo) {
  base::ManualClock clock(1'000'000'000);
  StatementLog log(clock);
  for (uint32_t tenant = 1; tenant <= 2 * StatementLog::kMaxTenants; ++tenant) {
    log.NoteStatement(tenant, "select 1", 20'000, false);
    clock.Advance(5'000'000);
  }
  EXPECT_TRUE(log.SlowStatements(1).empty());
  EXPECT_EQ(log.SlowStatements(2 * StatementLog::kMaxTenants).size(), 1u);
}

}  // namespace
}  // namespace sundog::session
