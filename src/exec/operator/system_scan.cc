// System tables: rows computed from the catalog.
#include "catalog/virtual_table.h"
#include "exec/operator/operators.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

class VirtualScanOperator : public Operator {
 public:
  VirtualScanOperator(const planner::PhysicalVirtualScan& node, ExecutionContext& context)
      : Operator(context), node_(node), buffer_(node.kinds) {
    for (size_t i = 0; i < node.ordinals.size(); ++i) {
      if (node.ordinals[i] >= 0) {
        stored_.push_back(node.ordinals[i]);
        columns_.push_back(&buffer_.column(i));
      } else {
        tableoid_columns_.push_back(i);
      }
    }
  }
  void Open() override {
    catalog::VirtualContext context;
    context.catalog = context_.catalog;
    context.services = context_.environment.services;
    context.io = context_.environment.io;
    scan_ = node_.table->Open(context, stored_);
  }
  const Chunk* Next() override {
    runtime::CheckInterrupts();
    buffer_.Reset();
    size_t count = scan_->Next(columns_, types::kVectorSize);
    if (count == 0) return nullptr;
    for (size_t column : tableoid_columns_) {
      for (size_t row = 0; row < count; ++row) {
        buffer_.column(column).Set<uint32_t>(row, node_.table->oid());
      }
    }
    return &buffer_.Finish(count);
  }
  void Close() override { scan_.reset(); }

 private:
  const planner::PhysicalVirtualScan& node_;
  types::ChunkBuffer buffer_;
  std::vector<int> stored_;
  std::vector<Vector*> columns_;
  std::vector<size_t> tableoid_columns_;
  std::unique_ptr<catalog::VirtualScan> scan_;
};

}  // namespace

OperatorPtr MakeVirtualScan(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<VirtualScanOperator>(node.As<planner::PhysicalVirtualScan>(), context);
}

}  // namespace sundog::exec
