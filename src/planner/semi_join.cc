// EXISTS and IN as joins.
//
// EXISTS (SELECT … FROM f WHERE w) over a plain subquery (no aggregates, set operations, LIMIT, …)
// is a semi-join with f on the conjuncts of w that mention the outer query; NOT EXISTS is an
// anti-join. x IN (SELECT …) is a semi-join on its comparison, with f too where the subquery is
// plain; it may be any uncorrelated query.
// NOT IN stays a subquery: a null among its values makes it null, which no join expresses. EXISTS
// where no join can stand (under OR, in a target list) is run once and looked up, as x = ANY.
#include <algorithm>

#include "base/check.h"
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

bool HasPlainTargets(const BoundQuery& query) {
  return std::all_of(query.targets.begin(), query.targets.end(), [](const auto& target) {
    return !ContainsSubquery(*target.expression) && !IsVolatile(*target.expression);
  });
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
  bool correlated = IsCorrelated(*subquery.query);
  if (!correlated && exists) return nullptr;  // run once, as a plain subquery
  if (!correlated && !(CanPullUp(*subquery.query) && HasPlainTargets(*subquery.query))) {
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
  SplitConjuncts(binder::CloneOrNull(query.where), where);
  BoundExpressions inner;
  for (BoundExpressionPtr& part : where) {
    std::set<RelationId> used = RelationsOf(*part);
    bool outer = std::any_of(used.begin(), used.end(),
                             [&](RelationId r) { return !defined.contains(r); });
    if (outer && (ContainsSubquery(*part) || IsVolatile(*part))) return nullptr;
    (outer ? conditions : inner).push_back(std::move(part));
  }
  // It may be correlated further out only.
  if (correlated && !AnyUses(conditions, plan_relations)) return nullptr;
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

namespace {

bool HasIndexOn(const BoundQuery& query, const binder::BoundExpression& expression) {
  if (expression.kind != ExpressionKind::kColumn) return false;
  const auto& column = expression.As<binder::BoundColumn>();
  for (const auto& ref : query.from) {
    if (ref->kind != binder::TableRefKind::kTable || ref->relation != column.relation) continue;
    for (const auto& index : ref->As<binder::BoundBaseTable>().table->indexes) {
      if (!index.keys.empty() && index.keys[0].attnum == column.ordinal + 1) return true;
    }
  }
  return false;
}

// Whether the conjunct is `outer = inner` that can be looked up by hash: then the inner side is
// argument `*inner_side`.
bool IsLookup(const binder::BoundExpression& conjunct, const std::set<RelationId>& defined,
              int* inner_side) {
  if (conjunct.kind != ExpressionKind::kFunction) return false;
  const auto& call = conjunct.As<binder::BoundFunction>();
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (op == nullptr || op->name != "=" || !op->can_hash || op->left != op->right) return false;
  bool inner[2];
  for (int side = 0; side < 2; ++side) {
    std::set<RelationId> used = RelationsOf(*call.arguments[side]);
    if (used.empty()) return false;
    inner[side] = defined.contains(*used.begin());
    for (RelationId relation : used) {
      if (defined.contains(relation) != inner[side]) return false;
    }
  }
  *inner_side = inner[0] ? 0 : 1;
  return inner[0] != inner[1];
}

// Splits WHERE into what compares outer with inner values, and the rest over inner columns alone.
bool SplitLookups(const BoundQuery& query, BoundExpressions& lookups, BoundExpressions& inner) {
  std::set<RelationId> defined = DefinedRelations(query);
  BoundExpressions where;
  SplitConjuncts(query.where->Clone(), where);
  for (BoundExpressionPtr& part : where) {
    std::set<RelationId> used = RelationsOf(*part);
    bool outer = std::any_of(used.begin(), used.end(),
                             [&](RelationId r) { return !defined.contains(r); });
    if (!outer) {
      inner.push_back(std::move(part));
      continue;
    }
    int side = 0;
    if (ContainsSubquery(*part) || IsVolatile(*part) || !IsLookup(*part, defined, &side) ||
        HasIndexOn(query, *part->As<binder::BoundFunction>().arguments[side])) {
      return false;
    }
    lookups.push_back(std::move(part));
  }
  return !lookups.empty();
}

}  // namespace

bool ExistsToAny(BoundExpressionPtr& expression, RelationId output) {
  auto& subquery = expression->As<BoundSubquery>();
  BoundQuery& query = *subquery.query;
  if (subquery.subquery != SubqueryKind::kExists || query.where == nullptr || !CanPullUp(query) ||
      !OnlyWhereIsCorrelated(query)) {
    return false;
  }
  BoundExpressions lookups;
  BoundExpressions inner;
  if (!SplitLookups(query, lookups, inner)) return false;
  std::set<RelationId> defined = DefinedRelations(query);
  query.where = JoinConjuncts(std::move(inner));
  query.targets.clear();
  query.hidden_target_count = 0;
  query.order_by.clear();
  query.distinct = binder::DistinctKind::kNone;
  for (BoundExpressionPtr& lookup : lookups) {
    int side = 0;
    CHECK(IsLookup(*lookup, defined, &side));
    BoundExpressions& sides = lookup->As<binder::BoundFunction>().arguments;
    if (side == 0) std::swap(sides[0], sides[1]);
    BoundExpressionPtr& value = sides[1];
    auto column = std::make_unique<binder::BoundColumn>(
        value->type, output, static_cast<int>(query.targets.size()));
    column->collation = value->collation;
    binder::BoundTarget target;
    target.expression = std::move(value);
    query.targets.push_back(std::move(target));
    value = std::move(column);
    subquery.comparisons.push_back(std::move(lookup));
  }
  subquery.subquery = SubqueryKind::kAny;
  subquery.operator_name = "=";
  subquery.output_relation = output;
  expression = std::make_unique<binder::BoundBooleanTest>(binder::BooleanTest::kTrue,
                                                          std::move(expression));
  return true;
}

}  // namespace sundog::planner
