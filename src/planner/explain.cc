#include "planner/explain.h"

#include <fmt/format.h>

#include <cmath>

#include "catalog/virtual_table.h"

namespace sundog::planner {

namespace {

std::string OnTable(const std::string& table, const std::string& alias) {
  return alias.empty() || alias == table ? table : table + " " + alias;
}

std::string ScanTitle(const PhysicalTableScan& scan) {
  std::string on = OnTable(scan.table->name, scan.alias);
  if (scan.path.full() && scan.path.index == types::kInvalidOid) return "Seq Scan on " + on;
  const catalog::IndexDescriptor* index = scan.table->FindIndex(scan.path.index);
  return fmt::format("Index Scan{} using {} on {}", scan.path.reverse ? " Backward" : "",
                     index != nullptr ? index->name : "?", on);
}

std::string_view JoinName(LogicalJoinType type) {
  switch (type) {
    case LogicalJoinType::kInner: return "";
    case LogicalJoinType::kLeft: return " Left";
    case LogicalJoinType::kRight: return " Right";
    case LogicalJoinType::kFull: return " Full";
    case LogicalJoinType::kSemi: return " Semi";
    case LogicalJoinType::kAnti: return " Anti";
  }
  return "";
}

std::string SetOperationTitle(const PhysicalSetOperation& node) {
  std::string all = node.all ? " All" : "";
  switch (node.op) {
    case binder::SetOperator::kUnion: return node.all ? "Append" : "HashUnion";
    case binder::SetOperator::kIntersect: return "HashSetOp Intersect" + all;
    case binder::SetOperator::kExcept: return "HashSetOp Except" + all;
  }
  return "";
}

std::string Title(const PhysicalNode& node) {
  switch (node.kind) {
    case PhysicalKind::kEmpty: return "Result";
    case PhysicalKind::kTableScan: return ScanTitle(node.As<PhysicalTableScan>());
    case PhysicalKind::kVirtualScan:
      return "Seq Scan on " + OnTable(node.As<PhysicalVirtualScan>().table->name(),
                                      node.As<PhysicalVirtualScan>().alias);
    case PhysicalKind::kFunctionScan:
      return "Function Scan on " + node.As<PhysicalFunctionScan>().alias;
    case PhysicalKind::kValues: return "Values Scan";
    case PhysicalKind::kFeed: return "Copy Source";
    case PhysicalKind::kCteScan: return "CTE Scan on " + node.As<PhysicalCteScan>().name;
    case PhysicalKind::kFilter: return "Filter";
    case PhysicalKind::kProject: return "Project";
    case PhysicalKind::kProjectSet: return "ProjectSet";
    case PhysicalKind::kNestedLoop:
      return fmt::format("Nested Loop{}", JoinName(node.As<PhysicalNestedLoop>().type));
    case PhysicalKind::kHashJoin: {
      std::string_view name = JoinName(node.As<PhysicalHashJoin>().type);
      return name.empty() ? "Hash Join" : fmt::format("Hash{} Join", name);
    }
    case PhysicalKind::kAggregate:
      return node.As<PhysicalAggregate>().groups.empty() ? "Aggregate" : "HashAggregate";
    case PhysicalKind::kWindow: return "WindowAgg";
    case PhysicalKind::kSort: return "Sort";
    case PhysicalKind::kLimit: return "Limit";
    case PhysicalKind::kDistinct:
      return node.As<PhysicalDistinct>().sorted ? "Unique" : "HashAggregate";
    case PhysicalKind::kSetOperation: return SetOperationTitle(node.As<PhysicalSetOperation>());
    case PhysicalKind::kRecursiveUnion: return "Recursive Union";
    case PhysicalKind::kWith: return "With";
    case PhysicalKind::kLockRows: return "LockRows";
    case PhysicalKind::kInsert:
      return "Insert on " + node.As<PhysicalModify>().rules->table->name;
    case PhysicalKind::kUpdate:
      return "Update on " + node.As<PhysicalModify>().rules->table->name;
    case PhysicalKind::kDelete:
      return "Delete on " + node.As<PhysicalModify>().rules->table->name;
  }
  return "";
}

void AddLines(const PhysicalNode& node, int depth, bool costs, std::vector<std::string>& lines) {
  // Projections cost nothing that a reader would want to see.
  if (node.kind == PhysicalKind::kProject) {
    return AddLines(*node.children[0], depth, costs, lines);
  }
  std::string line = depth == 0 ? "" : std::string(6 * depth - 4, ' ') + "->  ";
  line += Title(node);
  if (costs) line += fmt::format("  (rows={:.0f})", std::ceil(node.estimated_rows));
  lines.push_back(std::move(line));
  for (const PhysicalPtr& child : node.children) AddLines(*child, depth + 1, costs, lines);
}

}  // namespace

std::vector<std::string> ExplainPlan(const PhysicalPlan& plan, bool costs) {
  std::vector<std::string> lines;
  AddLines(*plan.root, 0, costs, lines);
  return lines;
}

}  // namespace sundog::planner
