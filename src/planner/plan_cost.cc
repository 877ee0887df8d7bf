#include "planner/plan_cost.h"

namespace sundog::planner {

namespace {

Cost Streaming(const PhysicalNode& node, double per_row) {
  Cost cost = PlanCost(*node.children[0]);
  cost.total += node.children[0]->estimated_rows * per_row;
  return cost;
}

Cost Blocking(const PhysicalNode& node, double per_row) {
  const PhysicalNode& child = *node.children[0];
  Cost below = PlanCost(child);
  Cost cost;
  cost.startup = below.total + child.estimated_rows * per_row;
  cost.total = cost.startup + node.estimated_rows * kHandOnCost;
  return cost;
}

Cost NestedLoopCost(const PhysicalNestedLoop& node) {
  Cost left = PlanCost(*node.children[0]);
  Cost right = PlanCost(*node.children[1]);
  double left_rows = node.children[0]->estimated_rows;
  double right_rows = node.children[1]->estimated_rows;
  Cost cost{left.startup + right.startup, left.total};
  if (node.bindings.empty()) {
    cost.total += right.total + left_rows * right_rows * kOperatorCost;
  } else {
    cost.total += left_rows * (right.total + kRescanCost);
  }
  cost.total += node.estimated_rows * kHandOnCost;
  return cost;
}

Cost HashJoinCost(const PhysicalHashJoin& node) {
  Cost left = PlanCost(*node.children[0]);
  Cost right = PlanCost(*node.children[1]);
  Cost cost;
  cost.startup = left.startup + right.total + node.children[1]->estimated_rows * kHashBuildCost;
  cost.total = cost.startup + (left.total - left.startup) +
               node.children[0]->estimated_rows * kHashProbeCost +
               node.estimated_rows * kHandOnCost;
  return cost;
}

Cost SortNodeCost(const PhysicalSort& node) {
  const PhysicalNode& child = *node.children[0];
  Cost below = PlanCost(child);
  if (node.presorted > 0) return {below.startup, below.total + SortCost(child.estimated_rows, 0)};
  Cost cost;
  cost.startup = below.total + SortCost(child.estimated_rows, node.limit ? 100 : 0);
  cost.total = cost.startup + node.estimated_rows * kHandOnCost;
  return cost;
}

Cost LimitCost(const PhysicalNode& node) {
  const PhysicalNode& child = *node.children[0];
  Cost below = PlanCost(child);
  return {below.startup, PartialCost(below, child.estimated_rows, node.estimated_rows)};
}

Cost AllChildren(const PhysicalNode& node, double per_row) {
  Cost cost;
  for (const PhysicalPtr& child : node.children) {
    Cost one = PlanCost(*child);
    if (child == node.children[0]) cost.startup = one.startup;
    cost.total += one.total + child->estimated_rows * per_row;
  }
  return cost;
}

}  // namespace

Cost PlanCost(const PhysicalNode& node) {
  switch (node.kind) {
    case PhysicalKind::kEmpty: return {0, kRowCost};
    case PhysicalKind::kTableScan: {
      Cost cost = node.As<PhysicalTableScan>().cost;
      return {cost.startup, std::max(cost.total, kRowCost)};
    }
    case PhysicalKind::kVirtualScan:
    case PhysicalKind::kFunctionScan:
    case PhysicalKind::kFeed:
    case PhysicalKind::kCteScan: return {0, node.estimated_rows * kRowCost};
    case PhysicalKind::kValues: return {0, node.estimated_rows * kRowCost};
    case PhysicalKind::kFilter: {
      double conditions = static_cast<double>(node.As<PhysicalFilter>().conjuncts.size());
      return Streaming(node, kOperatorCost * conditions);
    }
    case PhysicalKind::kProject: {
      double expressions = static_cast<double>(node.As<PhysicalProject>().expressions.size());
      return Streaming(node, kOperatorCost / 4 * expressions);
    }
    case PhysicalKind::kProjectSet: return Streaming(node, kRowCost);
    case PhysicalKind::kNestedLoop: return NestedLoopCost(node.As<PhysicalNestedLoop>());
    case PhysicalKind::kHashJoin: return HashJoinCost(node.As<PhysicalHashJoin>());
    case PhysicalKind::kAggregate: {
      const auto& aggregate = node.As<PhysicalAggregate>();
      double calls = static_cast<double>(aggregate.aggregates.size());
      double grouping = aggregate.groups.empty() ? 0 : kHashProbeCost;
      return Blocking(node, calls * kOperatorCost + grouping);
    }
    case PhysicalKind::kWindow: return Blocking(node, kHashBuildCost);
    case PhysicalKind::kSort: return SortNodeCost(node.As<PhysicalSort>());
    case PhysicalKind::kLimit: return LimitCost(node);
    case PhysicalKind::kDistinct:
      return node.As<PhysicalDistinct>().sorted ? Streaming(node, kOperatorCost)
                                                : Blocking(node, kHashProbeCost);
    case PhysicalKind::kSetOperation: {
      const auto& set = node.As<PhysicalSetOperation>();
      bool append = set.op == binder::SetOperator::kUnion && set.all;
      return AllChildren(node, append ? kHandOnCost : kHashProbeCost);
    }
    case PhysicalKind::kRecursiveUnion: {
      Cost cost = AllChildren(node, kHashProbeCost);
      cost.total *= 10;
      return cost;
    }
    case PhysicalKind::kWith: return AllChildren(node, kHandOnCost);
    case PhysicalKind::kLockRows: return Streaming(node, kFetchCost);
    case PhysicalKind::kInsert:
    case PhysicalKind::kUpdate:
    case PhysicalKind::kDelete: return Streaming(node, 0);
  }
  return {};
}

}  // namespace sundog::planner
