#include "planner/explain_names.h"

#include <utility>

#include "catalog/virtual_table.h"
#include "types/identifier.h"

namespace sundog::planner {

using binder::BoundExpression;
using binder::ExpressionKind;

namespace {

int CountRelations(const PhysicalNode& node) {
  int count = 0;
  switch (node.kind) {
    case PhysicalKind::kTableScan:
    case PhysicalKind::kVirtualScan:
    case PhysicalKind::kFunctionScan:
    case PhysicalKind::kValues:
    case PhysicalKind::kCteScan: count = 1; break;
    default: break;
  }
  for (const PhysicalPtr& child : node.children) count += CountRelations(*child);
  return count;
}

constexpr const char* kSystemColumns[] = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};

}  // namespace

ExplainNames::ExplainNames(const PhysicalPlan& plan, const ExplainOptions& options,
                           std::function<std::string(const SubplanExpression&)> subplan)
    : options_(options),
      subplan_(std::move(subplan)),
      several_relations_(CountRelations(*plan.root) > 1),
      qualified_(options.verbose || several_relations_) {}

std::string ExplainNames::OutputText(const PhysicalNode& node, int slot) {
  bool qualified = std::exchange(qualified_, several_relations_);
  std::string text = SlotText(node, slot);
  qualified_ = qualified;
  return text;
}

std::string ExplainNames::ColumnText(const std::string& relation,
                                     const std::string& column) const {
  std::string name = types::QuoteIdentifier(column);
  if (!qualified_ || relation.empty()) return name;
  return types::QuoteIdentifier(relation) + "." + name;
}

std::string ExplainNames::Print(const BoundExpression& expression, const Leaf& slot) {
  binder::DeparseOptions options = options_.deparse;
  options.plan_leaf = [&](const BoundExpression& leaf) -> std::string {
    switch (leaf.kind) {
      case ExpressionKind::kOuterSlot: {
        auto at = outer_.find(leaf.As<OuterSlot>().slot);
        return at == outer_.end() ? "?" : at->second;
      }
      case ExpressionKind::kSubplan: return subplan_(leaf.As<SubplanExpression>());
      default: return slot(leaf);
    }
  };
  return binder::Deparse(expression, options);
}

std::string ExplainNames::InputText(std::span<const PhysicalNode* const> inputs, int slot) {
  for (const PhysicalNode* input : inputs) {
    int count = static_cast<int>(input->types.size());
    if (slot < count) return SlotText(*input, slot);
    slot -= count;
  }
  return "?";
}

std::string ExplainNames::Text(const BoundExpression& expression,
                               std::span<const PhysicalNode* const> inputs) {
  return Print(expression, [&](const BoundExpression& leaf) {
    return leaf.kind == ExpressionKind::kInputSlot ? InputText(inputs, leaf.As<InputSlot>().slot)
                                                   : "?";
  });
}

std::string ExplainNames::Text(const BoundExpression& expression, const PhysicalNode& input) {
  const PhysicalNode* inputs[] = {&input};
  return Text(expression, inputs);
}

std::string ExplainNames::OwnText(const BoundExpression& expression, const PhysicalNode& input) {
  bool scan = input.kind == PhysicalKind::kTableScan || input.kind == PhysicalKind::kVirtualScan ||
              input.kind == PhysicalKind::kFunctionScan || input.kind == PhysicalKind::kCteScan;
  bool qualified = std::exchange(qualified_, scan ? options_.verbose : qualified_);
  std::string text = Text(expression, input);
  qualified_ = qualified;
  return text;
}

std::string ExplainNames::TableText(const BoundExpression& expression,
                                    const PhysicalTableScan& scan) {
  bool qualified = std::exchange(qualified_, options_.verbose);
  std::string text = PrintTable(expression, scan);
  qualified_ = qualified;
  return text;
}

std::string ExplainNames::PrintTable(const BoundExpression& expression,
                                     const PhysicalTableScan& scan) {
  return Print(expression, [&](const BoundExpression& leaf) -> std::string {
    if (leaf.kind != ExpressionKind::kInputSlot) return "?";
    return ColumnText(scan.alias, scan.table->columns[leaf.As<InputSlot>().slot].name);
  });
}

std::string ExplainNames::Conjunction(const BoundExpressions& conjuncts,
                                      std::span<const PhysicalNode* const> inputs) {
  std::string text;
  for (const auto& conjunct : conjuncts) {
    if (!text.empty()) text += " AND ";
    text += Text(*conjunct, inputs);
  }
  return conjuncts.size() > 1 ? "(" + text + ")" : text;
}

void ExplainNames::Bind(const std::vector<OuterBinding>& bindings,
                        std::span<const PhysicalNode* const> inputs) {
  for (const OuterBinding& binding : bindings) Bind(binding.slot, *binding.value, inputs);
}

void ExplainNames::Bind(int slot, const BoundExpression& value,
                        std::span<const PhysicalNode* const> inputs) {
  bool qualified = std::exchange(qualified_, true);
  outer_[slot] = Text(value, inputs);
  qualified_ = qualified;
}

std::string ExplainNames::ScanSlot(const PhysicalTableScan& scan, int slot) {
  int attnum = scan.attnums[slot];
  if (attnum > 0) return ColumnText(scan.alias, scan.table->columns[attnum - 1].name);
  if (attnum >= -6) return ColumnText(scan.alias, kSystemColumns[-attnum - 1]);
  return ColumnText(scan.alias, "ctid");
}

std::string ExplainNames::FunctionSlot(const PhysicalFunctionScan& scan, int slot) {
  for (const auto& call : scan.calls) {
    int count = static_cast<int>(call.names.size());
    if (slot < count) return ColumnText(scan.alias, call.names[slot]);
    slot -= count;
  }
  return ColumnText(scan.alias, "ordinality");
}

std::string ExplainNames::AggregateSlot(const PhysicalAggregate& node, int slot) {
  size_t source = static_cast<size_t>(node.output[slot]);
  const PhysicalNode& input = *node.children[0];
  if (source < node.groups.size()) return Text(*node.groups[source], input);
  source -= node.groups.size();
  if (source < node.aggregates.size()) return Text(*node.aggregates[source], input);
  source -= node.aggregates.size();
  std::string text = "GROUPING(";
  for (int group : node.groupings[source]) {
    if (text.back() != '(') text += ", ";
    text += Text(*node.groups[group], input);
  }
  return text + ")";
}

std::string ExplainNames::SlotText(const PhysicalNode& node, int slot) {
  switch (node.kind) {
    case PhysicalKind::kTableScan: return ScanSlot(node.As<PhysicalTableScan>(), slot);
    case PhysicalKind::kVirtualScan: {
      const auto& scan = node.As<PhysicalVirtualScan>();
      int ordinal = scan.ordinals[slot];
      return ColumnText(scan.alias, ordinal >= 0 ? scan.table->columns()[ordinal].name
                                                 : std::string("tableoid"));
    }
    case PhysicalKind::kFunctionScan: return FunctionSlot(node.As<PhysicalFunctionScan>(), slot);
    case PhysicalKind::kValues:
      return ColumnText("*VALUES*", "column" + std::to_string(slot + 1));
    case PhysicalKind::kCteScan: {
      const auto& scan = node.As<PhysicalCteScan>();
      size_t column = static_cast<size_t>(scan.columns[slot]);
      return ColumnText(scan.name, column < scan.column_names.size()
                                       ? scan.column_names[column]
                                       : "column" + std::to_string(column + 1));
    }
    case PhysicalKind::kProject:
      return Text(*node.As<PhysicalProject>().expressions[slot], *node.children[0]);
    case PhysicalKind::kAggregate: return AggregateSlot(node.As<PhysicalAggregate>(), slot);
    case PhysicalKind::kWindow: {
      int passed = static_cast<int>(node.children[0]->types.size());
      if (slot < passed) return SlotText(*node.children[0], slot);
      return Text(*node.As<PhysicalWindow>().calls[slot - passed], *node.children[0]);
    }
    case PhysicalKind::kProjectSet: {
      int passed = static_cast<int>(node.children[0]->types.size());
      if (slot < passed) return SlotText(*node.children[0], slot);
      return Text(*node.As<PhysicalProjectSet>().calls[slot - passed], *node.children[0]);
    }
    case PhysicalKind::kNestedLoop:
    case PhysicalKind::kHashJoin: {
      const std::vector<int>& output = node.kind == PhysicalKind::kNestedLoop
                                           ? node.As<PhysicalNestedLoop>().output
                                           : node.As<PhysicalHashJoin>().output;
      const PhysicalNode* inputs[] = {node.children[0].get(), node.children[1].get()};
      return InputText(inputs, output[slot]);
    }
    case PhysicalKind::kSetOperation:
      return SlotText(*node.children[0], node.As<PhysicalSetOperation>().left_columns[slot]);
    case PhysicalKind::kRecursiveUnion:
      return SlotText(*node.children[0], node.As<PhysicalRecursiveUnion>().left_columns[slot]);
    case PhysicalKind::kInsert:
    case PhysicalKind::kUpdate:
    case PhysicalKind::kDelete:
    case PhysicalKind::kFeed:
    case PhysicalKind::kEmpty: return "?";
    default: return SlotText(*node.children[0], slot);
  }
}

}  // namespace sundog::planner
