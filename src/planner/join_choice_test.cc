// How joins, subqueries and groups are planned.
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
