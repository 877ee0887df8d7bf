// ORDER BY and LIMIT: what order an input can come in by itself, and how much of it is read.
#include "catalog/vector_index.h"
#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "planner/physical_builder.h"
#include "planner/scan_choice.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::ExpressionKind;

namespace {

// LIMIT with a parameter: clients ask for pages.
constexpr double kUnknownLimit = 100;

// 0: all.
double WantedRows(const LogicalLimit& node) {
  bool all = node.limit == nullptr ||
             (node.limit->kind == ExpressionKind::kConstant && !ConstantCount(node.limit.get()));
  if (all) return 0;
  double rows = ConstantCount(node.limit.get()).value_or(kUnknownLimit) +
                ConstantCount(node.offset.get()).value_or(0);
  return std::max(1.0, rows);
}

// False if the expression cannot be said in the projection's input.
bool Substitute(BoundExpressionPtr& expression, const LogicalProject& project) {
  if (expression->kind == ExpressionKind::kColumn) {
    const auto& column = expression->As<BoundColumn>();
    if (column.relation != project.relation) return true;
    const binder::BoundExpression& source = *project.expressions[column.ordinal];
    if (IsVolatile(source)) return false;
    expression = source.Clone();
    return true;
  }
  bool possible = true;
  ForEachChild(*expression, [&](BoundExpressionPtr& child) {
    possible = Substitute(child, project) && possible;
  });
  return possible;
}

bool HasVectorIndex(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::kScan: {
      const auto& indexes = node.As<LogicalScan>().table->indexes;
      return std::any_of(indexes.begin(), indexes.end(), [](const auto& index) {
        return catalog::IsVectorMethod(index.access_method);
      });
    }
    case LogicalKind::kFilter:
    case LogicalKind::kProject:
    case LogicalKind::kJoin:
      return std::any_of(node.children.begin(), node.children.end(),
                         [](const LogicalPtr& child) { return HasVectorIndex(*child); });
    default: return false;
  }
}

// An order by distance (a double) and more: distances leave few rows equal, so what comes sorted by
// them needs little more sorting. Null if the order is not of that kind.
std::optional<Demand> DistanceAlone(const Demand& wanted, const LogicalNode& input) {
  if (wanted.order.size() < 2 || wanted.row_goal == 0) return std::nullopt;
  if (wanted.order[0].expression->type.oid != types::oids::kFloat8) return std::nullopt;
  if (!HasVectorIndex(input)) return std::nullopt;
  Demand first = wanted.Clone();
  first.order.resize(1);
  first.more_keys = true;
  first.row_goal += 1;  // that the last one's equals have ended shows in the next
  return first;
}

// Computed to be sorted by, which needs no doing.
void DropColumns(const std::set<ColumnId>& columns, PhysicalNode& node, Layout& layout) {
  if (node.kind != PhysicalKind::kProject) return;
  auto& project = node.As<PhysicalProject>();
  for (size_t i = layout.columns.size(); i-- > 0;) {
    if (!columns.contains(layout.columns[i])) continue;
    auto at = static_cast<ptrdiff_t>(i);
    layout.columns.erase(layout.columns.begin() + at);
    project.expressions.erase(project.expressions.begin() + at);
    project.types.erase(project.types.begin() + at);
    project.kinds.erase(project.kinds.begin() + at);
  }
}

// Adds the slots of the input that the expression reads; false: not all of them can be told.
bool AddSlots(const binder::BoundExpression& expression, std::set<int>& slots) {
  if (expression.kind == ExpressionKind::kSubplan) return false;
  if (expression.kind == ExpressionKind::kInputSlot) {
    slots.insert(expression.As<InputSlot>().slot);
  }
  bool told = true;
  ForEachChild(const_cast<binder::BoundExpression&>(expression), [&](BoundExpressionPtr& child) {
    told = AddSlots(*child, slots) && told;
  });
  return told;
}

// Of a search that meets the order: what it is ordered by is read by nobody else, as often as not.
// If rows' keys have the rest, no row need be read.
void UseKeysAlone(PhysicalNode& node, const PlannerContext& context) {
  if (node.kind != PhysicalKind::kProject ||
      node.children[0]->kind != PhysicalKind::kTableScan) {
    return;
  }
  auto& scan = node.children[0]->As<PhysicalTableScan>();
  if (!scan.path.nearest) return;
  std::set<int> slots;
  auto add = [&](const BoundExpressionPtr& expression) { return AddSlots(*expression, slots); };
  auto& expressions = node.As<PhysicalProject>().expressions;
  scan.path.index_only =
      std::all_of(expressions.begin(), expressions.end(), add) &&
      std::all_of(scan.conjuncts.begin(), scan.conjuncts.end(), add) &&
      std::all_of(slots.begin(), slots.end(), [&](int slot) {
        int16_t attnum = scan.attnums[static_cast<size_t>(slot)];
        return attnum > 0 && RowKeyHas(*scan.table, attnum - 1, context);
      });
}

}  // namespace

Demand PhysicalBuilder::DemandBelow(const LogicalFilter& node, const Demand& demand) const {
  if (demand.none()) return {};
  return demand.Below(EstimateRows(*node.children[0], context_), EstimateRows(node, context_));
}

Demand PhysicalBuilder::DemandBelow(const LogicalProject& node, const Demand& demand) const {
  Demand below = demand.Clone();
  for (Demand::Key& key : below.order) {
    if (Substitute(key.expression, node)) continue;
    // An order that nobody can meet: the sort above stays.
    below.order.clear();
    below.row_goal = 0;
    below.impossible = true;
    break;
  }
  return below;
}

std::optional<double> PhysicalBuilder::OrderedCost(LogicalNode& node, const Demand& demand) {
  if (demand.impossible) return std::nullopt;
  switch (node.kind) {
    case LogicalKind::kScan: {
      auto& scan = node.As<LogicalScan>();
      if (scan.sample_fraction >= 0) return std::nullopt;
      ScanChoice choice = ChooseScan(scan, {}, demand, index_rules_, context_);
      if (!choice.ordered) return std::nullopt;
      return PartialCost(choice.cost, EstimateRows(scan, context_), demand.row_goal);
    }
    case LogicalKind::kFilter:
      return OrderedCost(*node.children[0], DemandBelow(node.As<LogicalFilter>(), demand));
    case LogicalKind::kProject:
      return OrderedCost(*node.children[0], DemandBelow(node.As<LogicalProject>(), demand));
    case LogicalKind::kJoin: {
      auto& join = node.As<LogicalJoin>();
      Required required;
      Require(join.conjuncts, required);
      CollectColumns(*join.children[1], required);
      JoinChoice choice = ChooseJoin(join, required, demand);
      return choice.in_order ? std::optional(choice.cost) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

PhysicalBuilder::Built PhysicalBuilder::BuildSort(LogicalSort& node, const Required& required,
                                                  const Demand& demand) {
  Required below = required;
  Demand wanted;
  wanted.row_goal = demand.row_goal;
  for (const auto& key : node.keys) {
    Require(*key.expression, below);
    if (key.sort_operator != types::kInvalidOid) wanted.impossible = true;
    wanted.order.push_back({key.expression->Clone(), key.descending, key.nulls_first});
  }
  if (wanted.impossible) wanted = Demand();
  bool possible = !wanted.order.empty();
  std::optional<Demand> first = DistanceAlone(wanted, *node.children[0]);
  if (first && !OrderedCost(*node.children[0], *first)) first.reset();
  Built child = Build(*node.children[0], below, first ? *first : wanted);
  if (possible && child.ordered && !first) {
    std::set<ColumnId> only_keys;
    for (const auto& key : node.keys) CollectColumns(*key.expression, only_keys);
    for (const ColumnId& column : required) only_keys.erase(column);
    DropColumns(only_keys, *child.node, child.layout);
    UseKeysAlone(*child.node, context_);
    return {child.node, child.layout, demand.order.empty()};
  }
  auto physical = std::make_shared<PhysicalSort>();
  physical->keys = ResolveKeys(std::move(node.keys), child.layout);
  if (first && child.ordered) physical->presorted = 1;
  physical->children.push_back(child.node);
  SetTypes(*physical, child.node->types);
  return {physical, child.layout, demand.order.empty()};
}

PhysicalBuilder::Built PhysicalBuilder::BuildLimit(LogicalLimit& node, const Required& required,
                                                   const Demand& demand) {
  Required below = required;
  for (const auto& key : node.tie_keys) Require(*key.expression, below);
  Demand wanted;
  wanted.row_goal = WantedRows(node);
  if (demand.row_goal > 0 && (wanted.row_goal == 0 || demand.row_goal < wanted.row_goal)) {
    wanted.row_goal = demand.row_goal;
  }
  Built child = Build(*node.children[0], below, wanted);
  auto physical = std::make_shared<PhysicalLimit>();
  physical->limit = Resolve(std::move(node.limit), Layout{});
  physical->offset = Resolve(std::move(node.offset), Layout{});
  physical->with_ties = node.with_ties;
  physical->tie_keys = ResolveKeys(std::move(node.tie_keys), child.layout);
  if (child.node->kind == PhysicalKind::kSort && !node.with_ties && physical->limit != nullptr) {
    auto& sort = child.node->As<PhysicalSort>();
    sort.limit = physical->limit->Clone();
    sort.offset = binder::CloneOrNull(physical->offset);
  }
  physical->children.push_back(child.node);
  SetTypes(*physical, child.node->types);
  return {physical, child.layout, demand.order.empty()};
}

}  // namespace sundog::planner
