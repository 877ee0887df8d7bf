// Taking aggregates, window calls and set-returning calls out of the target list.
#include <algorithm>

#include "base/check.h"
#include "planner/expressions.h"
#include "planner/logical_builder.h"
#include "planner/window_order.h"

namespace sundog::planner {

using binder::BoundAggregate;
using binder::BoundColumn;
using binder::BoundExpression;
using binder::BoundFunction;
using binder::BoundGrouping;
using binder::BoundQuery;
using binder::BoundSubquery;
using binder::BoundWindow;
using binder::ExpressionKind;

namespace {

BoundExpressionPtr MakeColumn(const BoundExpression& like, RelationId relation, int ordinal) {
  auto column = std::make_unique<BoundColumn>(like.type, relation, ordinal);
  column->collation = like.collation;
  column->location = like.location;
  return column;
}

// Rewrites expressions above an aggregation: aggregate calls, GROUPING and grouped expressions
// become its output columns. `depth` counts the subqueries around the node.
class AggregateExtractor {
 public:
  AggregateExtractor(LogicalAggregate& node, const std::set<RelationId>& input)
      : node_(node), input_(input) {}

  void Rewrite(BoundExpressionPtr& expression, int depth) {
    if (expression == nullptr) return;
    if (RewriteWhole(expression, depth)) return;
    if (expression->kind == ExpressionKind::kAggregate) return;  // of another query level
    if (expression->kind == ExpressionKind::kSubquery) {
      binder::ForEachExpression(*expression->As<BoundSubquery>().query,
                                [&](BoundExpressionPtr& inner) { Rewrite(inner, depth + 1); });
    }
    ForEachChild(*expression, [&](BoundExpressionPtr& child) { Rewrite(child, depth); });
  }

 private:
  bool RewriteWhole(BoundExpressionPtr& expression, int depth) {
    if (expression->kind == ExpressionKind::kAggregate) {
      if (expression->As<BoundAggregate>().level != depth) return false;
      ReplaceAggregate(expression);
      return true;
    }
    if (expression->kind == ExpressionKind::kGrouping && depth == 0) {
      ReplaceGrouping(expression);
      return true;
    }
    for (size_t i = 0; i < node_.groups.size(); ++i) {
      if (!Equal(*expression, *node_.groups[i])) continue;
      expression = MakeColumn(*expression, node_.relation, static_cast<int>(i));
      return true;
    }
    return ReplaceDependent(expression);
  }

  void ReplaceAggregate(BoundExpressionPtr& expression) {
    expression->As<BoundAggregate>().level = 0;
    size_t index = 0;
    while (index < node_.aggregates.size() && !Equal(*expression, *node_.aggregates[index])) {
      ++index;
    }
    int ordinal = kFirstAggregateOrdinal + static_cast<int>(index);
    BoundExpressionPtr column = MakeColumn(*expression, node_.relation, ordinal);
    if (index == node_.aggregates.size()) node_.aggregates.push_back(std::move(expression));
    expression = std::move(column);
  }

  void ReplaceGrouping(BoundExpressionPtr& expression) {
    const std::vector<int>& indexes = expression->As<BoundGrouping>().group_indexes;
    auto at = std::find(node_.groupings.begin(), node_.groupings.end(), indexes);
    int index = static_cast<int>(at - node_.groupings.begin());
    if (at == node_.groupings.end()) node_.groupings.push_back(indexes);
    expression = MakeColumn(*expression, node_.relation, kFirstGroupingOrdinal + index);
  }

  // A column that is not grouped by depends on the primary key that is (the binder has checked):
  // one more group that splits no group.
  bool ReplaceDependent(BoundExpressionPtr& expression) {
    if (expression->kind != ExpressionKind::kColumn) return false;
    if (!input_.contains(expression->As<BoundColumn>().relation)) return false;
    int index = static_cast<int>(node_.groups.size());
    BoundExpressionPtr column = MakeColumn(*expression, node_.relation, index);
    node_.groups.push_back(std::move(expression));
    for (std::vector<int>& set : node_.grouping_sets) set.push_back(index);
    expression = std::move(column);
    return true;
  }

  LogicalAggregate& node_;
  const std::set<RelationId>& input_;
};

bool SameWindow(const BoundWindow& a, const BoundWindow& b) {
  // Compare as if both called the same function.
  BoundWindow x(a.type, a.proc);
  BoundWindow y(a.type, a.proc);
  x.window = a.window.Clone();
  y.window = b.window.Clone();
  return Equal(x, y);
}

bool IsSetCall(const BoundExpression& expression) {
  return expression.kind == ExpressionKind::kFunction &&
         expression.As<BoundFunction>().proc->returns_set;
}

bool ContainsSetCall(const BoundExpression& expression) {
  if (IsSetCall(expression)) return true;
  bool found = false;
  ForEachChild(const_cast<BoundExpression&>(expression),
               [&](BoundExpressionPtr& child) { found = found || ContainsSetCall(*child); });
  return found;
}

// Moves the set-returning calls that hold no other one inside into `node`.
void ExtractInnermostSetCalls(BoundExpressionPtr& expression, LogicalProjectSet& node) {
  if (IsSetCall(*expression)) {
    bool nested = false;
    ForEachChild(*expression,
                 [&](BoundExpressionPtr& child) { nested = nested || ContainsSetCall(*child); });
    if (!nested) {
      int ordinal = static_cast<int>(node.expressions.size());
      BoundExpressionPtr column = MakeColumn(*expression, node.relation, ordinal);
      node.expressions.push_back(std::move(expression));
      expression = std::move(column);
      return;
    }
  }
  ForEachChild(*expression,
               [&](BoundExpressionPtr& child) { ExtractInnermostSetCalls(child, node); });
}

// PostgreSQL can only group sorted input where an aggregate sorts its own, and so hands out groups
// in order; queries without ORDER BY have come to rely on it.
LogicalPtr SortGroups(std::unique_ptr<LogicalAggregate> node) {
  if (node->groups.empty() || !node->grouping_sets.empty()) return node;
  bool sorts = std::any_of(node->aggregates.begin(), node->aggregates.end(), [](const auto& call) {
    const auto& aggregate = call->template As<BoundAggregate>();
    return aggregate.distinct || !aggregate.order_by.empty();
  });
  if (!sorts) return node;
  auto sort = std::make_unique<LogicalSort>();
  for (size_t i = 0; i < node->groups.size(); ++i) {
    BoundExpressionPtr key = MakeColumn(*node->groups[i], node->relation, static_cast<int>(i));
    sort->keys.push_back({std::move(key)});
  }
  sort->children.push_back(std::move(node));
  return sort;
}

}  // namespace

LogicalPtr LogicalBuilder::AddAggregates(BoundQuery& query, LogicalPtr plan) {
  if (!query.has_aggregates) return plan;
  auto node = std::make_unique<LogicalAggregate>();
  node->relation = FreshRelation();
  node->groups = std::move(query.group_by);
  node->grouping_sets = std::move(query.grouping_sets);
  std::set<RelationId> input;
  CollectRelations(*plan, input);
  AggregateExtractor extractor(*node, input);
  for (binder::BoundTarget& target : query.targets) extractor.Rewrite(target.expression, 0);
  extractor.Rewrite(query.having, 0);
  node->children.push_back(std::move(plan));
  return SortGroups(std::move(node));
}

LogicalPtr LogicalBuilder::AddWindows(BoundQuery& query, LogicalPtr plan) {
  if (!query.has_windows) return plan;
  std::vector<std::unique_ptr<LogicalWindow>> nodes;
  std::function<void(BoundExpressionPtr&)> extract = [&](BoundExpressionPtr& expression) {
    if (expression->kind != ExpressionKind::kWindow) {
      return ForEachChild(*expression, extract);
    }
    const auto& call = expression->As<BoundWindow>();
    auto at = std::find_if(nodes.begin(), nodes.end(), [&](const auto& node) {
      return SameWindow(node->calls[0]->template As<BoundWindow>(), call);
    });
    if (at == nodes.end()) {
      nodes.push_back(std::make_unique<LogicalWindow>());
      nodes.back()->relation = FreshRelation();
      at = nodes.end() - 1;
    }
    LogicalWindow& node = **at;
    BoundExpressionPtr column =
        MakeColumn(*expression, node.relation, static_cast<int>(node.calls.size()));
    node.calls.push_back(std::move(expression));
    expression = std::move(column);
  };
  for (binder::BoundTarget& target : query.targets) extract(target.expression);
  OrderWindows(query, *plan, nodes);
  for (auto& node : nodes) {
    node->children.push_back(std::move(plan));
    plan = std::move(node);
  }
  return plan;
}

LogicalPtr LogicalBuilder::AddSetFunctions(BoundQuery& query, LogicalPtr plan) {
  if (!query.has_set_functions) return plan;
  while (true) {
    auto node = std::make_unique<LogicalProjectSet>();
    node->relation = FreshRelation();
    for (binder::BoundTarget& target : query.targets) {
      ExtractInnermostSetCalls(target.expression, *node);
    }
    if (node->expressions.empty()) return plan;
    node->children.push_back(std::move(plan));
    plan = std::move(node);
  }
}

}  // namespace sundog::planner
