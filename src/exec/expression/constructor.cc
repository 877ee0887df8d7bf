// ARRAY[…], ROW(…), (composite).field.
#include "exec/expression/factories.h"
#include "types/array.h"
#include "types/array_subscript.h"
#include "types/record.h"

namespace sundog::exec {

using binder::ExpressionKind;

namespace {

class ArrayEvaluator : public Evaluator {
 public:
  ArrayEvaluator(const binder::BoundArray& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        nested_(node.nested),
        elements_(MakeEvaluators(node.elements, context, capacity)),
        values_(elements_.size()) {
    element_type_ = context.TypeOf(node.type).element;
    element_kind_ = context.environment.io.types->GetType(element_type_).physical;
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    for (size_t i = 0; i < elements_.size(); ++i) {
      values_[i] = &elements_[i]->Evaluate(input, rows);
    }
    out_.Reset();
    rows.ForEach([&](size_t row) { out_.Set(row, nested_ ? Stack(row) : Build(row)); });
    return out_;
  }

 private:
  std::string_view Build(size_t row) {
    types::ArrayBuilder builder(element_type_, element_kind_);
    for (const Vector* value : values_) builder.Append(value->DatumAt(row));
    return builder.Finish(out_.arena());
  }
  std::string_view Stack(size_t row) {
    std::vector<Datum> members;
    for (const Vector* value : values_) members.push_back(value->DatumAt(row));
    return types::StackArrays(members, element_type_, element_kind_, out_.arena());
  }

  bool nested_;
  std::vector<EvaluatorPtr> elements_;
  std::vector<const Vector*> values_;
  Oid element_type_;
  types::PhysicalKind element_kind_;
};

class RowEvaluator : public Evaluator {
 public:
  RowEvaluator(const binder::BoundRow& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        type_(node.type.oid),
        whole_row_(node.whole_row_of >= 0),
        names_(node.names),
        fields_(MakeEvaluators(node.fields, context, capacity)),
        values_(fields_.size()) {
    for (const auto& field : node.fields) {
      types_.push_back(field->type.oid);
      kinds_.push_back(context.KindOf(field->type));
    }
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    for (size_t i = 0; i < fields_.size(); ++i) values_[i] = &fields_[i]->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      bool with_names = type_ == types::oids::kRecord && !names_.empty();
      types::RecordBuilder builder(type_, with_names);
      bool all_null = !values_.empty();
      for (size_t i = 0; i < values_.size(); ++i) {
        Datum value = values_[i]->DatumAt(row);
        all_null &= value.is_null();
        builder.Append(types_[i], kinds_[i], value, with_names ? names_[i] : std::string());
      }
      if (whole_row_ && all_null) {
        out_.SetNull(row);
      } else {
        out_.Set(row, builder.Finish(out_.arena()));
      }
    });
    return out_;
  }

 private:
  Oid type_;
  bool whole_row_;
  std::vector<std::string> names_;
  std::vector<EvaluatorPtr> fields_;
  std::vector<const Vector*> values_;
  std::vector<Oid> types_;
  std::vector<types::PhysicalKind> kinds_;
};

class FieldSelectEvaluator : public Evaluator {
 public:
  FieldSelectEvaluator(const binder::BoundFieldSelect& node, ExecutionContext& context,
                       size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        index_(node.index),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& records = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (records.IsNull(row)) return out_.SetNull(row);
      types::RecordReader record(records.At<std::string_view>(row));
      out_.SetDatum(row, record.At(index_));
    });
    return out_;
  }

 private:
  int index_;
  EvaluatorPtr argument_;
};

}  // namespace

EvaluatorPtr MakeConstructor(const BoundExpression& node, ExecutionContext& context,
                             size_t capacity) {
  switch (node.kind) {
    case ExpressionKind::kArray:
      return std::make_unique<ArrayEvaluator>(node.As<binder::BoundArray>(), context, capacity);
    case ExpressionKind::kRow:
      return std::make_unique<RowEvaluator>(node.As<binder::BoundRow>(), context, capacity);
    default:
      return std::make_unique<FieldSelectEvaluator>(node.As<binder::BoundFieldSelect>(), context,
                                                    capacity);
  }
}

}  // namespace sundog::exec
