#include "binder/bind.h"

#include "binder/bind_modify.h"
#include "binder/bind_select.h"
#include "binder/bind_utility.h"
#include "binder/bound_utility.h"
#include "binder/function_result.h"
#include "binder/visit_statement.h"
#include "parser/parse.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// Parameters that no use gave a type.
void CheckParameters(const BindState& state) {
  for (size_t i = 0; i < state.parameters.size(); ++i) {
    Oid type = state.parameters[i].oid;
    if (type != kInvalidOid && type != oids::kUnknown) continue;
    throw SqlError(sqlstate::kIndeterminateDatatype,
                   "could not determine data type of parameter $" + std::to_string(i + 1));
  }
}

const SelectStmt* LeftmostSelect(const SelectStmt* select) {
  while (select->op != SETOP_NONE) select = select->larg;
  return select;
}

// A parameter used untyped where another use gave it a type.
void CheckUntypedUses(BindState& state, BoundStatement& statement) {
  VisitExpressions(statement, [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kParameter) return;
    const auto& parameter = node->As<BoundParameter>();
    if (parameter.type.oid != oids::kUnknown) return;
    throw SqlError(sqlstate::kAmbiguousParameter, "could not determine data type of parameter $" +
                                                      std::to_string(parameter.index + 1))
        .At(parameter.location);
  });
  CheckParameters(state);
}

void Finish(BindState& state, BoundStatement& statement, BindContext& context) {
  bool untyped = false;
  for (Oid type : context.parameter_types) {
    untyped = untyped || type == kInvalidOid || type == oids::kUnknown;
  }
  bool inferred = untyped || state.parameters.size() > context.parameter_types.size();
  if (inferred && context.infer_parameters) CheckUntypedUses(state, statement);
  context.parameter_types.clear();
  for (SqlType type : state.parameters) {
    context.parameter_types.push_back(type.oid);
    statement.parameter_types.push_back(type);
  }
  statement.required_privileges =
      state.privileges.Finish(statement, state.catalog, context.role);
}

}  // namespace

BoundStatementPtr BindStatementNode(Scope& scope, const parser::RawStatement& raw,
                                    const Node* node) {
  switch (TagOf(node)) {
    case T_SelectStmt: {
      const auto* select = As<SelectStmt>(node);
      if (LeftmostSelect(select)->intoClause != nullptr) {
        return BindCreateTableAs(scope, raw, node);
      }
      auto statement = std::make_unique<BoundQueryStatement>();
      statement->query = BindSelect(scope, select);
      return statement;
    }
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt: return BindModify(scope, node);
    case T_MergeStmt: base::ThrowNotSupported("MERGE");
    default: return BindUtility(scope, raw, node);
  }
}

BoundStatementPtr Bind(const parser::RawStatement& raw, BindContext& context) {
  if (raw.aws_iam.has_value()) {
    auto statement = std::make_unique<BoundAwsIam>();
    statement->grant = raw.aws_iam->grant;
    statement->role = raw.aws_iam->role;
    statement->arn = raw.aws_iam->arn;
    return statement;
  }
  BindState state(context, raw.script_text);
  Scope scope(state, nullptr);
  BoundStatementPtr statement = BindStatementNode(scope, raw, raw.tree);
  if (context.function_result != nullptr) {
    CoerceFunctionResult(scope, *statement, *context.function_result);
  }
  Finish(state, *statement, context);
  return statement;
}

BoundTableRules BindRules(const catalog::TableDescriptor& table, BindContext& context) {
  BindState state(context, "");
  Scope scope(state, nullptr);
  // The caller keeps the table while its rules are bound.
  scope.target_table = std::shared_ptr<const catalog::TableDescriptor>(
      std::shared_ptr<const catalog::TableDescriptor>(), &table);
  BoundTableRules rules = BindTableRules(state, table, scope.depth, /*with_checks=*/true);
  for (const catalog::ColumnDescriptor& column : table.columns) {
    bool has_default = !column.dropped && column.generated == '\0';
    rules.defaults.push_back(has_default ? ColumnDefault(scope, column) : nullptr);
  }
  return rules;
}

std::span<const BoundTarget> OutputColumns(const BoundStatement& statement) {
  switch (statement.kind) {
    case StatementKind::kQuery: {
      const BoundQuery& query = *statement.As<BoundQueryStatement>().query;
      return {query.targets.data(), static_cast<size_t>(query.visible_target_count())};
    }
    case StatementKind::kInsert:
    case StatementKind::kUpdate:
    case StatementKind::kDelete: return statement.As<BoundModify>().returning;
    default: return {};
  }
}

std::string TypeName(const BindContext& context, SqlType type) {
  return TypeFacts(*context.catalog, context.search_path).Name(type);
}

}  // namespace sundog::binder
