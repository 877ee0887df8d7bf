// When ORDER BY distance LIMIT is read through an index of vectors.
#include "planner/planner_fixture.h"

namespace sundog::planner {
namespace {

class NearestChoiceTest : public PlannerFixture {
 protected:
  NearestChoiceTest() {
    Define(R"(
      CREATE EXTENSION vector;
      CREATE TABLE items (id int PRIMARY KEY, kind int, rare int, v vector(3), w vector(3));
      CREATE INDEX items_rare ON items (rare);
      CREATE INDEX items_v ON items USING hnsw (v vector_l2_ops);
      CREATE INDEX items_half ON items USING hnsw ((v::halfvec(3)) halfvec_cosine_ops);
      CREATE INDEX items_w ON items USING ivfflat (w vector_ip_ops) WHERE kind = 3;
      CREATE TABLE names (id int PRIMARY KEY, name text);
      CREATE TABLE probes (id int PRIMARY KEY, p vector(3));
      CREATE TABLE kinds (id int PRIMARY KEY, name text);
      CREATE TABLE tags (item int, tag text, PRIMARY KEY (item, tag));
    )");
    SetRows("items", 100000, {{"kind", 10}, {"rare", 50000}});
    SetRows("names", 50000);
    SetRows("probes", 1000);
    SetRows("kinds", 10);
    SetRows("tags", 300000, {{"item", 100000}, {"tag", 20}});
  }
  bool UsesIndex(std::string_view sql) {
    return PlanOf(sql).find(" Scan using items_v on items") != std::string::npos;
  }
  bool UsesKeysAlone(std::string_view sql) {
    return PlanOf(sql).find("Index Only Scan using items_v on items") != std::string::npos;
  }
};

TEST_F(NearestChoiceTest, TheOperatorOfTheIndexesClassIsItsOrder) {
  EXPECT_EQ(PlanOf("SELECT id FROM items ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Index Only Scan using items_v on items [Order By: v <-> '[1,2,3]'::vector]}");
  EXPECT_EQ(PlanOf("SELECT id FROM items ORDER BY v::halfvec(3) <=> $1 LIMIT 5"),
            "Limit {Index Only Scan using items_half on items "
            "[Order By: (v)::halfvec(3) <=> $1]}");
  EXPECT_TRUE(UsesIndex("SELECT id FROM items ORDER BY '[1,2,3]' <-> v LIMIT 5"));
  EXPECT_TRUE(UsesIndex("SELECT id, v <-> $1 AS d FROM items ORDER BY d LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <=> '[1,2,3]' LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY w <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, OnlyTheFirstRowsInAscendingOrderAreNearest) {
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]'"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]' DESC LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]' NULLS FIRST LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY id, v <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, TheProbeIsAnythingThatTheTableHasNoPartIn) {
  EXPECT_TRUE(UsesIndex("SELECT id FROM items ORDER BY v <-> (SELECT p FROM probes WHERE id = 1) "
                        "LIMIT 5"));
  EXPECT_TRUE(UsesIndex("SELECT n.id FROM probes CROSS JOIN LATERAL "
                        "(SELECT id FROM items ORDER BY v <-> p LIMIT 5) n"));
  EXPECT_TRUE(UsesIndex("SELECT n.id FROM names CROSS JOIN LATERAL (SELECT id FROM items "
                        "ORDER BY v <-> (SELECT p FROM probes WHERE id = names.id) LIMIT 5) n"));
  EXPECT_TRUE(UsesIndex("SELECT (SELECT id FROM items ORDER BY v <-> "
                        "(SELECT p FROM probes WHERE id = names.id) LIMIT 1) FROM names"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> "
                         "(SELECT p FROM probes WHERE probes.id = items.rare) LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> w LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT items.id FROM items JOIN probes ON probes.id = items.id "
                         "ORDER BY v <-> p LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT items.id FROM items, probes ORDER BY v <-> p LIMIT 5"));
  EXPECT_FALSE(UsesIndex(
      "SELECT id FROM items ORDER BY v <-> (ARRAY[random(), 1, 1]::real[]::vector) LIMIT 5"));
}

TEST_F(NearestChoiceTest, ConditionsAreTestedOnWhatIsFound) {
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE kind = 4 ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Index Scan using items_v on items "
            "[Order By: v <-> '[1,2,3]'::vector; Filter: kind = 4]}");
}

TEST_F(NearestChoiceTest, FurtherKeysDecideAmongRowsOfOneDistance) {
  EXPECT_EQ(PlanOf("SELECT id FROM items ORDER BY v <-> $1, kind DESC, id LIMIT 5"),
            "Limit {Incremental Sort "
            "[Sort Key: (v <-> $1), kind DESC, id; Presorted Key: v <-> $1] "
            "{Index Scan using items_v on items [Order By: v <-> $1]}}");
  EXPECT_TRUE(UsesIndex("SELECT id, v <-> $1 AS d FROM items ORDER BY d, id LIMIT 5"));
  EXPECT_TRUE(UsesIndex("SELECT items.id FROM items JOIN kinds ON kinds.id = kind "
                        "ORDER BY v <-> $1, name LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> $1, id"));
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> $1, id LIMIT 50000"));
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE id = 5 ORDER BY v <-> $1, kind LIMIT 5"),
            "Limit {Index Scan using items_pkey on items [id = 5]}");
}

TEST_F(NearestChoiceTest, RowsAreNotReadForWhatTheirKeysHave) {
  EXPECT_TRUE(UsesKeysAlone("SELECT id + 1 FROM items ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_TRUE(UsesKeysAlone("SELECT 1 FROM items ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_TRUE(UsesKeysAlone("SELECT id FROM items WHERE id % 2 = 0 ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_TRUE(UsesKeysAlone("SELECT id FROM items WHERE true ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone("SELECT id, kind FROM items ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone("SELECT id, v FROM items ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone("SELECT id, v <-> $1 FROM items ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone("SELECT id FROM items WHERE kind < 9 ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone(
      "SELECT id FROM items WHERE v IS NOT NULL ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone(
      "SELECT (SELECT name FROM names WHERE names.id = kind) FROM items "
      "ORDER BY v <-> $1 LIMIT 5"));
  EXPECT_FALSE(UsesKeysAlone(
      "SELECT id FROM items WHERE EXISTS (SELECT FROM names WHERE names.id = kind) "
      "ORDER BY v <-> $1 LIMIT 5"));
}

TEST_F(NearestChoiceTest, FewRowsAreFoundByTheConditionAndSorted) {
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE rare = 4 ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Sort [Sort Key: v <-> '[1,2,3]'::vector] "
            "{Index Scan using items_rare on items [rare = 4]}}");
}

TEST_F(NearestChoiceTest, ManyOfTheRowsAreReadInTheirOwnOrder) {
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]' LIMIT 50000"));
  SetRows("items", 50);
  EXPECT_FALSE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]' LIMIT 5"));
  settings_.enable_table_scan = false;
  EXPECT_TRUE(UsesIndex("SELECT id FROM items ORDER BY v <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, APartialIndexHasTheRowsOfItsPredicateAlone) {
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE kind = 3 ORDER BY w <#> $1 LIMIT 5"),
            "Limit {Index Scan using items_w on items [Order By: w <#> $1; Filter: kind = 3]}");
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE kind = 4 ORDER BY w <#> $1 LIMIT 5"),
            "Limit {Sort [Sort Key: w <#> $1] {Seq Scan on items [Filter: kind = 4]}}");
}

TEST_F(NearestChoiceTest, AJoinAboveKeepsTheOrder) {
  for (const char* tables : {"items JOIN names ON names.id = items.rare",
                             "names JOIN items ON names.id = items.rare"}) {
    EXPECT_EQ(PlanOf("SELECT items.id, name FROM " + std::string(tables) +
                     " ORDER BY v <-> '[1,2,3]' LIMIT 5"),
              "Limit {Nested Loop {Index Scan using items_v on items "
              "[Order By: v <-> '[1,2,3]'::vector], "
              "Index Scan using names_pkey on names [id = items.rare]}}");
  }
}

TEST_F(NearestChoiceTest, AFewPartnersAreHashed) {
  const std::string hashed =
      "[Hash Cond: items.kind = kinds.id] {Index Scan using items_v on items "
      "[Order By: v <-> '[1,2,3]'::vector], Hash {Seq Scan on kinds}}}";
  for (const char* tables : {"items JOIN kinds ON kinds.id = items.kind",
                             "kinds JOIN items ON kinds.id = items.kind"}) {
    EXPECT_EQ(PlanOf("SELECT items.id, kinds.name FROM " + std::string(tables) +
                     " ORDER BY v <-> '[1,2,3]' LIMIT 5"),
              "Limit {Hash Join " + hashed);
  }
  for (const char* tables : {"items LEFT JOIN kinds ON kinds.id = items.kind",
                             "kinds RIGHT JOIN items ON kinds.id = items.kind"}) {
    EXPECT_EQ(PlanOf("SELECT items.id, kinds.name FROM " + std::string(tables) +
                     " ORDER BY v <-> '[1,2,3]' LIMIT 5"),
              "Limit {Hash Left Join " + hashed);
  }
  EXPECT_FALSE(UsesIndex("SELECT items.id FROM items RIGHT JOIN kinds ON kinds.id = items.kind "
                         "ORDER BY v <-> '[1,2,3]' LIMIT 5"));
  EXPECT_FALSE(UsesIndex("SELECT items.id FROM items FULL JOIN kinds ON kinds.id = items.kind "
                         "ORDER BY v <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, JoinsAboveJoinsKeepTheOrderToo) {
  EXPECT_EQ(PlanOf("SELECT items.id FROM items JOIN kinds ON kinds.id = items.kind "
                   "JOIN names ON names.id = items.rare ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Nested Loop {Hash Join [Hash Cond: items.kind = kinds.id] "
            "{Index Scan using items_v on items [Order By: v <-> '[1,2,3]'::vector], "
            "Hash {Seq Scan on kinds}}, Index Scan using names_pkey on names "
            "[id = items.rare]}}");
}

TEST_F(NearestChoiceTest, SemiJoinsFilterTheNearest) {
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE kind IN (SELECT id FROM kinds WHERE name > 'k') "
                   "ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Hash Semi Join [Hash Cond: items.kind = kinds.id] "
            "{Index Scan using items_v on items [Order By: v <-> '[1,2,3]'::vector], "
            "Hash {Seq Scan on kinds [Filter: name > 'k'::text]}}}");
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE EXISTS (SELECT 1 FROM tags WHERE item = items.id "
                   "AND tag = 'x') ORDER BY v <-> '[1,2,3]' LIMIT 5"),
            "Limit {Nested Loop Semi Join {Index Scan using items_v on items "
            "[Order By: v <-> '[1,2,3]'::vector], Index Scan using tags_pkey on tags "
            "[(item = items.id) AND (tag = 'x'::text)]}}");
  // One row in 50,000 has a partner: these are found first.
  SetRows("tags", 300000, {{"item", 100000}, {"tag", 150000}});
  EXPECT_FALSE(UsesIndex("SELECT id FROM items WHERE EXISTS (SELECT 1 FROM tags WHERE "
                         "item = items.id AND tag = 'x') ORDER BY v <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, PartnersThatMemoryMayNotHoldAreNotHashed) {
  SetRows("names", 5000);
  EXPECT_TRUE(UsesIndex("SELECT items.id FROM items JOIN names ON names.name = items.id::text "
                        "ORDER BY v <-> '[1,2,3]' LIMIT 5"));
  SetRows("names", 500000);
  EXPECT_FALSE(UsesIndex("SELECT items.id FROM items JOIN names ON names.name = items.id::text "
                         "ORDER BY v <-> '[1,2,3]' LIMIT 5"));
}

TEST_F(NearestChoiceTest, ConditionsAreNoMatterForAnIndexOfVectors) {
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE v = '[1,2,3]'"),
            "Seq Scan on items [Filter: v = '[1,2,3]'::vector]");
  EXPECT_EQ(PlanOf("SELECT id FROM items WHERE v IS NULL"),
            "Seq Scan on items [Filter: v IS NULL]");
}

}  // namespace
}  // namespace sundog::planner
