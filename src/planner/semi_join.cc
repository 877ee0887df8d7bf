// EXISTS and IN as joins.
//
// EXISTS (SELECT … FROM f WHERE w) over a plain subquery (no aggregates, set operations, LIMIT, …)
// is a semi-join with f on the conjuncts of w that mention the outer query; NOT EXISTS is an
// anti-join. x IN (SELECT …) is a semi-join on its comparison; it may be any uncorrelated query.
// NOT IN stays a subquery: a null among its values makes it null, which no join expresses.
#include <algorithm>

#include "planner/expressions.h"
#include "planner/join_graph.h"
#include "planner/logical_builder.h"
#include "planner/pushdown.h"

namespace sundog::planner {

using binder::BoundBoolean;
using binder::BoundQuery;
using binder::BoundSubquery;
using binder::ExpressionKind;
using binder::SubqueryKind;

namespace {

bool CanPullUp(const BoundQuery& query) {
  return !query.set_operator.has_value() && !query.has_aggregates && !query.has_windows &&
         !query.has_set_functions && query.limit == nullptr && query.offset == nullptr &&
         query.ctes.empty() && query.distinct != binder::DistinctKind::kOn && !query.from.empty() &&
         query.locks.empty();
}

// The WHERE conjuncts that are correlated; null if correlation also occurs where it cannot be
// pulled up from (FROM, targets).
bool OnlyWhereIsCorrelated(const BoundQuery& query) {
  std::set<RelationId> defined = DefinedRelations(query);
  bool elsewhere = false;
  auto& visited = const_cast<BoundQuery&>(query);
  const binder::BoundExpression* where = visited.where.get();
  binder::ForEachExpression(visited, [&](BoundExpressionPtr& expression) {
    if (expression.get() == where) return;
    for (RelationId relation : RelationsOf(*expression)) {
      elsewhere |= !defined.contains(relation);
    }
  });
  return !elsewhere;
}

bool AnyUses(const BoundExpressions& conjuncts, const std::set<RelationId>& relations) {
  return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const auto& conjunct) {
    std::set<RelationId> used = RelationsOf(*conjunct);
    return std::any_of(used.begin(), used.end(),
                       [&](RelationId r) { return relations.contains(r); });
  });
}

LogicalPtr MakeJoin(LogicalJoinType type, LogicalPtr left, LogicalPtr right,
                    BoundExpressions conjuncts) {
  auto join = std::make_unique<LogicalJoin>();
  join->type = type;
  join->conjuncts = std::move(conjuncts);
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));
  return join;
}

}  // namespace

void HoistOuterConjuncts(BoundExpressions& conjuncts) {
  for (size_t i = 0; i < conjuncts.size(); ++i) {
    if (conjuncts[i]->kind != ExpressionKind::kSubquery) continue;
    auto& subquery = conjuncts[i]->As<BoundSubquery>();
    bool any = subquery.subquery == SubqueryKind::kAny;
    if (!any && subquery.subquery != SubqueryKind::kExists) continue;
    BoundQuery& query = *subquery.query;
    if (!CanPullUp(query) || query.where == nullptr) continue;
    BoundExpressions where;
    SplitConjuncts(std::move(query.where), where);
    std::set<RelationId> defined = DefinedRelations(query);  // without those in WHERE's subqueries
    BoundExpressions kept;
    for (BoundExpressionPtr& part : where) {
      std::set<RelationId> used = RelationsOf(*part);
      bool outer = !used.empty() && !IsVolatile(*part) &&
                   std::none_of(used.begin(), used.end(),
                                [&](RelationId r) { return defined.contains(r); });
      (outer ? conjuncts : kept).push_back(std::move(part));
    }
    query.where = JoinConjuncts(std::move(kept));
  }
}

LogicalPtr LogicalBuilder::AddSemiJoins(LogicalPtr plan, BoundExpressions& conjuncts) {
  if (!context_.settings.enable_semi_join) return plan;
  for (BoundExpressionPtr& conjunct : conjuncts) {
    LogicalPtr joined = TrySemiJoin(plan, conjunct);
    if (joined == nullptr) continue;
    plan = std::move(joined);
    conjunct.reset();
  }
  std::erase(conjuncts, nullptr);
  return plan;
}

LogicalPtr LogicalBuilder::TrySemiJoin(LogicalPtr& plan, BoundExpressionPtr& conjunct) {
  binder::BoundExpression* node = conjunct.get();
  bool negated = false;
  if (node->kind == ExpressionKind::kBoolean &&
      node->As<BoundBoolean>().op == binder::BooleanOperator::kNot) {
    negated = true;
    node = node->As<BoundBoolean>().arguments[0].get();
  }
  if (node->kind != ExpressionKind::kSubquery) return nullptr;
  auto& subquery = node->As<BoundSubquery>();
  bool exists = subquery.subquery == SubqueryKind::kExists;
  bool any = subquery.subquery == SubqueryKind::kAny;
  if (!(exists || (any && !negated))) return nullptr;
  for (const auto& comparison : subquery.comparisons) {
    if (ContainsSubquery(*comparison) || IsVolatile(*comparison)) return nullptr;
  }
  BoundExpressions conditions;
  LogicalPtr right;
  if (!IsCorrelated(*subquery.query)) {
    if (exists) return nullptr;  // run once, as a plain subquery
    right = BuildQuery(*subquery.query, subquery.output_relation);
    conditions = std::move(subquery.comparisons);
    return MakeJoin(LogicalJoinType::kSemi, std::move(plan), std::move(right),
                    std::move(conditions));
  }
  BoundQuery& query = *subquery.query;
  if (!CanPullUp(query) || !OnlyWhereIsCorrelated(query)) return nullptr;
  std::set<RelationId> defined = DefinedRelations(query);
  std::set<RelationId> plan_relations;
  CollectRelations(*plan, plan_relations);
  BoundExpressions where;
  SplitConjuncts(query.where->Clone(), where);
  BoundExpressions inner;
  for (BoundExpressionPtr& part : where) {
    std::set<RelationId> used = RelationsOf(*part);
    bool outer = std::any_of(used.begin(), used.end(),
                             [&](RelationId r) { return !defined.contains(r); });
    if (outer && (ContainsSubquery(*part) || IsVolatile(*part))) return nullptr;
    (outer ? conditions : inner).push_back(std::move(part));
  }
  if (!AnyUses(conditions, plan_relations)) return nullptr;  // correlated further out only
  if (any) {
    // Join with the subquery's FROM directly: its targets take the place of its output columns.
    for (BoundExpressionPtr& comparison : subquery.comparisons) {
      binder::VisitDeep(comparison, [&](BoundExpressionPtr& at) {
        if (at->kind != ExpressionKind::kColumn) return;
        const auto& column = at->As<binder::BoundColumn>();
        if (column.relation != subquery.output_relation) return;
        at = query.targets[column.ordinal].expression->Clone();
      });
      conditions.push_back(std::move(comparison));
    }
  }
  right = BuildFrom(query.from, inner);
  return MakeJoin(negated ? LogicalJoinType::kAnti : LogicalJoinType::kSemi, std::move(plan),
                  std::move(right), std::move(conditions));
}

}  // namespace sundog::planner
