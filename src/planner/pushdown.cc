#include "planner/pushdown.h"

#include <algorithm>

#include "planner/expressions.h"
#include "planner/logical_builder.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::ExpressionKind;

namespace {

bool UsesOnly(const binder::BoundExpression& expression, const std::set<RelationId>& inside,
              const std::set<RelationId>& allowed) {
  for (RelationId relation : RelationsOf(expression)) {
    if (inside.contains(relation) && !allowed.contains(relation)) return false;
  }
  return true;
}

// Moves the conjuncts that may go down into `down`; a conjunct that may not stays.
template <typename Movable>
BoundExpressions Take(BoundExpressions& conjuncts, Movable&& movable) {
  BoundExpressions down;
  for (BoundExpressionPtr& conjunct : conjuncts) {
    if (movable(*conjunct)) down.push_back(std::move(conjunct));
  }
  std::erase(conjuncts, nullptr);
  return down;
}

bool Plain(const binder::BoundExpression& conjunct) {
  return !ContainsSubquery(conjunct) && !IsVolatile(conjunct);
}

// The conjunct over a node's outputs as one over its inputs, by `output` (null: cannot).
template <typename Output>
bool CanSubstitute(const binder::BoundExpression& conjunct, const Output& output) {
  std::set<ColumnId> columns;
  CollectColumns(conjunct, columns);
  return Plain(conjunct) &&
         std::all_of(columns.begin(), columns.end(), [&](const ColumnId& column) {
           const binder::BoundExpression* source = nullptr;
           return !output(column, source) || (source != nullptr && Plain(*source));
         });
}

template <typename Output>
void Substitute(BoundExpressionPtr& expression, const Output& output) {
  if (expression->kind == ExpressionKind::kColumn) {
    const binder::BoundExpression* source = nullptr;
    ColumnId id{expression->As<BoundColumn>().relation, expression->As<BoundColumn>().ordinal};
    if (output(id, source)) expression = source->Clone();
    return;
  }
  ForEachChild(*expression, [&](BoundExpressionPtr& child) { Substitute(child, output); });
}

template <typename Output>
LogicalPtr PushThrough(LogicalPtr plan, BoundExpressions conjuncts, const Output& output) {
  BoundExpressions down = Take(conjuncts, [&](const auto& conjunct) {
    return CanSubstitute(conjunct, output);
  });
  for (BoundExpressionPtr& conjunct : down) Substitute(conjunct, output);
  if (!down.empty()) plan->children[0] = PushDown(std::move(plan->children[0]), std::move(down));
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

LogicalPtr PushThroughProject(LogicalPtr plan, BoundExpressions conjuncts) {
  auto& project = plan->As<LogicalProject>();
  return PushThrough(std::move(plan), std::move(conjuncts),
                     [&](const ColumnId& column, const binder::BoundExpression*& source) {
                       if (column.relation != project.relation) return false;
                       source = project.expressions[column.ordinal].get();
                       return true;
                     });
}

LogicalPtr PushThroughAggregate(LogicalPtr plan, BoundExpressions conjuncts) {
  auto& aggregate = plan->As<LogicalAggregate>();
  if (!aggregate.grouping_sets.empty() || aggregate.groups.empty()) {
    return MakeFilter(std::move(plan), std::move(conjuncts));
  }
  int group_count = static_cast<int>(aggregate.groups.size());
  return PushThrough(std::move(plan), std::move(conjuncts),
                     [&](const ColumnId& column, const binder::BoundExpression*& source) {
                       if (column.relation != aggregate.relation) return false;
                       source = column.ordinal < group_count
                                    ? aggregate.groups[column.ordinal].get()
                                    : nullptr;
                       return true;
                     });
}

void PushIntoSetSide(LogicalPtr& child, const BoundExpressions& conjuncts, RelationId relation,
                     const std::vector<ColumnId>& columns, const std::vector<SqlType>& types) {
  BoundExpressions own;
  for (const BoundExpressionPtr& conjunct : conjuncts) {
    BoundExpressionPtr copy = conjunct->Clone();
    binder::VisitDeep(copy, [&](BoundExpressionPtr& node) {
      if (node->kind != ExpressionKind::kColumn) return;
      auto& column = node->As<BoundColumn>();
      if (column.relation != relation) return;
      ColumnId source = columns[column.ordinal];
      column.type = types[column.ordinal];
      column.relation = source.relation;
      column.ordinal = source.ordinal;
    });
    own.push_back(std::move(copy));
  }
  child = PushDown(std::move(child), std::move(own));
}

LogicalPtr PushThroughSetOperation(LogicalPtr plan, BoundExpressions conjuncts) {
  auto& node = plan->As<LogicalSetOperation>();
  BoundExpressions down = Take(conjuncts, Plain);
  if (!down.empty()) {
    PushIntoSetSide(plan->children[0], down, node.relation, node.left_columns, node.types);
    PushIntoSetSide(plan->children[1], down, node.relation, node.right_columns, node.types);
  }
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

LogicalPtr PushThroughJoin(LogicalPtr plan, BoundExpressions conjuncts) {
  auto& join = plan->As<LogicalJoin>();
  std::set<RelationId> left;
  std::set<RelationId> right;
  CollectRelations(*join.children[0], left);
  CollectRelations(*join.children[1], right);
  std::set<RelationId> inside = left;
  inside.insert(right.begin(), right.end());
  bool left_open = join.type != LogicalJoinType::kRight && join.type != LogicalJoinType::kFull;
  bool right_open = join.type == LogicalJoinType::kInner || join.type == LogicalJoinType::kRight;
  if (left_open) {
    BoundExpressions down = Take(conjuncts, [&](const auto& conjunct) {
      return Plain(conjunct) && UsesOnly(conjunct, inside, left);
    });
    if (!down.empty()) join.children[0] = PushDown(std::move(join.children[0]), std::move(down));
  }
  if (right_open) {
    BoundExpressions down = Take(conjuncts, [&](const auto& conjunct) {
      return Plain(conjunct) && UsesOnly(conjunct, inside, right);
    });
    if (!down.empty()) join.children[1] = PushDown(std::move(join.children[1]), std::move(down));
  }
  if (join.type == LogicalJoinType::kInner) {
    for (BoundExpressionPtr& conjunct : Take(conjuncts, Plain)) {
      join.conjuncts.push_back(std::move(conjunct));
    }
  }
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

LogicalPtr PushIntoScan(LogicalPtr plan, BoundExpressions conjuncts) {
  auto& scan = plan->As<LogicalScan>();
  if (scan.sample_fraction >= 0) return MakeFilter(std::move(plan), std::move(conjuncts));
  auto may_go = [&](const binder::BoundExpression& conjunct) {
    return Plain(conjunct) && (!scan.secured || IsLeakproof(conjunct));
  };
  for (BoundExpressionPtr& conjunct : Take(conjuncts, may_go)) {
    scan.conjuncts.push_back(std::move(conjunct));
  }
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

LogicalPtr PushThroughBarrier(LogicalPtr plan, BoundExpressions conjuncts) {
  BoundExpressions down = Take(conjuncts, [](const auto& conjunct) {
    return Plain(conjunct) && IsLeakproof(conjunct);
  });
  plan->children[0] = PushDown(std::move(plan->children[0]), std::move(down));
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

LogicalPtr PushThroughDistinct(LogicalPtr plan, BoundExpressions conjuncts) {
  if (plan->As<LogicalDistinct>().sorted) return MakeFilter(std::move(plan), std::move(conjuncts));
  BoundExpressions down = Take(conjuncts, Plain);
  plan->children[0] = PushDown(std::move(plan->children[0]), std::move(down));
  return MakeFilter(std::move(plan), std::move(conjuncts));
}

}  // namespace

LogicalPtr PushDown(LogicalPtr plan, BoundExpressions conjuncts) {
  if (conjuncts.empty()) return plan;
  switch (plan->kind) {
    case LogicalKind::kScan: return PushIntoScan(std::move(plan), std::move(conjuncts));
    case LogicalKind::kFilter: {
      if (plan->As<LogicalFilter>().barrier) {
        return PushThroughBarrier(std::move(plan), std::move(conjuncts));
      }
      for (auto& conjunct : plan->As<LogicalFilter>().conjuncts) {
        conjuncts.push_back(std::move(conjunct));
      }
      return PushDown(std::move(plan->children[0]), std::move(conjuncts));
    }
    case LogicalKind::kProject: return PushThroughProject(std::move(plan), std::move(conjuncts));
    case LogicalKind::kAggregate:
      return PushThroughAggregate(std::move(plan), std::move(conjuncts));
    case LogicalKind::kSetOperation:
      return PushThroughSetOperation(std::move(plan), std::move(conjuncts));
    case LogicalKind::kJoin: return PushThroughJoin(std::move(plan), std::move(conjuncts));
    case LogicalKind::kDistinct: return PushThroughDistinct(std::move(plan), std::move(conjuncts));
    case LogicalKind::kSort:
    case LogicalKind::kWith: {
      BoundExpressions down = Take(conjuncts, Plain);
      plan->children[0] = PushDown(std::move(plan->children[0]), std::move(down));
      return MakeFilter(std::move(plan), std::move(conjuncts));
    }
    default: return MakeFilter(std::move(plan), std::move(conjuncts));
  }
}

}  // namespace sundog::planner
