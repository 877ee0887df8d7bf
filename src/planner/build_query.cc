// Queries as a whole: CTEs, set operations, and what follows the target list.
#include "base/check.h"
#include "planner/expressions.h"
#include "planner/logical_builder.h"
#include "planner/pushdown.h"
#include "runtime/interrupt.h"
#include "runtime/stack.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundCte;
using binder::BoundQuery;
using binder::DistinctKind;

namespace {

std::vector<ColumnId> VisibleColumns(const BoundQuery& query, RelationId relation) {
  std::vector<ColumnId> columns;
  for (int i = 0; i < query.visible_target_count(); ++i) columns.push_back({relation, i});
  return columns;
}

BoundExpressionPtr TargetColumn(const BoundQuery& query, int target, RelationId relation) {
  auto column = std::make_unique<BoundColumn>(query.targets[target].expression->type, relation,
                                              target);
  column->collation = query.targets[target].expression->collation;
  return column;
}

std::vector<binder::BoundSortKey> SortKeys(const BoundQuery& query, RelationId relation) {
  std::vector<binder::BoundSortKey> keys;
  for (const BoundQuery::OrderBy& order : query.order_by) {
    keys.push_back({TargetColumn(query, order.target, relation), order.descending,
                    order.nulls_first, order.sort_operator});
  }
  return keys;
}

LogicalPtr MakeSort(LogicalPtr plan, std::vector<binder::BoundSortKey> keys) {
  if (keys.empty()) return plan;
  auto sort = std::make_unique<LogicalSort>();
  sort->keys = std::move(keys);
  sort->children.push_back(std::move(plan));
  return sort;
}

}  // namespace

LogicalPtr MakeFilter(LogicalPtr child, BoundExpressions conjuncts) {
  if (conjuncts.empty()) return child;
  auto filter = std::make_unique<LogicalFilter>();
  filter->conjuncts = std::move(conjuncts);
  filter->children.push_back(std::move(child));
  return filter;
}

LogicalPtr LogicalBuilder::BuildQuery(BoundQuery& query, RelationId output) {
  runtime::CheckStackDepth();
  runtime::CheckInterrupts();
  RememberInlineCtes(query.ctes);
  LogicalPtr plan = query.set_operator.has_value() ? BuildSetOperation(query, output)
                                                   : BuildSelect(query, output);
  plan = AddDistinct(query, output, std::move(plan));
  plan = AddTail(query, output, std::move(plan));
  return AddCtes(query.ctes, std::move(plan));
}

LogicalPtr LogicalBuilder::BuildSelect(BoundQuery& query, RelationId output) {
  BoundExpressions conjuncts;
  SplitConjuncts(std::move(query.where), conjuncts);
  LogicalPtr plan = BuildFrom(query.from, conjuncts);
  plan = AddAggregates(query, std::move(plan));
  BoundExpressions having;
  SplitConjuncts(std::move(query.having), having);
  plan = PushDown(AddSemiJoins(std::move(plan), having), std::move(having));
  plan = AddWindows(query, std::move(plan));
  plan = AddSetFunctions(query, std::move(plan));
  auto project = std::make_unique<LogicalProject>();
  project->relation = output;
  // The targets stay in the query too, for their types.
  for (binder::BoundTarget& target : query.targets) {
    project->expressions.push_back(target.expression->Clone());
  }
  project->children.push_back(std::move(plan));
  return project;
}

namespace {

// Equal rows of a set operation's input become one.
LogicalPtr AddUnionDistinct(const BoundQuery& query, LogicalPtr rows) {
  auto distinct = std::make_unique<LogicalDistinct>();
  for (int i = 0; i < query.left->visible_target_count(); ++i) {
    distinct->keys.push_back(std::make_unique<binder::BoundColumn>(
        rows->As<LogicalSetOperation>().types[i], query.set_relation, i));
  }
  distinct->children.push_back(std::move(rows));
  return distinct;
}

}  // namespace

LogicalPtr LogicalBuilder::BuildSetOperation(BoundQuery& query, RelationId output) {
  auto node = std::make_unique<LogicalSetOperation>();
  node->op = *query.set_operator;
  // UNION is DISTINCT over UNION ALL.
  bool distinct_union = node->op == binder::SetOperator::kUnion && !query.set_all;
  node->all = query.set_all || distinct_union;
  node->relation = query.set_relation;
  RelationId left = FreshRelation();
  RelationId right = FreshRelation();
  node->left_columns = VisibleColumns(*query.left, left);
  node->right_columns = VisibleColumns(*query.right, right);
  for (int i = 0; i < query.left->visible_target_count(); ++i) {
    node->types.push_back(query.left->targets[i].expression->type);
  }
  node->children.push_back(BuildQuery(*query.left, left));
  node->children.push_back(BuildQuery(*query.right, right));
  LogicalPtr rows = std::move(node);
  if (distinct_union) rows = AddUnionDistinct(query, std::move(rows));
  auto project = std::make_unique<LogicalProject>();
  project->relation = output;
  for (binder::BoundTarget& target : query.targets) {
    project->expressions.push_back(target.expression->Clone());
  }
  project->children.push_back(std::move(rows));
  return project;
}

LogicalPtr LogicalBuilder::AddDistinct(BoundQuery& query, RelationId output, LogicalPtr plan) {
  if (query.distinct == DistinctKind::kNone)
    return MakeSort(std::move(plan), SortKeys(query, output));
  auto distinct = std::make_unique<LogicalDistinct>();
  if (query.distinct == DistinctKind::kAll) {
    for (int i = 0; i < query.visible_target_count(); ++i) {
      distinct->keys.push_back(TargetColumn(query, i, output));
    }
    distinct->children.push_back(std::move(plan));
    return MakeSort(std::move(distinct), SortKeys(query, output));
  }
  std::vector<binder::BoundSortKey> keys = SortKeys(query, output);
  for (int target : query.distinct_on) {
    distinct->keys.push_back(TargetColumn(query, target, output));
    bool sorted = false;
    for (const BoundQuery::OrderBy& order : query.order_by) sorted |= order.target == target;
    if (!sorted) keys.push_back({TargetColumn(query, target, output), false, false, 0});
  }
  distinct->sorted = true;
  distinct->children.push_back(MakeSort(std::move(plan), std::move(keys)));
  return distinct;
}

LogicalPtr LogicalBuilder::AddTail(BoundQuery& query, RelationId output, LogicalPtr plan) {
  plan = AddLocks(query, std::move(plan));
  if (query.limit == nullptr && query.offset == nullptr) return plan;
  auto limit = std::make_unique<LogicalLimit>();
  limit->limit = std::move(query.limit);
  limit->offset = std::move(query.offset);
  limit->with_ties = query.with_ties;
  if (query.with_ties) limit->tie_keys = SortKeys(query, output);
  limit->children.push_back(std::move(plan));
  return limit;
}

LogicalPtr LogicalBuilder::AddLocks(BoundQuery& query, LogicalPtr plan) {
  if (query.locks.empty()) return plan;
  auto node = std::make_unique<LogicalLockRows>();
  std::map<RelationId, std::shared_ptr<const catalog::TableDescriptor>> tables;
  std::function<void(const LogicalNode&)> find_scans = [&](const LogicalNode& at) {
    if (at.kind == LogicalKind::kScan) {
      tables[at.As<LogicalScan>().relation] = at.As<LogicalScan>().table;
    }
    for (const LogicalPtr& child : at.children) find_scans(*child);
  };
  find_scans(*plan);
  for (const binder::BoundRowLock& lock : query.locks) {
    for (RelationId relation : lock.relations) {
      if (!tables.contains(relation)) continue;
      node->locks.push_back({relation, tables[relation], lock.strength, lock.wait});
    }
  }
  node->children.push_back(std::move(plan));
  return node;
}

void LogicalBuilder::RememberInlineCtes(std::vector<BoundCte>& ctes) {
  for (BoundCte& cte : ctes) {
    ctes_[cte.id] = {cte.name, cte.columns};
    if (cte.query == nullptr || cte.recursive || cte.materialized.value_or(false)) continue;
    bool volatile_inside = false;
    binder::VisitDeep(*cte.query, [&](BoundExpressionPtr& node) {
      if (node->kind == binder::ExpressionKind::kFunction) {
        volatile_inside |= node->As<binder::BoundFunction>().proc->volatility == 'v';
      }
    });
    bool once = cte.reference_count == 1 || cte.materialized.has_value();
    if (once && !volatile_inside && cte.query->locks.empty()) {
      inline_ctes_[cte.id] = cte.query->Clone();
    }
  }
}

LogicalPtr LogicalBuilder::AddCtes(std::vector<BoundCte>& ctes, LogicalPtr plan) {
  auto with = std::make_unique<LogicalWith>();
  with->children.push_back(std::move(plan));
  for (BoundCte& cte : ctes) {
    if (inline_ctes_.contains(cte.id)) continue;
    if (cte.reference_count == 0 && cte.query != nullptr) continue;  // PostgreSQL skips it too
    std::vector<ColumnId> columns;
    LogicalPtr cte_plan = BuildCte(cte, columns);
    with->ctes.push_back({cte.id, cte.name, cte.statement != nullptr, std::move(columns)});
    with->children.push_back(std::move(cte_plan));
  }
  if (with->ctes.empty()) return std::move(with->children[0]);
  return with;
}

LogicalPtr LogicalBuilder::BuildCte(BoundCte& cte, std::vector<ColumnId>& columns) {
  RelationId output = FreshRelation();
  for (int i = 0; i < static_cast<int>(cte.types.size()); ++i) columns.push_back({output, i});
  if (cte.statement != nullptr) {
    if (cte.statement->kind == binder::StatementKind::kQuery) {
      return BuildQuery(*cte.statement->As<binder::BoundQueryStatement>().query, output);
    }
    return BuildModify(cte.statement->As<binder::BoundModify>(), output);
  }
  if (cte.recursive) return BuildRecursive(cte, output);
  return BuildQuery(*cte.query, output);
}

LogicalPtr LogicalBuilder::BuildRecursive(BoundCte& cte, RelationId output) {
  BoundQuery& query = *cte.query;
  CHECK(query.set_operator == binder::SetOperator::kUnion);
  auto node = std::make_unique<LogicalRecursiveUnion>();
  node->cte_id = cte.id;
  node->all = query.set_all;
  node->relation = query.set_relation;
  node->types = cte.types;
  RelationId left = FreshRelation();
  RelationId right = FreshRelation();
  node->left_columns = VisibleColumns(*query.left, left);
  node->right_columns = VisibleColumns(*query.right, right);
  node->children.push_back(BuildQuery(*query.left, left));
  node->children.push_back(BuildQuery(*query.right, right));
  auto project = std::make_unique<LogicalProject>();
  project->relation = output;
  for (binder::BoundTarget& target : query.targets) {
    project->expressions.push_back(target.expression->Clone());
  }
  project->children.push_back(std::move(node));
  LogicalPtr plan = AddTail(query, output, AddDistinct(query, output, std::move(project)));
  return AddCtes(query.ctes, std::move(plan));
}

}  // namespace sundog::planner
