#include "exec/expression/evaluator.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/sql_error.h"
#include "exec/expression/factories.h"

namespace sundog::exec {

using binder::ExpressionKind;

void MemoryBudget::Check() const {
  if (!Exceeded()) return;
  if (fails_as_dsql_) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("query requires more than allowed temp space of {} KB to execute",
                               limit_bytes_ >> 10));
  }
  base::ThrowOutOfMemory();
}

EvaluatorPtr MakeEvaluator(const BoundExpression& node, ExecutionContext& context,
                           size_t capacity) {
  switch (node.kind) {
    case ExpressionKind::kConstant:
    case ExpressionKind::kParameter:
    case ExpressionKind::kInputSlot:
    case ExpressionKind::kOuterSlot:
    case ExpressionKind::kCaseValue:
    case ExpressionKind::kDomainValue: return MakeLeaf(node, context, capacity);
    case ExpressionKind::kFunction:
    case ExpressionKind::kNullIf:
    case ExpressionKind::kDistinctTest: return MakeCall(node, context, capacity);
    case ExpressionKind::kBoolean:
    case ExpressionKind::kNullTest:
    case ExpressionKind::kBooleanTest: return MakeLogic(node, context, capacity);
    case ExpressionKind::kCase:
    case ExpressionKind::kCoalesce:
    case ExpressionKind::kMinMax:
    case ExpressionKind::kRowCompare: return MakeCondition(node, context, capacity);
    case ExpressionKind::kScalarArray: return MakeScalarArray(node, context, capacity);
    case ExpressionKind::kArray:
    case ExpressionKind::kRow:
    case ExpressionKind::kFieldSelect: return MakeConstructor(node, context, capacity);
    case ExpressionKind::kSubscript:
    case ExpressionKind::kSubscriptAssign: return MakeSubscript(node, context, capacity);
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
    case ExpressionKind::kArrayCoerce:
    case ExpressionKind::kRowCoerce:
    case ExpressionKind::kDomainCheck: return MakeConversion(node, context, capacity);
    case ExpressionKind::kSubplan: return MakeSubplan(node, context, capacity);
    // The planner replaces those that belong to the query they stand in.
    case ExpressionKind::kGrouping:
      base::ThrowNotSupported("GROUPING of an outer query", node.location);
    case ExpressionKind::kColumn:
    case ExpressionKind::kAggregate:
    case ExpressionKind::kWindow:
    case ExpressionKind::kSubquery: break;
  }
  base::CheckFailed(__FILE__, __LINE__, "the planner left nothing but physical expressions",
                    std::to_string(static_cast<int>(node.kind)));
}

std::vector<EvaluatorPtr> MakeEvaluators(const binder::BoundExpressions& expressions,
                                         ExecutionContext& context, size_t capacity) {
  std::vector<EvaluatorPtr> evaluators;
  for (const auto& expression : expressions) {
    evaluators.push_back(expression == nullptr ? nullptr
                                               : MakeEvaluator(*expression, context, capacity));
  }
  return evaluators;
}

Filter::Filter(const binder::BoundExpressions& conjuncts, ExecutionContext& context,
               size_t capacity)
    : conjuncts_(MakeEvaluators(conjuncts, context, capacity)), selected_(capacity) {}

RowSet Filter::Apply(const Chunk& input, RowSet rows) {
  for (EvaluatorPtr& conjunct : conjuncts_) {
    if (rows.empty()) break;
    const Vector& result = conjunct->Evaluate(input, rows);
    size_t kept = 0;
    // Reading index k before writing index kept ≤ k: narrowing in place is safe.
    for (size_t k = 0; k < rows.count(); ++k) {
      size_t row = rows[k];
      selected_[kept] = static_cast<uint16_t>(row);
      kept += !result.IsNull(row) && result.At<bool>(row) ? 1 : 0;
    }
    if (kept < rows.count()) rows = RowSet(selected_.data(), kept);
  }
  return rows;
}

}  // namespace sundog::exec
