// What the parser gives: statements with their places, PostgreSQL's errors, and the forms that
// PostgreSQL's grammar refuses.
#include "parser/parse.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/sql_error.h"
#include "parser/pg_nodes.h"

namespace sundog::parser {
namespace {

struct Failure {
  std::string state, message, hint;
  int location;
};

Failure FailureOf(std::string_view sql) {
  try {
    Parse(sql);
  } catch (const SqlError& error) {
    return {std::string(error.state().code()), error.fields().message, error.fields().hint,
            error.fields().location};
  }
  return {};
}

TEST(ParseTest, StatementsHaveTheirTextAndPlace) {
  Script script = Parse("select 1; -- one\n insert into t values ('a;b') ;;");
  ASSERT_EQ(script.statements().size(), 2u);
  EXPECT_EQ(script.statements()[0].text, "select 1");
  EXPECT_EQ(TagOf(script.statements()[0].tree), T_SelectStmt);
  EXPECT_EQ(script.statements()[1].text, " -- one\n insert into t values ('a;b') ");
  EXPECT_EQ(TagOf(script.statements()[1].tree), T_InsertStmt);
  EXPECT_TRUE(Parse("").statements().empty());
  EXPECT_TRUE(Parse(" ; -- nothing\n").statements().empty());
}

TEST(ParseTest, ErrorsArePostgres) {
  Failure failure = FailureOf("select 1 frm t");
  EXPECT_EQ(failure.state, "42601");
  EXPECT_EQ(failure.message, "syntax error at or near \"t\"");
  EXPECT_EQ(failure.location, 13);
  failure = FailureOf("select 'é', frm frm frm");
  EXPECT_EQ(failure.location, 21);
  EXPECT_EQ(FailureOf("select 1 from").message, "syntax error at end of input");
  EXPECT_EQ(FailureOf("select 'abc").message, "unterminated quoted string at or near \"'abc\"");
  EXPECT_EQ(FailureOf("select U&'\\zzzz'").state, "42601");
  EXPECT_EQ(FailureOf("create table t (a int) with (oids = true) tablespace").state, "42601");
  EXPECT_EQ(FailureOf("select * from t order by a limit 1, 2").hint,
            "Use separate LIMIT and OFFSET clauses.");
  // After an error the parser works on.
  EXPECT_EQ(Parse("select 2").statements().size(), 1u);
}

TEST(ParseTest, ParametersAreNotValuesOfOptionsAndSettings) {
  for (std::string statement : {
           "create role r login password $1",
           "create user r encrypted password $1",
           "alter role r password $1",
           "set x = $1",
           "set local search_path to a, $1",
           "set schema $1",
           "set role $1",
           "set session authorization $1",
           "set time zone $1",
           "alter role r set x to $1",
           "alter database d set x to $1",
           "create function f() returns int language sql set x = $1 as 'select 1'",
           "alter function f() set x = $1",
       }) {
    Failure failure = FailureOf("select 1; " + statement);
    EXPECT_EQ(failure.state, "42601") << statement;
    EXPECT_EQ(failure.message, "syntax error at or near \"$1\"");
    EXPECT_EQ(failure.location, 10 + static_cast<int>(statement.find('$')));
  }
  EXPECT_EQ(FailureOf("create role r password '$1'; set x = '$1'; set y = \"$1\"").state, "");
  EXPECT_EQ(Parse("select $1; insert into t values ($1)").statements().size(), 2u);
}

TEST(ParseTest, WithTiesIsRead) {
  Script script = Parse("select 1 limit 1; select 1 order by 1 fetch first 2 rows with ties");
  EXPECT_FALSE(HasWithTies(As<SelectStmt>(script.statements()[0].tree)));
  EXPECT_TRUE(HasWithTies(As<SelectStmt>(script.statements()[1].tree)));
}

TEST(ParseTest, CreateIndexAsyncKeepsLocations) {
  Script script = Parse("create unique index async i on t (a)");
  ASSERT_EQ(script.statements().size(), 1u);
  EXPECT_TRUE(script.statements()[0].async);
  EXPECT_STREQ(As<IndexStmt>(script.statements()[0].tree)->idxname, "i");
  script = Parse("create index async on t (a); select 1");
  EXPECT_TRUE(script.statements()[0].async);
  EXPECT_EQ(As<IndexStmt>(script.statements()[0].tree)->idxname, nullptr);
  EXPECT_FALSE(script.statements()[1].async);
  EXPECT_FALSE(Parse("create index \"async\" on t (a)").statements()[0].async);
  EXPECT_FALSE(Parse("select 'create index async'").statements()[0].async);
  EXPECT_EQ(FailureOf("create index async i on t (a) frm").location, 30);
}

TEST(ParseTest, AlterTableAsync) {
  EXPECT_TRUE(Parse("ALTER TABLE ASYNC t VALIDATE CONSTRAINT c").statements()[0].async);
  Script script = Parse("ALTER TABLE async ADD COLUMN a int");
  EXPECT_FALSE(script.statements()[0].async);
  EXPECT_STREQ(As<AlterTableStmt>(script.statements()[0].tree)->relation->relname, "async");
}

TEST(ParseTest, AwsIam) {
  Script script = Parse("select 1; AWS IAM GRANT \"Ro le\" TO 'arn:x';select 2");
  ASSERT_EQ(script.statements().size(), 3u);
  ASSERT_TRUE(script.statements()[1].aws_iam.has_value());
  EXPECT_TRUE(script.statements()[1].aws_iam->grant);
  EXPECT_EQ(script.statements()[1].aws_iam->role, "Ro le");
  EXPECT_EQ(script.statements()[1].aws_iam->arn, "arn:x");
  EXPECT_EQ(script.statements()[1].text, "AWS IAM GRANT \"Ro le\" TO 'arn:x'");
  EXPECT_EQ(FailureOf("aws iam grant r from 'x'").message, "syntax error at or near \"from\"");
  EXPECT_EQ(FailureOf("aws iam revoke r from").message, "syntax error at end of input");
}

TEST(ParseTest, ScriptsMayDieOnAnotherThread) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) {
        auto script =
            std::make_shared<Script>(Parse("select a, b from t where a = 1 and b in (1)"));
        EXPECT_EQ(script->statements().size(), 1u);
        EXPECT_EQ(FailureOf("selec").state, "42601");
        std::thread([script] {}).join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sundog::parser
