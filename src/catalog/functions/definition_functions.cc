// pg_get_constraintdef, pg_get_indexdef, pg_get_viewdef, pg_get_expr, pg_get_functiondef and kin.
#include "catalog/definitions.h"
#include "catalog/functions/families.h"
#include "catalog/name_resolver.h"

namespace sundog::catalog {

namespace {

using Text = std::optional<std::string_view>;

Text ConstraintDefinition(CallContext& call, Oid oid, bool pretty) {
  ConstraintPlace place = FindConstraint(CatalogOf(call), oid);
  if (place.table == nullptr && place.domain == nullptr) return std::nullopt;
  return Keep(call, DefinitionPrinter(ServicesOf(call)).Constraint(place, pretty));
}
Text PgGetConstraintDef(CallContext& call, Oid oid) {
  return ConstraintDefinition(call, oid, false);
}

Text IndexDefinition(CallContext& call, Oid oid, int32_t column, bool pretty) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->index == nullptr) return std::nullopt;
  DefinitionPrinter printer(ServicesOf(call));
  return Keep(call, column == 0
                        ? printer.Index(*relation->table, *relation->index, pretty)
                        : printer.IndexColumn(*relation->table, *relation->index, column, pretty));
}
Text PgGetIndexDef(CallContext& call, Oid oid) { return IndexDefinition(call, oid, 0, false); }

Text ViewDefinition(CallContext& call, Oid oid, bool pretty) {
  const Relation* relation = CatalogOf(call).FindRelation(oid);
  if (relation == nullptr || relation->view == nullptr) return std::nullopt;
  return Keep(call, ServicesOf(call).ViewDefinition(*relation->view, pretty));
}
Text PgGetViewDef(CallContext& call, Oid oid) { return ViewDefinition(call, oid, false); }
Text PgGetViewDefWrap(CallContext& call, Oid oid, int32_t) {
  return ViewDefinition(call, oid, true);
}
Oid RelationNamed(CallContext& call, std::string_view name) {
  CatalogNames names(CatalogOf(call), ServicesOf(call).search_path());
  return names.Resolve(types::oids::kRegclass, name);
}
Text PgGetViewDefByName(CallContext& call, std::string_view name) {
  return ViewDefinition(call, RelationNamed(call, name), false);
}
Text PgGetViewDefByNameExt(CallContext& call, std::string_view name, bool pretty) {
  return ViewDefinition(call, RelationNamed(call, name), pretty);
}

// A view's rule, the only kind there is.
Text RuleDefinition(CallContext& call, Oid oid, bool pretty) {
  for (const auto& view : CatalogOf(call).contents().views) {
    if (view->rule != oid) continue;
    const Relation* relation = CatalogOf(call).FindRelation(view->oid);
    std::string text = "CREATE RULE \"_RETURN\" AS\n    ON SELECT TO " +
                       RelationName(CatalogOf(call), nullptr, *relation) + " DO INSTEAD " +
                       ServicesOf(call).ViewDefinition(*view, pretty);
    return Keep(call, text);
  }
  return std::nullopt;
}
Text PgGetRuleDef(CallContext& call, Oid oid) { return RuleDefinition(call, oid, false); }

Text Expression(CallContext& call, std::string_view sql, Oid relation, bool pretty) {
  return Keep(call, DefinitionPrinter(ServicesOf(call)).Expression(sql, relation, pretty));
}
Text PgGetExpr(CallContext& call, std::string_view sql, Oid relation) {
  return Expression(call, sql, relation, false);
}

Text PgGetFunctionResult(CallContext& call, Oid oid) {
  const functions::ProcInfo* proc = CatalogOf(call).FindProc(oid);
  if (proc == nullptr || proc->kind == 'p') return std::nullopt;
  return Keep(call, DefinitionPrinter(ServicesOf(call)).FunctionResult(*proc));
}
Text FunctionArguments(CallContext& call, Oid oid, bool identity) {
  const functions::ProcInfo* proc = CatalogOf(call).FindProc(oid);
  if (proc == nullptr) return std::nullopt;
  return Keep(call, DefinitionPrinter(ServicesOf(call)).FunctionArguments(*proc, identity));
}
Text PgGetFunctionArguments(CallContext& call, Oid oid) {
  return FunctionArguments(call, oid, false);
}
Text PgGetFunctionIdentityArguments(CallContext& call, Oid oid) {
  return FunctionArguments(call, oid, true);
}
Text PgGetFunctionDef(CallContext& call, Oid oid) {
  const functions::ProcInfo* proc = CatalogOf(call).FindProc(oid);
  if (proc == nullptr) return std::nullopt;
  if (proc->kind == 'a') {
    throw SqlError(sqlstate::kWrongObjectType, "\"" + proc->name + "\" is an aggregate function");
  }
  const FunctionDescriptor* function = CatalogOf(call).contents().functions.Get(oid);
  return Keep(call, DefinitionPrinter(ServicesOf(call)).Function(*proc, function));
}
Text PgGetFunctionSqlBody(CallContext& call, Oid oid) {
  const FunctionDescriptor* function = CatalogOf(call).contents().functions.Get(oid);
  if (function == nullptr) return std::nullopt;
  std::string body = ServicesOf(call).FunctionBody(*function);
  if (body.empty()) return std::nullopt;
  return Keep(call, std::move(body));
}
Text PgGetFunctionArgDefault(CallContext& call, Oid oid, int32_t number) {
  const functions::ProcInfo* proc = CatalogOf(call).FindProc(oid);
  if (proc == nullptr) return std::nullopt;
  int inputs = static_cast<int>(proc->argument_types.size());
  int first = inputs - static_cast<int>(proc->defaults.size());
  int place = number - 1 - first;
  if (place < 0 || place >= static_cast<int>(proc->defaults.size())) return std::nullopt;
  return Expression(call, proc->defaults[place], kInvalidOid, false);
}

Text Nothing(CallContext&, Oid) { return std::nullopt; }
Text NothingPretty(CallContext&, Oid, bool) { return std::nullopt; }

constexpr ScalarEntry kEntries[] = {
    {"pg_get_constraintdef", Kernel<PgGetConstraintDef>},
    {"pg_get_constraintdef_ext", Kernel<ConstraintDefinition>},
    {"pg_get_indexdef", Kernel<PgGetIndexDef>},
    {"pg_get_indexdef_ext", Kernel<IndexDefinition>},
    {"pg_get_viewdef", Kernel<PgGetViewDef>},
    {"pg_get_viewdef_ext", Kernel<ViewDefinition>},
    {"pg_get_viewdef_wrap", Kernel<PgGetViewDefWrap>},
    {"pg_get_viewdef_name", Kernel<PgGetViewDefByName>},
    {"pg_get_viewdef_name_ext", Kernel<PgGetViewDefByNameExt>},
    {"pg_get_ruledef", Kernel<PgGetRuleDef>},
    {"pg_get_ruledef_ext", Kernel<RuleDefinition>},
    {"pg_get_expr", Kernel<PgGetExpr>},
    {"pg_get_expr_ext", Kernel<Expression>},
    {"pg_get_functiondef", Kernel<PgGetFunctionDef>},
    {"pg_get_function_arguments", Kernel<PgGetFunctionArguments>},
    {"pg_get_function_identity_arguments", Kernel<PgGetFunctionIdentityArguments>},
    {"pg_get_function_result", Kernel<PgGetFunctionResult>},
    {"pg_get_function_arg_default", Kernel<PgGetFunctionArgDefault>},
    {"pg_get_function_sqlbody", Kernel<PgGetFunctionSqlBody>},
    {"pg_get_triggerdef", Kernel<Nothing>},
    {"pg_get_triggerdef_ext", Kernel<NothingPretty>},
    {"pg_get_partkeydef", Kernel<Nothing>},
    {"pg_get_partition_constraintdef", Kernel<Nothing>},
    {"pg_get_statisticsobjdef", Kernel<Nothing>},
    {"pg_get_statisticsobjdef_columns", Kernel<Nothing>},
};

}  // namespace

void RegisterDefinitionFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
