// See refused_parameters.h: the statements with options and settings, and where they keep them.
#include "parser/refused_parameters.h"

#include "base/sql_error.h"
#include "parser/pg_nodes.h"

namespace sundog::parser {

namespace {

void RefuseIn(const Node* value);

void RefuseInOptions(const List* options) {
  for (const DefElem* option : Each<DefElem>(options)) RefuseIn(option->arg);
}

void RefuseIn(const Node* value) {
  if (value == nullptr) return;
  if (TagOf(value) == T_ParamRef) ThrowAtParameter(As<ParamRef>(value));
  if (TagOf(value) != T_VariableSetStmt) return;
  for (const Node* argument : Each<Node>(As<VariableSetStmt>(value)->args)) RefuseIn(argument);
}

}  // namespace

void ThrowAtParameter(const ParamRef* parameter) {
  throw SqlError(sqlstate::kSyntaxError,
                 "syntax error at or near \"$" + std::to_string(parameter->number) + "\"")
      .At(parameter->location);
}

void RefuseParameters(const Node* statement) {
  switch (TagOf(statement)) {
    case T_VariableSetStmt: return RefuseIn(statement);
    case T_AlterRoleSetStmt:
      return RefuseIn(reinterpret_cast<const Node*>(As<AlterRoleSetStmt>(statement)->setstmt));
    case T_AlterDatabaseSetStmt:
      return RefuseIn(reinterpret_cast<const Node*>(As<AlterDatabaseSetStmt>(statement)->setstmt));
    case T_CreateRoleStmt: return RefuseInOptions(As<CreateRoleStmt>(statement)->options);
    case T_AlterRoleStmt: return RefuseInOptions(As<AlterRoleStmt>(statement)->options);
    case T_CreateFunctionStmt: return RefuseInOptions(As<CreateFunctionStmt>(statement)->options);
    case T_AlterFunctionStmt: return RefuseInOptions(As<AlterFunctionStmt>(statement)->actions);
    default: return;
  }
}

}  // namespace sundog::parser
