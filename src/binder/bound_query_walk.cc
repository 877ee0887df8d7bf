// Generic traversal of the expressions in queries.
#include "binder/bound_query.h"

namespace sundog::binder {

namespace {

using Visit = std::function<void(BoundExpressionPtr&)>;

void VisitOne(BoundExpressionPtr& expression, const Visit& visit) {
  if (expression != nullptr) visit(expression);
}

}  // namespace

void ForEachExpression(BoundTableRef& ref, const Visit& visit) {
  switch (ref.kind) {
    case TableRefKind::kTable:
      for (BoundExpressionPtr& one : ref.As<BoundBaseTable>().security) VisitOne(one, visit);
      return;
    case TableRefKind::kVirtual:
    case TableRefKind::kCte: return;
    case TableRefKind::kSubquery:
      return ForEachExpression(*ref.As<BoundSubqueryRef>().query, visit);
    case TableRefKind::kFunction:
      for (auto& call : ref.As<BoundFunctionRef>().calls) VisitOne(call.call, visit);
      return;
    case TableRefKind::kValues:
      for (BoundExpressions& row : ref.As<BoundValues>().rows) {
        for (BoundExpressionPtr& cell : row) VisitOne(cell, visit);
      }
      return;
    case TableRefKind::kJoin: {
      auto& join = ref.As<BoundJoin>();
      ForEachExpression(*join.left, visit);
      ForEachExpression(*join.right, visit);
      return VisitOne(join.condition, visit);
    }
  }
}

void ForEachExpression(BoundQuery& query, const Visit& visit) {
  for (BoundCte& cte : query.ctes) {
    if (cte.query != nullptr) ForEachExpression(*cte.query, visit);
  }
  for (BoundTableRefPtr& ref : query.from) ForEachExpression(*ref, visit);
  VisitOne(query.where, visit);
  for (BoundExpressionPtr& key : query.group_by) VisitOne(key, visit);
  VisitOne(query.having, visit);
  if (query.left != nullptr) ForEachExpression(*query.left, visit);
  if (query.right != nullptr) ForEachExpression(*query.right, visit);
  for (BoundTarget& target : query.targets) VisitOne(target.expression, visit);
  VisitOne(query.limit, visit);
  VisitOne(query.offset, visit);
}

void VisitDeep(BoundExpressionPtr& expression, const Visit& visit) {
  if (expression == nullptr) return;
  visit(expression);
  if (expression == nullptr) return;
  ForEachChild(*expression, [&](BoundExpressionPtr& child) { VisitDeep(child, visit); });
  if (expression->kind == ExpressionKind::kSubquery) {
    VisitDeep(*expression->As<BoundSubquery>().query, visit);
  }
}

void VisitDeep(BoundQuery& query, const Visit& visit) {
  ForEachExpression(query, [&](BoundExpressionPtr& expression) { VisitDeep(expression, visit); });
}

}  // namespace sundog::binder
