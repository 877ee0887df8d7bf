#include "planner/logical.h"

namespace sundog::planner {

namespace {

void AddChildren(const LogicalNode& node, std::set<RelationId>& relations) {
  for (const LogicalPtr& child : node.children) CollectRelations(*child, relations);
}

}  // namespace

void CollectRelations(const LogicalNode& node, std::set<RelationId>& relations) {
  switch (node.kind) {
    case LogicalKind::kEmpty: return;
    case LogicalKind::kScan: relations.insert(node.As<LogicalScan>().relation); return;
    case LogicalKind::kVirtualScan:
      relations.insert(node.As<LogicalVirtualScan>().relation);
      return;
    case LogicalKind::kFunctionScan:
      relations.insert(node.As<LogicalFunctionScan>().relation);
      return;
    case LogicalKind::kValues: relations.insert(node.As<LogicalValues>().relation); return;
    case LogicalKind::kFeed: relations.insert(node.As<LogicalFeed>().relation); return;
    case LogicalKind::kCteScan: relations.insert(node.As<LogicalCteScan>().relation); return;
    case LogicalKind::kProject: relations.insert(node.As<LogicalProject>().relation); return;
    case LogicalKind::kAggregate: relations.insert(node.As<LogicalAggregate>().relation); return;
    case LogicalKind::kSetOperation:
      relations.insert(node.As<LogicalSetOperation>().relation);
      return;
    case LogicalKind::kRecursiveUnion:
      relations.insert(node.As<LogicalRecursiveUnion>().relation);
      return;
    case LogicalKind::kInsert:
    case LogicalKind::kUpdate:
    case LogicalKind::kDelete: relations.insert(node.As<LogicalModify>().relation); return;
    case LogicalKind::kProjectSet:
      relations.insert(node.As<LogicalProjectSet>().relation);
      return AddChildren(node, relations);
    case LogicalKind::kWindow:
      relations.insert(node.As<LogicalWindow>().relation);
      return AddChildren(node, relations);
    case LogicalKind::kWith: return CollectRelations(*node.children[0], relations);
    case LogicalKind::kJoin:
      CollectRelations(*node.children[0], relations);
      if (node.As<LogicalJoin>().type != LogicalJoinType::kSemi &&
          node.As<LogicalJoin>().type != LogicalJoinType::kAnti) {
        CollectRelations(*node.children[1], relations);
      }
      return;
    case LogicalKind::kFilter:
    case LogicalKind::kSort:
    case LogicalKind::kLimit:
    case LogicalKind::kDistinct:
    case LogicalKind::kLockRows: return AddChildren(node, relations);
  }
}

}  // namespace sundog::planner
