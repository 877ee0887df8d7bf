#include "exec/expression/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "exec/expression/factories.h"
#include "functions/implementations.h"

namespace sundog::exec {

using binder::BoundFunction;
using binder::ExpressionKind;

namespace {

std::vector<SqlType> ArgumentTypes(const BoundFunction& node) {
  std::vector<SqlType> types;
  for (const auto& argument : node.arguments) types.push_back(argument->type);
  return types;
}

bool IsUserFunction(const functions::ProcInfo& proc) {
  return proc.oid >= types::kFirstUserOid;
}

}  // namespace

Call::Call(const BoundFunction& node, ExecutionContext& context, size_t capacity)
    : context_(context),
      proc_(node.proc),
      proc_owner_(node.proc_owner),
      call_(context.environment, ArgumentTypes(node), node.type, node.collation),
      not_null_(capacity) {
  call_.set_variadic(node.variadic);
  if (IsUserFunction(*proc_)) return;
  if (proc_->implementation != nullptr) kernel_ = proc_->implementation->scalar;
  if (kernel_ == nullptr) {
    base::ThrowNotSupported(fmt::format("function {}", functions::ProcSignature(*proc_)),
                            node.location);
  }
}

void Call::Run(std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  out.Reset();
  bool constant = proc_->volatility != 'v' &&
                  std::all_of(arguments.begin(), arguments.end(),
                              [](const Vector* argument) { return argument->constant(); });
  if (constant && !rows.empty()) {
    RunRows(arguments, RowSet(1), out);
    out.MakeConstant();
  } else {
    RunRows(arguments, rows, out);
  }
}

RowSet Call::WithoutNulls(std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  bool any = std::any_of(arguments.begin(), arguments.end(),
                         [](const Vector* argument) { return argument->may_have_nulls(); });
  if (!any) return rows;
  size_t kept = 0;
  rows.ForEach([&](size_t row) {
    bool null = false;
    for (const Vector* argument : arguments) null |= argument->IsNull(row);
    if (null) {
      out.SetNull(row);
    } else {
      not_null_[kept++] = static_cast<uint16_t>(row);
    }
  });
  return kept == rows.count() ? rows : RowSet(not_null_.data(), kept);
}

void Call::RunRows(std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  if (proc_->strict) rows = WithoutNulls(arguments, rows, out);
  if (rows.empty()) return;
  call_.set_arena(&out.arena());
  if (kernel_ != nullptr) {
    kernel_(call_, arguments, rows, out);
  } else {
    RunUserFunction(arguments, rows, out);
  }
}

void Call::RunUserFunction(std::span<const Vector* const> arguments, RowSet rows, Vector& out) {
  if (context_.user_functions == nullptr) {
    base::ThrowNotSupported(fmt::format("calling function {} here", proc_->name));
  }
  std::vector<Datum> values(arguments.size());
  rows.ForEach([&](size_t row) {
    for (size_t i = 0; i < arguments.size(); ++i) values[i] = arguments[i]->DatumAt(row);
    UserCall call{*proc_, call_.argument_types(), call_.result_type(), values};
    out.SetDatum(row, context_.user_functions->Call(call, out.arena()));
  });
}

namespace {

class FunctionEvaluator : public Evaluator {
 public:
  FunctionEvaluator(const BoundFunction& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), std::max<size_t>(capacity, 1)),
        call_(node, context, capacity),
        arguments_(MakeEvaluators(node.arguments, context, capacity)),
        values_(arguments_.size()) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    for (size_t i = 0; i < arguments_.size(); ++i) {
      values_[i] = &arguments_[i]->Evaluate(input, rows);
    }
    call_.Run(values_, rows, out_);
    return out_;
  }

 private:
  Call call_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const Vector*> values_;
};

// NULLIF(a, b), a IS [NOT] DISTINCT FROM b: both ask a = b where neither is null.
class EqualityEvaluator : public Evaluator {
 public:
  EqualityEvaluator(const BoundFunction& equality, SqlType type, ExecutionContext& context,
                    size_t capacity)
      : Evaluator(context.KindOf(type), capacity),
        call_(equality, context, capacity),
        arguments_(MakeEvaluators(equality.arguments, context, capacity)),
        equal_(types::PhysicalKind::kBool, capacity),
        both_(capacity) {}

 protected:
  // Sets a_ and b_, and equal_ for the rows where neither is null.
  void Compare(const Chunk& input, RowSet rows) {
    a_ = &arguments_[0]->Evaluate(input, rows);
    b_ = &arguments_[1]->Evaluate(input, rows);
    size_t count = 0;
    rows.ForEach([&](size_t row) {
      if (!a_->IsNull(row) && !b_->IsNull(row)) both_[count++] = static_cast<uint16_t>(row);
    });
    const Vector* values[] = {a_, b_};
    call_.Run(values, RowSet(both_.data(), count), equal_);
  }
  bool BothEqual(size_t row) const {
    return !a_->IsNull(row) && !b_->IsNull(row) && !equal_.IsNull(row) && equal_.At<bool>(row);
  }

  Call call_;
  std::vector<EvaluatorPtr> arguments_;
  const Vector* a_ = nullptr;
  const Vector* b_ = nullptr;
  Vector equal_;
  std::vector<uint16_t> both_;
};

class NullIfEvaluator : public EqualityEvaluator {
 public:
  NullIfEvaluator(const binder::BoundNullIf& node, ExecutionContext& context, size_t capacity)
      : EqualityEvaluator(*node.equality, node.type, context, capacity) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    Compare(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      out_.SetDatum(row, BothEqual(row) ? Datum() : a_->DatumAt(row));
    });
    return out_;
  }
};

class DistinctTestEvaluator : public EqualityEvaluator {
 public:
  DistinctTestEvaluator(const binder::BoundDistinctTest& node, ExecutionContext& context,
                        size_t capacity)
      : EqualityEvaluator(*node.equality, node.type, context, capacity), negated_(node.negated) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    Compare(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      bool same = (a_->IsNull(row) && b_->IsNull(row)) || BothEqual(row);
      out_.Set<bool>(row, same == negated_);
    });
    return out_;
  }

 private:
  bool negated_;
};

}  // namespace

EvaluatorPtr MakeCall(const BoundExpression& node, ExecutionContext& context, size_t capacity) {
  switch (node.kind) {
    case ExpressionKind::kFunction:
      return std::make_unique<FunctionEvaluator>(node.As<BoundFunction>(), context, capacity);
    case ExpressionKind::kNullIf:
      return std::make_unique<NullIfEvaluator>(node.As<binder::BoundNullIf>(), context, capacity);
    default:
      return std::make_unique<DistinctTestEvaluator>(node.As<binder::BoundDistinctTest>(), context,
                                                     capacity);
  }
}

}  // namespace sundog::exec
