// The makers of each family of evaluators; only evaluator.cc calls them.
#pragma once

#include "exec/expression/evaluator.h"

namespace sundog::exec {

using binder::BoundExpression;

EvaluatorPtr MakeLeaf(const BoundExpression& node, ExecutionContext& context, size_t capacity);
EvaluatorPtr MakeCall(const BoundExpression& node, ExecutionContext& context, size_t capacity);
EvaluatorPtr MakeLogic(const BoundExpression& node, ExecutionContext& context, size_t capacity);
EvaluatorPtr MakeCondition(const BoundExpression& node, ExecutionContext& context,
                           size_t capacity);
EvaluatorPtr MakeScalarArray(const BoundExpression& node, ExecutionContext& context,
                             size_t capacity);
EvaluatorPtr MakeConstructor(const BoundExpression& node, ExecutionContext& context,
                             size_t capacity);
EvaluatorPtr MakeSubscript(const BoundExpression& node, ExecutionContext& context,
                           size_t capacity);
// Of jsonb.
EvaluatorPtr MakeJsonSubscript(const BoundExpression& node, ExecutionContext& context,
                               size_t capacity);
EvaluatorPtr MakeConversion(const BoundExpression& node, ExecutionContext& context,
                            size_t capacity);
EvaluatorPtr MakeSubplan(const BoundExpression& node, ExecutionContext& context, size_t capacity);

}  // namespace sundog::exec
