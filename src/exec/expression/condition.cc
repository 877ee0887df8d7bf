// CASE, COALESCE, GREATEST, LEAST, row comparison: what is computed for part of the rows only.
#include "exec/expression/call.h"
#include "exec/expression/factories.h"

namespace sundog::exec {

using binder::BoundCase;
using binder::ExpressionKind;

namespace {

class CaseEvaluator : public Evaluator {
 public:
  CaseEvaluator(const BoundCase& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        context_(context),
        open_(capacity),
        taken_(capacity) {
    if (node.operand != nullptr) operand_ = MakeEvaluator(*node.operand, context, capacity);
    for (const BoundCase::Branch& branch : node.branches) {
      conditions_.push_back(MakeEvaluator(*branch.condition, context, capacity));
      results_.push_back(MakeEvaluator(*branch.result, context, capacity));
    }
    if (node.otherwise != nullptr) otherwise_ = MakeEvaluator(*node.otherwise, context, capacity);
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector* operand = operand_ == nullptr ? nullptr : &operand_->Evaluate(input, rows);
    out_.Reset();
    RowSet open = rows;
    for (size_t i = 0; i < conditions_.size() && !open.empty(); ++i) {
      open = Branch(input, operand, i, open);
    }
    if (otherwise_ != nullptr) {
      if (!open.empty()) CopyRows(otherwise_->Evaluate(input, open), open);
    } else {
      open.ForEach([&](size_t row) { out_.SetNull(row); });
    }
    return out_;
  }

 private:
  // Fills the rows whose condition holds; returns the others.
  RowSet Branch(const Chunk& input, const Vector* operand, size_t i, RowSet open) {
    if (operand != nullptr) context_.case_values.push_back(operand);
    const Vector& holds = conditions_[i]->Evaluate(input, open);
    if (operand != nullptr) context_.case_values.pop_back();
    size_t taken = 0;
    size_t left = 0;
    for (size_t k = 0; k < open.count(); ++k) {
      size_t row = open[k];
      if (!holds.IsNull(row) && holds.At<bool>(row)) {
        taken_[taken++] = static_cast<uint16_t>(row);
      } else {
        open_[left++] = static_cast<uint16_t>(row);
      }
    }
    if (taken > 0) {
      RowSet rows(taken_.data(), taken);
      CopyRows(results_[i]->Evaluate(input, rows), rows);
    }
    return RowSet(open_.data(), left);
  }

  void CopyRows(const Vector& from, RowSet rows) {
    rows.ForEach([&](size_t row) { out_.SetDatum(row, from.DatumAt(row)); });
  }

  ExecutionContext& context_;
  EvaluatorPtr operand_;
  std::vector<EvaluatorPtr> conditions_;
  std::vector<EvaluatorPtr> results_;
  EvaluatorPtr otherwise_;
  std::vector<uint16_t> open_;
  std::vector<uint16_t> taken_;
};

class CoalesceEvaluator : public Evaluator {
 public:
  CoalesceEvaluator(const binder::BoundCoalesce& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        arguments_(MakeEvaluators(node.arguments, context, capacity)),
        open_(capacity) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    out_.Reset();
    RowSet open = rows;
    for (EvaluatorPtr& argument : arguments_) {
      if (open.empty()) break;
      const Vector& value = argument->Evaluate(input, open);
      size_t left = 0;
      for (size_t k = 0; k < open.count(); ++k) {
        size_t row = open[k];
        if (value.IsNull(row)) {
          open_[left++] = static_cast<uint16_t>(row);
        } else {
          out_.SetDatum(row, value.DatumAt(row));
        }
      }
      open = RowSet(open_.data(), left);
    }
    open.ForEach([&](size_t row) { out_.SetNull(row); });
    return out_;
  }

 private:
  std::vector<EvaluatorPtr> arguments_;
  std::vector<uint16_t> open_;
};

class MinMaxEvaluator : public Evaluator {
 public:
  MinMaxEvaluator(const binder::BoundMinMax& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        context_(context),
        type_(node.type),
        greatest_(node.greatest),
        arguments_(MakeEvaluators(node.arguments, context, capacity)) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const types::TypeInfo& type = context_.TypeOf(type_);
    const types::TypeLookup& types = *context_.environment.io.types;
    out_.Reset();
    rows.ForEach([&](size_t row) { out_.SetNull(row); });
    for (EvaluatorPtr& argument : arguments_) {
      const Vector& value = argument->Evaluate(input, rows);
      rows.ForEach([&](size_t row) {
        if (value.IsNull(row)) return;
        Datum candidate = value.DatumAt(row);
        if (!out_.IsNull(row)) {
          int order = type.ops->compare(types, type, candidate, out_.DatumAt(row));
          if (greatest_ ? order <= 0 : order >= 0) return;
        }
        out_.SetNotNull(row);
        out_.SetDatum(row, candidate);
      });
    }
    return out_;
  }

 private:
  ExecutionContext& context_;
  SqlType type_;
  bool greatest_;
  std::vector<EvaluatorPtr> arguments_;
};

// (a, b) < (c, d): the first pair that is not equal decides; a null before that makes it null.
class RowCompareEvaluator : public Evaluator {
 public:
  RowCompareEvaluator(const binder::BoundRowCompare& node, ExecutionContext& context,
                      size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        greater_(node.op[0] == '>'),
        or_equal_(node.op.size() == 2),
        open_(capacity) {
    for (size_t i = 0; i < node.less.size(); ++i) {
      less_.push_back(MakeEvaluator(*node.less[i], context, capacity));
      equal_.push_back(MakeEvaluator(*node.equal[i], context, capacity));
    }
  }
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    out_.Reset();
    RowSet open = rows;
    for (size_t i = 0; i < less_.size() && !open.empty(); ++i) {
      const Vector& equal = equal_[i]->Evaluate(input, open);
      const Vector& less = less_[i]->Evaluate(input, open);
      size_t left = 0;
      for (size_t k = 0; k < open.count(); ++k) {
        size_t row = open[k];
        if (equal.IsNull(row) || less.IsNull(row)) {
          out_.SetNull(row);
        } else if (equal.At<bool>(row)) {
          open_[left++] = static_cast<uint16_t>(row);
        } else {
          out_.Set<bool>(row, less.At<bool>(row) != greater_);
        }
      }
      open = RowSet(open_.data(), left);
    }
    open.ForEach([&](size_t row) { out_.Set<bool>(row, or_equal_); });
    return out_;
  }

 private:
  bool greater_;
  bool or_equal_;
  std::vector<EvaluatorPtr> less_;
  std::vector<EvaluatorPtr> equal_;
  std::vector<uint16_t> open_;
};

}  // namespace

EvaluatorPtr MakeCondition(const BoundExpression& node, ExecutionContext& context,
                           size_t capacity) {
  switch (node.kind) {
    case ExpressionKind::kCase:
      return std::make_unique<CaseEvaluator>(node.As<BoundCase>(), context, capacity);
    case ExpressionKind::kCoalesce:
      return std::make_unique<CoalesceEvaluator>(node.As<binder::BoundCoalesce>(), context,
                                                 capacity);
    case ExpressionKind::kMinMax:
      return std::make_unique<MinMaxEvaluator>(node.As<binder::BoundMinMax>(), context, capacity);
    default:
      return std::make_unique<RowCompareEvaluator>(node.As<binder::BoundRowCompare>(), context,
                                                   capacity);
  }
}

}  // namespace sundog::exec
