// FROM: table references, the join graph, outer joins.
#include <algorithm>

#include "base/check.h"
#include "planner/expressions.h"
#include "planner/join_graph.h"
#include "planner/logical_builder.h"
#include "planner/pushdown.h"

namespace sundog::planner {

using binder::BoundJoin;
using binder::BoundTableRef;
using binder::BoundTableRefPtr;
using binder::JoinType;
using binder::TableRefKind;

namespace {

void AddRelations(const BoundTableRef& ref, std::set<RelationId>& relations) {
  if (ref.kind == TableRefKind::kJoin) {
    AddRelations(*ref.As<BoundJoin>().left, relations);
    AddRelations(*ref.As<BoundJoin>().right, relations);
  } else {
    relations.insert(ref.relation);
  }
}

bool AnyRejects(const BoundExpressions& conjuncts, const BoundTableRef& side) {
  std::set<RelationId> relations;
  AddRelations(side, relations);
  return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const auto& conjunct) {
    return RejectsNulls(*conjunct, relations);
  });
}

// An outer join whose null-extended rows the conjuncts above throw away is an inner one.
void ReduceOuterJoins(BoundTableRef& ref, const BoundExpressions& conjuncts) {
  if (ref.kind != TableRefKind::kJoin) return;
  auto& join = ref.As<BoundJoin>();
  bool left_kept = join.type == JoinType::kLeft || join.type == JoinType::kFull;
  bool right_kept = join.type == JoinType::kRight || join.type == JoinType::kFull;
  if (left_kept && AnyRejects(conjuncts, *join.right)) left_kept = false;
  if (right_kept && AnyRejects(conjuncts, *join.left)) right_kept = false;
  if (join.type != JoinType::kCross) {
    join.type = left_kept ? (right_kept ? JoinType::kFull : JoinType::kLeft)
                          : (right_kept ? JoinType::kRight : JoinType::kInner);
  }
  if (!right_kept) ReduceOuterJoins(*join.left, conjuncts);
  if (!left_kept) ReduceOuterJoins(*join.right, conjuncts);
}

// Takes inner joins apart into `leaves` and `conjuncts`.
void Flatten(BoundTableRefPtr ref, std::vector<BoundTableRefPtr>& leaves,
             BoundExpressions& conjuncts) {
  if (ref->kind == TableRefKind::kJoin) {
    auto& join = ref->As<BoundJoin>();
    if (join.type == JoinType::kInner || join.type == JoinType::kCross) {
      Flatten(std::move(join.left), leaves, conjuncts);
      Flatten(std::move(join.right), leaves, conjuncts);
      SplitConjuncts(std::move(join.condition), conjuncts);
      return;
    }
  }
  leaves.push_back(std::move(ref));
}

LogicalPtr MakeBarrier(LogicalPtr plan) {
  auto barrier = std::make_unique<LogicalFilter>();
  barrier->barrier = true;
  barrier->children.push_back(std::move(plan));
  return barrier;
}

bool Subset(const std::set<RelationId>& part, const std::set<RelationId>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

LogicalPtr LogicalBuilder::BuildFrom(std::vector<BoundTableRefPtr>& from,
                                     BoundExpressions& conjuncts) {
  if (from.empty()) {
    LogicalPtr plan = AddSemiJoins(std::make_unique<LogicalEmpty>(), conjuncts);
    return MakeFilter(std::move(plan), std::move(conjuncts));
  }
  std::vector<BoundTableRefPtr> leaves;
  for (BoundTableRefPtr& ref : from) {
    ReduceOuterJoins(*ref, conjuncts);
    Flatten(std::move(ref), leaves, conjuncts);
  }
  if (context_.settings.enable_semi_join) HoistOuterConjuncts(conjuncts);
  std::vector<JoinItem> items;
  std::set<RelationId> all;
  for (BoundTableRefPtr& leaf : leaves) {
    JoinItem item;
    AddRelations(*leaf, item.relations);
    item.plan = BuildTableRef(*leaf);
    item.depends_on = FreeRelations(*item.plan);
    all.insert(item.relations.begin(), item.relations.end());
    items.push_back(std::move(item));
  }
  for (JoinItem& item : items) {
    std::erase_if(item.depends_on, [&](RelationId r) { return !all.contains(r); });
  }
  // Subqueries wait until all joins are there; the rest goes to its item or orders the joins.
  BoundExpressions joining;
  BoundExpressions late;
  for (BoundExpressionPtr& conjunct : conjuncts) {
    if (ContainsSubquery(*conjunct) || IsVolatile(*conjunct)) {
      late.push_back(std::move(conjunct));
    } else {
      joining.push_back(std::move(conjunct));
    }
  }
  if (context_.settings.enable_pushdown) {
    for (JoinItem& item : items) {
      BoundExpressions own;
      for (BoundExpressionPtr& conjunct : joining) {
        std::set<RelationId> used = RelationsOf(*conjunct);
        std::erase_if(used, [&](RelationId r) { return !all.contains(r); });
        if (!used.empty() && Subset(used, item.relations)) own.push_back(std::move(conjunct));
      }
      std::erase(joining, nullptr);
      if (!own.empty()) item.plan = PushDown(std::move(item.plan), std::move(own));
    }
  }
  LogicalPtr plan = OrderJoins(std::move(items), std::move(joining), context_);
  plan = AddSemiJoins(std::move(plan), late);
  return MakeFilter(std::move(plan), std::move(late));
}

LogicalPtr LogicalBuilder::BuildTableRef(BoundTableRef& ref) {
  switch (ref.kind) {
    case TableRefKind::kTable: {
      auto scan = std::make_unique<LogicalScan>();
      scan->table = ref.As<binder::BoundBaseTable>().table;
      scan->sample_fraction = ref.As<binder::BoundBaseTable>().sample_fraction;
      scan->relation = ref.relation;
      scan->alias = ref.alias;
      return AddSecurity(std::move(scan), std::move(ref.As<binder::BoundBaseTable>().security));
    }
    case TableRefKind::kVirtual: {
      auto scan = std::make_unique<LogicalVirtualScan>();
      scan->table = ref.As<binder::BoundVirtualTable>().table;
      scan->relation = ref.relation;
      scan->alias = ref.alias;
      return scan;
    }
    case TableRefKind::kSubquery: {
      auto& subquery = ref.As<binder::BoundSubqueryRef>();
      LogicalPtr plan = BuildQuery(*subquery.query, ref.relation);
      return subquery.barrier ? MakeBarrier(std::move(plan)) : std::move(plan);
    }
    case TableRefKind::kFunction: return BuildFunctionRef(ref.As<binder::BoundFunctionRef>());
    case TableRefKind::kValues: {
      auto values = std::make_unique<LogicalValues>();
      values->rows = std::move(ref.As<binder::BoundValues>().rows);
      values->types = ref.As<binder::BoundValues>().types;
      values->relation = ref.relation;
      return values;
    }
    case TableRefKind::kCte: return BuildCteRef(ref.As<binder::BoundCteRef>());
    case TableRefKind::kJoin: return BuildJoin(ref.As<BoundJoin>());
  }
  return nullptr;
}

LogicalPtr LogicalBuilder::AddSecurity(std::unique_ptr<LogicalScan> scan,
                                       BoundExpressions security) {
  if (security.empty()) return scan;
  BoundExpressions conjuncts;
  for (BoundExpressionPtr& one : security) SplitConjuncts(std::move(one), conjuncts);
  LogicalPtr plan = PushDown(std::move(scan), std::move(conjuncts));
  if (plan->kind == LogicalKind::kScan) {
    plan->As<LogicalScan>().secured = true;
    return plan;
  }
  // Subqueries and volatile calls have stayed in a filter.
  auto& late = plan->As<LogicalFilter>();
  BoundExpressions rest = std::move(late.conjuncts);
  plan = AddSemiJoins(std::move(late.children[0]), rest);
  return MakeBarrier(MakeFilter(std::move(plan), std::move(rest)));
}

LogicalPtr LogicalBuilder::BuildFunctionRef(binder::BoundFunctionRef& ref) {
  auto scan = std::make_unique<LogicalFunctionScan>();
  scan->calls = std::move(ref.calls);
  scan->ordinality = ref.ordinality;
  scan->relation = ref.relation;
  scan->alias = ref.alias;
  return scan;
}

LogicalPtr LogicalBuilder::BuildCteRef(binder::BoundCteRef& ref) {
  auto inlined = inline_ctes_.find(ref.cte_id);
  if (inlined != inline_ctes_.end()) {
    std::unique_ptr<binder::BoundQuery> copy = inlined->second->Clone();
    return BuildQuery(*copy, ref.relation);
  }
  auto scan = std::make_unique<LogicalCteScan>();
  scan->cte_id = ref.cte_id;
  scan->working_table = ref.recursive_self;
  scan->types = ref.types;
  scan->relation = ref.relation;
  scan->alias = ref.alias;
  auto cte = ctes_.find(ref.cte_id);
  scan->name = cte == ctes_.end() ? ref.alias : cte->second.name;
  if (cte != ctes_.end()) scan->column_names = cte->second.columns;
  return scan;
}

LogicalPtr LogicalBuilder::BuildJoin(BoundJoin& join) {
  BoundExpressions none;
  std::vector<BoundTableRefPtr> left_from;
  std::vector<BoundTableRefPtr> right_from;
  left_from.push_back(std::move(join.left));
  right_from.push_back(std::move(join.right));
  LogicalPtr left = BuildFrom(left_from, none);
  none.clear();
  LogicalPtr right = BuildFrom(right_from, none);
  auto node = std::make_unique<LogicalJoin>();
  node->type = join.type == JoinType::kLeft    ? LogicalJoinType::kLeft
               : join.type == JoinType::kRight ? LogicalJoinType::kRight
               : join.type == JoinType::kFull  ? LogicalJoinType::kFull
                                               : LogicalJoinType::kInner;
  SplitConjuncts(std::move(join.condition), node->conjuncts);
  std::set<RelationId> left_relations;
  CollectRelations(*left, left_relations);
  for (RelationId relation : FreeRelations(*right)) {
    node->lateral |= left_relations.contains(relation);
  }
  // Conditions on the null-extended side alone may be tested before the join.
  if (context_.settings.enable_pushdown &&
      (node->type == LogicalJoinType::kLeft || node->type == LogicalJoinType::kRight)) {
    LogicalPtr& extended = node->type == LogicalJoinType::kLeft ? right : left;
    std::set<RelationId> relations;
    CollectRelations(*extended, relations);
    BoundExpressions own;
    for (BoundExpressionPtr& conjunct : node->conjuncts) {
      if (ContainsSubquery(*conjunct) || IsVolatile(*conjunct)) continue;
      std::set<RelationId> used = RelationsOf(*conjunct);
      if (!used.empty() && Subset(used, relations)) own.push_back(std::move(conjunct));
    }
    std::erase(node->conjuncts, nullptr);
    if (!own.empty()) extended = PushDown(std::move(extended), std::move(own));
  }
  node->children.push_back(std::move(left));
  node->children.push_back(std::move(right));
  return node;
}

}  // namespace sundog::planner
