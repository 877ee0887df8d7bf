// AND, OR, NOT, IS NULL, IS TRUE and kin.
#include "exec/expression/factories.h"
#include "types/record.h"

namespace sundog::exec {

using binder::BooleanOperator;
using binder::BooleanTest;
using binder::ExpressionKind;

namespace {

// AND and OR, left to right, for the rows the arguments so far have not decided.
class AndOrEvaluator : public Evaluator {
 public:
  AndOrEvaluator(const binder::BoundBoolean& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        deciding_(node.op == BooleanOperator::kOr),
        arguments_(MakeEvaluators(node.arguments, context, capacity)),
        open_(capacity) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    out_.Reset();
    rows.ForEach([&](size_t row) { out_.Set<bool>(row, !deciding_); });
    RowSet open = rows;
    for (EvaluatorPtr& argument : arguments_) {
      if (open.empty()) break;
      const Vector& value = argument->Evaluate(input, open);
      size_t left = 0;
      for (size_t k = 0; k < open.count(); ++k) {
        size_t row = open[k];
        if (value.IsNull(row)) {
          out_.SetNull(row);
        } else if (value.At<bool>(row) == deciding_) {
          out_.SetNotNull(row);
          out_.Set<bool>(row, deciding_);
          continue;
        }
        open_[left++] = static_cast<uint16_t>(row);
      }
      open = RowSet(open_.data(), left);
    }
    return out_;
  }

 private:
  bool deciding_;  // false decides AND, true decides OR
  std::vector<EvaluatorPtr> arguments_;
  std::vector<uint16_t> open_;
};

class NotEvaluator : public Evaluator {
 public:
  NotEvaluator(const binder::BoundBoolean& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        argument_(MakeEvaluator(*node.arguments[0], context, capacity)) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (value.IsNull(row)) {
        out_.SetNull(row);
      } else {
        out_.Set<bool>(row, !value.At<bool>(row));
      }
    });
    return out_;
  }

 private:
  EvaluatorPtr argument_;
};

class NullTestEvaluator : public Evaluator {
 public:
  NullTestEvaluator(const binder::BoundNullTest& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        argument_(MakeEvaluator(*node.argument, context, capacity)),
        negated_(node.negated),
        of_row_(node.of_row) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      bool null = value.IsNull(row);
      bool result = null != negated_;
      if (of_row_ && !null) result = FieldsAll(value.At<std::string_view>(row));
      out_.Set<bool>(row, result);
    });
    return out_;
  }

 private:
  // Whether every field is null, or (negated) every field is not.
  bool FieldsAll(std::string_view bytes) const {
    types::RecordReader record(bytes);
    for (int i = 0; i < record.size(); ++i) {
      if (record.IsNull(i) == negated_) return false;
    }
    return true;
  }

  EvaluatorPtr argument_;
  bool negated_;
  bool of_row_;
};

class BooleanTestEvaluator : public Evaluator {
 public:
  BooleanTestEvaluator(const binder::BoundBooleanTest& node, ExecutionContext& context,
                       size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, capacity),
        test_(node.test),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {}
  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      bool null = value.IsNull(row);
      out_.Set<bool>(row, Test(null, !null && value.At<bool>(row)));
    });
    return out_;
  }

 private:
  bool Test(bool null, bool value) const {
    switch (test_) {
      case BooleanTest::kTrue: return value;
      case BooleanTest::kNotTrue: return !value;
      case BooleanTest::kFalse: return !null && !value;
      case BooleanTest::kNotFalse: return null || value;
      case BooleanTest::kUnknown: return null;
      case BooleanTest::kNotUnknown: return !null;
    }
    return false;
  }

  BooleanTest test_;
  EvaluatorPtr argument_;
};

}  // namespace

EvaluatorPtr MakeLogic(const BoundExpression& node, ExecutionContext& context, size_t capacity) {
  if (node.kind == ExpressionKind::kNullTest) {
    return std::make_unique<NullTestEvaluator>(node.As<binder::BoundNullTest>(), context,
                                               capacity);
  }
  if (node.kind == ExpressionKind::kBooleanTest) {
    return std::make_unique<BooleanTestEvaluator>(node.As<binder::BoundBooleanTest>(), context,
                                                  capacity);
  }
  const auto& boolean = node.As<binder::BoundBoolean>();
  if (boolean.op == BooleanOperator::kNot) {
    return std::make_unique<NotEvaluator>(boolean, context, capacity);
  }
  return std::make_unique<AndOrEvaluator>(boolean, context, capacity);
}

}  // namespace sundog::exec
