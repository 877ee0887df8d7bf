#include "session/settings.h"

#include <gtest/gtest.h>

#include <map>

#include "base/sql_error.h"

namespace sundog::session {
namespace {

std::string StateOf(auto&& action) {
  try {
    action();
  } catch (const SqlError& error) {
    return std::string(error.state().code()) + " " + error.what();
  }
  return "no error";
}

TEST(Settings, ShowPrintsTheLargestUnitThatFits) {
  SessionSettings settings;
  EXPECT_EQ(settings.Show("work_mem"), "4MB");
  settings.Set("work_mem", "65", false);
  EXPECT_EQ(settings.Show("work_mem"), "65kB");
  settings.Set("work_mem", "1 GB", false);
  EXPECT_EQ(settings.Show("WORK_MEM"), "1GB");
  settings.Set("statement_timeout", "90s", false);
  EXPECT_EQ(settings.Show("statement_timeout"), "90s");
  settings.Set("statement_timeout", "1.5min", false);
  EXPECT_EQ(settings.Show("statement_timeout"), "90s");
  settings.Set("statement_timeout", "0", false);
  EXPECT_EQ(settings.Show("statement_timeout"), "0");
}

TEST(Settings, ValuesAreCanonical) {
  SessionSettings settings;
  settings.Set("enable_seqscan", "FALSE", false);
  EXPECT_EQ(settings.Show("enable_seqscan"), "off");
  settings.Set("intervalstyle", "ISO_8601", false);
  EXPECT_EQ(settings.Show("IntervalStyle"), "iso_8601");
  settings.Set("datestyle", "german", false);
  EXPECT_EQ(settings.Show("DateStyle"), "German, DMY");
  settings.Set("datestyle", "sql, ymd", false);
  EXPECT_EQ(settings.Show("DateStyle"), "SQL, YMD");
  settings.Set("timezone", "europe/berlin", false);
  EXPECT_EQ(settings.Show("TimeZone"), "Europe/Berlin");
  settings.Set("timezone", "-7", false);
  EXPECT_EQ(settings.Show("TimeZone"), "<-07>+07");
  settings.Set("timezone", "INTERVAL '+02:30'", false);
  EXPECT_EQ(settings.Show("TimeZone"), "<+02:30>-02:30");
  settings.Set("client_encoding", "utf-8", false);
  EXPECT_EQ(settings.Show("client_encoding"), "UTF8");
}

TEST(Settings, RefusesAsPostgresDoes) {
  SessionSettings settings;
  EXPECT_EQ(StateOf([&] { settings.Set("no_such", "1", false); }),
            "42704 unrecognized configuration parameter \"no_such\"");
  EXPECT_EQ(StateOf([&] { settings.Set("statement_timeout", "-1", false); }),
            "22023 -1 ms is outside the valid range for parameter \"statement_timeout\" "
            "(0 .. 2147483647)");
  EXPECT_EQ(StateOf([&] { settings.Set("statement_timeout", "x", false); }),
            "22023 invalid value for parameter \"statement_timeout\": \"x\"");
  EXPECT_EQ(StateOf([&] { settings.Set("enable_seqscan", "maybe", false); }),
            "22023 parameter \"enable_seqscan\" requires a Boolean value");
  EXPECT_EQ(StateOf([&] { settings.Set("intervalstyle", "x", false); }),
            "22023 invalid value for parameter \"intervalstyle\": \"x\"");
  EXPECT_EQ(StateOf([&] { settings.Set("server_version", "1", false); }),
            "55P02 parameter \"server_version\" cannot be changed");
  EXPECT_EQ(StateOf([&] { settings.Set("max_connections", "1", false); }),
            "55P02 parameter \"max_connections\" cannot be changed without restarting the server");
  EXPECT_EQ(StateOf([&] { settings.Set("fsync", "off", false); }),
            "55P02 parameter \"fsync\" cannot be changed now");
  EXPECT_EQ(StateOf([&] { settings.Set("datestyle", "iso, klingon", false); }),
            "22023 invalid value for parameter \"DateStyle\": \"iso, klingon\"");
  EXPECT_EQ(StateOf([&] { settings.Show("a.b"); }),
            "42704 unrecognized configuration parameter \"a.b\"");
  EXPECT_EQ(StateOf([&] { settings.Set("a.1b", "x", false); }).substr(0, 5), "42602");
}

TEST(Settings, CustomNamesSpringIntoBeing) {
  SessionSettings settings;
  settings.Set("app.user_id", "42", false);
  EXPECT_EQ(settings.Show("app.user_id"), "42");
}

TEST(Settings, RollbackRestoresAndCommitKeeps) {
  SessionSettings settings;
  settings.Set("work_mem", "1MB", false);
  settings.Commit();
  settings.Set("work_mem", "2MB", false);
  settings.Rollback();
  EXPECT_EQ(settings.Show("work_mem"), "1MB");
  settings.Set("work_mem", "2MB", false);
  settings.Commit();
  settings.Rollback();
  EXPECT_EQ(settings.Show("work_mem"), "2MB");
}

TEST(Settings, LocalValuesEndWithTheTransaction) {
  SessionSettings settings;
  settings.Set("work_mem", "2MB", true);
  EXPECT_EQ(settings.Show("work_mem"), "2MB");
  settings.Commit();
  EXPECT_EQ(settings.Show("work_mem"), "4MB");
  // SET then SET LOCAL: the first one survives.
  settings.Set("work_mem", "3MB", false);
  settings.Set("work_mem", "5MB", true);
  settings.Commit();
  EXPECT_EQ(settings.Show("work_mem"), "3MB");
  // SET LOCAL then SET: the second one survives.
  settings.Set("work_mem", "6MB", true);
  settings.Set("work_mem", "7MB", false);
  settings.Commit();
  EXPECT_EQ(settings.Show("work_mem"), "7MB");
}

TEST(Settings, SavepointsUndoTheirOwnPart) {
  SessionSettings settings;
  settings.Set("work_mem", "2MB", false);
  size_t savepoint = settings.LogPosition();
  settings.Set("work_mem", "3MB", false);
  settings.Set("work_mem", "5MB", true);
  settings.RollbackTo(savepoint);
  EXPECT_EQ(settings.Show("work_mem"), "2MB");
  settings.Commit();
  EXPECT_EQ(settings.Show("work_mem"), "2MB");
}

TEST(Settings, ResetReturnsToTheStartupValue) {
  SessionSettings settings;
  settings.SetDefault("application_name", "start");
  settings.Set("application_name", "other", false);
  EXPECT_EQ(settings.Show("application_name"), "other");
  settings.Set("application_name", std::nullopt, false);
  EXPECT_EQ(settings.Show("application_name"), "start");
  settings.Set("work_mem", "1MB", false);
  settings.ResetAll();
  EXPECT_EQ(settings.Show("work_mem"), "4MB");
}

TEST(Settings, ReportsOnlyWhatChanged) {
  SessionSettings settings;
  settings.StartReporting();
  std::map<std::string, std::string> seen;
  auto report = [&] {
    seen.clear();
    settings.Report([&](const std::string& name, const std::string& value) { seen[name] = value; });
  };
  report();
  EXPECT_EQ(seen.size(), 13u);
  EXPECT_EQ(seen["server_encoding"], "UTF8");
  settings.Set("application_name", "me", false);
  settings.Set("work_mem", "1MB", false);
  report();
  EXPECT_EQ(seen, (std::map<std::string, std::string>{{"application_name", "me"}}));
  settings.Rollback();
  report();
  EXPECT_EQ(seen, (std::map<std::string, std::string>{{"application_name", ""}}));
}

}  // namespace
}  // namespace sundog::session
