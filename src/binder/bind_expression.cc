#include "binder/bind_expression.h"

#include "binder/bind_function_call.h"
#include "binder/bind_variable.h"
#include "runtime/stack.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

BoundExpressionPtr BindExpression(Scope& scope, const Node* node, ExpressionRole role) {
  RoleGuard guard(scope, role);
  return BindNode(scope, node);
}

namespace {

[[noreturn]] void ThrowUnsupportedNode(const Node* node) {
  int location = parser::NodeLocation(node);
  switch (TagOf(node)) {
    case T_XmlExpr:
    case T_XmlSerialize: base::ThrowNotSupported("XML", location);
    case T_CurrentOfExpr: base::ThrowNotSupported("WHERE CURRENT OF", location);
    default: break;
  }
  throw SqlError(sqlstate::kInternalError,
                 "unrecognized node type: " + std::to_string(static_cast<int>(TagOf(node))));
}

}  // namespace

BoundExpressionPtr BindNode(Scope& scope, const Node* node) {
  if (node == nullptr) return nullptr;
  runtime::CheckStackDepth();
  switch (TagOf(node)) {
    case T_ColumnRef: return BindColumnRef(scope, As<ColumnRef>(node));
    case T_ParamRef: return BindParameter(scope, As<ParamRef>(node));
    case T_A_Const: return BindConstant(scope, As<A_Const>(node));
    case T_A_Indirection: return BindIndirection(scope, As<A_Indirection>(node));
    case T_A_ArrayExpr: return BindArray(scope, As<A_ArrayExpr>(node), {});
    case T_TypeCast: return BindTypeCast(scope, As<TypeCast>(node));
    case T_CollateClause: return BindCollate(scope, As<CollateClause>(node));
    case T_A_Expr: return BindOperatorNode(scope, As<A_Expr>(node));
    case T_BoolExpr: return BindBoolean(scope, As<BoolExpr>(node));
    case T_FuncCall: return BindFunctionCall(scope, As<FuncCall>(node));
    case T_GroupingFunc: return BindGroupingCall(scope, As<GroupingFunc>(node));
    case T_SubLink: return BindSubLink(scope, As<SubLink>(node));
    case T_CaseExpr: return BindCase(scope, As<CaseExpr>(node));
    case T_RowExpr: return BindRow(scope, As<RowExpr>(node));
    case T_CoalesceExpr: return BindCoalesce(scope, As<CoalesceExpr>(node));
    case T_MinMaxExpr: return BindMinMax(scope, As<MinMaxExpr>(node));
    case T_SQLValueFunction: return BindSqlValue(scope, As<SQLValueFunction>(node));
    case T_NullTest: return BindNullTest(scope, As<NullTest>(node));
    case T_BooleanTest: return BindBooleanTest(scope, As<::BooleanTest>(node));
    case T_SetToDefault:
      throw SqlError(sqlstate::kSyntaxError, "DEFAULT is not allowed in this context")
          .At(As<SetToDefault>(node)->location);
    default: ThrowUnsupportedNode(node);
  }
}

BoundExpressionPtr BindCondition(Scope& scope, const Node* node, ExpressionRole role,
                                 std::string_view construct) {
  if (node == nullptr) return nullptr;
  return CoerceToBoolean(scope.state, BindExpression(scope, node, role), construct);
}

bool EndsInStar(const List* names) {
  return names != nullptr && TagOf(parser::At(names, names->length - 1)) == T_A_Star;
}

BoundExpressions BindExpressionList(Scope& scope, const List* list, ExpressionRole role,
                                    bool allow_default) {
  BoundExpressions result;
  auto append = [&](std::vector<ExpandedColumn> columns) {
    for (ExpandedColumn& column : columns) result.push_back(std::move(column.expression));
  };
  for (const Node* node : parser::Each<Node>(list)) {
    if (TagOf(node) == T_ColumnRef && EndsInStar(As<ColumnRef>(node)->fields)) {
      append(ExpandRelationStar(scope, As<ColumnRef>(node)));
    } else if (TagOf(node) == T_A_Indirection && EndsInStar(As<A_Indirection>(node)->indirection)) {
      append(ExpandIndirectionStar(scope, As<A_Indirection>(node), role));
    } else if (allow_default && TagOf(node) == T_SetToDefault) {
      result.push_back(nullptr);
    } else {
      result.push_back(BindExpression(scope, node, role));
    }
  }
  return result;
}

// --- parameters and variables ---

namespace {

BoundExpressionPtr MakeParameter(const VariableResolver::Variable& variable, int location) {
  auto parameter = std::make_unique<BoundParameter>(variable.type, variable.parameter);
  parameter->location = location;
  return parameter;
}

}  // namespace

BoundExpressionPtr BindParameter(Scope& scope, const ParamRef* ref) {
  BindState& state = scope.state;
  constexpr int kMaxParameters = 65535;
  bool known = ref->number >= 1 && ref->number <= static_cast<int>(state.parameters.size());
  if (!known &&
      (!state.context.infer_parameters || ref->number < 1 || ref->number > kMaxParameters)) {
    throw SqlError(sqlstate::kUndefinedParameter,
                   "there is no parameter $" + std::to_string(ref->number))
        .At(ref->location);
  }
  if (!known) state.parameters.resize(ref->number, SqlType{kInvalidOid, -1});
  SqlType& type = state.parameters[ref->number - 1];
  if (type.oid == kInvalidOid) type = {oids::kUnknown, -1};
  return MakeParameter({ref->number - 1, type}, ref->location);
}

// --- column references ---

namespace {

// relation.column where the relation has no such column: perhaps a function of the whole row, as in
// t.f for f(t).
BoundExpressionPtr CallOnWholeRow(Scope& scope, NameItem& item, const std::string& name,
                                  int location) {
  BoundExpressionPtr row = BindWholeRow(item, location);
  return CallFieldFunction(scope, name, std::move(row), location);
}

struct ParsedReference {
  BoundExpressionPtr expression;
  std::optional<std::string> schema;
  std::optional<std::string> relation;
  std::string column;
  bool no_relation = false;
};

ParsedReference ResolveReference(Scope& scope, const std::vector<std::string>& names,
                                 int location) {
  ParsedReference result;
  result.column = names.back();
  if (names.size() == 1) {
    result.expression = FindColumn(scope, names[0], false, location);
    if (result.expression == nullptr) {
      // Perhaps a relation's name: the whole row.
      NameItem* item = FindItem(scope, std::nullopt, names[0], location);
      if (item != nullptr) result.expression = BindWholeRow(*item, location);
    }
    return result;
  }
  result.relation = names[names.size() - 2];
  if (names.size() >= 3) result.schema = names[names.size() - 3];
  NameItem* item = FindItem(scope, result.schema, *result.relation, location);
  if (item == nullptr) {
    result.no_relation = true;
  } else if (result.column == "*") {
    result.expression = BindWholeRow(*item, location);
  } else {
    result.expression = FindItemColumn(scope, *item, result.column, location);
    if (result.expression == nullptr) {
      result.expression = CallOnWholeRow(scope, *item, result.column, location);
    }
  }
  return result;
}

void CheckReferenceAllowed(const Scope& scope, int location) {
  if (scope.role != ExpressionRole::kColumnDefault) return;
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "cannot use column reference in DEFAULT expression")
      .At(location);
}

}  // namespace

BoundExpressionPtr ResolveVariable(Scope& scope, const std::vector<std::string>& names,
                                   int location) {
  VariableResolver* resolver = scope.state.context.variables;
  if (resolver == nullptr) return nullptr;
  // variable.* as one value is the variable.
  size_t fields = names.size() - (names.back() == "*" ? 1 : 0);
  for (size_t count = fields; count > 0; --count) {
    auto variable = resolver->Resolve(std::span(names.data(), count));
    if (!variable.has_value()) continue;
    BoundExpressionPtr expression = MakeParameter(*variable, location);
    for (size_t i = count; i < fields && expression != nullptr; ++i) {
      expression = SelectField(scope, expression, names[i], location);
    }
    if (expression != nullptr) return expression;
  }
  return nullptr;
}

BoundExpressionPtr BindColumnRef(Scope& scope, const ColumnRef* ref) {
  CheckReferenceAllowed(scope, ref->location);
  std::vector<std::string> names = NameParts(ref->fields);
  if (scope.role == ExpressionRole::kDomainCheck && names.size() == 1 && names[0] == "value" &&
      scope.domain_value.has_value()) {
    auto value = std::make_unique<BoundDomainValue>(*scope.domain_value);
    value->location = ref->location;
    return value;
  }
  using Conflict = VariableResolver::Conflict;
  VariableResolver* resolver = scope.state.context.variables;
  Conflict conflict = resolver == nullptr ? Conflict::kColumn : resolver->conflict();
  if (conflict == Conflict::kVariable) {
    if (BoundExpressionPtr variable = ResolveVariable(scope, names, ref->location)) return variable;
  }
  if (names.size() > 4) {
    throw SqlError(sqlstate::kSyntaxError,
                   "improper qualified name (too many dotted names): " + JoinDotted(names))
        .At(ref->location);
  }
  if (names.size() == 4 && names[0] != scope.state.context.database_name) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "cross-database references are not implemented: " + JoinDotted(names))
        .At(ref->location);
  }
  ParsedReference found = ResolveReference(scope, names, ref->location);
  if (resolver != nullptr && conflict != Conflict::kVariable &&
      (found.expression == nullptr || conflict == Conflict::kError)) {
    BoundExpressionPtr variable = ResolveVariable(scope, names, ref->location);
    if (variable != nullptr && found.expression == nullptr) return variable;
    if (variable != nullptr) {
      throw SqlError(sqlstate::kAmbiguousColumn,
                     "column reference \"" + JoinDotted(names) + "\" is ambiguous")
          .Detail("It could refer to either a PL/pgSQL variable or a table column.")
          .At(ref->location);
    }
  }
  if (found.expression != nullptr) return std::move(found.expression);
  if (found.no_relation) {
    ThrowMissingRelation(scope, found.schema, *found.relation, ref->location);
  }
  ThrowMissingColumn(scope, found.relation, found.column, ref->location);
}

BoundExpressionPtr BindWholeRow(NameItem& item, int location) {
  if (item.scalar_function) {
    BoundExpressionPtr column = item.columns[0].expression->Clone();
    column->location = location;
    return column;
  }
  BoundExpressions fields;
  std::vector<std::string> names;
  for (const NameColumn& column : item.columns) {
    if (column.expression == nullptr) continue;  // dropped
    fields.push_back(column.expression->Clone());
    fields.back()->location = location;
    names.push_back(column.name);
  }
  SqlType type{item.row_type == kInvalidOid ? oids::kRecord : item.row_type, -1};
  auto row = std::make_unique<BoundRow>(type, std::move(fields), std::move(names));
  row->whole_row_of = item.relation;
  row->location = location;
  return row;
}

}  // namespace sundog::binder
