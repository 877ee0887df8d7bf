#include "binder/function_body.h"

#include <algorithm>

#include "binder/bound_utility.h"
#include "binder/deparse.h"
#include "binder/deparser.h"
#include "binder/scope.h"
#include "catalog/stored_sql.h"
#include "catalog/type_infos.h"
#include "parser/dsql/refusals.h"
#include "parser/parse.h"

namespace sundog::binder {

using functions::ProcInfo;
using parser::TagOf;

namespace {

bool IsInput(const ProcInfo& proc, size_t argument) {
  return argument >= proc.argument_modes.size() ||
         functions::IsInputMode(proc.argument_modes[argument]);
}

}  // namespace

std::optional<VariableResolver::Variable> FunctionArguments::Resolve(
    std::span<const std::string> names) {
  if (names.size() > 2 || (names.size() == 2 && names[0] != proc_.name)) return std::nullopt;
  const std::string& name = names.back();
  int input = 0;
  for (size_t i = 0; i < proc_.argument_names.size(); ++i) {
    if (!IsInput(proc_, i)) continue;
    if (!name.empty() && proc_.argument_names[i] == name) {
      return Variable{input, {proc_.argument_types[static_cast<size_t>(input)], -1}};
    }
    ++input;
  }
  return std::nullopt;
}

bool IsAnalysed(const parser::RawStatement& statement) {
  if (statement.tree == nullptr) return false;
  switch (TagOf(statement.tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_CallStmt: return true;
    default: return false;
  }
}

void CheckFunctionTypes(const ProcInfo& proc, const TypeFacts& types) {
  auto is_pseudo = [&](Oid type) {
    return types.Info(type).kind_code == 'p' && !IsPolymorphic(type);
  };
  if (is_pseudo(proc.result_type) && proc.result_type != oids::kRecord &&
      proc.result_type != oids::kVoid) {
    throw SqlError(sqlstate::kInvalidFunctionDefinition,
                   "SQL functions cannot return type " + types.Name(proc.result_type));
  }
  for (Oid type : proc.argument_types) {
    if (!is_pseudo(type)) continue;
    throw SqlError(sqlstate::kInvalidFunctionDefinition,
                   "SQL functions cannot have arguments of type " + types.Name(type));
  }
}

bool HasPolymorphicArguments(const ProcInfo& proc) {
  return std::any_of(proc.argument_types.begin(), proc.argument_types.end(), IsPolymorphic);
}

BodyText BodyTextOf(const catalog::FunctionDescriptor& function,
                    const catalog::Catalog& catalog) {
  if (!function.return_value && !function.is_atomic) return {function.source, false};
  std::string text;
  if (function.return_value) text = "SELECT " + function.return_value->sql;
  for (const catalog::StoredExpression& statement : function.atomic_body) {
    text += statement.sql + ";\n";
  }
  return {catalog::ExpandMarks(catalog, nullptr, text), true};
}

void CheckBodyStatement(const BoundStatement& statement) {
  if (statement.kind != StatementKind::kUtility) return;
  const auto& utility = static_cast<const BoundUtility&>(statement);
  if (utility.utility != UtilityKind::kCall) return;
  if (utility.As<BoundCall>().call->proc->result_type != oids::kRecord) return;
  throw SqlError(
      sqlstate::kFeatureNotSupported,
      "calling procedures with output arguments is not supported in SQL functions");
}

void SeeQualifiedNamesOnly(BindContext& context) {
  context.search_path = {};
  context.search_path.schemas = {catalog::kPgCatalogSchema};
}

void CheckFunctionBody(const ProcInfo& proc, const BodyText& body, BindContext& context) {
  parser::Script script = parser::Parse(body.sql);
  const std::vector<parser::RawStatement>& statements = script.statements();
  if (context.profile == Profile::kDsql) {
    for (const parser::RawStatement& statement : statements) {
      parser::RefuseInDsql(statement, /*allows_synchronous_index=*/false);
    }
  }
  if (HasPolymorphicArguments(proc)) return;
  FunctionArguments arguments(proc);
  TypeFacts types(*context.catalog, context.search_path);
  FunctionResult result = ResultOf(proc, types);
  context.variables = &arguments;
  context.infer_parameters = false;
  if (body.is_stored) SeeQualifiedNamesOnly(context);
  CheckHasResult(proc, types, statements.empty() ? nullptr : &statements.back());
  for (const parser::RawStatement& statement : statements) {
    if (!IsAnalysed(statement)) continue;
    context.parameter_types = proc.argument_types;
    context.function_result = &statement == &statements.back() ? &result : nullptr;
    CheckBodyStatement(*Bind(statement, context));
  }
}

std::string DeparseFunctionBody(const catalog::FunctionDescriptor& function,
                                BindContext& context) {
  std::shared_ptr<const ProcInfo> proc = catalog::MakeProcInfo(function, *context.catalog);
  BodyText body = BodyTextOf(function, *context.catalog);
  if (!body.is_stored) return "";
  parser::Script script = parser::Parse(body.sql);
  FunctionArguments arguments(*proc);
  DeparseOptions options = ShowingOptions(context, false);
  for (size_t i = 0; i < proc->argument_names.size(); ++i) {
    if (IsInput(*proc, i)) options.parameter_names.push_back(proc->argument_names[i]);
  }
  options.parameter_qualifier = proc->name;
  options.pretty_indent = true;
  BindContext stored = context;
  SeeQualifiedNamesOnly(stored);
  stored.infer_parameters = false;
  std::string text = function.is_atomic ? "BEGIN ATOMIC\n" : "RETURN ";
  for (const parser::RawStatement& statement : script.statements()) {
    stored.parameter_types = proc->argument_types;
    BoundStatementPtr bound = Bind(statement, stored);
    const BoundQuery& query = *bound->As<BoundQueryStatement>().query;
    if (!function.is_atomic) return text + Deparse(*query.targets.at(0).expression, options);
    Deparser deparser(options);
    deparser.Query(query, nullptr, false);
    text += deparser.text + ";\n";
  }
  return text + "END";
}

namespace {

// The end of the literal that begins at `literal`, behind its quote, if it says `string`; and where
// in the literal the string's byte `location` is.
bool SaysString(std::string_view literal, std::string_view string, int location, int* place) {
  size_t at = 0;
  *place = -1;
  for (size_t i = 0; i <= string.size(); ++i) {
    bool ends = i == string.size();
    if (static_cast<int>(i) == location) *place = static_cast<int>(at);
    if (ends) break;
    if (at >= literal.size()) return false;
    if (literal[at] == '\\') {
      ++at;
    } else if (literal[at] == '\'') {
      if (at + 1 >= literal.size() || literal[at + 1] != '\'') return false;
      ++at;
    }
    if (at >= literal.size() || literal[at] != string[i]) return false;
    ++at;
  }
  return at < literal.size() && literal[at] == '\'' &&
         (at + 1 >= literal.size() || literal[at + 1] != '\'');
}

}  // namespace

int LocationInLiteral(std::string_view string, int location, std::string_view statement) {
  int found = -1;
  for (size_t at = 0; at + string.size() < statement.size(); ++at) {
    std::string_view rest = statement.substr(at + 1);
    int place = -1;
    bool dollar = statement[at] == '$' && rest.size() > string.size() &&
                  rest.starts_with(string) && rest[string.size()] == '$';
    if (dollar) place = location;
    if (!dollar && !(statement[at] == '\'' && SaysString(rest, string, location, &place))) continue;
    if (found >= 0) return -1;
    found = static_cast<int>(at) + 1 + place;
  }
  return found;
}

}  // namespace sundog::binder
