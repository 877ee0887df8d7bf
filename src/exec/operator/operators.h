// The makers of all operators; only operators.cc calls them.
#pragma once

#include "exec/operator.h"

namespace sundog::exec {

using planner::PhysicalNode;

OperatorPtr MakeEmpty(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeTableScan(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeNearestScan(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeVirtualScan(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeFunctionScan(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeValues(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeFeed(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeCteScan(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeFilter(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeProject(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeProjectSet(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeNestedLoop(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeHashJoin(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeAggregate(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeWindow(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeSort(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeLimit(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeDistinct(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeSetOperation(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeRecursiveUnion(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeWith(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeLockRows(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeInsert(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeUpdate(const PhysicalNode& node, ExecutionContext& context);
OperatorPtr MakeDelete(const PhysicalNode& node, ExecutionContext& context);

}  // namespace sundog::exec
