// Choosing how to join.
#include <algorithm>

#include "base/sql_error.h"
#include "planner/cardinality.h"
#include "planner/comparison.h"
#include "planner/expressions.h"
#include "planner/join_graph.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

bool UsesOnly(const binder::BoundExpression& expression, const std::set<RelationId>& wanted,
              const std::set<RelationId>& unwanted) {
  bool any = false;
  for (RelationId relation : RelationsOf(expression)) {
    if (unwanted.contains(relation)) return false;
    any |= wanted.contains(relation);
  }
  return any;
}

struct EquiKeys {
  BoundExpressions left;
  BoundExpressions right;
  BoundExpressions rest;
};

// a = b with one side over the left input and the other over the right one, both of one type (so
// that equal values have equal key bytes).
bool SplitEquality(BoundExpressionPtr& conjunct, const std::set<RelationId>& left,
                   const std::set<RelationId>& right, EquiKeys& keys) {
  if (conjunct->kind != ExpressionKind::kFunction) return false;
  auto& call = conjunct->As<BoundFunction>();
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (op == nullptr || op->name != "=" || !op->can_hash || op->left != op->right) return false;
  if (ContainsSubquery(call) || IsVolatile(call)) return false;
  BoundExpressionPtr& a = call.arguments[0];
  BoundExpressionPtr& b = call.arguments[1];
  if (UsesOnly(*a, left, right) && UsesOnly(*b, right, left)) {
    keys.left.push_back(std::move(a));
    keys.right.push_back(std::move(b));
    return true;
  }
  if (UsesOnly(*b, left, right) && UsesOnly(*a, right, left)) {
    keys.left.push_back(std::move(b));
    keys.right.push_back(std::move(a));
    return true;
  }
  return false;
}

bool KeepsRight(LogicalJoinType type) {
  return type != LogicalJoinType::kSemi && type != LogicalJoinType::kAnti;
}

// The columns above the join, and their places in left and right side by side.
void Combine(const Layout& left, const PhysicalNode& left_node, const Layout& right,
             const PhysicalNode& right_node, bool keeps_right, const Required& required,
             Layout& layout, std::vector<SqlType>& types, std::vector<int>& output) {
  for (size_t i = 0; i < left.columns.size(); ++i) {
    if (!required.contains(left.columns[i])) continue;
    layout.columns.push_back(left.columns[i]);
    types.push_back(left_node.types[i]);
    output.push_back(static_cast<int>(i));
  }
  if (!keeps_right) return;
  for (size_t i = 0; i < right.columns.size(); ++i) {
    if (!required.contains(right.columns[i])) continue;
    layout.columns.push_back(right.columns[i]);
    types.push_back(right_node.types[i]);
    output.push_back(static_cast<int>(left.columns.size() + i));
  }
}

Layout SideBySide(const Layout& left, const Layout& right) {
  Layout both = left;
  both.columns.insert(both.columns.end(), right.columns.begin(), right.columns.end());
  return both;
}

// The scan that the node is, or null.
LogicalScan* BareScan(LogicalNode& node) {
  return node.kind == LogicalKind::kScan ? &node.As<LogicalScan>() : nullptr;
}

// Whether the scan may test the join's condition itself.
bool MayTest(const LogicalScan& scan, const binder::BoundExpression& conjunct) {
  return !ContainsSubquery(conjunct) && !IsVolatile(conjunct) &&
         (!scan.secured || IsLeakproof(conjunct));
}

// The right sides of equalities, where they are columns.
bool DistinctKeys(const BoundExpressions& conjuncts, const std::set<RelationId>& right,
                  BoundExpressions& keys) {
  for (const auto& conjunct : conjuncts) {
    bool found = false;
    for (const auto& argument : conjunct->As<BoundFunction>().arguments) {
      const binder::BoundExpression& bare = SkipRelabels(*argument);
      if (bare.kind != ExpressionKind::kColumn) continue;
      if (!right.contains(bare.As<binder::BoundColumn>().relation)) continue;
      keys.push_back(bare.Clone());
      found = true;
    }
    if (!found) return false;
  }
  return true;
}

bool IsHashable(const binder::BoundExpression& conjunct, const std::set<RelationId>& left,
                const std::set<RelationId>& right) {
  EquiKeys keys;
  BoundExpressionPtr copy = conjunct.Clone();
  return SplitEquality(copy, left, right, keys);
}

// As PostgreSQL, whose FULL JOIN must merge or hash.
void CheckFullJoin(const LogicalJoin& node, const std::set<RelationId>& left,
                   const std::set<RelationId>& right) {
  if (node.type != LogicalJoinType::kFull || node.conjuncts.empty()) return;
  bool possible = true;
  for (const auto& conjunct : node.conjuncts) {
    if (conjunct->kind == ExpressionKind::kConstant) continue;
    possible = false;
    if (conjunct->kind != ExpressionKind::kFunction) continue;
    const auto& call = conjunct->As<BoundFunction>();
    const functions::OperatorInfo* op =
        functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
    if (op == nullptr || !(op->can_hash || op->can_merge) || call.arguments.size() != 2) continue;
    const binder::BoundExpression& a = *call.arguments[0];
    const binder::BoundExpression& b = *call.arguments[1];
    if (UsesOnly(a, left, right) && UsesOnly(b, right, left)) return;
    if (UsesOnly(b, left, right) && UsesOnly(a, right, left)) return;
  }
  if (possible) return;
  throw base::SqlError(sqlstate::kFeatureNotSupported,
                       "FULL JOIN is only supported with merge-joinable or hash-joinable join "
                       "conditions");
}

// A scan with the join's plain conditions added to its own.
std::unique_ptr<LogicalScan> ProbeOf(const LogicalScan& scan,
                                     const BoundExpressions& join_conjuncts) {
  auto probe = std::make_unique<LogicalScan>();
  probe->table = scan.table;
  probe->relation = scan.relation;
  probe->alias = scan.alias;
  probe->conjuncts = binder::CloneAll(scan.conjuncts);
  for (const auto& conjunct : join_conjuncts) {
    if (!MayTest(scan, *conjunct)) continue;
    probe->conjuncts.push_back(conjunct->Clone());
  }
  return probe;
}

}  // namespace

// Whether looking up each left row through an index of the right table beats reading that whole.
bool PhysicalBuilder::WantsLookups(LogicalJoin& node, const Demand& demand,
                                   const Required& required) {
  if (!context_.settings.enable_nested_loop || !context_.settings.enable_index_scan) return false;
  if (node.type == LogicalJoinType::kRight || node.type == LogicalJoinType::kFull) return false;
  LogicalScan* scan = BareScan(*node.children[1]);
  if (scan == nullptr || scan->sample_fraction >= 0) return false;
  std::set<RelationId> left;
  std::set<RelationId> right = {scan->relation};
  CollectRelations(*node.children[0], left);
  std::unique_ptr<LogicalScan> probe = ProbeOf(*scan, node.conjuncts);
  ScanChoice lookup = ChooseScan(*probe, required, {}, index_rules_, context_);
  // A path that the scan's own conditions give is no lookup.
  bool uses_left = std::any_of(lookup.used.begin(), lookup.used.end(),
                               [&](size_t i) { return i >= scan->conjuncts.size(); });
  if (!uses_left) return false;
  double left_rows = EstimateRows(*node.children[0], context_);
  double joined_rows = EstimateRows(node, context_);
  bool ordered = demand.order.empty() || CanOrder(*node.children[0], demand);
  double looked_up = left_rows;
  if (ordered && demand.row_goal > 0) {
    looked_up = std::min(left_rows, demand.row_goal * left_rows / std::max(1.0, joined_rows));
  }
  double lookup_cost = looked_up * (lookup.cost.total + kRescanCost);
  double right_rows = EstimateRows(*scan, context_);
  double whole_cost = ChooseScan(*scan, required, {}, index_rules_, context_).cost.total;
  bool hashable = context_.settings.enable_hash_join &&
                  std::any_of(node.conjuncts.begin(), node.conjuncts.end(),
                              [&](const auto& c) { return IsHashable(*c, left, right); });
  whole_cost += hashable ? right_rows * kHashBuildCost + left_rows * kHashProbeCost
                         : left_rows * right_rows * kOperatorCost;
  if (ordered && !demand.order.empty()) whole_cost += SortCost(joined_rows, demand.row_goal);
  return lookup_cost < whole_cost;
}

PhysicalBuilder::Built PhysicalBuilder::BuildJoin(LogicalJoin& node, const Required& required,
                                                  const Demand& demand) {
  Required below = required;
  Require(node.conjuncts, below);
  CollectColumns(*node.children[1], below);  // what a lateral right side needs of the left one
  if (!node.lateral) {
    if (LogicalPtr turned = LookUpFromRight(node, required)) return Build(*turned, required);
  }
  TurnForOrder(node, demand, below);
  bool lookups = WantsLookups(node, demand, below);
  std::set<RelationId> left_relations;
  std::set<RelationId> right_relations;
  CollectRelations(*node.children[0], left_relations);
  CollectRelations(*node.children[1], right_relations);
  CheckFullJoin(node, left_relations, right_relations);
  bool hashable = context_.settings.enable_hash_join &&
                  std::any_of(node.conjuncts.begin(), node.conjuncts.end(), [&](const auto& c) {
                    return IsHashable(*c, left_relations, right_relations);
                  });
  if (node.lateral || lookups || !hashable) {
    // The left side's order stays.
    Demand of_left = demand.Below(EstimateRows(*node.children[0], context_),
                                  EstimateRows(node, context_));
    bool keeps = node.type != LogicalJoinType::kRight && node.type != LogicalJoinType::kFull;
    keeps &= !of_left.Mentions(right_relations);
    if (!keeps) of_left = Demand();
    Built left = Build(*node.children[0], below, of_left);
    bool ordered = left.ordered && (keeps || demand.order.empty());
    Built built = BuildNestedLoop(node, required, std::move(left), lookups);
    built.ordered = ordered;
    return built;
  }
  BuildOnSmallerSide(node, left_relations, right_relations);
  EquiKeys keys;
  for (BoundExpressionPtr& conjunct : node.conjuncts) {
    if (!SplitEquality(conjunct, left_relations, right_relations, keys)) {
      keys.rest.push_back(std::move(conjunct));
    }
  }
  Built left = Build(*node.children[0], below);
  Built right = Build(*node.children[1], below);
  return BuildHashJoin(node, required, std::move(left), std::move(right), std::move(keys.left),
                       std::move(keys.right), std::move(keys.rest));
}

void PhysicalBuilder::TurnForOrder(LogicalJoin& node, const Demand& demand,
                                   const Required& required) {
  bool may_turn = node.type == LogicalJoinType::kInner && !node.lateral;
  if (!may_turn || demand.order.empty() || demand.row_goal == 0) return;
  Demand of_side = demand.Below(EstimateRows(*node.children[1], context_),
                                EstimateRows(node, context_));
  std::set<RelationId> left;
  CollectRelations(*node.children[0], left);
  if (of_side.Mentions(left) || !CanOrder(*node.children[1], of_side)) return;
  std::swap(node.children[0], node.children[1]);
  if (!WantsLookups(node, demand, required)) std::swap(node.children[0], node.children[1]);
}

// The right side is the one that is kept in memory.
void PhysicalBuilder::BuildOnSmallerSide(LogicalJoin& node, std::set<RelationId>& left,
                                         std::set<RelationId>& right) const {
  bool inner = node.type == LogicalJoinType::kInner;
  if (!inner && node.type != LogicalJoinType::kLeft) return;
  double left_rows = EstimateRows(*node.children[0], context_);
  double right_rows = EstimateRows(*node.children[1], context_);
  if (left_rows * (inner ? 1.5 : 4) >= right_rows) return;
  if (!inner) node.type = LogicalJoinType::kRight;
  std::swap(node.children[0], node.children[1]);
  std::swap(left, right);
}

// x IN (few values), of an indexed column: the distinct values on the left, a lookup for each.
LogicalPtr PhysicalBuilder::LookUpFromRight(LogicalJoin& node, const Required& required) {
  LogicalScan* scan = BareScan(*node.children[0]);
  if (node.type != LogicalJoinType::kSemi || scan == nullptr || scan->sample_fraction >= 0) {
    return nullptr;
  }
  std::set<RelationId> left = {scan->relation};
  std::set<RelationId> right;
  CollectRelations(*node.children[1], right);
  std::set<RelationId> free = FreeRelations(*node.children[1]);
  if (free.contains(scan->relation)) return nullptr;
  std::set<ColumnId> keys;
  for (const auto& conjunct : node.conjuncts) {
    if (!IsHashable(*conjunct, left, right)) return nullptr;
    std::set<ColumnId> columns;
    CollectColumns(*conjunct, columns);
    for (const ColumnId& column : columns) {
      if (right.contains(column.relation)) keys.insert(column);
    }
  }
  auto join = std::make_unique<LogicalJoin>();
  auto distinct = std::make_unique<LogicalDistinct>();
  if (!DistinctKeys(node.conjuncts, right, distinct->keys) ||
      distinct->keys.size() != keys.size()) {
    return nullptr;
  }
  double values = EstimateRows(*node.children[1], context_);
  std::unique_ptr<LogicalScan> probe = ProbeOf(*scan, node.conjuncts);
  ScanChoice lookup = ChooseScan(*probe, required, {}, index_rules_, context_);
  bool uses_values = std::any_of(lookup.used.begin(), lookup.used.end(),
                                 [&](size_t i) { return i >= scan->conjuncts.size(); });
  if (!uses_values || !context_.settings.enable_nested_loop) return nullptr;
  double lookup_cost = values * (lookup.cost.total + kRescanCost + kHashBuildCost);
  double scan_rows = EstimateRows(*scan, context_);
  double whole_cost = ChooseScan(*scan, required, {}, index_rules_, context_).cost.total +
                      values * kHashBuildCost + scan_rows * kHashProbeCost;
  if (lookup_cost >= whole_cost) return nullptr;
  distinct->children.push_back(std::move(node.children[1]));
  join->conjuncts = std::move(node.conjuncts);
  join->children.push_back(std::move(distinct));
  join->children.push_back(std::move(node.children[0]));
  return join;
}

PhysicalBuilder::Built PhysicalBuilder::BuildHashJoin(LogicalJoin& node, const Required& required,
                                                      Built left, Built right,
                                                      BoundExpressions left_keys,
                                                      BoundExpressions right_keys,
                                                      BoundExpressions rest) {
  auto physical = std::make_shared<PhysicalHashJoin>();
  physical->type = node.type;
  physical->left_keys = ResolveAll(std::move(left_keys), left.layout);
  physical->right_keys = ResolveAll(std::move(right_keys), right.layout);
  physical->conjuncts = ResolveAll(std::move(rest), SideBySide(left.layout, right.layout));
  physical->children = {left.node, right.node};
  Layout layout;
  std::vector<SqlType> types;
  Combine(left.layout, *left.node, right.layout, *right.node, KeepsRight(node.type), required,
          layout, types, physical->output);
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildNestedLoop(LogicalJoin& node,
                                                        const Required& required, Built left,
                                                        bool lookups) {
  auto physical = std::make_shared<PhysicalNestedLoop>();
  physical->type = node.type;
  LogicalScan* scan = lookups ? BareScan(*node.children[1]) : nullptr;
  BoundExpressions rest;
  for (BoundExpressionPtr& conjunct : node.conjuncts) {
    // The right side tests it itself, with the left row's values bound.
    bool inside = lookups && MayTest(*scan, *conjunct);
    (inside ? scan->conjuncts : rest).push_back(std::move(conjunct));
  }
  Required below = required;
  Require(rest, below);
  Scope scope{&left.layout, {}, {}, false};
  scopes_.push_back(&scope);
  Built right = Build(*node.children[1], below);
  scopes_.pop_back();
  physical->bindings = std::move(scope.bindings);
  physical->conjuncts = ResolveAll(std::move(rest), SideBySide(left.layout, right.layout));
  physical->children = {left.node, right.node};
  Layout layout;
  std::vector<SqlType> types;
  Combine(left.layout, *left.node, right.layout, *right.node, KeepsRight(node.type), required,
          layout, types, physical->output);
  SetTypes(*physical, types);
  return {physical, layout};
}

}  // namespace sundog::planner
