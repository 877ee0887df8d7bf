// Generic traversal of logical plans.
#include "planner/expressions.h"
#include "planner/logical.h"

namespace sundog::planner {

namespace {

using Visit = std::function<void(BoundExpressionPtr&)>;

void VisitOne(BoundExpressionPtr& expression, const Visit& visit) {
  if (expression != nullptr) visit(expression);
}

void VisitAll(BoundExpressions& expressions, const Visit& visit) {
  for (BoundExpressionPtr& expression : expressions) VisitOne(expression, visit);
}

void VisitKeys(std::vector<binder::BoundSortKey>& keys, const Visit& visit) {
  for (binder::BoundSortKey& key : keys) VisitOne(key.expression, visit);
}

void VisitColumn(const ColumnId& column, const Visit& visit) {
  BoundExpressionPtr expression =
      std::make_unique<binder::BoundColumn>(SqlType{}, column.relation, column.ordinal);
  visit(expression);
}

void VisitRules(binder::BoundTableRules& rules, const Visit& visit) {
  for (auto& check : rules.checks) VisitOne(check.condition, visit);
  for (auto* checks : {&rules.insert_checks, &rules.update_checks, &rules.conflict_checks}) {
    for (auto& check : *checks) VisitOne(check.condition, visit);
  }
  for (auto& generated : rules.generated) VisitOne(generated.expression, visit);
  for (auto& index : rules.indexes) {
    VisitAll(index.expressions, visit);
    VisitOne(index.predicate, visit);
  }
}

void VisitInsert(binder::BoundInsert& insert, const Visit& visit) {
  VisitAll(insert.values, visit);
  if (insert.on_conflict == nullptr) return;
  for (auto& assignment : insert.on_conflict->assignments) VisitOne(assignment.value, visit);
  VisitOne(insert.on_conflict->where, visit);
}

}  // namespace

void ForEachExpression(binder::BoundModify& statement, const Visit& visit) {
  VisitRules(statement.rules, visit);
  for (binder::BoundTarget& target : statement.returning) VisitOne(target.expression, visit);
  if (statement.kind == binder::StatementKind::kInsert) {
    VisitInsert(statement.As<binder::BoundInsert>(), visit);
  } else if (statement.kind == binder::StatementKind::kUpdate) {
    for (auto& assignment : statement.As<binder::BoundUpdate>().assignments) {
      VisitOne(assignment.value, visit);
    }
  }
}

void ForEachExpression(LogicalNode& node, const Visit& visit) {
  switch (node.kind) {
    case LogicalKind::kScan: return VisitAll(node.As<LogicalScan>().conjuncts, visit);
    case LogicalKind::kFunctionScan:
      for (auto& call : node.As<LogicalFunctionScan>().calls) VisitOne(call.call, visit);
      return;
    case LogicalKind::kValues:
      for (BoundExpressions& row : node.As<LogicalValues>().rows) VisitAll(row, visit);
      return;
    case LogicalKind::kFilter: return VisitAll(node.As<LogicalFilter>().conjuncts, visit);
    case LogicalKind::kProject: return VisitAll(node.As<LogicalProject>().expressions, visit);
    case LogicalKind::kProjectSet: return VisitAll(node.As<LogicalProjectSet>().expressions, visit);
    case LogicalKind::kJoin: return VisitAll(node.As<LogicalJoin>().conjuncts, visit);
    case LogicalKind::kAggregate:
      VisitAll(node.As<LogicalAggregate>().groups, visit);
      return VisitAll(node.As<LogicalAggregate>().aggregates, visit);
    case LogicalKind::kWindow: return VisitAll(node.As<LogicalWindow>().calls, visit);
    case LogicalKind::kSort: return VisitKeys(node.As<LogicalSort>().keys, visit);
    case LogicalKind::kLimit:
      VisitOne(node.As<LogicalLimit>().limit, visit);
      VisitOne(node.As<LogicalLimit>().offset, visit);
      return VisitKeys(node.As<LogicalLimit>().tie_keys, visit);
    case LogicalKind::kDistinct: return VisitAll(node.As<LogicalDistinct>().keys, visit);
    case LogicalKind::kSetOperation:
      for (auto& column : node.As<LogicalSetOperation>().left_columns) VisitColumn(column, visit);
      for (auto& column : node.As<LogicalSetOperation>().right_columns) VisitColumn(column, visit);
      return;
    case LogicalKind::kRecursiveUnion:
      for (auto& column : node.As<LogicalRecursiveUnion>().left_columns) VisitColumn(column, visit);
      for (auto& column : node.As<LogicalRecursiveUnion>().right_columns) {
        VisitColumn(column, visit);
      }
      return;
    case LogicalKind::kWith:
      for (auto& cte : node.As<LogicalWith>().ctes) {
        for (const ColumnId& column : cte.columns) VisitColumn(column, visit);
      }
      return;
    case LogicalKind::kLockRows:
      for (auto& lock : node.As<LogicalLockRows>().locks) {
        VisitColumn({lock.relation, kRowKeyOrdinal}, visit);
      }
      return;
    case LogicalKind::kInsert:
    case LogicalKind::kUpdate:
    case LogicalKind::kDelete: return ForEachExpression(*node.As<LogicalModify>().statement, visit);
    case LogicalKind::kEmpty:
    case LogicalKind::kFeed:
    case LogicalKind::kVirtualScan:
    case LogicalKind::kCteScan: return;
  }
}

void CollectColumns(const LogicalNode& plan, std::set<ColumnId>& columns) {
  ForEachExpression(const_cast<LogicalNode&>(plan), [&](BoundExpressionPtr& expression) {
    CollectColumns(*expression, columns);
  });
  for (const LogicalPtr& child : plan.children) CollectColumns(*child, columns);
}

}  // namespace sundog::planner
