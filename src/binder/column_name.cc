#include "binder/column_name.h"

#include "binder/name_lookup.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// How good a name is: 2 for names of columns and functions, 1 for types and CASE.
struct Figured {
  int strength = 0;
  std::string name;
};

std::string LastName(const List* names) {
  std::string last;
  for (const Node* part : parser::Each<Node>(names)) {
    if (TagOf(part) == T_String) last = parser::Text(part);
  }
  return last;
}

const char* SqlValueName(SQLValueFunctionOp op) {
  switch (op) {
    case SVFOP_CURRENT_DATE: return "current_date";
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N: return "current_time";
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N: return "current_timestamp";
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N: return "localtime";
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N: return "localtimestamp";
    case SVFOP_CURRENT_ROLE: return "current_role";
    case SVFOP_CURRENT_USER: return "current_user";
    case SVFOP_USER: return "user";
    case SVFOP_SESSION_USER: return "session_user";
    case SVFOP_CURRENT_CATALOG: return "current_catalog";
    case SVFOP_CURRENT_SCHEMA: return "current_schema";
  }
  return "?column?";
}

Figured Figure(const Node* node);

// A scalar subquery is called like its first column.
Figured FigureSubquery(const SubLink* link) {
  switch (link->subLinkType) {
    case EXISTS_SUBLINK: return {2, "exists"};
    case ARRAY_SUBLINK: return {2, "array"};
    case EXPR_SUBLINK: break;
    default: return {};
  }
  const auto* select = As<SelectStmt>(link->subselect);
  while (select->op != SETOP_NONE) select = select->larg;
  if (select->valuesLists != nullptr) return {2, "column1"};
  if (parser::Length(select->targetList) == 0) return {};
  const auto* target = parser::At<ResTarget>(select->targetList, 0);
  if (target->name != nullptr) return {2, target->name};
  return {2, FigureColumnName(target->val)};
}

Figured Figure(const Node* node) {
  if (node == nullptr) return {};
  switch (TagOf(node)) {
    case T_ColumnRef: {
      std::string name = LastName(As<ColumnRef>(node)->fields);
      return name.empty() ? Figured{} : Figured{2, name};
    }
    case T_A_Indirection: {
      std::string name = LastName(As<A_Indirection>(node)->indirection);
      return name.empty() ? Figure(As<A_Indirection>(node)->arg) : Figured{2, name};
    }
    case T_FuncCall: return {2, LastName(As<FuncCall>(node)->funcname)};
    case T_A_Expr: return As<A_Expr>(node)->kind == AEXPR_NULLIF ? Figured{2, "nullif"} : Figured{};
    case T_TypeCast: {
      Figured argument = Figure(As<TypeCast>(node)->arg);
      if (argument.strength > 1) return argument;
      return {1, LastName(As<TypeCast>(node)->typeName->names)};
    }
    case T_CollateClause: return Figure(As<CollateClause>(node)->arg);
    case T_GroupingFunc: return {2, "grouping"};
    case T_SubLink: return FigureSubquery(As<SubLink>(node));
    case T_CaseExpr: {
      Figured otherwise = Figure(reinterpret_cast<const Node*>(As<CaseExpr>(node)->defresult));
      return otherwise.strength > 1 ? otherwise : Figured{1, "case"};
    }
    case T_A_ArrayExpr: return {2, "array"};
    case T_RowExpr: return {2, "row"};
    case T_CoalesceExpr: return {2, "coalesce"};
    case T_MinMaxExpr: return {2, As<MinMaxExpr>(node)->op == IS_GREATEST ? "greatest" : "least"};
    case T_SQLValueFunction: return {2, SqlValueName(As<SQLValueFunction>(node)->op)};
    default: return {};
  }
}

}  // namespace

std::string FigureColumnName(const Node* node) {
  Figured figured = Figure(node);
  return figured.strength > 0 ? figured.name : "?column?";
}

std::string FigureIndexColumnName(const Node* node) { return Figure(node).name; }

}  // namespace sundog::binder
