#include "parser/session_command.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "parser/parse.h"

namespace sundog::parser {
namespace {

template <typename Command>
Command CommandOf(std::string_view sql) {
  Script script = Parse(sql);
  SessionCommand command = SessionCommandOf(script.statements().at(0));
  EXPECT_TRUE(std::holds_alternative<Command>(command)) << sql;
  return std::get<Command>(command);
}

std::string TagOfSql(std::string_view sql) {
  Script script = Parse(sql);
  return std::string(CommandTag(script.statements().at(0)));
}

TEST(SessionCommand, Transactions) {
  EXPECT_FALSE(CommandOf<BeginCommand>("begin").start_transaction);
  auto begin = CommandOf<BeginCommand>(
      "start transaction isolation level repeatable read, read only, deferrable");
  EXPECT_TRUE(begin.start_transaction);
  EXPECT_EQ(begin.modes.isolation, IsolationLevel::kRepeatableRead);
  EXPECT_EQ(begin.modes.read_only, true);
  EXPECT_EQ(begin.modes.deferrable, true);
  EXPECT_TRUE(CommandOf<CommitCommand>("commit and chain").chain);
  EXPECT_FALSE(CommandOf<RollbackCommand>("abort").chain);
  EXPECT_EQ(CommandOf<SavepointCommand>("savepoint a").name, "a");
  EXPECT_EQ(CommandOf<RollbackToCommand>("rollback to savepoint \"B\"").name, "B");
  EXPECT_EQ(CommandOf<ReleaseCommand>("release a").name, "a");
  EXPECT_FALSE(CommandOf<SetTransactionCommand>("set transaction read write").session_default);
  EXPECT_TRUE(CommandOf<SetTransactionCommand>(
                  "set session characteristics as transaction isolation level serializable")
                  .session_default);
  EXPECT_THROW(CommandOf<BeginCommand>("prepare transaction 'x'"), SqlError);
}

TEST(SessionCommand, Settings) {
  auto value = [](std::string_view sql) { return CommandOf<SetCommand>(sql).value; };
  EXPECT_EQ(value("set work_mem = '4MB'"), "4MB");
  EXPECT_EQ(value("set statement_timeout to 100"), "100");
  EXPECT_EQ(value("set enable_seqscan = off"), "off");
  EXPECT_EQ(value("set enable_seqscan = true"), "true");
  EXPECT_EQ(value("set search_path to \"My Schema\", public"), "\"My Schema\", public");
  EXPECT_EQ(value("set search_path to ''"), "\"\"");
  EXPECT_EQ(value("set datestyle to iso, dmy"), "iso, dmy");
  EXPECT_EQ(value("set time zone -7"), "-7");
  EXPECT_EQ(value("set time zone 'Europe/Berlin'"), "Europe/Berlin");
  EXPECT_EQ(value("set names 'utf8'"), "utf8");
  EXPECT_EQ(value("set app.name to 'x'"), "x");
  EXPECT_EQ(value("set work_mem to default"), std::nullopt);
  EXPECT_TRUE(CommandOf<SetCommand>("set local work_mem = 1").is_local);
  EXPECT_TRUE(CommandOf<SetCommand>("reset work_mem").is_reset);
  CommandOf<ResetAllCommand>("reset all");
  EXPECT_EQ(CommandOf<ShowCommand>("show all").name, "all");
  EXPECT_EQ(CommandOf<ShowCommand>("show transaction isolation level").name,
            "transaction_isolation");
  EXPECT_EQ(CommandOf<ShowCommand>("show time zone").name, "timezone");
  try {
    CommandOf<SetCommand>("set work_mem to 1, 2");
    FAIL();
  } catch (const SqlError& error) {
    EXPECT_STREQ(error.what(), "SET work_mem takes only one argument");
  }
}

TEST(SessionCommand, PreparedStatementsAndCursors) {
  EXPECT_EQ(CommandOf<PrepareCommand>("prepare p (int) as select $1").name, "p");
  EXPECT_NE(InnerStatement(Parse("prepare p as select 1").statements()[0]), nullptr);
  auto execute = CommandOf<ExecuteCommand>("execute p (1, 'x')");
  EXPECT_EQ(execute.argument_count, 2);
  EXPECT_EQ(CommandOf<DeallocateCommand>("deallocate all").name, "");
  auto declare = CommandOf<DeclareCursorCommand>("declare c scroll cursor with hold for select 1");
  EXPECT_TRUE(declare.scroll && declare.with_hold && !declare.binary);
  auto fetch = CommandOf<FetchCommand>("fetch backward 5 from c");
  EXPECT_EQ(fetch.direction, FetchDirection::kBackward);
  EXPECT_EQ(fetch.count, 5);
  EXPECT_EQ(CommandOf<FetchCommand>("fetch all c").count, kFetchAll);
  EXPECT_EQ(CommandOf<FetchCommand>("fetch c").count, 1);
  auto move = CommandOf<FetchCommand>("move absolute -1 in c");
  EXPECT_TRUE(move.is_move);
  EXPECT_EQ(move.direction, FetchDirection::kAbsolute);
  EXPECT_EQ(move.count, -1);
  EXPECT_EQ(CommandOf<CloseCursorCommand>("close all").name, "");
  EXPECT_EQ(CommandOf<DiscardCommand>("discard temp").target, DiscardTarget::kTemp);
  EXPECT_EQ(CommandOf<NotifyCommand>("notify c, 'hello'").payload, "hello");
  CommandOf<std::monostate>("select 1");
}

TEST(CommandTag, SaysWhatPostgresSays) {
  EXPECT_EQ(TagOfSql("select 1"), "SELECT");
  EXPECT_EQ(TagOfSql("values (1)"), "SELECT");
  EXPECT_EQ(TagOfSql("drop index i"), "DROP INDEX");
  EXPECT_EQ(TagOfSql("alter table t rename column a to b"), "ALTER TABLE");
  EXPECT_EQ(TagOfSql("alter view v rename to w"), "ALTER VIEW");
  EXPECT_EQ(TagOfSql("create unique index on t (a)"), "CREATE INDEX");
  EXPECT_EQ(TagOfSql("create type e as enum ('a')"), "CREATE TYPE");
  EXPECT_EQ(TagOfSql("truncate t"), "TRUNCATE TABLE");
  EXPECT_EQ(TagOfSql("analyze"), "ANALYZE");
  EXPECT_EQ(TagOfSql("grant select on t to public"), "GRANT");
  EXPECT_EQ(TagOfSql("create table t as select 1"), "SELECT");
  EXPECT_EQ(TagOfSql("create procedure p() language sql as ''"), "CREATE PROCEDURE");
  EXPECT_EQ(TagOfSql("lock t"), "LOCK TABLE");
}

}  // namespace
}  // namespace sundog::parser
