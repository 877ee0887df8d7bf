#include "planner/join_conditions.h"

#include <algorithm>

#include "planner/expressions.h"

namespace sundog::planner {

using binder::BoundFunction;
using binder::ExpressionKind;

bool UsesOnly(const binder::BoundExpression& expression, const std::set<RelationId>& wanted,
              const std::set<RelationId>& unwanted) {
  bool any = false;
  for (RelationId relation : RelationsOf(expression)) {
    if (unwanted.contains(relation)) return false;
    any |= wanted.contains(relation);
  }
  return any;
}

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

bool IsHashable(const binder::BoundExpression& conjunct, const std::set<RelationId>& left,
                const std::set<RelationId>& right) {
  EquiKeys keys;
  BoundExpressionPtr copy = conjunct.Clone();
  return SplitEquality(copy, left, right, keys);
}

bool IsHashable(const LogicalJoin& join) {
  std::set<RelationId> left;
  std::set<RelationId> right;
  CollectRelations(*join.children[0], left);
  CollectRelations(*join.children[1], right);
  return std::any_of(join.conjuncts.begin(), join.conjuncts.end(), [&](const auto& conjunct) {
    return IsHashable(*conjunct, left, right);
  });
}

void TurnJoin(LogicalJoin& node) {
  std::swap(node.children[0], node.children[1]);
  if (node.type == LogicalJoinType::kLeft) {
    node.type = LogicalJoinType::kRight;
  } else if (node.type == LogicalJoinType::kRight) {
    node.type = LogicalJoinType::kLeft;
  }
}

const LogicalScan* BareScan(const LogicalNode& node) {
  return node.kind == LogicalKind::kScan ? &node.As<LogicalScan>() : nullptr;
}

LogicalScan* BareScan(LogicalNode& node) {
  return node.kind == LogicalKind::kScan ? &node.As<LogicalScan>() : nullptr;
}

bool MayTest(const LogicalScan& scan, const binder::BoundExpression& conjunct) {
  return !ContainsSubquery(conjunct) && !IsVolatile(conjunct) &&
         (!scan.secured || IsLeakproof(conjunct));
}

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

}  // namespace sundog::planner
