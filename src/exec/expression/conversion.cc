// Conversions that are no function calls: relabelling, through text, element by element, field by
// field, and the checks of domains.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/catalog.h"
#include "exec/expression/factories.h"
#include "types/array.h"
#include "types/record.h"

namespace sundog::exec {

using binder::BoundConversion;
using binder::ExpressionKind;

namespace {

class RelabelEvaluator : public Evaluator {
 public:
  RelabelEvaluator(const BoundConversion& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, 0),
        from_(context.KindOf(node.argument->type)),
        to_(context.KindOf(node.type)),
        converted_(to_, from_ == to_ ? 0 : capacity),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    if (from_ == to_) return value;
    // int4 and oid are binary-coercible: the same four bytes under two kinds.
    converted_.Reset();
    rows.ForEach([&](size_t row) {
      if (value.IsNull(row)) return converted_.SetNull(row);
      Datum datum = value.DatumAt(row);
      converted_.SetDatum(row, Datum::FromPayload(datum.payload(), to_));
    });
    return converted_;
  }

 private:
  types::PhysicalKind from_;
  types::PhysicalKind to_;
  Vector converted_;
  EvaluatorPtr argument_;
};

class ThroughTextEvaluator : public Evaluator {
 public:
  ThroughTextEvaluator(const BoundConversion& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        context_(context),
        from_(node.argument->type),
        to_(node.type),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    const types::IoContext& io = context_.environment.io;
    const types::TypeInfo& from = context_.TypeOf(from_);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (value.IsNull(row)) return out_.SetNull(row);
      text_.clear();
      types::OutputText(io, from, value.DatumAt(row), text_);
      out_.CopyDatum(row, types::InputText(io, to_, text_, out_.arena()));
    });
    return out_;
  }

 private:
  ExecutionContext& context_;
  SqlType from_;
  SqlType to_;
  EvaluatorPtr argument_;
  std::string text_;
};

class ArrayCoerceEvaluator : public Evaluator {
 public:
  ArrayCoerceEvaluator(const BoundConversion& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        context_(context),
        argument_(MakeEvaluator(*node.argument, context, capacity)),
        element_(MakeEvaluator(*node.element, context)),
        source_kind_(ElementKind(node.argument->type)),
        target_type_(context.TypeOf(node.type).element),
        target_kind_(ElementKind(node.type)),
        source_(source_kind_) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& arrays = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (arrays.IsNull(row)) return out_.SetNull(row);
      out_.Set(row, Convert(types::ArrayReader(arrays.At<std::string_view>(row))));
    });
    return out_;
  }

 private:
  types::PhysicalKind ElementKind(SqlType array) const {
    Oid element = context_.TypeOf(array).element;
    return context_.environment.io.types->GetType(element).physical;
  }

  std::string_view Convert(const types::ArrayReader& from) {
    types::ArrayBuilder builder(target_type_, target_kind_);
    for (int32_t begin = 0; begin < from.size();) {
      int32_t count = std::min<int32_t>(from.size() - begin, types::kVectorSize);
      source_.Reset();
      for (int32_t i = 0; i < count; ++i) source_.SetDatum(i, from.At(begin + i));
      context_.case_values.push_back(&source_);
      RowSet rows(static_cast<size_t>(count));
      Chunk none;
      none.rows = rows;
      const Vector& converted = element_->Evaluate(none, rows);
      context_.case_values.pop_back();
      for (int32_t i = 0; i < count; ++i) builder.Append(converted.DatumAt(i));
      begin += count;
    }
    return builder.Finish(out_.arena(), from.shape());
  }

  ExecutionContext& context_;
  EvaluatorPtr argument_;
  EvaluatorPtr element_;
  types::PhysicalKind source_kind_;
  Oid target_type_;
  types::PhysicalKind target_kind_;
  Vector source_;
};

// A record to a composite type: field by field through text where the types differ.
class RowCoerceEvaluator : public Evaluator {
 public:
  RowCoerceEvaluator(const BoundConversion& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        context_(context),
        target_(context.TypeOf(node.type)),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& records = argument_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (records.IsNull(row)) return out_.SetNull(row);
      types::RecordReader record(records.At<std::string_view>(row));
      types::RecordBuilder builder(target_.oid);
      for (int i = 0; i < static_cast<int>(target_.fields.size()); ++i) {
        SqlType to = target_.fields[i].type;
        builder.Append(to.oid, context_.KindOf(to), Field(record, i, to));
      }
      out_.Set(row, builder.Finish(out_.arena()));
    });
    return out_;
  }

 private:
  Datum Field(const types::RecordReader& record, int i, SqlType to) {
    Datum value = record.At(i);
    if (value.is_null() || record.field_type(i) == to.oid) return value;
    const types::IoContext& io = context_.environment.io;
    std::string text;
    types::OutputText(io, io.types->GetType(record.field_type(i)), value, text);
    return types::InputText(io, to, out_.CopyBytes(text), out_.arena());
  }

  ExecutionContext& context_;
  const types::TypeInfo& target_;
  EvaluatorPtr argument_;
};

class DomainCheckEvaluator : public Evaluator {
 public:
  DomainCheckEvaluator(const BoundConversion& node, ExecutionContext& context, size_t capacity)
      : Evaluator(types::PhysicalKind::kBool, 0),
        context_(context),
        domain_(context.TypeOf(node.type)),
        not_null_(node.not_null),
        argument_(MakeEvaluator(*node.argument, context, capacity)) {
    for (const BoundConversion::DomainCheck& check : node.checks) {
      constraints_.push_back(check.constraint);
      conditions_.push_back(MakeEvaluator(*check.condition, context, capacity));
    }
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& value = argument_->Evaluate(input, rows);
    if (not_null_) {
      rows.ForEach([&](size_t row) {
        if (value.IsNull(row)) ThrowNull();
      });
    }
    context_.domain_values.push_back(&value);
    for (size_t i = 0; i < conditions_.size(); ++i) {
      const Vector& holds = conditions_[i]->Evaluate(input, rows);
      rows.ForEach([&](size_t row) {
        if (!holds.IsNull(row) && !holds.At<bool>(row)) ThrowViolated(constraints_[i]);
      });
    }
    context_.domain_values.pop_back();
    return value;
  }

 private:
  std::string SchemaName() const {
    const catalog::SchemaDescriptor* schema = context_.catalog->FindSchema(domain_.schema);
    return schema != nullptr ? schema->name : std::string();
  }
  [[noreturn]] void ThrowNull() const {
    throw SqlError(sqlstate::kNotNullViolation,
                   fmt::format("domain {} does not allow null values", domain_.name))
        .DataType(SchemaName(), domain_.name);
  }
  [[noreturn]] void ThrowViolated(const std::string& constraint) const {
    throw SqlError(sqlstate::kCheckViolation,
                   fmt::format("value for domain {} violates check constraint \"{}\"",
                               domain_.name, constraint))
        .DataType(SchemaName(), domain_.name)
        .Constraint(constraint);
  }

  ExecutionContext& context_;
  const types::TypeInfo& domain_;
  bool not_null_;
  EvaluatorPtr argument_;
  std::vector<std::string> constraints_;
  std::vector<EvaluatorPtr> conditions_;
};

}  // namespace

EvaluatorPtr MakeConversion(const BoundExpression& node, ExecutionContext& context,
                            size_t capacity) {
  const auto& conversion = node.As<BoundConversion>();
  switch (node.kind) {
    case ExpressionKind::kRelabel:
      return std::make_unique<RelabelEvaluator>(conversion, context, capacity);
    case ExpressionKind::kCoerceViaIo:
      return std::make_unique<ThroughTextEvaluator>(conversion, context, capacity);
    case ExpressionKind::kArrayCoerce:
      return std::make_unique<ArrayCoerceEvaluator>(conversion, context, capacity);
    case ExpressionKind::kRowCoerce:
      return std::make_unique<RowCoerceEvaluator>(conversion, context, capacity);
    default: return std::make_unique<DomainCheckEvaluator>(conversion, context, capacity);
  }
}

}  // namespace sundog::exec
