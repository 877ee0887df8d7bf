// ARRAY[…], ROW(…), subscripts, fields and their expansion.
#include "binder/bind_expression.h"
#include "binder/bind_function_call.h"
#include "binder/bind_variable.h"
#include "runtime/stack.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// array_type and element_type of the result, from the elements if not given.
void ResolveArrayType(Scope& scope, const BoundExpressions& elements, bool nested, int location,
                      Oid& array, Oid& element) {
  if (elements.empty()) {
    throw SqlError(sqlstate::kIndeterminateDatatype, "cannot determine type of empty array")
        .Hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
        .At(location);
  }
  Oid common = SelectCommonType(scope.state, Pointers(elements), "ARRAY");
  if (nested) {
    array = common;
    element = scope.types().ElementType(array);
    if (element == kInvalidOid) {
      throw SqlError(sqlstate::kUndefinedObject,
                     "could not find element type for data type " + scope.types().Name(array))
          .At(location);
    }
    return;
  }
  element = common;
  array = scope.types().ArrayType(element);
  if (array == kInvalidOid) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "could not find array type for data type " + scope.types().Name(element))
        .At(location);
  }
}

}  // namespace

BoundExpressionPtr BindArray(Scope& scope, const A_ArrayExpr* node, SqlType type) {
  runtime::CheckStackDepth();
  bool hard = type.oid != kInvalidOid;
  Oid array = type.oid;
  Oid element = hard ? scope.types().ElementType(array) : kInvalidOid;
  bool nested = false;
  BoundExpressions elements;
  for (const Node* raw : parser::Each<Node>(node->elements)) {
    BoundExpressionPtr bound;
    if (TagOf(raw) == T_A_ArrayExpr) {
      bound = BindArray(scope, As<A_ArrayExpr>(raw), type);
      nested = true;
    } else {
      bound = BindNode(scope, raw);
      nested = nested || scope.types().IsNestableArray(bound->type.oid);
    }
    elements.push_back(std::move(bound));
  }
  if (!hard) ResolveArrayType(scope, elements, nested, node->location, array, element);
  Oid target = nested ? array : element;
  for (BoundExpressionPtr& bound : elements) {
    if (!hard) {
      bound = CoerceToCommon(scope.state, std::move(bound), target, "ARRAY");
      continue;
    }
    bound = Cast(scope.state, std::move(bound), {target, type.typmod}, -1);
  }
  int32_t typmod = -1;
  if (!elements.empty()) {
    typmod = elements[0]->type.typmod;
    for (const BoundExpressionPtr& bound : elements) {
      if (bound->type.typmod != typmod) typmod = -1;
    }
  }
  auto result = std::make_unique<BoundArray>(SqlType{array, typmod}, std::move(elements), nested);
  result->location = node->location;
  return result;
}

BoundExpressionPtr BindRow(Scope& scope, const RowExpr* node) {
  BoundExpressions fields = BindExpressionList(scope, node->args, scope.role, false);
  constexpr size_t kMaxFields = 1664;
  if (fields.size() > kMaxFields) {
    throw SqlError(sqlstate::kTooManyColumns, "ROW expressions can have at most 1664 entries")
        .At(node->location);
  }
  std::vector<std::string> names;
  for (size_t i = 1; i <= fields.size(); ++i) names.push_back("f" + std::to_string(i));
  auto row =
      std::make_unique<BoundRow>(SqlType{oids::kRecord, -1}, std::move(fields), std::move(names));
  row->location = node->location;
  return row;
}

namespace {

[[noreturn]] void ThrowUnknownField(Scope& scope, const BoundExpression& row,
                                    const std::string& name, int location) {
  if (row.kind == ExpressionKind::kRow && row.As<BoundRow>().whole_row_of >= 0) {
    NameItem* item = FindItemOfRelation(scope, row.As<BoundRow>().whole_row_of);
    if (item != nullptr) {
      throw SqlError(sqlstate::kUndefinedColumn,
                     "column " + item->name + "." + name + " does not exist")
          .At(location);
    }
  }
  std::string type = scope.types().Name(row.type.oid);
  if (scope.types().IsComposite(row.type.oid)) {
    throw SqlError(sqlstate::kUndefinedColumn,
                   "column \"" + name + "\" not found in data type " + type)
        .At(location);
  }
  if (row.type.oid == oids::kRecord) {
    throw SqlError(sqlstate::kUndefinedColumn,
                   "could not identify column \"" + name + "\" in record data type")
        .At(location);
  }
  throw SqlError(sqlstate::kWrongObjectType, "column notation ." + name + " applied to type " +
                                                 type + ", which is not a composite type")
      .At(location);
}

BoundExpressionPtr ApplySubscripts(Scope& scope, BoundExpressionPtr container,
                                   std::vector<const A_Indices*>& subscripts) {
  if (subscripts.empty()) return container;
  SqlType type = container->type;
  auto result = BindSubscripts(scope, std::move(container), type, subscripts);
  subscripts.clear();
  return result;
}

BoundExpressionPtr BindSteps(Scope& scope, const A_Indirection* node, int step_count) {
  BoundExpressionPtr result = BindNode(scope, node->arg);
  int location = result->location;
  std::vector<const A_Indices*> subscripts;
  for (int i = 0; i < step_count; ++i) {
    const Node* step = parser::At(node->indirection, i);
    if (TagOf(step) == T_A_Indices) {
      subscripts.push_back(As<A_Indices>(step));
      continue;
    }
    if (TagOf(step) == T_A_Star) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "row expansion via \"*\" is not supported here")
          .At(location);
    }
    result = ApplySubscripts(scope, std::move(result), subscripts);
    std::string name = parser::Text(step);
    BoundExpressionPtr field = SelectField(scope, result, name, location);
    if (field == nullptr) {
      BoundExpressionPtr copy = result->Clone();
      field = CallFieldFunction(scope, name, std::move(copy), location);
    }
    if (field == nullptr) ThrowUnknownField(scope, *result, name, location);
    result = std::move(field);
  }
  return ApplySubscripts(scope, std::move(result), subscripts);
}

}  // namespace

BoundExpressionPtr BindIndirection(Scope& scope, const A_Indirection* node) {
  return BindSteps(scope, node, parser::Length(node->indirection));
}

std::optional<std::vector<RowField>> RowFields(Scope& scope, const BoundExpression& row) {
  std::vector<RowField> fields;
  Oid base = scope.types().BaseType(row.type.oid);
  if (scope.types().IsComposite(base)) {
    for (const types::CompositeField& field : scope.types().Info(base).fields) {
      fields.push_back({field.type.oid == kInvalidOid ? "" : field.name, field.type});
    }
    return fields;
  }
  if (row.type.oid != oids::kRecord) return std::nullopt;
  switch (row.kind) {
    case ExpressionKind::kRow:
      for (size_t i = 0; i < row.As<BoundRow>().fields.size(); ++i) {
        fields.push_back({row.As<BoundRow>().names[i], row.As<BoundRow>().fields[i]->type});
      }
      return fields;
    case ExpressionKind::kFunction: return FunctionOutputFields(scope, row.As<BoundFunction>());
    case ExpressionKind::kSubquery:
      return RowFields(scope, *row.As<BoundSubquery>().query->targets[0].expression);
    case ExpressionKind::kColumn: {
      const auto& source = row.As<BoundColumn>();
      auto known = scope.state.record_columns.find({source.relation, source.ordinal});
      if (known != scope.state.record_columns.end()) return *known->second;
      NameItem* item = FindItemOfRelation(scope, source.relation);
      if (item == nullptr) return std::nullopt;
      for (const NameColumn& column : item->columns) {
        if (column.row_fields == nullptr || column.expression == nullptr) continue;
        if (Equal(*column.expression, row)) return *column.row_fields;
      }
      return std::nullopt;
    }
    default: return std::nullopt;
  }
}

BoundExpressionPtr SelectField(Scope& scope, BoundExpressionPtr& row, const std::string& name,
                               int location) {
  if (row->kind == ExpressionKind::kRow && row->As<BoundRow>().whole_row_of >= 0) {
    NameItem* item = FindItemOfRelation(scope, row->As<BoundRow>().whole_row_of);
    if (item != nullptr) return FindItemColumn(scope, *item, name, location);
  }
  auto fields = RowFields(scope, *row);
  if (!fields.has_value()) return nullptr;
  for (size_t i = 0; i < fields->size(); ++i) {
    if ((*fields)[i].name != name) continue;
    int at = row->location;
    auto result = std::make_unique<BoundFieldSelect>((*fields)[i].type, std::move(row),
                                                     static_cast<int>(i), name);
    result->location = at;
    return result;
  }
  return nullptr;
}

std::vector<ExpandedColumn> ExpandItem(const NameItem& item, int location) {
  std::vector<ExpandedColumn> columns;
  for (const NameColumn& column : item.columns) {
    if (!column.expands || column.expression == nullptr) continue;
    BoundExpressionPtr expression = column.expression->Clone();
    expression->location = location;
    columns.push_back({column.name, std::move(expression)});
  }
  return columns;
}

std::vector<ExpandedColumn> ExpandRow(Scope& scope, BoundExpressionPtr row) {
  if (row->kind == ExpressionKind::kRow && row->As<BoundRow>().whole_row_of >= 0) {
    NameItem* item = FindItemOfRelation(scope, row->As<BoundRow>().whole_row_of);
    if (item != nullptr) return ExpandItem(*item, row->location);
  }
  auto fields = RowFields(scope, *row);
  if (!fields.has_value()) {
    if (row->type.oid == oids::kRecord) {
      throw SqlError(sqlstate::kFeatureNotSupported, "record type has not been registered");
    }
    throw SqlError(sqlstate::kWrongObjectType,
                   "type " + scope.types().Name(row->type.oid) + " is not composite");
  }
  std::vector<ExpandedColumn> columns;
  for (size_t i = 0; i < fields->size(); ++i) {
    const RowField& field = (*fields)[i];
    if (field.name.empty()) continue;
    auto select = std::make_unique<BoundFieldSelect>(field.type, row->Clone(), static_cast<int>(i),
                                                     field.name);
    select->location = row->location;
    columns.push_back({field.name, std::move(select)});
  }
  return columns;
}

std::vector<ExpandedColumn> ExpandRelationStar(Scope& scope, const ColumnRef* ref) {
  std::vector<std::string> names = NameParts(ref->fields);
  names.pop_back();
  if (names.size() > 3) {
    throw SqlError(sqlstate::kSyntaxError,
                   "improper qualified name (too many dotted names): " + DottedName(ref->fields))
        .At(ref->location);
  }
  if (names.size() == 3 && names[0] != scope.state.context.database_name) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "cross-database references are not implemented: " + DottedName(ref->fields))
        .At(ref->location);
  }
  std::optional<std::string> schema;
  if (names.size() >= 2) schema = names[names.size() - 2];
  NameItem* item = FindItem(scope, schema, names.back(), ref->location);
  if (item == nullptr) {
    BoundExpressionPtr variable = ResolveVariable(scope, names, ref->location);
    if (variable != nullptr) return ExpandRow(scope, std::move(variable));
  }
  if (item == nullptr) ThrowMissingRelation(scope, schema, names.back(), ref->location);
  return ExpandItem(*item, ref->location);
}

std::vector<ExpandedColumn> ExpandIndirectionStar(Scope& scope, const A_Indirection* node,
                                                  ExpressionRole role) {
  RoleGuard guard(scope, role);
  return ExpandRow(scope, BindSteps(scope, node, parser::Length(node->indirection) - 1));
}

// --- subscripts ---

namespace {

BoundExpressionPtr BindArraySubscript(Scope& scope, const Node* raw) {
  if (raw == nullptr) return nullptr;
  BoundExpressionPtr subscript = BindNode(scope, raw);
  if (!CoerceToTarget(scope.state, subscript, {oids::kInt4}, Coercion::kAssignment,
                      CallForm::kImplicitCast, -1)) {
    throw SqlError(sqlstate::kDatatypeMismatch, "array subscript must have type integer")
        .At(subscript->location);
  }
  return subscript;
}

BoundExpressionPtr BindJsonSubscript(Scope& scope, const A_Indices* index) {
  if (index->is_slice) {
    const Node* at = index->uidx != nullptr ? index->uidx : index->lidx;
    throw SqlError(sqlstate::kDatatypeMismatch, "jsonb subscript does not support slices")
        .At(parser::NodeLocation(at));
  }
  BoundExpressionPtr subscript = BindNode(scope, index->uidx);
  Oid type = subscript->type.oid;
  Oid target = oids::kUnknown;
  if (type != oids::kUnknown) {
    for (Oid candidate : {oids::kInt4, oids::kText}) {
      if (!CanCoerce(scope.state, type, candidate, Coercion::kImplicit)) continue;
      if (target != oids::kUnknown) {
        throw SqlError(sqlstate::kDatatypeMismatch,
                       "subscript type " + scope.types().Name(type) + " is not supported")
            .Hint("jsonb subscript must be coercible to only one type, integer or text.")
            .At(subscript->location);
      }
      target = candidate;
    }
    if (target == oids::kUnknown) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "subscript type " + scope.types().Name(type) + " is not supported")
          .Hint("jsonb subscript must be coercible to either integer or text.")
          .At(subscript->location);
    }
  } else {
    target = oids::kText;
  }
  return CoerceType(scope.state, std::move(subscript), {target, -1}, Coercion::kImplicit,
                    CallForm::kImplicitCast, -1);
}

}  // namespace

std::unique_ptr<BoundSubscript> BindSubscripts(Scope& scope, BoundExpressionPtr container,
                                               SqlType container_type,
                                               const std::vector<const A_Indices*>& subscripts) {
  SqlType base = scope.types().BaseType(container_type);
  bool json = base.oid == oids::kJsonb;
  // A name's bytes can be read, from 0.
  bool name = container != nullptr && container_type.oid == oids::kName;
  Oid element = json   ? oids::kJsonb
                : name ? oids::kCharInternal
                       : scope.types().SubscriptElementType(base.oid);
  int location = container == nullptr ? -1 : container->location;
  if (element == kInvalidOid) {
    throw SqlError(sqlstate::kDatatypeMismatch, "cannot subscript type " +
                                                    scope.types().Name(base.oid) +
                                                    " because it does not support subscripting")
        .At(location);
  }
  bool slice = false;
  for (const A_Indices* index : subscripts) slice = slice || index->is_slice;
  if (name && slice) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "slices of fixed-length arrays not implemented");
  }
  std::vector<BoundSubscriptIndex> indexes;
  constexpr size_t kMaxDimensions = 6;
  for (const A_Indices* index : subscripts) {
    BoundSubscriptIndex bound;
    if (json) {
      bound.upper = BindJsonSubscript(scope, index);
    } else {
      bound.upper = BindArraySubscript(scope, index->uidx);
      bound.lower = BindArraySubscript(scope, index->lidx);
      // array[1:2][3] means [1:2][1:3].
      if (slice && !index->is_slice) bound.lower = MakeInt4(scope.state, 1);
    }
    indexes.push_back(std::move(bound));
  }
  if (!json && indexes.size() > kMaxDimensions) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "number of array dimensions (" +
                                                        std::to_string(indexes.size()) +
                                                        ") exceeds the maximum allowed (6)");
  }
  SqlType type = slice ? base : SqlType{element, json || name ? -1 : base.typmod};
  if (slice && base.oid == oids::kInt2vector) type = {oids::kInt2Array};
  if (slice && base.oid == oids::kOidvector) type = {oids::kOidArray};
  auto result =
      std::make_unique<BoundSubscript>(type, std::move(container), std::move(indexes), slice);
  result->location = location;
  return result;
}

}  // namespace sundog::binder
