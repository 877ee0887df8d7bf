// Joins: hash joins and nested loops.
#include <algorithm>

#include "base/sql_error.h"
#include "planner/cardinality.h"
#include "planner/join_conditions.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

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

}  // namespace

PhysicalBuilder::Built PhysicalBuilder::BuildJoin(LogicalJoin& node, const Required& required,
                                                  const Demand& demand) {
  Required below = required;
  Require(node.conjuncts, below);
  CollectColumns(*node.children[1], below);  // what a lateral right side needs of the left one
  JoinChoice choice = ChooseJoin(node, below, demand);
  if (choice.method == JoinMethod::kLookupsFromRight) {
    return Build(*LookUpFromRight(node), required);
  }
  if (choice.turned) TurnJoin(node);
  if (choice.method == JoinMethod::kHash && !choice.in_order) BuildOnSmallerSide(node);
  std::set<RelationId> left_relations;
  std::set<RelationId> right_relations;
  CollectRelations(*node.children[0], left_relations);
  CollectRelations(*node.children[1], right_relations);
  CheckFullJoin(node, left_relations, right_relations);
  Demand of_left;
  // The left side's order stays, and of its rows no more are read than are wanted.
  bool streams = choice.method != JoinMethod::kHash && demand.order.empty() &&
                 node.type != LogicalJoinType::kRight && node.type != LogicalJoinType::kFull;
  if (choice.in_order || streams) {
    of_left = demand.Below(EstimateRows(*node.children[0], context_),
                           EstimateRows(node, context_));
  }
  Built left = Build(*node.children[0], below, of_left);
  bool ordered = left.ordered && (choice.in_order || demand.order.empty());
  if (choice.method != JoinMethod::kHash) {
    Built built =
        BuildNestedLoop(node, required, std::move(left), choice.method == JoinMethod::kLookups);
    built.ordered = ordered;
    return built;
  }
  EquiKeys keys;
  for (BoundExpressionPtr& conjunct : node.conjuncts) {
    if (!SplitEquality(conjunct, left_relations, right_relations, keys)) {
      keys.rest.push_back(std::move(conjunct));
    }
  }
  Built right = Build(*node.children[1], below);
  Built built = BuildHashJoin(node, required, std::move(left), std::move(right), std::move(keys));
  built.ordered = choice.in_order && ordered;
  built.node->As<PhysicalHashJoin>().keeps_order = built.ordered;
  return built;
}

// The right side is the one that is kept in memory.
void PhysicalBuilder::BuildOnSmallerSide(LogicalJoin& node) const {
  bool inner = node.type == LogicalJoinType::kInner;
  if (!inner && node.type != LogicalJoinType::kLeft) return;
  double left_rows = EstimateRows(*node.children[0], context_);
  double right_rows = EstimateRows(*node.children[1], context_);
  if (left_rows * (inner ? 1.5 : 4) < right_rows) TurnJoin(node);
}

PhysicalBuilder::Built PhysicalBuilder::BuildHashJoin(LogicalJoin& node, const Required& required,
                                                      Built left, Built right,
                                                      EquiKeys keys) {
  auto physical = std::make_shared<PhysicalHashJoin>();
  physical->type = node.type;
  physical->left_keys = ResolveAll(std::move(keys.left), left.layout);
  physical->right_keys = ResolveAll(std::move(keys.right), right.layout);
  physical->conjuncts = ResolveAll(std::move(keys.rest), SideBySide(left.layout, right.layout));
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
