// Functions in FROM, and set-returning calls in the target list.
#include <algorithm>

#include "exec/operator/operators.h"
#include "exec/set_call.h"
#include "runtime/interrupt.h"

namespace sundog::exec {

namespace {

std::vector<types::CompositeField> Fields(const planner::PhysicalFunctionScan::Call& call) {
  std::vector<types::CompositeField> fields;
  for (size_t i = 0; i < call.types.size(); ++i) {
    fields.push_back({i < call.names.size() ? call.names[i] : std::string(), call.types[i]});
  }
  return fields;
}

// A set with the rows it has ready.
struct RunningCall {
  RunningCall(const binder::BoundExpression& node, std::vector<types::CompositeField> columns,
              bool composite, ExecutionContext& context, size_t capacity)
      : expression(node, std::move(columns), composite, context, capacity),
        rows(expression.kinds()) {}
  SetExpression expression;
  types::ChunkBuffer rows;
  size_t available = 0;
  size_t position = 0;
  bool done = false;

  void Start(size_t row) {
    expression.Start(row);
    available = 0;
    position = 0;
    done = false;
  }
  // Makes sure that a row is at `position`; false at the end.
  bool Ready() {
    if (position < available) return true;
    if (done) return false;
    available = expression.Next(rows);
    position = 0;
    done = available == 0;
    return !done;
  }
};

// ROWS FROM (…) WITH ORDINALITY: the calls in step, nulls after the end of the shorter ones.
class FunctionScanOperator : public Operator {
 public:
  FunctionScanOperator(const planner::PhysicalFunctionScan& node, ExecutionContext& context)
      : Operator(context), node_(node), buffer_(node.kinds) {
    for (const auto& call : node.calls) {
      calls_.push_back(
          std::make_unique<RunningCall>(*call.call, Fields(call), call.composite, context, 2));
    }
  }

  void Open() override {
    Chunk none;
    none.rows = RowSet(1);
    for (auto& call : calls_) {
      call->expression.Evaluate(none, none.rows);
      call->Start(0);
    }
    ordinal_ = 0;
  }

  const Chunk* Next() override {
    runtime::CheckInterrupts();
    if (calls_.size() == 1 && !node_.ordinality) {
      size_t count = calls_[0]->expression.Next(buffer_);
      return count == 0 ? nullptr : &buffer_.Finish(count);
    }
    buffer_.Reset();
    size_t count = 0;
    while (count < types::kVectorSize && FillRow(count)) ++count;
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }
  void Close() override {}

 private:
  bool FillRow(size_t row) {
    bool any = false;
    for (auto& call : calls_) any |= call->Ready();
    if (!any) return false;
    size_t column = 0;
    for (auto& call : calls_) {
      bool ready = call->Ready();
      for (size_t i = 0; i < call->rows.column_count(); ++i, ++column) {
        buffer_.column(column).CopyDatum(
            row, ready ? call->rows.column(i).DatumAt(call->position) : Datum());
      }
      if (ready) ++call->position;
    }
    if (node_.ordinality) buffer_.column(column).Set<int64_t>(row, ++ordinal_);
    return true;
  }

  const planner::PhysicalFunctionScan& node_;
  std::vector<std::unique_ptr<RunningCall>> calls_;
  types::ChunkBuffer buffer_;
  int64_t ordinal_ = 0;
};

// Each input row once for every row of its calls' sets, in step; no row if all are empty.
class ProjectSetOperator : public Operator {
 public:
  ProjectSetOperator(const planner::PhysicalProjectSet& node, ExecutionContext& context)
      : Operator(context), buffer_(node.kinds) {
    child_ = MakeOperator(*node.children[0], context);
    for (const auto& call : node.calls) {
      std::vector<types::CompositeField> columns = {{"", call->type}};
      calls_.push_back(std::make_unique<RunningCall>(*call, columns, /*composite=*/false, context,
                                                     types::kVectorSize));
    }
  }

  void Open() override {
    input_ = nullptr;
    in_row_ = false;
    child_->Open();
  }

  const Chunk* Next() override {
    buffer_.Reset();
    size_t count = 0;
    while (count < types::kVectorSize) {
      runtime::CheckInterrupts();
      if (!in_row_ && !StartRow()) break;
      if (FillRow(count)) {
        ++count;
      } else {
        in_row_ = false;
        ++position_;
      }
    }
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }
  void Close() override { child_->Close(); }

 private:
  bool StartRow() {
    while (input_ == nullptr || position_ == input_->row_count()) {
      input_ = child_->Next();
      if (input_ == nullptr) return false;
      position_ = 0;
      for (auto& call : calls_) call->expression.Evaluate(*input_, input_->rows);
    }
    for (auto& call : calls_) call->Start(input_->rows[position_]);
    in_row_ = true;
    return true;
  }

  bool FillRow(size_t row) {
    bool any = false;
    for (auto& call : calls_) any |= call->Ready();
    if (!any) return false;
    size_t input_count = input_->columns.size();
    for (size_t i = 0; i < input_count; ++i) {
      buffer_.column(i).CopyFrom(row, input_->column(i), input_->rows[position_]);
    }
    for (size_t i = 0; i < calls_.size(); ++i) {
      bool ready = calls_[i]->Ready();
      buffer_.column(input_count + i)
          .CopyDatum(row,
                     ready ? calls_[i]->rows.column(0).DatumAt(calls_[i]->position) : Datum());
      if (ready) ++calls_[i]->position;
    }
    return true;
  }

  OperatorPtr child_;
  std::vector<std::unique_ptr<RunningCall>> calls_;
  types::ChunkBuffer buffer_;
  const Chunk* input_ = nullptr;
  size_t position_ = 0;
  bool in_row_ = false;
};

}  // namespace

OperatorPtr MakeFunctionScan(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<FunctionScanOperator>(node.As<planner::PhysicalFunctionScan>(), context);
}

OperatorPtr MakeProjectSet(const PhysicalNode& node, ExecutionContext& context) {
  return std::make_unique<ProjectSetOperator>(node.As<planner::PhysicalProjectSet>(), context);
}

}  // namespace sundog::exec
