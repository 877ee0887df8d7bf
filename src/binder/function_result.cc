#include "binder/function_result.h"

#include <algorithm>

#include "binder/coerce.h"
#include "binder/function_body.h"
#include "parser/parse.h"

namespace sundog::binder {

using functions::ProcInfo;

namespace {

bool IsOutput(const ProcInfo& proc, size_t argument) {
  return argument < proc.argument_modes.size() &&
         functions::IsOutputMode(proc.argument_modes[argument]);
}

[[noreturn]] void ThrowMismatch(const TypeFacts& types, Oid type, std::string detail) {
  throw SqlError(sqlstate::kInvalidFunctionDefinition,
                 "return type mismatch in function declared to return " + types.Name(type))
      .Detail(std::move(detail));
}

[[noreturn]] void ThrowNoRows(const TypeFacts& types, Oid type) {
  ThrowMismatch(types, type,
                "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.");
}

}  // namespace

FunctionResult ResultOf(const ProcInfo& proc, const TypeFacts& types) {
  FunctionResult result;
  result.type = proc.result_type;
  result.is_procedure = proc.kind == 'p';
  if (types.Info(proc.result_type).kind_code == 'c') {
    result.columns = types.Info(proc.result_type).fields;
  } else if (proc.result_type == oids::kRecord) {
    std::vector<types::CompositeField> outputs;
    for (size_t i = 0; i < proc.all_argument_types.size(); ++i) {
      if (!IsOutput(proc, i)) continue;
      bool named = i < proc.argument_names.size();
      outputs.push_back({named ? proc.argument_names[i] : "", {proc.all_argument_types[i], -1}});
    }
    if (!outputs.empty()) result.columns = std::move(outputs);
  }
  return result;
}

namespace {

// Coerces the columns of a statement's result. Those of a query that are sorted by, or taken apart
// by DISTINCT or UNION, stay as they are, and a query around it does the rest.
class ResultCoercion {
 public:
  ResultCoercion(Scope& scope, BoundStatement& statement) : scope_(scope) {
    if (statement.kind == StatementKind::kQuery) {
      query_ = &statement.As<BoundQueryStatement>().query;
      targets_ = &(*query_)->targets;
      count_ = static_cast<size_t>((*query_)->visible_target_count());
    } else {
      targets_ = &statement.As<BoundModify>().returning;
      count_ = targets_->size();
    }
  }

  size_t count() const { return count_; }
  Oid TypeOf(size_t i) const { return Current(i).type.oid; }

  [[nodiscard]] bool Coerce(size_t i, SqlType type) {
    Oid before = TypeOf(i);
    if (before == type.oid && type.typmod < 0) return true;
    if (upper_ == nullptr && !MayChange(i)) PutQueryAround();
    BoundExpressionPtr& expression = upper_ != nullptr ? upper_->targets[i].expression
                                                       : (*targets_)[i].expression;
    BoundExpressionPtr changed = expression->Clone();
    if (!CoerceToTarget(scope_.state, changed, type, Coercion::kAssignment,
                        CallForm::kImplicitCast, -1)) {
      return false;
    }
    expression = std::move(changed);
    return true;
  }

  // Last of all.
  void Finish() {
    if (upper_ == nullptr) return;
    auto& inner = upper_->from[0]->As<BoundSubqueryRef>();
    inner.query = std::move(*query_);
    // Data-changing ones must be at the top, and references to them count no levels.
    upper_->ctes = std::move(inner.query->ctes);
    *query_ = std::move(upper_);
  }

 private:
  const BoundExpression& Current(size_t i) const {
    return upper_ != nullptr ? *upper_->targets[i].expression : *(*targets_)[i].expression;
  }

  bool MayChange(size_t i) const {
    if (query_ == nullptr) return true;
    const BoundQuery& query = **query_;
    if (query.set_operator || query.distinct != DistinctKind::kNone) return false;
    return std::none_of(query.order_by.begin(), query.order_by.end(), [&](const auto& order) {
      return order.target == static_cast<int>(i);
    });
  }

  void PutQueryAround() {
    upper_ = std::make_unique<BoundQuery>();
    auto subquery = std::make_unique<BoundSubqueryRef>();
    subquery->relation = scope_.state.NewRelation(scope_.depth);
    subquery->alias = "*SELECT*";
    for (size_t i = 0; i < count_; ++i) {
      const BoundTarget& target = (*targets_)[i];
      BoundTarget outer;
      outer.name = target.name;
      outer.expression = std::make_unique<BoundColumn>(target.expression->type,
                                                       subquery->relation, static_cast<int>(i));
      outer.expression->collation = target.expression->collation;
      upper_->targets.push_back(std::move(outer));
    }
    upper_->from.push_back(std::move(subquery));
  }

  Scope& scope_;
  std::unique_ptr<BoundQuery>* query_ = nullptr;  // null: the RETURNING of a data change
  std::vector<BoundTarget>* targets_ = nullptr;
  size_t count_ = 0;
  std::unique_ptr<BoundQuery> upper_;
};

void CoerceToRow(const TypeFacts& types, ResultCoercion& coercion, FunctionResult& result) {
  if (coercion.count() == 1 && !result.is_procedure &&
      coercion.Coerce(0, {result.type, -1})) {
    return;
  }
  result.gives_rows = true;
  if (!result.columns) return;
  const std::vector<types::CompositeField>& columns = *result.columns;
  for (size_t i = 0; i < coercion.count(); ++i) {
    if (i >= columns.size()) {
      ThrowMismatch(types, result.type, "Final statement returns too many columns.");
    }
    Oid actual = coercion.TypeOf(i);
    if (!coercion.Coerce(i, columns[i].type)) {
      ThrowMismatch(types, result.type,
                    "Final statement returns " + types.Name(actual) + " instead of " +
                        types.Name(columns[i].type.oid) + " at column " + std::to_string(i + 1) +
                        ".");
    }
  }
  if (coercion.count() < columns.size()) {
    ThrowMismatch(types, result.type, "Final statement returns too few columns.");
  }
}

bool ReturnsRows(const BoundStatement& statement) {
  switch (statement.kind) {
    case StatementKind::kQuery: return true;
    case StatementKind::kInsert:
    case StatementKind::kUpdate:
    case StatementKind::kDelete: return !statement.As<BoundModify>().returning.empty();
    default: return false;
  }
}

}  // namespace

void CoerceFunctionResult(Scope& scope, BoundStatement& statement, FunctionResult& result) {
  if (result.type == oids::kVoid) return;
  const TypeFacts& types = scope.types();
  if (!ReturnsRows(statement)) ThrowNoRows(types, result.type);
  char kind = types.Info(result.type).kind_code;
  ResultCoercion coercion(scope, statement);
  if (kind == 'c' || result.type == oids::kRecord) {
    CoerceToRow(types, coercion, result);
  } else if (kind == 'p') {
    throw SqlError(sqlstate::kInvalidFunctionDefinition,
                   "return type " + types.Name(result.type) +
                       " is not supported for SQL functions");
  } else {
    if (coercion.count() != 1) {
      ThrowMismatch(types, result.type, "Final statement must return exactly one column.");
    }
    Oid actual = coercion.TypeOf(0);
    if (!coercion.Coerce(0, {result.type, -1})) {
      ThrowMismatch(types, result.type, "Actual return type is " + types.Name(actual) + ".");
    }
  }
  coercion.Finish();
}

void CheckHasResult(const ProcInfo& proc, const TypeFacts& types,
                    const parser::RawStatement* last) {
  if (proc.result_type == oids::kVoid) return;
  if (last == nullptr || !IsAnalysed(*last)) ThrowNoRows(types, proc.result_type);
}

}  // namespace sundog::binder
