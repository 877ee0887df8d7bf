// jsonb['key'][0], and assigning to it. Subscripts are int4 or text.
#include <string>

#include "exec/expression/factories.h"
#include "functions/jsonb_assign.h"

namespace sundog::exec {

using binder::BoundSubscript;
using binder::BoundSubscriptAssign;
using binder::BoundSubscriptIndex;
using types::Jsonb;

namespace {

// The subscripts of one row as the texts that a path consists of.
class JsonPathSteps {
 public:
  JsonPathSteps(const std::vector<BoundSubscriptIndex>& indexes, ExecutionContext& context,
                size_t capacity) {
    for (const BoundSubscriptIndex& index : indexes) {
      steps_.push_back(MakeEvaluator(*index.upper, context, capacity));
    }
    values_.resize(steps_.size());
    row_.resize(steps_.size());
  }

  void Evaluate(const Chunk& input, RowSet rows) {
    for (size_t i = 0; i < steps_.size(); ++i) values_[i] = &steps_[i]->Evaluate(input, rows);
  }

  std::span<const Datum> Of(size_t row, base::Arena& arena) {
    for (size_t i = 0; i < values_.size(); ++i) {
      row_[i] = values_[i]->DatumAt(row);
      if (!row_[i].is_null() && values_[i]->kind() == types::PhysicalKind::kInt32) {
        row_[i] = Datum::From(arena.Copy(std::to_string(row_[i].As<int32_t>())));
      }
    }
    return row_;
  }

  bool first_is_integer() const { return values_[0]->kind() == types::PhysicalKind::kInt32; }

 private:
  std::vector<EvaluatorPtr> steps_;
  std::vector<const Vector*> values_;
  std::vector<Datum> row_;
};

class JsonSubscriptEvaluator : public Evaluator {
 public:
  JsonSubscriptEvaluator(const BoundSubscript& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        container_(MakeEvaluator(*node.container, context, capacity)),
        steps_(node.indexes, context, capacity) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    steps_.Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (container.IsNull(row)) return out_.SetNull(row);
      std::optional<Jsonb> found = functions::FollowJsonb(
          Jsonb(container.At<std::string_view>(row)), steps_.Of(row, out_.arena()));
      if (!found.has_value()) return out_.SetNull(row);
      out_.Set(row, found->Copy(out_.arena()));
    });
    return out_;
  }

 private:
  EvaluatorPtr container_;
  JsonPathSteps steps_;
};

class JsonSubscriptAssignEvaluator : public Evaluator {
 public:
  JsonSubscriptAssignEvaluator(const BoundSubscriptAssign& node, ExecutionContext& context,
                               size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        container_(MakeEvaluator(*node.container, context, capacity)),
        steps_(node.indexes, context, capacity),
        value_(MakeEvaluator(*node.value, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    const Vector& value = value_->Evaluate(input, rows);
    steps_.Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      out_.Set(row, functions::AssignJsonb(
                        container.DatumAt(row), steps_.Of(row, out_.arena()),
                        steps_.first_is_integer(), value.DatumAt(row), out_.arena()));
    });
    return out_;
  }

 private:
  EvaluatorPtr container_;
  JsonPathSteps steps_;
  EvaluatorPtr value_;
};

}  // namespace

EvaluatorPtr MakeJsonSubscript(const BoundExpression& node, ExecutionContext& context,
                               size_t capacity) {
  if (node.kind == binder::ExpressionKind::kSubscript) {
    return std::make_unique<JsonSubscriptEvaluator>(node.As<BoundSubscript>(), context, capacity);
  }
  return std::make_unique<JsonSubscriptAssignEvaluator>(node.As<BoundSubscriptAssign>(), context,
                                                        capacity);
}

}  // namespace sundog::exec
