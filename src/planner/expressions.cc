#include "planner/expressions.h"

#include <algorithm>

namespace sundog::planner {

using binder::BoundBoolean;
using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::BoundQuery;
using binder::BoundSubquery;
using binder::BoundTableRef;
using binder::ExpressionKind;
using binder::TableRefKind;

namespace {

// The walkers hand out references for rewriting; these visits change nothing.
template <typename Visit>
void VisitConst(const BoundExpression& expression, const Visit& visit) {
  visit(expression);
  auto& node = const_cast<BoundExpression&>(expression);
  binder::ForEachChild(node, [&](BoundExpressionPtr& child) { VisitConst(*child, visit); });
}

template <typename Visit>
void VisitConstDeep(const BoundExpression& expression, const Visit& visit) {
  VisitConst(expression, [&](const BoundExpression& node) {
    visit(node);
    if (node.kind == ExpressionKind::kSubquery) {
      auto& query = const_cast<BoundQuery&>(*node.As<BoundSubquery>().query);
      binder::VisitDeep(query, [&](BoundExpressionPtr& inner) { visit(*inner); });
    }
  });
}

void AddColumn(const BoundExpression& node, std::set<ColumnId>& columns) {
  if (node.kind != ExpressionKind::kColumn) return;
  columns.insert({node.As<BoundColumn>().relation, node.As<BoundColumn>().ordinal});
}

void DefineRelations(const BoundQuery& query, std::set<RelationId>& relations);

void DefineRelations(const BoundTableRef& ref, std::set<RelationId>& relations) {
  relations.insert(ref.relation);
  if (ref.kind == TableRefKind::kJoin) {
    DefineRelations(*ref.As<binder::BoundJoin>().left, relations);
    DefineRelations(*ref.As<binder::BoundJoin>().right, relations);
  } else if (ref.kind == TableRefKind::kSubquery) {
    DefineRelations(*ref.As<binder::BoundSubqueryRef>().query, relations);
  }
}

// Those of the query itself, without the subqueries in its expressions.
void DefineRelations(const BoundQuery& query, std::set<RelationId>& relations) {
  for (const auto& ref : query.from) DefineRelations(*ref, relations);
  if (query.set_operator.has_value()) {
    relations.insert(query.set_relation);
    DefineRelations(*query.left, relations);
    DefineRelations(*query.right, relations);
  }
  for (const auto& cte : query.ctes) {
    if (cte.query != nullptr) DefineRelations(*cte.query, relations);
  }
}

bool RejectsNullsOfCall(const BoundFunction& call, const std::set<RelationId>& relations) {
  if (!call.proc->strict) return false;
  return std::any_of(call.arguments.begin(), call.arguments.end(), [&](const auto& argument) {
    return RejectsNulls(*argument, relations);
  });
}

}  // namespace

bool IsTrue(const BoundExpression& condition) {
  if (condition.kind != ExpressionKind::kConstant) return false;
  const types::Datum& value = condition.As<binder::BoundConstant>().value;
  return !value.is_null() && value.As<bool>();
}

void SplitConjuncts(BoundExpressionPtr condition, BoundExpressions& conjuncts) {
  if (condition == nullptr) return;
  if (condition->kind == ExpressionKind::kBoolean &&
      condition->As<BoundBoolean>().op == binder::BooleanOperator::kAnd) {
    for (auto& argument : condition->As<BoundBoolean>().arguments) {
      SplitConjuncts(std::move(argument), conjuncts);
    }
    return;
  }
  if (!IsTrue(*condition)) conjuncts.push_back(std::move(condition));
}

BoundExpressionPtr JoinConjuncts(BoundExpressions conjuncts) {
  if (conjuncts.empty()) return nullptr;
  if (conjuncts.size() == 1) return std::move(conjuncts[0]);
  return std::make_unique<BoundBoolean>(binder::BooleanOperator::kAnd, std::move(conjuncts));
}

void CollectColumns(const BoundExpression& expression, std::set<ColumnId>& columns) {
  VisitConstDeep(expression, [&](const BoundExpression& node) { AddColumn(node, columns); });
}

void CollectColumns(const BoundQuery& query, std::set<ColumnId>& columns) {
  binder::VisitDeep(const_cast<BoundQuery&>(query),
                    [&](BoundExpressionPtr& node) { AddColumn(*node, columns); });
}

std::set<RelationId> RelationsOf(const BoundExpression& expression) {
  std::set<ColumnId> columns;
  CollectColumns(expression, columns);
  std::set<RelationId> relations;
  for (const ColumnId& column : columns) relations.insert(column.relation);
  return relations;
}

std::set<RelationId> DefinedRelations(const BoundQuery& query) {
  std::set<RelationId> relations;
  DefineRelations(query, relations);
  // This visit comes to each subquery, however deep, once.
  auto& visited = const_cast<BoundQuery&>(query);
  binder::VisitDeep(visited, [&](BoundExpressionPtr& node) {
    if (node->kind != ExpressionKind::kSubquery) return;
    relations.insert(node->As<BoundSubquery>().output_relation);
    DefineRelations(*node->As<BoundSubquery>().query, relations);
  });
  return relations;
}

bool IsCorrelated(const BoundQuery& query) {
  std::set<RelationId> defined = DefinedRelations(query);
  std::set<ColumnId> columns;
  CollectColumns(query, columns);
  return std::any_of(columns.begin(), columns.end(),
                     [&](const ColumnId& column) { return !defined.contains(column.relation); });
}

bool ContainsSubquery(const BoundExpression& expression) {
  bool found = false;
  VisitConst(expression, [&](const BoundExpression& node) {
    if (found || node.kind != ExpressionKind::kSubquery) return;
    const auto& subquery = node.As<BoundSubquery>();
    bool single = subquery.subquery == binder::SubqueryKind::kScalar ||
                  subquery.subquery == binder::SubqueryKind::kExists;
    found = !single || IsCorrelated(*subquery.query);
  });
  return found;
}

bool ContainsAggregate(const BoundExpression& expression) {
  bool found = false;
  VisitConst(expression, [&](const BoundExpression& node) {
    found = found || node.kind == ExpressionKind::kAggregate;
  });
  return found;
}

bool IsVolatile(const BoundExpression& expression) {
  bool found = false;
  VisitConstDeep(expression, [&](const BoundExpression& node) {
    if (node.kind == ExpressionKind::kFunction) {
      found = found || node.As<BoundFunction>().proc->volatility == 'v';
    }
  });
  return found;
}

bool IsLeakproof(const BoundExpression& node) {
  std::set<ColumnId> columns;
  CollectColumns(node, columns);
  if (columns.empty()) return true;
  switch (node.kind) {
    case ExpressionKind::kColumn: return true;
    case ExpressionKind::kFunction:
      if (!node.As<BoundFunction>().proc->leakproof) return false;
      break;
    case ExpressionKind::kScalarArray:
      if (!node.As<binder::BoundScalarArray>().comparison->proc->leakproof) return false;
      break;
    case ExpressionKind::kBoolean:
    case ExpressionKind::kNullTest:
    case ExpressionKind::kBooleanTest:
    case ExpressionKind::kRelabel: break;
    default: return false;
  }
  bool leakproof = true;
  ForEachChild(const_cast<BoundExpression&>(node), [&](BoundExpressionPtr& child) {
    leakproof = leakproof && IsLeakproof(*child);
  });
  return leakproof;
}

bool RejectsNulls(const BoundExpression& node, const std::set<RelationId>& relations) {
  switch (node.kind) {
    case ExpressionKind::kColumn: return relations.contains(node.As<BoundColumn>().relation);
    case ExpressionKind::kFunction: return RejectsNullsOfCall(node.As<BoundFunction>(), relations);
    case ExpressionKind::kScalarArray: {
      const auto& call = *node.As<binder::BoundScalarArray>().comparison;
      return call.proc->strict && RejectsNulls(*call.arguments[0], relations);
    }
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
      return RejectsNulls(*node.As<binder::BoundConversion>().argument, relations);
    case ExpressionKind::kNullTest: {
      const auto& test = node.As<binder::BoundNullTest>();
      return test.negated && !test.of_row && RejectsNulls(*test.argument, relations);
    }
    case ExpressionKind::kBoolean: {
      const auto& boolean = node.As<BoundBoolean>();
      auto rejects = [&](const auto& argument) { return RejectsNulls(*argument, relations); };
      const auto& arguments = boolean.arguments;
      if (boolean.op == binder::BooleanOperator::kOr) {
        return std::all_of(arguments.begin(), arguments.end(), rejects);
      }
      return std::any_of(arguments.begin(), arguments.end(), rejects);
    }
    default: return false;
  }
}

}  // namespace sundog::planner
