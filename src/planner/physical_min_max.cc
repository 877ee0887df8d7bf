// min() and max() of a whole table: the first row of an index that is not null.
//
// max(a) over t becomes max(a) over (t WHERE a IS NOT NULL ORDER BY a DESC LIMIT 1), and several
// calls become a join of one row each, if every one of them finds an index for its order and that
// costs less than reading the table once.
#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

using binder::BoundAggregate;

namespace {

constexpr size_t kMostCalls = 4;

bool IsMinOrMax(const BoundAggregate& call) {
  const functions::AggregateInfo* info =
      functions::BuiltinProcs::Get().FindAggregate(call.proc->oid);
  bool named = call.proc->name == "min" || call.proc->name == "max";
  return info != nullptr && info->sort_operator != 0 && named && call.arguments.size() == 1 &&
         call.order_by.empty() && call.filter == nullptr && call.level == 0 &&
         !ContainsSubquery(*call.arguments[0]) && !IsVolatile(*call.arguments[0]);
}

std::unique_ptr<LogicalScan> CopyOf(const LogicalScan& scan) {
  auto copy = std::make_unique<LogicalScan>();
  copy->table = scan.table;
  copy->relation = scan.relation;
  copy->alias = scan.alias;
  copy->conjuncts = binder::CloneAll(scan.conjuncts);
  return copy;
}

BoundExpressionPtr One() {
  return std::make_unique<binder::BoundConstant>(SqlType{types::oids::kInt8},
                                                 types::Datum::From(int64_t{1}),
                                                 types::PhysicalKind::kInt64);
}

}  // namespace

LogicalPtr PhysicalBuilder::MinMaxFromIndexes(LogicalAggregate& node) {
  bool plain = node.groups.empty() && node.grouping_sets.empty() && node.groupings.empty() &&
               !node.aggregates.empty() && node.aggregates.size() <= kMostCalls;
  if (!plain || node.children[0]->kind != LogicalKind::kScan) return nullptr;
  const auto& scan = node.children[0]->As<LogicalScan>();
  if (scan.sample_fraction >= 0 || scan.secured) return nullptr;
  Required wanted;
  double cost = 0;
  std::vector<std::unique_ptr<LogicalScan>> scans;
  for (const auto& aggregate : node.aggregates) {
    const auto& call = aggregate->As<BoundAggregate>();
    if (!IsMinOrMax(call)) return nullptr;
    scans.push_back(CopyOf(scan));
    scans.back()->conjuncts.push_back(
        std::make_unique<binder::BoundNullTest>(call.arguments[0]->Clone(), true, false));
    Demand first;
    first.row_goal = 1;
    bool descending = call.proc->name == "max";
    first.order.push_back({call.arguments[0]->Clone(), descending, descending});
    Required columns;
    Require(*call.arguments[0], columns);
    Require(*call.arguments[0], wanted);
    ScanChoice choice = ChooseScan(*scans.back(), columns, first, index_rules_, context_);
    if (!choice.ordered) return nullptr;
    cost += PartialCost(choice.cost, EstimateRows(*scans.back(), context_), 1);
  }
  if (cost >= ChooseScan(scan, wanted, {}, index_rules_, context_).cost.total) return nullptr;
  LogicalPtr joined;
  for (size_t i = 0; i < scans.size(); ++i) {
    const auto& call = node.aggregates[i]->As<BoundAggregate>();
    auto sort = std::make_unique<LogicalSort>();
    bool descending = call.proc->name == "max";
    sort->keys.push_back({call.arguments[0]->Clone(), descending, descending});
    sort->children.push_back(std::move(scans[i]));
    auto limit = std::make_unique<LogicalLimit>();
    limit->limit = One();
    limit->children.push_back(std::move(sort));
    auto aggregate = std::make_unique<LogicalAggregate>();
    aggregate->relation = node.relation;
    aggregate->first_aggregate = node.first_aggregate + static_cast<int>(i);
    aggregate->aggregates.push_back(std::move(node.aggregates[i]));
    aggregate->children.push_back(std::move(limit));
    if (joined == nullptr) {
      joined = std::move(aggregate);
      continue;
    }
    auto join = std::make_unique<LogicalJoin>();
    join->children.push_back(std::move(joined));
    join->children.push_back(std::move(aggregate));
    joined = std::move(join);
  }
  return joined;
}

}  // namespace sundog::planner
