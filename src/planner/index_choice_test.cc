// Which indexes scans use, and for which orders.
#include "planner/planner_fixture.h"

namespace sundog::planner {
namespace {

class IndexChoiceTest : public PlannerFixture {
 protected:
  IndexChoiceTest() {
    Define(R"(
      CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text, d timestamp, n int NOT NULL,
                      active boolean, e int);
      CREATE INDEX t_a_b ON t (a, b);
      CREATE INDEX t_c ON t (c);
      CREATE INDEX t_lower ON t (lower(c));
      CREATE INDEX t_d ON t (d DESC);
      CREATE INDEX t_n ON t (n);
      CREATE INDEX t_active ON t (b) WHERE active;
      CREATE INDEX t_e ON t (e) WHERE a > 10 AND c IS NOT NULL;
      CREATE INDEX t_e_some ON t (e, n) WHERE n IN (1, 2);
    )");
    SetRows("t", 100000, {{"a", 1000}, {"b", 1000}, {"c", 100000}});
  }
};

TEST_F(IndexChoiceTest, ARowIsFoundByItsPrimaryKey) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE id = 5"), "Index Scan using t_pkey on t [id = 5]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE 5 = id AND c = 'x'"),
            "Index Scan using t_pkey on t [5 = id; Filter: c = 'x'::text]");
}

TEST_F(IndexChoiceTest, EqualitiesThenARangeUseAnIndexOfSeveralColumns) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a = 5"), "Index Scan using t_a_b on t [a = 5]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE b > 3 AND a = 5 AND b <= 9"),
            "Index Scan using t_a_b on t [(a = 5) AND (b > 3) AND (b <= 9)]");
}

TEST_F(IndexChoiceTest, ColumnsOfTheIndexAloneNeedNoRow) {
  EXPECT_EQ(PlanOf("SELECT a, b, id FROM t WHERE a = 5"),
            "Index Only Scan using t_a_b on t [a = 5]");
  Define("CREATE TABLE u (id int, a int, b int, PRIMARY KEY (id) INCLUDE (b));"
         "CREATE INDEX u_a ON u (a)");
  SetRows("u", 100000, {{"a", 1000}});
  EXPECT_EQ(PlanOf("SELECT id, b FROM u WHERE a = 5"), "Index Scan using u_a on u [a = 5]");
}

TEST_F(IndexChoiceTest, WhatIsAlwaysTrueIsNoCondition) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE true AND a = 5 AND true"),
            "Index Scan using t_a_b on t [a = 5]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE true"), "Seq Scan on t");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE NULL"), "Seq Scan on t [Filter: NULL::boolean]");
  Define("CREATE TABLE u (id int PRIMARY KEY, a int); CREATE INDEX u_a ON u (a) WHERE true");
  SetRows("u", 100000, {{"a", 1000}});
  EXPECT_EQ(PlanOf("SELECT * FROM u WHERE a = 5"), "Index Only Scan using u_a on u [a = 5]");
}

TEST_F(IndexChoiceTest, ListsAndAlternativesOfOneColumnAreRanges) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a IN (5, 7) AND b = 1"),
            "Index Scan using t_a_b on t [(a = ANY (ARRAY[5, 7])) AND (b = 1)]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a = ANY ($1)"),
            "Index Scan using t_a_b on t [a = ANY ($1)]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a = 5 OR a = 7"),
            "Index Scan using t_a_b on t [(a = 5) OR (a = 7)]");
}

TEST_F(IndexChoiceTest, NullsAreFoundInIndexes) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a IS NULL"),
            "Index Scan using t_a_b on t [a IS NULL]");
}

TEST_F(IndexChoiceTest, TextPrefixesAreRanges) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE c LIKE 'ab%'"),
            "Index Scan using t_c on t [c ~~ 'ab%'::text; Filter: c ~~ 'ab%'::text]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE c ^@ 'ab'"),
            "Index Scan using t_c on t [c ^@ 'ab'::text; Filter: c ^@ 'ab'::text]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE c LIKE '%ab'"),
            "Seq Scan on t [Filter: c ~~ '%ab'::text]");
}

TEST_F(IndexChoiceTest, ExpressionsAreFoundInTheirIndexes) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE lower(c) = 'x'"),
            "Index Scan using t_lower on t [lower(c) = 'x'::text]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE upper(c) = 'x'"),
            "Seq Scan on t [Filter: upper(c) = 'x'::text]");
}

TEST_F(IndexChoiceTest, APartialIndexNeedsItsPredicate) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE b = 1 AND active"),
            "Index Scan using t_active on t [b = 1]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE b = 1 AND NOT active"),
            "Seq Scan on t [Filter: (b = 1) AND (NOT active)]");
  // What compares with c is not null; above 20 is above 10.
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE e = 1 AND a > 20 AND c < 'b'"),
            "Index Scan using t_e on t [e = 1; Filter: (a > 20) AND (c < 'b'::text)]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE e = 1 AND a > 9 AND c < 'b'"),
            "Seq Scan on t [Filter: (e = 1) AND (a > 9) AND (c < 'b'::text)]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE e = 1 AND a > $1 AND c < 'b'"),
            "Seq Scan on t [Filter: (e = 1) AND (a > $1) AND (c < 'b'::text)]");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE e = 1 AND n = 2"),
            "Index Scan using t_e_some on t [(e = 1) AND (n = 2)]");
}

TEST_F(IndexChoiceTest, RowComparisonsStartWhereTheLastPageEnded) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE (a, b) > (1, 2) ORDER BY a, b LIMIT 10"),
            "Limit {Index Scan using t_a_b on t "
            "[ROW(a, b) > ROW(1, 2); Filter: ROW(a, b) > ROW(1, 2)]}");
}

TEST_F(IndexChoiceTest, AFewRowsInOrderComeFromAnIndex) {
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY id LIMIT 10"),
            "Limit {Index Scan using t_pkey on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY id DESC LIMIT 10"),
            "Limit {Index Scan Backward using t_pkey on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY a, b LIMIT 10"),
            "Limit {Index Scan using t_a_b on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY a, b DESC LIMIT 10"),
            "Limit {Sort [Sort Key: a, b DESC] {Seq Scan on t}}");
}

TEST_F(IndexChoiceTest, ManyRowsInOrderAreSorted) {
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY a, b"),
            "Sort [Sort Key: a, b] {Seq Scan on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY id"), "Index Scan using t_pkey on t");
}

TEST_F(IndexChoiceTest, NullsMustLieWhereTheOrderWantsThem) {
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY d DESC LIMIT 5"),
            "Limit {Index Scan using t_d on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY d LIMIT 5"),
            "Limit {Index Scan Backward using t_d on t}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY d DESC NULLS LAST LIMIT 5"),
            "Limit {Sort [Sort Key: d DESC NULLS LAST] {Seq Scan on t}}");
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY n DESC NULLS LAST LIMIT 5"),
            "Limit {Index Scan Backward using t_n on t}");
}

TEST_F(IndexChoiceTest, AnEqualColumnDoesNotCountInTheOrder) {
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a = $1 ORDER BY b DESC LIMIT 10"),
            "Limit {Index Scan Backward using t_a_b on t [a = $1]}");
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE a = 5 ORDER BY a, b, id LIMIT 10"),
            "Limit {Index Scan using t_a_b on t [a = 5]}");
}

TEST_F(IndexChoiceTest, AUniqueKeyDecidesTheOrderByItself) {
  EXPECT_EQ(PlanOf("SELECT * FROM t ORDER BY id, c LIMIT 5"),
            "Limit {Index Scan using t_pkey on t}");
}

TEST_F(IndexChoiceTest, WithoutIndexesEverythingIsReadAndSorted) {
  settings_.enable_index_scan = false;
  EXPECT_EQ(PlanOf("SELECT * FROM t WHERE id = 5 ORDER BY id LIMIT 1"),
            "Limit {Sort [Sort Key: id] {Seq Scan on t [Filter: id = 5]}}");
}

}  // namespace
}  // namespace sundog::planner
