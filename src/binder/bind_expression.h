// Raw expressions to bound ones. Each function binds one group of node kinds; BindNode dispatches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binder/coerce.h"
#include "binder/name_lookup.h"
#include "binder/resolve_operator.h"
#include "binder/scope.h"

namespace sundog::binder {

// In the given role; restores the scope's.
BoundExpressionPtr BindExpression(Scope& scope, const Node* node, ExpressionRole role);
// In the scope's present role; null for null.
BoundExpressionPtr BindNode(Scope& scope, const Node* node);
// WHERE and its kin: null for null.
BoundExpressionPtr BindCondition(Scope& scope, const Node* node, ExpressionRole role,
                                 std::string_view construct);
// Expands `t.*`. With `allow_default`, DEFAULT becomes a null pointer.
BoundExpressions BindExpressionList(Scope& scope, const List* list, ExpressionRole role,
                                    bool allow_default);

// --- names ---
BoundExpressionPtr BindColumnRef(Scope& scope, const ColumnRef* ref);
BoundExpressionPtr BindParameter(Scope& scope, const ParamRef* ref);
BoundExpressionPtr BindWholeRow(NameItem& item, int location);

// --- constants and casts ---
BoundExpressionPtr BindConstant(Scope& scope, const A_Const* constant);
BoundExpressionPtr BindTypeCast(Scope& scope, const TypeCast* cast);
BoundExpressionPtr BindCollate(Scope& scope, const CollateClause* clause);
BoundExpressionPtr BindSqlValue(Scope& scope, const SQLValueFunction* function);

// --- operators ---
BoundExpressionPtr BindOperatorNode(Scope& scope, const A_Expr* node);
BoundExpressionPtr CompareRows(Scope& scope, const OperatorName& name, BoundExpressions left,
                               BoundExpressions right, int location);

// --- conditionals and tests ---
BoundExpressionPtr BindBoolean(Scope& scope, const BoolExpr* node);
BoundExpressionPtr BindCase(Scope& scope, const CaseExpr* node);
BoundExpressionPtr BindCoalesce(Scope& scope, const CoalesceExpr* node);
BoundExpressionPtr BindMinMax(Scope& scope, const MinMaxExpr* node);
BoundExpressionPtr BindNullTest(Scope& scope, const NullTest* node);
BoundExpressionPtr BindBooleanTest(Scope& scope, const ::BooleanTest* node);
BoundExpressionPtr MakeBoolean(BooleanOperator op, BoundExpressions arguments, int location);
BoundExpressionPtr MakeBoolean(BooleanOperator op, BoundExpressionPtr a, BoundExpressionPtr b,
                               int location);

// --- subqueries ---
BoundExpressionPtr BindSubLink(Scope& scope, const SubLink* link);
// (a, b) op (SELECT …); `row` is its left side.
BoundExpressionPtr BindRowSubquery(Scope& scope, const OperatorName& name, const Node* row,
                                   const SubLink* link, int location);

// --- arrays, rows, fields, subscripts ---
// Elements are coerced to `type`'s element if given (ARRAY[…]::type).
BoundExpressionPtr BindArray(Scope& scope, const A_ArrayExpr* node, SqlType type);
BoundExpressionPtr BindRow(Scope& scope, const RowExpr* node);
BoundExpressionPtr BindIndirection(Scope& scope, const A_Indirection* node);
// Subscripts (A_Indices) applied to a container. The result's type is the element's or slice's,
// also where it is to be assigned; then `container` may be null.
std::unique_ptr<BoundSubscript> BindSubscripts(Scope& scope, BoundExpressionPtr container,
                                               SqlType container_type,
                                               const std::vector<const A_Indices*>& subscripts);

// The fields of a row value, if they can be known: a named composite type, ROW(…), a function's
// output columns, a subquery's record column.
struct RowField {
  std::string name;  // empty: dropped
  SqlType type;
};
std::optional<std::vector<RowField>> RowFields(Scope& scope, const BoundExpression& row);
// (row).name: null if there is no such field.
BoundExpressionPtr SelectField(Scope& scope, BoundExpressionPtr& row, const std::string& name,
                               int location);
// (row).*: names and expressions.
struct ExpandedColumn {
  std::string name;
  BoundExpressionPtr expression;
};
std::vector<ExpandedColumn> ExpandRow(Scope& scope, BoundExpressionPtr row);
// t.*, schema.t.*: the columns; a bare * is the caller's.
std::vector<ExpandedColumn> ExpandRelationStar(Scope& scope, const ColumnRef* ref);
// The columns of the item, as a reference at `location`.
std::vector<ExpandedColumn> ExpandItem(const NameItem& item, int location);
bool EndsInStar(const List* names);
// (expression).*
std::vector<ExpandedColumn> ExpandIndirectionStar(Scope& scope, const A_Indirection* node,
                                                  ExpressionRole role);

}  // namespace sundog::binder
