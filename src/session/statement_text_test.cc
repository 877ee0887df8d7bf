#include "session/statement_text.h"

#include <gtest/gtest.h>

namespace sundog::session {
namespace {

// The generic text, "exact" when nothing in it is replaced, "refused" when it is not to be kept.
std::string GenericOf(std::string_view sql) {
  StatementText text;
  if (!text.Read(sql)) return "refused";
  if (text.has_parameters()) return text.generic();
  return text.exact() ? "exact" : "never";
}

TEST(StatementText, ReplacesValuesThatAreComparedAssignedOrAdded) {
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE id = 17;"), "SELECT a FROM t WHERE id = $1");
  EXPECT_EQ(GenericOf("update t set n = n + -5 where id=3 and s = 'x''y'"),
            "update t set n = n + -$1 where id=$2 and s = $3");
  EXPECT_EQ(GenericOf("DELETE FROM \"t = 5\" WHERE id = 5::bigint"),
            "DELETE FROM \"t = 5\" WHERE id = $1::bigint");
}

TEST(StatementText, ReplacesWholeValuesOfOneInsertedRow) {
  EXPECT_EQ(GenericOf("INSERT INTO t (a, b) VALUES (1, 'x', -2, now(), f(3), 4)"),
            "INSERT INTO t (a, b) VALUES ($1, $2, -$3, now(), f(3), $4)");
  EXPECT_EQ(GenericOf("INSERT INTO t VALUES ('1' || 'x', 2::text)"), "exact");
  EXPECT_EQ(GenericOf("INSERT INTO t VALUES (1), (2)"), "exact");
  EXPECT_EQ(GenericOf("INSERT INTO t SELECT a FROM u WHERE id = 1"), "exact");
}

TEST(StatementText, KeepsLiteralsThatMeanMoreThanTheirValue) {
  EXPECT_EQ(GenericOf("SELECT a, 1 FROM t WHERE id IN (1, 2) ORDER BY 1 LIMIT 10"), "exact");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE id > 5 AND b LIKE 'x%' AND c <> 4"), "exact");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE id =- 5"), "exact");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE x = 1.5 AND y = 1."), "exact");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE id = (SELECT 1 FROM u WHERE v = 2)"), "exact");
  EXPECT_EQ(GenericOf("WITH x AS (SELECT 1) SELECT * FROM x WHERE id = 1"), "exact");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE id = $1 AND b = 2"), "exact");
}

TEST(StatementText, IntegersKeepTheirType) {
  StatementText text;
  ASSERT_TRUE(text.Read("SELECT 0 + 2147483647 + 2147483648 - 2147483648 + 99999999999999999999"));
  EXPECT_EQ(text.generic(), "SELECT 0 + $1 + $2 - 2147483648 + 99999999999999999999");
  EXPECT_EQ(text.types(), (std::vector<types::Oid>{types::oids::kInt4, types::oids::kInt8}));
}

TEST(StatementText, TextsThatMeanSomethingElseLaterAreNotKeptAsTheyAre) {
  EXPECT_EQ(GenericOf("SELECT timestamp 'Now'"), "never");
  EXPECT_EQ(GenericOf("SELECT timetz '12:00 Europe/Berlin'"), "never");
  EXPECT_EQ(GenericOf("SELECT a FROM t WHERE day < 'tomorrow'"), "never");
  EXPECT_EQ(GenericOf("SELECT timestamp '2020-01-01 12:00'"), "exact");
}

TEST(StatementText, RefusesWhatItDoesNotUnderstand) {
  for (const char* sql :
       {"", ";", "BEGIN", "EXPLAIN SELECT 1", "SELECT 1; SELECT 2", "SELECT E'\\''",
        "SELECT 1 -- x", "SELECT /* x */ 1", "SELECT $$x$$", "SELECT $a$x$a$", "SELECT 'x",
        "SELECT \"x", "SELECT 12abc", "SELECT U&'x'", "SELECT 'a'\n'b'", "SELECT 1)", "(SELECT 1)",
        "SELECT 1 = $", "\\"}) {
    EXPECT_EQ(GenericOf(sql), "refused") << sql;
  }
  EXPECT_EQ(GenericOf(std::string(10000, ' ') + "SELECT 1"), "refused");
}

}  // namespace
}  // namespace sundog::session
