#include "exec/operator/operators.h"

#include "base/clock.h"
#include "planner/explain.h"

namespace sundog::exec {

using planner::PhysicalKind;

namespace {

OperatorPtr MakePlain(const PhysicalNode& node, ExecutionContext& context) {
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

// Notes what another operator does (EXPLAIN ANALYZE).
class MeasuredOperator : public Operator {
 public:
  MeasuredOperator(const PhysicalNode& node, OperatorPtr measured, ExecutionContext& context)
      : Operator(context), measured_(std::move(measured)), figures_((*context.actuals)[&node]) {}

  void Open() override {
    first_ = true;
    ++figures_.loops;
    int64_t start = Now();
    measured_->Open();
    figures_.total_us += Now() - start;
    opening_us_ = Now() - start;
  }
  const Chunk* Next() override {
    int64_t start = Now();
    const Chunk* chunk = measured_->Next();
    int64_t took = Now() - start;
    figures_.total_us += took;
    if (first_) figures_.startup_us += opening_us_ + took;
    first_ = false;
    if (chunk != nullptr) figures_.rows += static_cast<int64_t>(chunk->row_count());
    return chunk;
  }
  void Close() override { measured_->Close(); }
  void SetRowGoal(size_t rows) override { measured_->SetRowGoal(rows); }

 private:
  int64_t Now() const { return context_.environment.clock->MonotonicMicros(); }

  OperatorPtr measured_;
  planner::ActualFigures& figures_;
  int64_t opening_us_ = 0;
  bool first_ = true;
};

}  // namespace

OperatorPtr MakeOperator(const PhysicalNode& node, ExecutionContext& context) {
  OperatorPtr made = MakePlain(node, context);
  if (context.actuals == nullptr) return made;
  return std::make_unique<MeasuredOperator>(node, std::move(made), context);
}

}  // namespace sundog::exec
