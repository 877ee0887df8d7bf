#include "binder/expression_levels.h"

namespace sundog::binder {

namespace {

void VisitCtes(const std::vector<BoundCte>& ctes, const LevelVisitor& visit, int level);

void VisitTargets(const std::vector<BoundTarget>& targets, const LevelVisitor& visit, int level) {
  for (const BoundTarget& target : targets) {
    if (target.expression != nullptr) VisitLevels(*target.expression, visit, level);
  }
}

void VisitMaybe(const BoundExpressionPtr& expression, const LevelVisitor& visit, int level) {
  if (expression != nullptr) VisitLevels(*expression, visit, level);
}

void VisitRef(const BoundTableRef& ref, const LevelVisitor& visit, int level) {
  switch (ref.kind) {
    case TableRefKind::kSubquery:
      VisitLevels(*ref.As<BoundSubqueryRef>().query, visit, level + 1);
      return;
    case TableRefKind::kFunction:
      for (const auto& call : ref.As<BoundFunctionRef>().calls) VisitMaybe(call.call, visit, level);
      return;
    case TableRefKind::kValues:
      for (const BoundExpressions& row : ref.As<BoundValues>().rows) {
        for (const BoundExpressionPtr& cell : row) VisitMaybe(cell, visit, level);
      }
      return;
    case TableRefKind::kJoin: {
      const auto& join = ref.As<BoundJoin>();
      VisitRef(*join.left, visit, level);
      VisitRef(*join.right, visit, level);
      VisitMaybe(join.condition, visit, level);
      return;
    }
    default: return;
  }
}

void VisitStatement(const BoundStatement& statement, const LevelVisitor& visit, int level) {
  if (statement.kind == StatementKind::kQuery) {
    VisitLevels(*statement.As<BoundQueryStatement>().query, visit, level);
    return;
  }
  const auto& modify = statement.As<BoundModify>();
  VisitCtes(modify.ctes, visit, level);
  VisitTargets(modify.returning, visit, level);
  if (statement.kind == StatementKind::kInsert) {
    const auto& insert = statement.As<BoundInsert>();
    if (insert.source != nullptr) VisitLevels(*insert.source, visit, level + 1);
    for (const BoundExpressionPtr& value : insert.values) VisitMaybe(value, visit, level);
  } else if (statement.kind == StatementKind::kUpdate) {
    const auto& update = statement.As<BoundUpdate>();
    for (const BoundTableRefPtr& ref : update.from) VisitRef(*ref, visit, level);
    VisitMaybe(update.where, visit, level);
    for (const BoundAssignment& one : update.assignments) VisitMaybe(one.value, visit, level);
  } else if (statement.kind == StatementKind::kDelete) {
    const auto& erase = statement.As<BoundDelete>();
    for (const BoundTableRefPtr& ref : erase.using_tables) VisitRef(*ref, visit, level);
    VisitMaybe(erase.where, visit, level);
  }
}

void VisitCtes(const std::vector<BoundCte>& ctes, const LevelVisitor& visit, int level) {
  for (const BoundCte& cte : ctes) {
    if (cte.query != nullptr) VisitLevels(*cte.query, visit, level + 1);
    if (cte.statement != nullptr) VisitStatement(*cte.statement, visit, level + 1);
  }
}

// The sides of a set operation are a level below it, however its tree is nested.
void VisitSetSide(const BoundQuery& side, const LevelVisitor& visit, int level) {
  bool tree = side.set_operator.has_value() && side.ctes.empty() && side.order_by.empty() &&
              side.limit == nullptr && side.offset == nullptr;
  VisitLevels(side, visit, tree ? level : level + 1);
}

}  // namespace

void VisitLevels(const BoundQuery& query, const LevelVisitor& visit, int level) {
  VisitCtes(query.ctes, visit, level);
  for (const BoundTableRefPtr& ref : query.from) VisitRef(*ref, visit, level);
  VisitMaybe(query.where, visit, level);
  for (const BoundExpressionPtr& key : query.group_by) VisitMaybe(key, visit, level);
  VisitMaybe(query.having, visit, level);
  if (query.left != nullptr) VisitSetSide(*query.left, visit, level);
  if (query.right != nullptr) VisitSetSide(*query.right, visit, level);
  VisitTargets(query.targets, visit, level);
  VisitMaybe(query.limit, visit, level);
  VisitMaybe(query.offset, visit, level);
}

void VisitLevels(const BoundExpression& expression, const LevelVisitor& visit, int level) {
  if (!visit(expression, level)) return;
  ForEachChild(const_cast<BoundExpression&>(expression), [&](BoundExpressionPtr& child) {
    if (child != nullptr) VisitLevels(*child, visit, level);
  });
  if (expression.kind == ExpressionKind::kSubquery) {
    VisitLevels(*expression.As<BoundSubquery>().query, visit, level + 1);
  }
}

int LocateColumnOfDepth(const BindState& state, const BoundExpression& expression, int depth) {
  int found = -2;
  VisitLevels(expression, [&](const BoundExpression& node, int) {
    if (found == -2 && node.kind == ExpressionKind::kColumn &&
        state.DepthOf(node.As<BoundColumn>().relation) == depth) {
      found = node.location;
    }
    return found == -2;
  });
  return found;
}

bool HasColumnsOfDepth(const BindState& state, const BoundExpression& expression, int depth) {
  return LocateColumnOfDepth(state, expression, depth) != -2;
}

int LocateAggregate(const BoundExpression& expression, int wanted) {
  int found = -2;
  VisitLevels(expression, [&](const BoundExpression& node, int level) {
    if (found == -2 && node.kind == ExpressionKind::kAggregate &&
        node.As<BoundAggregate>().level == level + wanted) {
      found = node.location;
    }
    return found == -2;
  });
  return found;
}

int LocateWindow(const BoundExpression& expression) {
  int found = -2;
  VisitLevels(expression, [&](const BoundExpression& node, int level) {
    if (found == -2 && level == 0 && node.kind == ExpressionKind::kWindow) found = node.location;
    return found == -2 && level == 0;
  });
  return found;
}

}  // namespace sundog::binder
