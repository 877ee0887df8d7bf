// Values assigned to columns and to parts of them: SET, INSERT's columns, defaults.
#include "binder/bind_modify.h"
#include "binder/bind_select.h"
#include "binder/bind_stored.h"
#include "binder/build_coercion.h"
#include "functions/implementations.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// transformAssignmentIndirection over the steps from `at`; `base` is the old value.
class IndirectionBinder {
 public:
  IndirectionBinder(Scope& scope, const List* steps, int location)
      : scope_(scope), steps_(steps), location_(location) {}

  BoundExpressionPtr Assign(BoundExpressionPtr base, const std::string& target, SqlType type,
                            int at, BoundExpressionPtr value, bool subscripting) {
    if (at == parser::Length(steps_)) return Coerce(target, type, std::move(value), subscripting);
    const Node* step = parser::At(steps_, at);
    if (TagOf(step) == T_A_Star) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "row expansion via \"*\" is not supported here")
          .At(location_);
    }
    if (TagOf(step) == T_A_Indices) {
      return AssignSubscripts(std::move(base), target, type, at, std::move(value));
    }
    return AssignField(std::move(base), target, type, at, std::move(value));
  }

 private:
  BoundExpressionPtr Coerce(const std::string& target, SqlType type, BoundExpressionPtr value,
                            bool subscripting) {
    Oid source = value->type.oid;
    if (CoerceToTarget(scope_.state, value, type, Coercion::kAssignment, CallForm::kImplicitCast,
                       -1)) {
      return value;
    }
    std::string of = "type " + scope_.types().Name(type.oid) + " but expression is of type " +
                     scope_.types().Name(source);
    throw SqlError(sqlstate::kDatatypeMismatch,
                   subscripting ? "subscripted assignment to \"" + target + "\" requires " + of
                                : "subfield \"" + target + "\" is of " + of)
        .Hint("You will need to rewrite or cast the expression.")
        .At(location_);
  }

  BoundExpressionPtr AssignField(BoundExpressionPtr base, const std::string& target, SqlType type,
                                 int at, BoundExpressionPtr value) {
    std::string name = parser::Text(parser::At(steps_, at));
    SqlType row = scope_.types().BaseType(type);
    std::string text =
        "cannot assign to field \"" + name + "\" of column \"" + target + "\" because ";
    if (!scope_.types().IsComposite(row.oid)) {
      throw SqlError(
          sqlstate::kDatatypeMismatch,
          text + "its type " + scope_.types().Name(type.oid) + " is not a composite type")
          .At(location_);
    }
    const types::TypeInfo& info = scope_.types().Info(row.oid);
    for (size_t i = 0; i < info.fields.size(); ++i) {
      if (info.fields[i].name != name) continue;
      BoundExpressionPtr old = std::make_unique<BoundFieldSelect>(
          info.fields[i].type, base->Clone(), static_cast<int>(i), name);
      BoundExpressionPtr field =
          Assign(std::move(old), name, info.fields[i].type, at + 1, std::move(value), false);
      auto result = std::make_unique<BoundSubscriptAssign>(SqlType{row.oid, -1}, std::move(base),
                                                           std::vector<BoundSubscriptIndex>(),
                                                           false, std::move(field));
      result->field_index = static_cast<int>(i);
      result->location = location_;
      return ToDomain(std::move(result), row, type);
    }
    throw SqlError(sqlstate::kUndefinedColumn,
                   text + "there is no such column in data type " + scope_.types().Name(type.oid))
        .At(location_);
  }

  BoundExpressionPtr AssignSubscripts(BoundExpressionPtr base, const std::string& target,
                                      SqlType type, int at, BoundExpressionPtr value) {
    std::vector<const A_Indices*> subscripts;
    while (at < parser::Length(steps_) && TagOf(parser::At(steps_, at)) == T_A_Indices) {
      subscripts.push_back(As<A_Indices>(parser::At(steps_, at++)));
    }
    SqlType container = scope_.types().BaseType(type);
    BoundExpressionPtr source = base->Clone();
    if (source->location < 0) source->location = location_;
    auto element = BindSubscripts(scope_, std::move(source), container, subscripts);
    std::vector<BoundSubscriptIndex> indexes = std::move(element->indexes);
    bool slice = element->is_slice;
    SqlType needed = element->type;
    // The old element, for assignments further inside.
    BoundExpressionPtr old;
    if (at < parser::Length(steps_)) {
      old = BindSubscripts(scope_, base->Clone(), container, subscripts);
    }
    BoundExpressionPtr assigned =
        Assign(std::move(old), target, needed, at, std::move(value), true);
    auto result = std::make_unique<BoundSubscriptAssign>(
        container, std::move(base), std::move(indexes), slice, std::move(assigned));
    result->location = location_;
    return ToDomain(std::move(result), container, type);
  }

  BoundExpressionPtr ToDomain(BoundExpressionPtr value, SqlType base, SqlType type) {
    if (base.oid == type.oid) return value;
    return CoerceToDomain(scope_.state, std::move(value), base, type.oid, Coercion::kImplicit,
                          CallForm::kImplicitCast, location_, false);
  }

  Scope& scope_;
  const List* steps_;
  const int location_;
};

void CheckDefaultAllowed(const List* indirection, int location) {
  if (indirection == nullptr) return;
  bool element = TagOf(parser::At(indirection, 0)) == T_A_Indices;
  throw SqlError(sqlstate::kFeatureNotSupported, element ? "cannot set an array element to DEFAULT"
                                                         : "cannot set a subfield to DEFAULT")
      .At(location);
}

}  // namespace

BoundExpressionPtr BindAssigned(Scope& scope, BoundExpressionPtr value,
                                const catalog::ColumnDescriptor& column, const List* indirection,
                                ExpressionRole role, int location) {
  RoleGuard guard(scope, role);
  BindState& state = scope.state;
  if (value == nullptr) {
    CheckDefaultAllowed(indirection, location);
    return nullptr;
  }
  if (indirection != nullptr) {
    BoundExpressionPtr old;
    if (scope.is_insert) {
      old = MakeConstant(state, column.type, types::Datum());
    } else {
      old = std::make_unique<BoundColumn>(column.type, scope.target->relation, column.attnum - 1);
      old->location = location;
    }
    IndirectionBinder binder(scope, indirection, location);
    return binder.Assign(std::move(old), column.name, column.type, 0, std::move(value), false);
  }
  Oid source = value->type.oid;
  if (CoerceToTarget(state, value, column.type, Coercion::kAssignment, CallForm::kImplicitCast,
                     -1)) {
    return value;
  }
  throw SqlError(sqlstate::kDatatypeMismatch,
                 "column \"" + column.name + "\" is of type " + state.types.Name(column.type.oid) +
                     " but expression is of type " + state.types.Name(source))
      .Hint("You will need to rewrite or cast the expression.")
      .At(value->location);
}

namespace {

// nextval as the system calls it: whoever may insert may draw an identity.
const functions::ProcInfo* UncheckedNextval(const functions::ProcInfo& nextval) {
  static const functions::ProcInfo unchecked = [&] {
    functions::ProcInfo proc = nextval;
    proc.source = "nextval_identity";
    proc.implementation = functions::Implementations::Get().Find(proc);
    return proc;
  }();
  return &unchecked;
}

// nextval of the sequence behind an IDENTITY column.
BoundExpressionPtr NextIdentity(Scope& scope, const catalog::ColumnDescriptor& column) {
  constexpr Oid kNextval = 1574;
  for (const auto& sequence : scope.catalog().contents().sequences) {
    if (!sequence->identity || sequence->owner_table != scope.target_table->oid ||
        sequence->owner_column != column.attnum) {
      continue;
    }
    BoundExpressions arguments;
    arguments.push_back(
        MakeConstant(scope.state, {oids::kRegclass}, types::Datum::From(uint32_t{sequence->oid})));
    auto call = MakeFunction(scope.state, kNextval, {oids::kInt8}, std::move(arguments),
                             CallForm::kCall, -1);
    call->proc = UncheckedNextval(*call->proc);
    return call;
  }
  throw SqlError(sqlstate::kInternalError,
                 "no owned sequence found for column \"" + column.name + "\"");
}

// The default of the column, else of its domain.
const catalog::StoredExpression* StoredDefault(Scope& scope,
                                               const catalog::ColumnDescriptor& column) {
  if (column.default_value.has_value()) return &*column.default_value;
  SqlType type = column.type;
  while (scope.types().Info(type.oid).kind_code == 'd') {
    const auto* domain = scope.catalog().contents().domains.Get(type.oid);
    if (domain == nullptr) break;
    if (domain->default_value.has_value()) return &*domain->default_value;
    type = domain->base;
  }
  return nullptr;
}

}  // namespace

BoundExpressionPtr ColumnDefault(Scope& scope, const catalog::ColumnDescriptor& column) {
  BoundExpressionPtr value;
  if (column.identity != '\0') {
    value = NextIdentity(scope, column);
  } else if (const catalog::StoredExpression* stored = StoredDefault(scope, column)) {
    value = BindStored(scope.state, *stored, nullptr, -1, ExpressionRole::kColumnDefault);
  }
  if (value == nullptr) return NullOfType(scope.state, column.type);
  if (CoerceToTarget(scope.state, value, column.type, Coercion::kAssignment,
                     CallForm::kImplicitCast, -1)) {
    return value;
  }
  throw SqlError(sqlstate::kDatatypeMismatch, "column \"" + column.name + "\" is of type " +
                                                  scope.types().Name(column.type.oid) +
                                                  " but default expression is of type " +
                                                  scope.types().Name(value->type.oid))
      .Hint("You will need to rewrite or cast the expression.");
}

BoundExpressionPtr MergeAssignments(BoundExpressionPtr first, BoundExpressionPtr second,
                                    const std::string& column) {
  auto strip = [](BoundExpression* expression) {
    while (expression->kind == ExpressionKind::kDomainCheck) {
      expression = expression->As<BoundConversion>().argument.get();
    }
    return expression;
  };
  BoundExpression* inner = strip(second.get());
  bool partial = inner->kind == ExpressionKind::kSubscriptAssign &&
                 strip(first.get())->kind == ExpressionKind::kSubscriptAssign;
  if (!partial) {
    throw SqlError(sqlstate::kSyntaxError,
                   "multiple assignments to same column \"" + column + "\"");
  }
  inner->As<BoundSubscriptAssign>().container = std::move(first);
  return second;
}

// --- SET ---

namespace {

[[noreturn]] void ThrowColumnCount(int location) {
  throw SqlError(sqlstate::kSyntaxError, "number of columns does not match number of values")
      .At(location);
}

// One column of SET (a, b) = …; null for DEFAULT.
BoundExpressionPtr BindMultiAssign(Scope& scope, const MultiAssignRef* ref) {
  const Node* source = ref->source;
  if (TagOf(source) == T_SubLink && As<SubLink>(source)->subLinkType == EXPR_SUBLINK) {
    const auto* link = As<SubLink>(source);
    scope.has_subqueries = true;
    std::unique_ptr<BoundQuery> query = BindSubquery(scope, link->subselect, false, true);
    if (query->visible_target_count() != ref->ncolumns) ThrowColumnCount(link->location);
    const BoundTarget& target = query->targets[ref->colno - 1];
    SqlType type = target.expression->type;
    std::string name = target.name;
    int location = target.expression->location;
    auto subquery = std::make_unique<BoundSubquery>(SqlType{oids::kRecord, -1},
                                                    SubqueryKind::kMultiAssign, std::move(query));
    auto field = std::make_unique<BoundFieldSelect>(type, std::move(subquery), ref->colno - 1,
                                                    std::move(name));
    field->location = location;
    return field;
  }
  if (TagOf(source) != T_RowExpr) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() "
                   "expression")
        .At(parser::NodeLocation(source));
  }
  const auto* row = As<RowExpr>(source);
  BoundExpressions values =
      BindExpressionList(scope, row->args, ExpressionRole::kUpdateSource, true);
  if (static_cast<int>(values.size()) != ref->ncolumns) ThrowColumnCount(row->location);
  return std::move(values[ref->colno - 1]);
}

BoundExpressionPtr BindUpdateSource(Scope& scope, const ResTarget* target) {
  RoleGuard guard(scope, ExpressionRole::kUpdateSource);
  if (TagOf(target->val) == T_SetToDefault) return nullptr;
  if (TagOf(target->val) == T_MultiAssignRef) {
    return BindMultiAssign(scope, As<MultiAssignRef>(target->val));
  }
  return BindNode(scope, target->val);
}

void CheckUpdatable(const catalog::ColumnDescriptor& column, bool is_default) {
  bool generated = column.generated != '\0';
  if ((!generated && column.identity != 'a') || is_default) return;
  throw SqlError(sqlstate::kGeneratedAlways,
                 "column \"" + column.name + "\" can only be updated to DEFAULT")
      .Detail(
          "Column \"" + column.name + "\" is " +
          (generated ? "a generated column." : "an identity column defined as GENERATED ALWAYS."));
}

}  // namespace

std::vector<BoundAssignment> BindAssignments(Scope& scope, const List* targets) {
  std::vector<BoundExpressionPtr> sources;
  for (const ResTarget* target : parser::Each<ResTarget>(targets)) {
    sources.push_back(BindUpdateSource(scope, target));
  }
  std::vector<BoundAssignment> assignments;
  size_t next = 0;
  for (const ResTarget* target : parser::Each<ResTarget>(targets)) {
    const auto* column = scope.target_table->FindColumn(std::string_view(target->name));
    if (column == nullptr) {
      if (FindSystemColumn(target->name) != nullptr) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       std::string("cannot assign to system column \"") + target->name + "\"")
            .At(target->location);
      }
      throw SqlError(sqlstate::kUndefinedColumn, std::string("column \"") + target->name +
                                                     "\" of relation \"" +
                                                     scope.target_table->name + "\" does not exist")
          .At(target->location);
    }
    BoundExpressionPtr value =
        BindAssigned(scope, std::move(sources[next++]), *column, target->indirection,
                     ExpressionRole::kUpdateTarget, target->location);
    CheckUpdatable(*column, value == nullptr);
    if (value == nullptr && column->generated != '\0') continue;
    if (value == nullptr) value = ColumnDefault(scope, *column);
    bool merged = false;
    for (BoundAssignment& earlier : assignments) {
      if (earlier.attnum != column->attnum) continue;
      earlier.value = MergeAssignments(std::move(earlier.value), std::move(value), column->name);
      merged = true;
    }
    if (!merged) assignments.push_back({column->attnum, std::move(value)});
  }
  return assignments;
}

}  // namespace sundog::binder
