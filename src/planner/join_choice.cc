// Choosing how to join: by which method, and which side first.
//
// Where the first rows in some order are wanted, and one side has that order by itself (an index),
// that side goes first and each of its rows finds its partners as it comes: no more of them are
// read than it takes. Else all rows of both sides are joined, and sorted.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "planner/join_conditions.h"
#include "planner/join_graph.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

namespace {

// A side with more rows may have to be put aside on disk, after which no order is left: so many fit
// into a statement's memory also where they are wide.
constexpr double kMostKeptRows = 10000;

// What there can be at most, however wrong the guesses about conditions are.
double MostRows(const LogicalNode& node, const PlannerContext& context) {
  switch (node.kind) {
    case LogicalKind::kEmpty: return 1;
    case LogicalKind::kScan: return context.statistics->RowCount(*node.As<LogicalScan>().table);
    case LogicalKind::kValues: return EstimateRows(node, context);
    case LogicalKind::kJoin: {
      LogicalJoinType type = node.As<LogicalJoin>().type;
      bool left_only = type == LogicalJoinType::kSemi || type == LogicalJoinType::kAnti;
      double left = MostRows(*node.children[0], context);
      return left_only ? left : left * MostRows(*node.children[1], context);
    }
    case LogicalKind::kFilter:
    case LogicalKind::kProject:
    case LogicalKind::kSort:
    case LogicalKind::kDistinct: return MostRows(*node.children[0], context);
    case LogicalKind::kLimit: {
      double rows = MostRows(*node.children[0], context);
      return std::min(rows, ConstantCount(node.As<LogicalLimit>().limit.get()).value_or(rows));
    }
    case LogicalKind::kAggregate: {
      const auto& aggregate = node.As<LogicalAggregate>();
      if (!aggregate.grouping_sets.empty()) break;
      return aggregate.groups.empty() ? 1 : MostRows(*node.children[0], context);
    }
    default: break;
  }
  return std::numeric_limits<double>::infinity();
}

// Whether the plan takes values of the join's other side for its lookup.
bool UsesJoin(const ScanChoice& lookup, const LogicalScan& scan) {
  return std::any_of(lookup.used.begin(), lookup.used.end(),
                     [&](size_t i) { return i >= scan.conjuncts.size(); });
}

// The right sides of equalities, where they are columns.
bool DistinctKeys(const BoundExpressions& conjuncts, const std::set<RelationId>& right,
                  BoundExpressions& keys) {
  for (const auto& conjunct : conjuncts) {
    const binder::BoundColumn* column = EqualityColumn(*conjunct, right);
    if (column == nullptr) return false;
    keys.push_back(column->Clone());
  }
  return true;
}

}  // namespace

JoinChoice PhysicalBuilder::ChooseJoin(LogicalJoin& node, const Required& required,
                                       const Demand& demand) {
  std::optional<double> from_right = CostFromRight(node, required);
  JoinChoice choice{JoinMethod::kLookupsFromRight};
  if (!from_right.has_value()) {
    choice.method = WantsLookups(node, required, demand) ? JoinMethod::kLookups
                    : Hashes(node)                       ? JoinMethod::kHash
                                                         : JoinMethod::kLoop;
  }
  if (demand.order.empty()) return choice;
  ++choosing_;
  choice.cost = SortCost(EstimateRows(node, context_), demand.row_goal) +
                (from_right.has_value() ? *from_right : WholeCost(node, required));
  bool may_turn = demand.row_goal > 0 && !node.lateral &&
                  (node.type == LogicalJoinType::kInner || node.type == LogicalJoinType::kRight);
  if (may_turn) {
    TurnJoin(node);
    if (ChooseInOrder(node, required, demand, choice)) choice.turned = true;
    TurnJoin(node);
  }
  if (ChooseInOrder(node, required, demand, choice)) choice.turned = false;
  if (--choosing_ == 0) whole_costs_.clear();
  return choice;
}

bool PhysicalBuilder::ChooseInOrder(LogicalJoin& node, const Required& required,
                                    const Demand& demand, JoinChoice& best) {
  if (node.type == LogicalJoinType::kRight || node.type == LogicalJoinType::kFull) return false;
  std::set<RelationId> right;
  CollectRelations(*node.children[1], right);
  if (demand.Mentions(right)) return false;
  double left_rows = EstimateRows(*node.children[0], context_);
  double right_rows = EstimateRows(*node.children[1], context_);
  Demand of_left = demand.Below(left_rows, EstimateRows(node, context_));
  std::optional<double> left_cost = OrderedCost(*node.children[0], of_left);
  if (!left_cost.has_value()) return false;

  double read_rows = demand.row_goal > 0 ? of_left.row_goal : left_rows;
  bool better = false;
  auto consider = [&](JoinMethod method, double cost) {
    if (*left_cost + cost >= best.cost) return;
    best = {method, false, true, *left_cost + cost};
    better = true;
  };
  double right_cost = WholeCost(*node.children[1], required);
  bool hashes = Hashes(node);
  bool is_kept = MostRows(*node.children[1], context_) <= kMostKeptRows;
  if (hashes && is_kept && demand.row_goal > 0) {
    consider(JoinMethod::kHash,
             right_cost + right_rows * kHashBuildCost + read_rows * kHashProbeCost);
  }
  if (node.lateral) {
    consider(JoinMethod::kLoop, read_rows * (right_cost + kRescanCost));
  } else if (!hashes && (is_kept || right_rows <= left_rows)) {
    // A loop keeps one side in any case: not the larger one.
    consider(JoinMethod::kLoop, right_cost + read_rows * right_rows * kOperatorCost);
  }
  if (std::optional<double> lookup = LookupCost(node, required)) {
    consider(JoinMethod::kLookups, read_rows * *lookup);
  }
  return better;
}

bool PhysicalBuilder::Hashes(const LogicalJoin& node) const {
  return !node.lateral && context_.settings.enable_hash_join && IsHashable(node);
}

double PhysicalBuilder::WholeCost(const LogicalNode& node, const Required& required) {
  auto known = whole_costs_.find(&node);
  if (known != whole_costs_.end()) return known->second;
  double cost = WholeCostAnew(node, required);
  if (choosing_ > 0) whole_costs_[&node] = cost;
  return cost;
}

double PhysicalBuilder::WholeCostAnew(const LogicalNode& node, const Required& required) {
  if (const LogicalScan* scan = BareScan(node)) {
    return ChooseScan(*scan, required, {}, index_rules_, context_).cost.total;
  }
  double cost = EstimateRows(node, context_) * kHandOnCost;
  if (node.kind != LogicalKind::kJoin) {
    for (const LogicalPtr& child : node.children) cost += WholeCost(*child, required);
    return cost;
  }
  const auto& join = node.As<LogicalJoin>();
  double left_rows = EstimateRows(*join.children[0], context_);
  double right_rows = EstimateRows(*join.children[1], context_);
  double right = WholeCost(*join.children[1], required);
  if (join.lateral) {
    right = left_rows * (right + kRescanCost);
  } else if (Hashes(join)) {
    right += right_rows * kHashBuildCost + left_rows * kHashProbeCost;
  } else {
    right += left_rows * right_rows * kOperatorCost;
  }
  if (std::optional<double> lookup = LookupCost(join, required)) {
    right = std::min(right, left_rows * *lookup);
  }
  return cost + WholeCost(*join.children[0], required) + right;
}

std::optional<double> PhysicalBuilder::LookupCost(const LogicalJoin& node,
                                                  const Required& required) {
  if (!context_.settings.enable_nested_loop || !context_.settings.enable_index_scan) {
    return std::nullopt;
  }
  if (node.type == LogicalJoinType::kRight || node.type == LogicalJoinType::kFull) {
    return std::nullopt;
  }
  const LogicalScan* scan = BareScan(*node.children[1]);
  if (scan == nullptr || scan->sample_fraction >= 0) return std::nullopt;
  std::unique_ptr<LogicalScan> probe = ProbeOf(*scan, node.conjuncts);
  ScanChoice lookup = ChooseScan(*probe, required, {}, index_rules_, context_);
  if (!UsesJoin(lookup, *scan)) return std::nullopt;
  return lookup.cost.total + kRescanCost;
}

bool PhysicalBuilder::WantsLookups(const LogicalJoin& node, const Required& required,
                                   const Demand& demand) {
  std::optional<double> lookup = LookupCost(node, required);
  if (!lookup.has_value()) return false;
  double left_rows = EstimateRows(*node.children[0], context_);
  double right_rows = EstimateRows(*node.children[1], context_);
  double looked_up = left_rows;
  if (demand.order.empty() && demand.row_goal > 0) {
    looked_up = demand.Below(left_rows, EstimateRows(node, context_)).row_goal;
  }
  double whole = WholeCost(*node.children[1], required);
  whole += Hashes(node) ? right_rows * kHashBuildCost + left_rows * kHashProbeCost
                        : left_rows * right_rows * kOperatorCost;
  return looked_up * *lookup < whole;
}

std::optional<double> PhysicalBuilder::CostFromRight(const LogicalJoin& node,
                                                     const Required& required) {
  const LogicalScan* scan = BareScan(*node.children[0]);
  if (node.type != LogicalJoinType::kSemi || node.lateral || scan == nullptr ||
      scan->sample_fraction >= 0 || !context_.settings.enable_nested_loop) {
    return std::nullopt;
  }
  if (FreeRelations(*node.children[1]).contains(scan->relation)) return std::nullopt;
  std::set<RelationId> left = {scan->relation};
  std::set<RelationId> right;
  CollectRelations(*node.children[1], right);
  std::set<ColumnId> columns;
  for (const auto& conjunct : node.conjuncts) {
    if (!IsHashable(*conjunct, left, right)) return std::nullopt;
    CollectColumns(*conjunct, columns);
  }
  auto keys = std::count_if(columns.begin(), columns.end(), [&](const ColumnId& column) {
    return right.contains(column.relation);
  });
  BoundExpressions distinct;
  if (!DistinctKeys(node.conjuncts, right, distinct) ||
      distinct.size() != static_cast<size_t>(keys)) {
    return std::nullopt;
  }
  double values = EstimateRows(*node.children[1], context_);
  std::unique_ptr<LogicalScan> probe = ProbeOf(*scan, node.conjuncts);
  ScanChoice lookup = ChooseScan(*probe, required, {}, index_rules_, context_);
  if (!UsesJoin(lookup, *scan)) return std::nullopt;
  double lookup_cost = values * (lookup.cost.total + kRescanCost + kHashBuildCost);
  double whole_cost = WholeCost(*scan, required) + values * kHashBuildCost +
                      EstimateRows(*scan, context_) * kHashProbeCost;
  return lookup_cost < whole_cost ? std::optional(lookup_cost) : std::nullopt;
}

LogicalPtr PhysicalBuilder::LookUpFromRight(LogicalJoin& node) {
  std::set<RelationId> right;
  CollectRelations(*node.children[1], right);
  auto join = std::make_unique<LogicalJoin>();
  auto distinct = std::make_unique<LogicalDistinct>();
  CHECK(DistinctKeys(node.conjuncts, right, distinct->keys));
  distinct->children.push_back(std::move(node.children[1]));
  join->conjuncts = std::move(node.conjuncts);
  join->children.push_back(std::move(distinct));
  join->children.push_back(std::move(node.children[0]));
  return join;
}

}  // namespace sundog::planner
