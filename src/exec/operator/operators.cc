#include "exec/operator/operators.h"

namespace sundog::exec {

using planner::PhysicalKind;

OperatorPtr MakeOperator(const PhysicalNode& node, ExecutionContext& context) {
  switch (node.kind) {
    case PhysicalKind::kEmpty: return MakeEmpty(node, context);
    case PhysicalKind::kTableScan: return MakeTableScan(node, context);
    case PhysicalKind::kVirtualScan: return MakeVirtualScan(node, context);
    case PhysicalKind::kFunctionScan: return MakeFunctionScan(node, context);
    case PhysicalKind::kValues: return MakeValues(node, context);
    case PhysicalKind::kFeed: return MakeFeed(node, context);
    case PhysicalKind::kCteScan: return MakeCteScan(node, context);
    case PhysicalKind::kFilter: return MakeFilter(node, context);
    case PhysicalKind::kProject: return MakeProject(node, context);
    case PhysicalKind::kProjectSet: return MakeProjectSet(node, context);
    case PhysicalKind::kNestedLoop: return MakeNestedLoop(node, context);
    case PhysicalKind::kHashJoin: return MakeHashJoin(node, context);
    case PhysicalKind::kAggregate: return MakeAggregate(node, context);
    case PhysicalKind::kWindow: return MakeWindow(node, context);
    case PhysicalKind::kSort: return MakeSort(node, context);
    case PhysicalKind::kLimit: return MakeLimit(node, context);
    case PhysicalKind::kDistinct: return MakeDistinct(node, context);
    case PhysicalKind::kSetOperation: return MakeSetOperation(node, context);
    case PhysicalKind::kRecursiveUnion: return MakeRecursiveUnion(node, context);
    case PhysicalKind::kWith: return MakeWith(node, context);
    case PhysicalKind::kLockRows: return MakeLockRows(node, context);
    case PhysicalKind::kInsert: return MakeInsert(node, context);
    case PhysicalKind::kUpdate: return MakeUpdate(node, context);
    case PhysicalKind::kDelete: return MakeDelete(node, context);
  }
  return nullptr;
}

}  // namespace sundog::exec
