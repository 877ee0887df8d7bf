#include "binder/visit_statement.h"

namespace sundog::binder {

void VisitExpressions(BoundStatement& statement,
                      const std::function<void(BoundExpressionPtr&)>& visit) {
  auto deep = [&](BoundExpressionPtr& expression) {
    if (expression != nullptr) VisitDeep(expression, visit);
  };
  auto targets = [&](std::vector<BoundTarget>& list) {
    for (BoundTarget& target : list) deep(target.expression);
  };
  if (statement.kind == StatementKind::kQuery) {
    VisitDeep(*statement.As<BoundQueryStatement>().query, visit);
    return;
  }
  if (statement.kind == StatementKind::kUtility) return;
  auto& modify = statement.As<BoundModify>();
  for (BoundCte& cte : modify.ctes) {
    if (cte.query != nullptr) VisitDeep(*cte.query, visit);
    if (cte.statement != nullptr) VisitExpressions(*cte.statement, visit);
  }
  targets(modify.returning);
  if (statement.kind == StatementKind::kInsert) {
    auto& insert = statement.As<BoundInsert>();
    if (insert.source != nullptr) VisitDeep(*insert.source, visit);
    for (BoundExpressionPtr& value : insert.values) deep(value);
    if (insert.on_conflict != nullptr) {
      for (BoundAssignment& one : insert.on_conflict->assignments) deep(one.value);
      deep(insert.on_conflict->where);
    }
  } else if (statement.kind == StatementKind::kUpdate) {
    auto& update = statement.As<BoundUpdate>();
    for (BoundAssignment& one : update.assignments) deep(one.value);
    deep(update.where);
  } else if (statement.kind == StatementKind::kDelete) {
    deep(statement.As<BoundDelete>().where);
  }
}

}  // namespace sundog::binder
