#include "planner/comparison.h"

#include "functions/proc.h"

namespace sundog::planner {

using binder::BoundExpression;

Comparison ComparisonOf(const binder::BoundFunction& call) {
  if (call.arguments.size() != 2) return Comparison::kNone;
  const functions::OperatorInfo* op =
      functions::BuiltinProcs::Get().FindOperator(call.operator_oid);
  if (op == nullptr) return Comparison::kNone;
  if (op->name == "=") return Comparison::kEqual;
  if (op->name == "<>") return Comparison::kNotEqual;
  if (op->name == "<") return Comparison::kLess;
  if (op->name == "<=") return Comparison::kLessEqual;
  if (op->name == ">") return Comparison::kGreater;
  if (op->name == ">=") return Comparison::kGreaterEqual;
  return Comparison::kNone;
}

Comparison Swap(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess: return Comparison::kGreater;
    case Comparison::kLessEqual: return Comparison::kGreaterEqual;
    case Comparison::kGreater: return Comparison::kLess;
    case Comparison::kGreaterEqual: return Comparison::kLessEqual;
    default: return comparison;
  }
}

const BoundExpression& SkipRelabels(const BoundExpression& expression) {
  if (expression.kind != binder::ExpressionKind::kRelabel) return expression;
  return SkipRelabels(*expression.As<binder::BoundConversion>().argument);
}

}  // namespace sundog::planner
