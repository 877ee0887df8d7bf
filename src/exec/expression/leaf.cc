// Expressions without children: constants, parameters, slots.
#include "base/check.h"
#include "base/sql_error.h"
#include "exec/expression/factories.h"
#include "planner/physical_expression.h"

namespace sundog::exec {

using binder::ExpressionKind;

namespace {

class ConstantEvaluator : public Evaluator {
 public:
  ConstantEvaluator(const binder::BoundConstant& node, types::PhysicalKind kind)
      : Evaluator(kind, 1) {
    out_.SetConstant(node.value);
  }
  const Vector& Evaluate(const Chunk&, RowSet) override { return out_; }
};

class ParameterEvaluator : public Evaluator {
 public:
  ParameterEvaluator(ExecutionContext& context, int index, types::PhysicalKind kind)
      : Evaluator(kind, 1), context_(context), index_(index) {}
  const Vector& Evaluate(const Chunk&, RowSet) override {
    if (run_ != context_.run) {
      CHECK_LT(static_cast<size_t>(index_), context_.parameters.size());
      out_.SetConstant(context_.parameters[index_]);
      run_ = context_.run;
    }
    return out_;
  }

 private:
  ExecutionContext& context_;
  int index_;
  uint64_t run_ = 0;
};

class InputEvaluator : public Evaluator {
 public:
  InputEvaluator(int slot, types::PhysicalKind kind) : Evaluator(kind, 0), slot_(slot) {}
  const Vector& Evaluate(const Chunk& input, RowSet) override { return input.column(slot_); }

 private:
  size_t slot_;
};

class OuterEvaluator : public Evaluator {
 public:
  OuterEvaluator(ExecutionContext& context, int slot, types::PhysicalKind kind)
      : Evaluator(kind, 1), context_(context), slot_(slot) {}
  const Vector& Evaluate(const Chunk&, RowSet) override {
    out_.SetConstant(context_.outer_slots[slot_]);
    return out_;
  }

 private:
  ExecutionContext& context_;
  size_t slot_;
};

// The innermost value of one of the context's stacks.
class StackEvaluator : public Evaluator {
 public:
  explicit StackEvaluator(const std::vector<const Vector*>& stack)
      : Evaluator(types::PhysicalKind::kBool, 0), stack_(stack) {}
  const Vector& Evaluate(const Chunk&, RowSet) override {
    CHECK(!stack_.empty());
    return *stack_.back();
  }

 private:
  const std::vector<const Vector*>& stack_;
};

}  // namespace

EvaluatorPtr MakeLeaf(const BoundExpression& node, ExecutionContext& context,
                      size_t /*capacity*/) {
  switch (node.kind) {
    case ExpressionKind::kConstant:
      return std::make_unique<ConstantEvaluator>(node.As<binder::BoundConstant>(),
                                                 context.KindOf(node.type));
    case ExpressionKind::kParameter:
      return std::make_unique<ParameterEvaluator>(
          context, node.As<binder::BoundParameter>().index, context.KindOf(node.type));
    case ExpressionKind::kInputSlot:
      return std::make_unique<InputEvaluator>(node.As<planner::InputSlot>().slot,
                                              context.KindOf(node.type));
    case ExpressionKind::kOuterSlot:
      return std::make_unique<OuterEvaluator>(context, node.As<planner::OuterSlot>().slot,
                                              context.KindOf(node.type));
    case ExpressionKind::kCaseValue: return std::make_unique<StackEvaluator>(context.case_values);
    default: return std::make_unique<StackEvaluator>(context.domain_values);
  }
}

}  // namespace sundog::exec
