// array[i], array[i:j], jsonb['key'], and assigning to them.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "exec/expression/factories.h"
#include "types/array_subscript.h"
#include "types/oids.h"
#include "types/record.h"

namespace sundog::exec {

using binder::BoundSubscript;
using binder::BoundSubscriptAssign;
using binder::BoundSubscriptIndex;
using binder::ExpressionKind;

namespace {

// Subscripts of one row, evaluated.
class Subscripts {
 public:
  Subscripts(const std::vector<BoundSubscriptIndex>& indexes, ExecutionContext& context,
             size_t capacity) {
    for (const BoundSubscriptIndex& index : indexes) {
      lower_.push_back(index.lower ? MakeEvaluator(*index.lower, context, capacity) : nullptr);
      upper_.push_back(index.upper ? MakeEvaluator(*index.upper, context, capacity) : nullptr);
    }
    lower_values_.resize(lower_.size());
    upper_values_.resize(upper_.size());
  }

  void Evaluate(const Chunk& input, RowSet rows) {
    for (size_t i = 0; i < lower_.size(); ++i) {
      lower_values_[i] = lower_[i] ? &lower_[i]->Evaluate(input, rows) : nullptr;
      upper_values_[i] = upper_[i] ? &upper_[i]->Evaluate(input, rows) : nullptr;
    }
  }

  bool AnyNull(size_t row) const {
    for (size_t i = 0; i < lower_.size(); ++i) {
      if (lower_values_[i] != nullptr && lower_values_[i]->IsNull(row)) return true;
      if (upper_values_[i] != nullptr && upper_values_[i]->IsNull(row)) return true;
    }
    return false;
  }
  // Of a plain element access the index is in `upper`.
  std::vector<int32_t> Indexes(size_t row) const {
    std::vector<int32_t> indexes;
    for (const Vector* value : upper_values_) indexes.push_back(value->At<int32_t>(row));
    return indexes;
  }
  std::vector<types::SliceSubscript> Slices(size_t row) const {
    std::vector<types::SliceSubscript> slices;
    for (size_t i = 0; i < lower_.size(); ++i) {
      types::SliceSubscript slice;
      if (lower_values_[i] != nullptr) slice.lower = {lower_values_[i]->At<int32_t>(row), true};
      if (upper_values_[i] != nullptr) slice.upper = {upper_values_[i]->At<int32_t>(row), true};
      slices.push_back(slice);
    }
    return slices;
  }

 private:
  std::vector<EvaluatorPtr> lower_;
  std::vector<EvaluatorPtr> upper_;
  std::vector<const Vector*> lower_values_;
  std::vector<const Vector*> upper_values_;
};

class SubscriptEvaluator : public Evaluator {
 public:
  SubscriptEvaluator(const BoundSubscript& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        is_slice_(node.is_slice),
        container_(MakeEvaluator(*node.container, context, capacity)),
        subscripts_(node.indexes, context, capacity) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    subscripts_.Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (container.IsNull(row) || subscripts_.AnyNull(row)) return out_.SetNull(row);
      types::ArrayReader array(container.At<std::string_view>(row));
      if (is_slice_) {
        out_.Set(row, types::ArraySlice(array, subscripts_.Slices(row), out_.arena()));
      } else {
        out_.SetDatum(row, types::ArrayElement(array, subscripts_.Indexes(row)));
      }
    });
    return out_;
  }

 private:
  bool is_slice_;
  EvaluatorPtr container_;
  Subscripts subscripts_;
};

// A byte of a name, from 0; past its end names are filled with zeros.
class NameByteEvaluator : public Evaluator {
 public:
  NameByteEvaluator(const BoundSubscript& node, ExecutionContext& context, size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        container_(MakeEvaluator(*node.container, context, capacity)),
        subscripts_(node.indexes, context, capacity) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    subscripts_.Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      if (container.IsNull(row) || subscripts_.AnyNull(row)) return out_.SetNull(row);
      std::vector<int32_t> indexes = subscripts_.Indexes(row);
      if (indexes.size() != 1 || indexes[0] < 0 || indexes[0] >= kNameBytes) {
        return out_.SetNull(row);
      }
      std::string_view name = container.At<std::string_view>(row);
      auto at = static_cast<size_t>(indexes[0]);
      out_.SetDatum(row, Datum::From(at < name.size() ? name[at] : '\0'));
    });
    return out_;
  }

 private:
  static constexpr int32_t kNameBytes = 64;

  EvaluatorPtr container_;
  Subscripts subscripts_;
};

class SubscriptAssignEvaluator : public Evaluator {
 public:
  SubscriptAssignEvaluator(const BoundSubscriptAssign& node, ExecutionContext& context,
                           size_t capacity)
      : Evaluator(context.KindOf(node.type), capacity),
        is_slice_(node.is_slice),
        container_(MakeEvaluator(*node.container, context, capacity)),
        subscripts_(node.indexes, context, capacity),
        value_(MakeEvaluator(*node.value, context, capacity)) {
    element_type_ = context.TypeOf(node.type).element;
    element_kind_ = context.environment.io.types->GetType(element_type_).physical;
  }

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    const Vector& value = value_->Evaluate(input, rows);
    subscripts_.Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) { out_.Set(row, Assign(container, value, row)); });
    return out_;
  }

 private:
  std::string_view Assign(const Vector& container, const Vector& value, size_t row) {
    if (subscripts_.AnyNull(row)) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "array subscript in assignment must not be null");
    }
    base::Arena& arena = out_.arena();
    std::string_view bytes = container.IsNull(row)
                                 ? types::EmptyArray(element_type_, element_kind_, arena)
                                 : container.At<std::string_view>(row);
    types::ArrayReader array(bytes);
    if (!is_slice_) {
      return types::AssignArrayElement(array, subscripts_.Indexes(row), value.DatumAt(row), arena);
    }
    if (value.IsNull(row)) return bytes;  // as PostgreSQL: a null source changes nothing
    types::ArrayReader source(value.At<std::string_view>(row));
    return types::AssignArraySlice(array, subscripts_.Slices(row), source, arena);
  }

  bool is_slice_;
  EvaluatorPtr container_;
  Subscripts subscripts_;
  EvaluatorPtr value_;
  Oid element_type_ = types::kInvalidOid;
  types::PhysicalKind element_kind_ = types::PhysicalKind::kVarlen;
};

// (composite).field := value.
class FieldAssignEvaluator : public Evaluator {
 public:
  FieldAssignEvaluator(const BoundSubscriptAssign& node, ExecutionContext& context,
                       size_t capacity)
      : Evaluator(types::PhysicalKind::kVarlen, capacity),
        context_(context),
        type_(context.TypeOf(node.type)),
        field_(node.field_index),
        container_(MakeEvaluator(*node.container, context, capacity)),
        value_(MakeEvaluator(*node.value, context, capacity)) {}

  const Vector& Evaluate(const Chunk& input, RowSet rows) override {
    const Vector& container = container_->Evaluate(input, rows);
    const Vector& value = value_->Evaluate(input, rows);
    out_.Reset();
    rows.ForEach([&](size_t row) {
      types::RecordBuilder builder(type_.oid);
      for (int i = 0; i < static_cast<int>(type_.fields.size()); ++i) {
        SqlType field_type = type_.fields[i].type;
        Datum field;
        if (i == field_) {
          field = value.DatumAt(row);
        } else if (!container.IsNull(row)) {
          field = types::RecordReader(container.At<std::string_view>(row)).At(i);
        }
        builder.Append(field_type.oid, context_.KindOf(field_type), field);
      }
      out_.Set(row, builder.Finish(out_.arena()));
    });
    return out_;
  }

 private:
  ExecutionContext& context_;
  const types::TypeInfo& type_;
  int field_;
  EvaluatorPtr container_;
  EvaluatorPtr value_;
};

bool IsJsonb(const BoundExpression& node, ExecutionContext& context) {
  return context.environment.io.types->GetBaseType(node.type.oid).oid == types::oids::kJsonb;
}

}  // namespace

EvaluatorPtr MakeSubscript(const BoundExpression& node, ExecutionContext& context,
                           size_t capacity) {
  if (node.kind == ExpressionKind::kSubscript) {
    const auto& subscript = node.As<BoundSubscript>();
    if (IsJsonb(*subscript.container, context)) return MakeJsonSubscript(node, context, capacity);
    if (subscript.container->type.oid == types::oids::kName) {
      return std::make_unique<NameByteEvaluator>(subscript, context, capacity);
    }
    if (!context.TypeOf(subscript.container->type).is_array() &&
        context.TypeOf(subscript.container->type).element == types::kInvalidOid) {
      base::ThrowNotSupported("subscripting this type", node.location);
    }
    return std::make_unique<SubscriptEvaluator>(subscript, context, capacity);
  }
  const auto& assign = node.As<BoundSubscriptAssign>();
  if (assign.field_index >= 0) {
    return std::make_unique<FieldAssignEvaluator>(assign, context, capacity);
  }
  if (IsJsonb(assign, context)) return MakeJsonSubscript(node, context, capacity);
  if (context.TypeOf(assign.type).element == types::kInvalidOid) {
    base::ThrowNotSupported("assigning to a subscript of this type", node.location);
  }
  return std::make_unique<SubscriptAssignEvaluator>(assign, context, capacity);
}

}  // namespace sundog::exec
