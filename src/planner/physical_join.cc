// Choosing how to join.
#include <algorithm>

#include "planner/cardinality.h"
#include "planner/expressions.h"
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

// The scan under filters and nothing else, or null.
LogicalScan* BareScan(LogicalNode& node) {
  return node.kind == LogicalKind::kScan ? &node.As<LogicalScan>() : nullptr;
}

}  // namespace

// Whether looking up each left row through an index of the right table beats reading that whole.
bool PhysicalBuilder::WantsIndexLookups(LogicalJoin& node) {
  if (!context_.settings.enable_nested_loop || !context_.settings.enable_index_scan) return false;
  if (node.type == LogicalJoinType::kRight || node.type == LogicalJoinType::kFull) return false;
  LogicalScan* scan = BareScan(*node.children[1]);
  if (scan == nullptr || scan->sample_fraction >= 0) return false;
  LogicalScan probe;
  probe.table = scan->table;
  probe.relation = scan->relation;
  BoundExpressions conjuncts = binder::CloneAll(node.conjuncts);
  for (const auto& conjunct : scan->conjuncts) conjuncts.push_back(conjunct->Clone());
  AccessPath path = ChoosePath(probe, conjuncts);
  if (path.full()) return false;
  // A path that the scan's own conditions give is no lookup.
  bool uses_left = false;
  std::set<RelationId> left;
  CollectRelations(*node.children[0], left);
  for (const auto& condition : path.conditions) {
    for (RelationId relation : RelationsOf(*condition)) uses_left |= left.contains(relation);
  }
  if (!uses_left) return false;
  double left_rows = EstimateRows(*node.children[0], context_);
  double right_rows = context_.statistics->RowCount(*scan->table);
  double lookup_cost = left_rows * (path.unique ? 4 : 12);
  double hash_cost = right_rows * 0.4 + left_rows * 0.2;
  return lookup_cost < hash_cost;
}

PhysicalBuilder::Built PhysicalBuilder::BuildJoin(LogicalJoin& node, const Required& required) {
  Required below = required;
  Require(node.conjuncts, below);
  CollectColumns(*node.children[1], below);  // what a lateral right side needs of the left one
  std::set<RelationId> left_relations;
  std::set<RelationId> right_relations;
  CollectRelations(*node.children[0], left_relations);
  CollectRelations(*node.children[1], right_relations);
  // Asked before the left side is built, which takes its conditions away.
  bool lookups = WantsIndexLookups(node);
  if (node.lateral || lookups) {
    return BuildNestedLoop(node, required, Build(*node.children[0], below), lookups);
  }
  EquiKeys keys;
  for (BoundExpressionPtr& conjunct : node.conjuncts) {
    bool split = context_.settings.enable_hash_join &&
                 SplitEquality(conjunct, left_relations, right_relations, keys);
    if (!split) keys.rest.push_back(std::move(conjunct));
  }
  Built left = Build(*node.children[0], below);
  if (keys.left.empty()) {
    node.conjuncts = std::move(keys.rest);
    return BuildNestedLoop(node, required, std::move(left), /*lookups=*/false);
  }
  Built right = Build(*node.children[1], below);
  return BuildHashJoin(node, required, std::move(left), std::move(right), std::move(keys.left),
                       std::move(keys.right), std::move(keys.rest));
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
  LogicalScan* scan = BareScan(*node.children[1]);
  lookups = scan != nullptr && node.type != LogicalJoinType::kRight &&
            node.type != LogicalJoinType::kFull && scan->sample_fraction < 0 &&
            (node.lateral || lookups);
  BoundExpressions rest;
  for (BoundExpressionPtr& conjunct : node.conjuncts) {
    // The right side tests it itself, with the left row's values bound.
    bool inside = lookups && !ContainsSubquery(*conjunct) && !IsVolatile(*conjunct);
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
