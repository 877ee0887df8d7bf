// Evaluating expressions over chunks.
//
// An Evaluator is made once for an expression of a plan and keeps its vectors from run to run:
//
//   auto evaluator = MakeEvaluator(*expression, context, capacity);
//   const Vector& result = evaluator->Evaluate(chunk, rows);
//
// The result holds values for `rows` only, and is valid until the next call. One evaluator belongs
// to one operator; the capacity is the most rows its chunks can have.
//
// To add a kind of expression: derive an Evaluator in the file of its family and list it in
// evaluator.cc.
#pragma once

#include <memory>

#include "binder/bound_expression.h"
#include "exec/execution_context.h"

namespace sundog::exec {

class Evaluator {
 public:
  Evaluator(types::PhysicalKind kind, size_t capacity) : out_(kind, capacity) {}
  virtual ~Evaluator() = default;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  virtual const Vector& Evaluate(const Chunk& input, RowSet rows) = 0;

 protected:
  Vector out_;
};

using EvaluatorPtr = std::unique_ptr<Evaluator>;

EvaluatorPtr MakeEvaluator(const binder::BoundExpression& expression, ExecutionContext& context,
                           size_t capacity = types::kVectorSize);
std::vector<EvaluatorPtr> MakeEvaluators(const binder::BoundExpressions& expressions,
                                         ExecutionContext& context,
                                         size_t capacity = types::kVectorSize);

// Narrows row sets by conditions: keeps the rows for which all are true.
class Filter {
 public:
  Filter(const binder::BoundExpressions& conjuncts, ExecutionContext& context,
         size_t capacity = types::kVectorSize);
  bool empty() const { return conjuncts_.empty(); }
  // The result points into the filter; valid until the next call.
  RowSet Apply(const Chunk& input, RowSet rows);

 private:
  std::vector<EvaluatorPtr> conjuncts_;
  std::vector<uint16_t> selected_;
};

// One value of an expression without input columns (LIMIT, index bounds, VALUES).
class ScalarEvaluator {
 public:
  ScalarEvaluator(const binder::BoundExpression& expression, ExecutionContext& context)
      : evaluator_(MakeEvaluator(expression, context, 2)) {}
  // Valid until the next call.
  Datum Evaluate() {
    Chunk none;
    none.rows = RowSet(1);
    return evaluator_->Evaluate(none, RowSet(1)).DatumAt(0);
  }

 private:
  EvaluatorPtr evaluator_;
};

}  // namespace sundog::exec
