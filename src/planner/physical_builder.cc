#include "planner/physical_builder.h"

#include <algorithm>

#include "base/check.h"
#include "catalog/virtual_table.h"
#include "planner/cardinality.h"
#include "planner/expressions.h"
#include "runtime/interrupt.h"
#include "runtime/stack.h"

namespace sundog::planner {

using binder::BoundColumn;

namespace {

std::vector<SqlType> TypesOf(const BoundExpressions& expressions) {
  std::vector<SqlType> types;
  for (const auto& expression : expressions) types.push_back(expression->type);
  return types;
}

std::vector<int> SlotsOf(const Layout& layout, const std::vector<ColumnId>& columns) {
  std::vector<int> slots;
  for (const ColumnId& column : columns) {
    slots.push_back(layout.SlotOf(column));
    CHECK_GE(slots.back(), 0);
  }
  return slots;
}

}  // namespace

PhysicalBuilder::Built PhysicalBuilder::Build(LogicalNode& node, const Required& required,
                                              const Demand& demand) {
  runtime::CheckStackDepth();
  runtime::CheckInterrupts();
  double rows = EstimateRows(node, context_);
  Built built;
  switch (node.kind) {
    case LogicalKind::kEmpty: built = BuildEmpty(); break;
    case LogicalKind::kScan: built = BuildScan(node.As<LogicalScan>(), required, demand); break;
    case LogicalKind::kVirtualScan:
      built = BuildVirtualScan(node.As<LogicalVirtualScan>(), required);
      break;
    case LogicalKind::kFunctionScan:
      built = BuildFunctionScan(node.As<LogicalFunctionScan>());
      break;
    case LogicalKind::kFeed: built = BuildFeed(node.As<LogicalFeed>()); break;
    case LogicalKind::kValues: built = BuildValues(node.As<LogicalValues>(), required); break;
    case LogicalKind::kCteScan: built = BuildCteScan(node.As<LogicalCteScan>(), required); break;
    case LogicalKind::kFilter:
      built = BuildFilter(node.As<LogicalFilter>(), required, demand);
      break;
    case LogicalKind::kProject:
      built = BuildProject(node.As<LogicalProject>(), required, demand);
      break;
    case LogicalKind::kProjectSet:
      built = BuildProjectSet(node.As<LogicalProjectSet>(), required);
      break;
    case LogicalKind::kJoin: built = BuildJoin(node.As<LogicalJoin>(), required, demand); break;
    case LogicalKind::kAggregate:
      built = BuildAggregate(node.As<LogicalAggregate>(), required);
      break;
    case LogicalKind::kWindow: built = BuildWindow(node.As<LogicalWindow>(), required); break;
    case LogicalKind::kSort: built = BuildSort(node.As<LogicalSort>(), required, demand); break;
    case LogicalKind::kLimit: built = BuildLimit(node.As<LogicalLimit>(), required, demand); break;
    case LogicalKind::kDistinct: built = BuildDistinct(node.As<LogicalDistinct>(), required); break;
    case LogicalKind::kSetOperation:
      built = BuildSetOperation(node.As<LogicalSetOperation>());
      break;
    case LogicalKind::kRecursiveUnion:
      built = BuildRecursiveUnion(node.As<LogicalRecursiveUnion>());
      break;
    case LogicalKind::kWith: built = BuildWith(node.As<LogicalWith>(), required, demand); break;
    case LogicalKind::kLockRows:
      built = BuildLockRows(node.As<LogicalLockRows>(), required, demand);
      break;
    case LogicalKind::kInsert:
    case LogicalKind::kUpdate:
    case LogicalKind::kDelete: built = BuildModify(node.As<LogicalModify>(), required); break;
  }
  built.node->estimated_rows = rows;
  if (demand.impossible) built.ordered = false;
  CHECK_EQ(built.node->types.size(), built.layout.columns.size());
  return built;
}

PhysicalBuilder::Built PhysicalBuilder::BuildEmpty() {
  return {std::make_shared<PhysicalEmpty>(), {}};
}

PhysicalBuilder::Built PhysicalBuilder::BuildFeed(LogicalFeed& node) {
  auto physical = std::make_shared<PhysicalFeed>();
  Layout layout;
  for (size_t i = 0; i < node.types.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
  }
  SetTypes(*physical, node.types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildValues(LogicalValues& node, const Required& required) {
  auto physical = std::make_shared<PhysicalValues>();
  Layout layout;
  std::vector<SqlType> types;
  std::vector<size_t> kept;
  for (size_t i = 0; i < node.types.size(); ++i) {
    ColumnId column{node.relation, static_cast<int>(i)};
    if (!required.contains(column)) continue;
    kept.push_back(i);
    layout.columns.push_back(column);
    types.push_back(node.types[i]);
  }
  for (BoundExpressions& row : node.rows) {
    BoundExpressions cells;
    for (size_t i : kept) cells.push_back(Resolve(std::move(row[i]), Layout{}));
    physical->rows.push_back(std::move(cells));
  }
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildVirtualScan(LogicalVirtualScan& node,
                                                         const Required& required) {
  auto physical = std::make_shared<PhysicalVirtualScan>();
  physical->table = node.table;
  physical->alias = node.alias;
  Layout layout;
  std::vector<SqlType> types;
  for (const ColumnId& column : required) {
    if (column.relation != node.relation) continue;
    layout.columns.push_back(column);
    physical->ordinals.push_back(column.ordinal);
    types.push_back(column.ordinal >= 0 ? node.table->columns()[column.ordinal].type
                                        : SqlType{types::oids::kOid});
  }
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildFunctionScan(LogicalFunctionScan& node) {
  auto physical = std::make_shared<PhysicalFunctionScan>();
  physical->ordinality = node.ordinality;
  physical->alias = node.alias;
  Layout layout;
  std::vector<SqlType> types;
  for (auto& call : node.calls) {
    std::vector<SqlType> call_types;
    std::vector<std::string> names;
    for (const auto& column : call.columns) {
      call_types.push_back(column.type);
      names.push_back(column.name);
    }
    types.insert(types.end(), call_types.begin(), call_types.end());
    physical->calls.push_back(
        {Resolve(std::move(call.call), Layout{}), std::move(names), std::move(call_types),
         call.composite});
  }
  if (node.ordinality) types.push_back({types::oids::kInt8});
  for (size_t i = 0; i < types.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
  }
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildCteScan(LogicalCteScan& node,
                                                     const Required& required) {
  auto physical = std::make_shared<PhysicalCteScan>();
  physical->cte_id = node.cte_id;
  physical->working_table = node.working_table;
  physical->name = node.alias;
  const auto& repeated = node.working_table ? working_tables_ : repeated_ctes_;
  if (auto at = repeated.find(node.cte_id); at != repeated.end()) NoteDependence(at->second);
  physical->cte_name = node.name;
  physical->column_names = node.column_names;
  Layout layout;
  std::vector<SqlType> types;
  for (size_t i = 0; i < node.types.size(); ++i) {
    ColumnId column{node.relation, static_cast<int>(i)};
    if (!required.contains(column)) continue;
    physical->columns.push_back(static_cast<int>(i));
    layout.columns.push_back(column);
    types.push_back(node.types[i]);
  }
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildFilter(LogicalFilter& node, const Required& required,
                                                    const Demand& demand) {
  Required below = required;
  Require(node.conjuncts, below);
  Built child = Build(*node.children[0], below, DemandBelow(node, demand));
  if (node.conjuncts.empty()) return child;
  auto physical = std::make_shared<PhysicalFilter>();
  physical->conjuncts = ResolveAll(std::move(node.conjuncts), child.layout);
  physical->children.push_back(child.node);
  SetTypes(*physical, child.node->types);
  return {physical, child.layout, child.ordered};
}

PhysicalBuilder::Built PhysicalBuilder::BuildProject(LogicalProject& node,
                                                     const Required& required,
                                                     const Demand& demand) {
  Required below;
  std::vector<int> kept;
  for (size_t i = 0; i < node.expressions.size(); ++i) {
    ColumnId column{node.relation, static_cast<int>(i)};
    if (!required.contains(column) && !IsVolatile(*node.expressions[i])) continue;
    kept.push_back(static_cast<int>(i));
    Require(*node.expressions[i], below);
  }
  for (const ColumnId& column : required) {
    if (column.ordinal == kRowKeyOrdinal) below.insert(column);
  }
  Built child = Build(*node.children[0], below, DemandBelow(node, demand));
  auto physical = std::make_shared<PhysicalProject>();
  Layout layout;
  for (int i : kept) {
    layout.columns.push_back({node.relation, i});
    physical->expressions.push_back(Resolve(std::move(node.expressions[i]), child.layout));
  }
  for (size_t slot = 0; slot < child.layout.columns.size(); ++slot) {
    const ColumnId& column = child.layout.columns[slot];
    if (column.ordinal != kRowKeyOrdinal || !required.contains(column)) continue;
    layout.columns.push_back(column);
    physical->expressions.push_back(
        std::make_unique<InputSlot>(child.node->types[slot], static_cast<int>(slot)));
  }
  SetTypes(*physical, TypesOf(physical->expressions));
  physical->children.push_back(child.node);
  return {physical, layout, child.ordered};
}

PhysicalBuilder::Built PhysicalBuilder::BuildProjectSet(LogicalProjectSet& node,
                                                        const Required& required) {
  Required below = required;
  Require(node.expressions, below);
  Built child = Build(*node.children[0], below);
  auto physical = std::make_shared<PhysicalProjectSet>();
  Layout layout = child.layout;
  std::vector<SqlType> types = child.node->types;
  for (size_t i = 0; i < node.expressions.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
    types.push_back(node.expressions[i]->type);
  }
  physical->calls = ResolveAll(std::move(node.expressions), child.layout);
  physical->children.push_back(child.node);
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildDistinct(LogicalDistinct& node,
                                                      const Required& required) {
  Required below = required;
  Require(node.keys, below);
  Built child = Build(*node.children[0], below);
  auto physical = std::make_shared<PhysicalDistinct>();
  physical->sorted = node.sorted;
  physical->keys = ResolveAll(std::move(node.keys), child.layout);
  physical->children.push_back(child.node);
  SetTypes(*physical, child.node->types);
  return {physical, child.layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildSetOperation(LogicalSetOperation& node) {
  auto physical = std::make_shared<PhysicalSetOperation>();
  physical->op = node.op;
  physical->all = node.all;
  Built left =
      Build(*node.children[0], Required(node.left_columns.begin(), node.left_columns.end()));
  Built right =
      Build(*node.children[1], Required(node.right_columns.begin(), node.right_columns.end()));
  physical->left_columns = SlotsOf(left.layout, node.left_columns);
  physical->right_columns = SlotsOf(right.layout, node.right_columns);
  physical->children = {left.node, right.node};
  Layout layout;
  for (size_t i = 0; i < node.types.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
  }
  SetTypes(*physical, node.types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildRecursiveUnion(LogicalRecursiveUnion& node) {
  auto physical = std::make_shared<PhysicalRecursiveUnion>();
  physical->cte_id = node.cte_id;
  physical->all = node.all;
  Built left =
      Build(*node.children[0], Required(node.left_columns.begin(), node.left_columns.end()));
  working_tables_[node.cte_id] = scopes_.size();
  ++recursive_depth_;
  Built right =
      Build(*node.children[1], Required(node.right_columns.begin(), node.right_columns.end()));
  --recursive_depth_;
  physical->left_columns = SlotsOf(left.layout, node.left_columns);
  physical->right_columns = SlotsOf(right.layout, node.right_columns);
  physical->children = {left.node, right.node};
  Layout layout;
  for (size_t i = 0; i < node.types.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
  }
  SetTypes(*physical, node.types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildWith(LogicalWith& node, const Required& required,
                                                  const Demand& demand) {
  auto physical = std::make_shared<PhysicalWith>();
  if (!scopes_.empty() || recursive_depth_ > 0) {
    for (const LogicalWith::Cte& cte : node.ctes) repeated_ctes_[cte.id] = scopes_.size();
  }
  Built query = Build(*node.children[0], required, demand);
  physical->children.push_back(query.node);
  for (size_t i = 0; i < node.ctes.size(); ++i) {
    LogicalWith::Cte& cte = node.ctes[i];
    Built built =
        Build(*node.children[i + 1], Required(cte.columns.begin(), cte.columns.end()));
    physical->children.push_back(built.node);
    physical->ctes.push_back(
        {cte.id, cte.name, cte.changes_data, SlotsOf(built.layout, cte.columns)});
  }
  SetTypes(*physical, query.node->types);
  return {physical, query.layout, query.ordered};
}

PhysicalBuilder::Built PhysicalBuilder::BuildLockRows(LogicalLockRows& node,
                                                      const Required& required,
                                                      const Demand& demand) {
  Required below = required;
  for (const auto& lock : node.locks) below.insert({lock.relation, kRowKeyOrdinal});
  Built child = Build(*node.children[0], below, demand);
  auto physical = std::make_shared<PhysicalLockRows>();
  for (const auto& lock : node.locks) {
    int slot = child.layout.SlotOf({lock.relation, kRowKeyOrdinal});
    if (slot >= 0) physical->locks.push_back({slot, lock.table, lock.strength, lock.wait});
  }
  physical->children.push_back(child.node);
  SetTypes(*physical, child.node->types);
  return {physical, child.layout, child.ordered};
}

PhysicalBuilder::Built PhysicalBuilder::BuildAggregate(LogicalAggregate& node,
                                                       const Required& required) {
  if (LogicalPtr fewer = MinMaxFromIndexes(node)) return Build(*fewer, required);
  Required below;
  Require(node.groups, below);
  Require(node.aggregates, below);
  Built child = Build(*node.children[0], below);
  auto physical = std::make_shared<PhysicalAggregate>();
  std::vector<SqlType> all_types = TypesOf(node.groups);
  std::vector<ColumnId> all_columns;
  int group_count = static_cast<int>(node.groups.size());
  for (int i = 0; i < group_count; ++i) all_columns.push_back({node.relation, i});
  for (size_t i = 0; i < node.aggregates.size(); ++i) {
    all_types.push_back(node.aggregates[i]->type);
    int ordinal = kFirstAggregateOrdinal + node.first_aggregate + static_cast<int>(i);
    all_columns.push_back({node.relation, ordinal});
  }
  for (size_t i = 0; i < node.groupings.size(); ++i) {
    all_types.push_back({types::oids::kInt4});
    all_columns.push_back({node.relation, kFirstGroupingOrdinal + static_cast<int>(i)});
  }
  physical->groups = ResolveAll(std::move(node.groups), child.layout);
  for (BoundExpressionPtr& aggregate : node.aggregates) {
    BoundExpressionPtr resolved = Resolve(std::move(aggregate), child.layout);
    physical->aggregates.emplace_back(static_cast<binder::BoundAggregate*>(resolved.release()));
  }
  physical->grouping_sets = std::move(node.grouping_sets);
  physical->groupings = std::move(node.groupings);
  Layout layout;
  std::vector<SqlType> types;
  for (size_t i = 0; i < all_columns.size(); ++i) {
    if (!required.contains(all_columns[i])) continue;
    layout.columns.push_back(all_columns[i]);
    types.push_back(all_types[i]);
    physical->output.push_back(static_cast<int>(i));
  }
  physical->children.push_back(child.node);
  SetTypes(*physical, types);
  return {physical, layout};
}

PhysicalBuilder::Built PhysicalBuilder::BuildWindow(LogicalWindow& node, const Required& required) {
  Required below = required;
  Require(node.calls, below);
  Built child = Build(*node.children[0], below);
  auto physical = std::make_shared<PhysicalWindow>();
  Layout layout = child.layout;
  std::vector<SqlType> types = child.node->types;
  for (size_t i = 0; i < node.calls.size(); ++i) {
    layout.columns.push_back({node.relation, static_cast<int>(i)});
    types.push_back(node.calls[i]->type);
    BoundExpressionPtr resolved = Resolve(std::move(node.calls[i]), child.layout);
    physical->calls.emplace_back(static_cast<binder::BoundWindow*>(resolved.release()));
  }
  physical->children.push_back(child.node);
  SetTypes(*physical, types);
  return {physical, layout};
}

}  // namespace sundog::planner
