// How joins, subqueries and groups are planned.
#include <cmath>

#include "planner/planner_fixture.h"

namespace sundog::planner {
namespace {

class JoinChoiceTest : public PlannerFixture {
 protected:
  JoinChoiceTest() {
    Define(R"(
      CREATE TABLE orders (id int PRIMARY KEY, customer int, placed timestamp NOT NULL);
      CREATE TABLE items (order_id int, line int, sku text, PRIMARY KEY (order_id, line));
      CREATE TABLE customers (id int PRIMARY KEY, name text);
      CREATE INDEX orders_customer ON orders (customer);
      CREATE INDEX orders_placed ON orders (placed);
      CREATE INDEX items_sku ON items (sku);
      CREATE TABLE small (x int);
    )");
    SetRows("orders", 100000, {{"customer", 10000}});
    SetRows("items", 400000, {{"order_id", 100000}, {"sku", 50000}});
    SetRows("customers", 10000);
    SetRows("small", 5);
  }
  // How many rows the topmost join is thought to give.
  double RowsOf(std::string_view sql) {
    std::shared_ptr<const PhysicalPlan> plan = Plan(sql);
    const PhysicalNode* node = plan->root.get();
    while (node->children.size() == 1) node = node->children[0].get();
    return std::round(node->estimated_rows);
  }
};

TEST_F(JoinChoiceTest, AFewRowsLookUpTheirPartners) {
  EXPECT_EQ(PlanOf("SELECT * FROM orders o JOIN items i ON i.order_id = o.id WHERE o.id = 7"),
            "Nested Loop {Index Scan using orders_pkey on orders o [id = 7], "
            "Index Scan using items_pkey on items i [order_id = o.id]}");
}

TEST_F(JoinChoiceTest, ManyRowsAreHashedOnTheSmallerSide) {
  EXPECT_EQ(PlanOf("SELECT * FROM customers c JOIN orders o ON o.customer = c.id"),
            "Hash Join [Hash Cond: o.customer = c.id] {Seq Scan on orders o, "
            "Hash {Seq Scan on customers c}}");
}

TEST_F(JoinChoiceTest, TheFirstRowsInOrderNeedNoSort) {
  EXPECT_EQ(PlanOf("SELECT * FROM orders o LEFT JOIN customers c ON c.id = o.customer "
                   "ORDER BY o.placed DESC LIMIT 10"),
            "Limit {Nested Loop Left Join {Index Scan Backward using orders_placed on orders o, "
            "Index Scan using customers_pkey on customers c [id = o.customer]}}");
}

TEST_F(JoinChoiceTest, EachRowFindsOnePartnerByAUniqueKey) {
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer"), 100000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM customers c JOIN orders o ON c.id = o.customer"), 100000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN items i ON i.order_id = o.id"), 400000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN small s ON s.x = o.id"), 5);
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN items i ON i.order_id = o.id "
                   "JOIN customers c ON c.id = o.customer"), 400000);
}

TEST_F(JoinChoiceTest, FewerRowsOfTheUniqueSideFindFewerPartners) {
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer "
                   "WHERE c.name = 'x'"), 500);
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN customers c ON c.id = o.customer "
                   "WHERE c.id = 3"), 10);
}

TEST_F(JoinChoiceTest, AKeyOfSeveralColumnsIsOneCondition) {
  Define("CREATE TABLE parts (order_id int, line int, what text)");
  SetRows("parts", 800000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM items i JOIN parts p ON p.order_id = i.order_id "
                   "AND p.line = i.line"), 800000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM parts p JOIN items i ON p.order_id = i.order_id "
                   "AND p.line = i.line WHERE i.line = 2"), 4000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM parts p JOIN items i ON p.line = i.line "
                   "WHERE i.order_id = 2"), 800000);
}

TEST_F(JoinChoiceTest, ValuesInCommonDecideWithoutAKey) {
  Define("CREATE TABLE visits (customer int, page text)");
  SetRows("visits", 50000, {{"customer", 2000}});
  EXPECT_EQ(RowsOf("SELECT 1 FROM visits v JOIN orders o ON o.customer = v.customer"), 500000);
  // Of one side nothing is known, then of both.
  SetRows("visits", 50000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM visits v JOIN orders o ON o.customer = v.customer"), 500000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM visits a JOIN visits b ON a.page = b.page"), 50000);
}

TEST_F(JoinChoiceTest, OuterJoinsKeepTheirRows) {
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o LEFT JOIN customers c ON c.id = o.customer "
                   "AND c.name = 'x'"), 100000);
  EXPECT_EQ(RowsOf("SELECT 1 FROM customers c RIGHT JOIN orders o ON c.id = o.customer"), 100000);
}

TEST_F(JoinChoiceTest, GroupsAreAUniqueKey) {
  EXPECT_EQ(RowsOf("SELECT 1 FROM orders o JOIN (SELECT customer, count(*) FROM orders "
                   "GROUP BY customer) g ON g.customer = o.customer"), 100000);
}

TEST_F(JoinChoiceTest, TheFirstRowsInOrderAreHashedToo) {
  Define(R"(
    CREATE TABLE shops (id int PRIMARY KEY);
    CREATE TABLE visits (shop int, at timestamp NOT NULL);
    CREATE INDEX visits_at ON visits (at);
  )");
  SetRows("shops", 20);
  SetRows("visits", 100000);
  EXPECT_EQ(PlanOf("SELECT * FROM shops s JOIN visits v ON s.id = v.shop ORDER BY v.at LIMIT 10"),
            "Limit {Hash Join [Hash Cond: v.shop = s.id] "
            "{Index Scan using visits_at on visits v, Hash {Seq Scan on shops s}}}");
  // The orders of a few customers are found first.
  EXPECT_EQ(PlanOf("SELECT * FROM orders o JOIN customers c ON c.id = o.customer "
                   "WHERE c.name = 'x' ORDER BY o.placed LIMIT 500"),
            "Limit {Sort [Sort Key: o.placed] {Nested Loop {Seq Scan on customers c "
            "[Filter: name = 'x'::text], Index Scan using orders_customer on orders o "
            "[c.id = customer]}}}");
}

TEST_F(JoinChoiceTest, SemiJoinsLookUpToo) {
  EXPECT_EQ(PlanOf("SELECT * FROM orders o WHERE o.customer = 5 AND EXISTS "
                   "(SELECT 1 FROM items i WHERE i.order_id = o.id)"),
            "Nested Loop Semi Join {Index Scan using orders_customer on orders o "
            "[customer = 5], Index Scan using items_pkey on items i [order_id = o.id]}");
  EXPECT_EQ(PlanOf("SELECT * FROM orders o WHERE o.customer = 5 AND NOT EXISTS "
                   "(SELECT 1 FROM items i WHERE i.order_id = o.id)"),
            "Nested Loop Anti Join {Index Scan using orders_customer on orders o "
            "[customer = 5], Index Scan using items_pkey on items i [order_id = o.id]}");
}

TEST_F(JoinChoiceTest, AFewValuesOfInLookUpTheTable) {
  EXPECT_EQ(PlanOf("SELECT * FROM orders WHERE id IN (SELECT order_id FROM items WHERE sku = 'x')"),
            "Nested Loop {HashAggregate [Group Key: items.order_id] "
            "{Index Only Scan using items_sku on items [sku = 'x'::text]}, "
            "Index Scan using orders_pkey on orders [id = items.order_id]}");
}

TEST_F(JoinChoiceTest, NotInIsHashedWhenNothingOutsideMatters) {
  EXPECT_EQ(PlanOf("SELECT * FROM orders WHERE id NOT IN (SELECT x FROM small)"),
            "Seq Scan on orders [Filter: NOT (hashed SubPlan 1)] {SubPlan 1: Seq Scan on small}");
}

TEST_F(JoinChoiceTest, UncorrelatedSubqueriesRunOnce) {
  EXPECT_EQ(PlanOf("SELECT * FROM small WHERE x > (SELECT count(*) FROM customers)"),
            "Seq Scan on small [Filter: x > $0] "
            "{InitPlan 1 (returns $0): Aggregate {Seq Scan on customers}}");
}

}  // namespace
}  // namespace sundog::planner
