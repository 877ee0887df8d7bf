// CREATE FUNCTION, CREATE PROCEDURE, ALTER FUNCTION.
#include <strings.h>

#include "binder/bind_select.h"
#include "binder/bind_utility.h"
#include "binder/coerce.h"
#include "binder/ddl/object_names.h"
#include "binder/deparse.h"
#include "binder/function_body.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
#include "catalog/type_infos.h"
#include "parser/parse.h"
#include "parser/pg_nodes.h"
#include "parser/session_command.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

[[noreturn]] void ThrowDefinition(std::string message) {
  throw SqlError(sqlstate::kInvalidFunctionDefinition, std::move(message));
}

char ModeOf(const FunctionParameter* parameter) {
  return parameter->mode == FUNC_PARAM_DEFAULT ? 'i' : static_cast<char>(parameter->mode);
}

void BindArguments(const DdlRun& run, const CreateFunctionStmt* statement,
                   catalog::FunctionDescriptor& function) {
  bool saw_default = false;
  for (const FunctionParameter* parameter :
       parser::Each<FunctionParameter>(statement->parameters)) {
    PieceBinding piece(run);
    catalog::FunctionArgument argument;
    argument.name = parser::TextOrEmpty(parameter->name);
    argument.mode = ModeOf(parameter);
    argument.type = ResolveType(piece.state, parameter->argType).oid;
    ddl::CheckMayUseType(run.writer(), argument.type);
    bool input = functions::IsInputMode(argument.mode);
    if (parameter->argType->setof) {
      ThrowDefinition(statement->is_procedure ? "procedures cannot accept set arguments"
                                              : "functions cannot accept set arguments");
    }
    for (const catalog::FunctionArgument& earlier : function.arguments) {
      if (argument.name.empty() || earlier.name != argument.name) continue;
      bool both_in = earlier.mode != 'o' && earlier.mode != 't' && input;
      bool both_out = earlier.mode != 'i' && earlier.mode != 'v' && argument.mode != 'i';
      if (both_in || both_out) {
        ThrowDefinition("parameter name \"" + argument.name + "\" used more than once");
      }
    }
    if (parameter->defexpr != nullptr) {
      if (!input) ThrowDefinition("only input parameters can have default values");
      saw_default = true;
      BoundExpressionPtr value =
          BindExpression(piece.scope, parameter->defexpr, ExpressionRole::kFunctionDefault);
      value = CoerceToSpecific(piece.state, std::move(value), {argument.type, -1}, "DEFAULT");
      argument.default_value = Store(*value, piece.context);
    } else if (input && saw_default) {
      ThrowDefinition("input parameters after one with a default value must also have defaults");
    }
    function.arguments.push_back(std::move(argument));
  }
}

// The result as outputs say it: one is its type, more are a record.
Oid OutputType(const catalog::FunctionDescriptor& function) {
  Oid type = kInvalidOid;
  int count = 0;
  for (const catalog::FunctionArgument& argument : function.arguments) {
    if (!functions::IsOutputMode(argument.mode)) continue;
    type = argument.type;
    ++count;
  }
  return count > 1 ? types::oids::kRecord : type;
}

// What tells a polymorphic result: an argument of its family, or of ranges.
void CheckResultKnown(const DdlRun& run, Oid result,
                      const catalog::FunctionDescriptor& function) {
  if (!IsPolymorphic(result)) return;
  auto is_range = [](Oid type) {
    return type == oids::kAnyrange || type == oids::kAnymultirange ||
           type == oids::kAnycompatiblerange || type == oids::kAnycompatiblemultirange;
  };
  bool first_family = IsPolymorphicFamily1(result);
  for (const catalog::FunctionArgument& argument : function.arguments) {
    if (!functions::IsInputMode(argument.mode) || !IsPolymorphic(argument.type)) continue;
    if (IsPolymorphicFamily1(argument.type) != first_family) continue;
    if (!is_range(result) || is_range(argument.type)) return;
  }
  std::string_view inputs;
  if (first_family) {
    inputs = is_range(result) ? "anyrange or anymultirange"
                              : "anyelement, anyarray, anynonarray, anyenum, anyrange, or "
                                "anymultirange";
  } else {
    inputs = is_range(result) ? "anycompatiblerange or anycompatiblemultirange"
                              : "anycompatible, anycompatiblearray, anycompatiblenonarray, "
                                "anycompatiblerange, or anycompatiblemultirange";
  }
  PieceBinding piece(run);
  throw SqlError(sqlstate::kInvalidFunctionDefinition, "cannot determine result data type")
      .Detail("A result of type " + piece.state.types.Name(result) +
              " requires at least one input of type " + std::string(inputs) + ".");
}

void BindResult(const DdlRun& run, const CreateFunctionStmt* statement,
                catalog::FunctionDescriptor& function) {
  Oid outputs = OutputType(function);
  if (statement->is_procedure) {
    function.result_type = outputs != kInvalidOid ? types::oids::kRecord : types::oids::kVoid;
    return;
  }
  bool is_table = false;
  for (const catalog::FunctionArgument& argument : function.arguments) {
    is_table |= argument.mode == 't';
  }
  if (statement->returnType != nullptr) {
    PieceBinding piece(run);
    function.result_type = ResolveType(piece.state, statement->returnType).oid;
    ddl::CheckMayUseType(run.writer(), function.result_type);
    function.returns_set = statement->returnType->setof;
    if (outputs != kInvalidOid && outputs != function.result_type && !is_table) {
      ThrowDefinition("function result type must be " + piece.state.types.Name(outputs) +
                      " because of OUT parameters");
    }
  } else if (outputs != kInvalidOid) {
    function.result_type = outputs;
  } else {
    ThrowDefinition("function result type must be specified");
  }
  if (is_table) {
    function.returns_set = true;
    function.result_type = outputs;
  }
}

bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

double Number(const DefElem* option) {
  return std::strtod(OptionText(option).c_str(), nullptr);
}

// SET name = value | FROM CURRENT; of ALTER also RESET.
void BindSetting(const DdlRun& run, const VariableSetStmt* set,
                 std::vector<std::string>& settings) {
  if (set->kind == VAR_RESET_ALL) return settings.clear();
  std::optional<std::string> value;
  if (set->kind == VAR_SET_VALUE) value = parser::SettingValue(set);
  if (set->kind == VAR_SET_CURRENT) value = run.target().ShowSetting(set->name);
  std::string name = run.target().CheckSetting(set->name, value);
  std::erase_if(settings, [&](const std::string& one) { return one.starts_with(name + "="); });
  if (value) settings.push_back(name + "=" + *value);
}

// One option that CREATE and ALTER share; false if it is another.
bool SetCommonOption(const DdlRun& run, const DefElem* option,
                     catalog::FunctionDescriptor& function) {
  std::string_view name = option->defname;
  if (name == "volatility") {
    function.volatility = OptionText(option)[0];
  } else if (name == "strict") {
    function.strict = As<Boolean>(option->arg)->boolval;
  } else if (name == "security") {
    function.security_definer = As<Boolean>(option->arg)->boolval;
  } else if (name == "leakproof") {
    function.leakproof = As<Boolean>(option->arg)->boolval;
  } else if (name == "cost") {
    function.cost = Number(option);
    if (function.cost <= 0) {
      throw SqlError(sqlstate::kInvalidParameterValue, "COST must be positive");
    }
  } else if (name == "rows") {
    function.rows = Number(option);
  } else if (name == "parallel") {
    std::string value = OptionText(option);
    if (!Same(value, "safe") && !Same(value, "unsafe") && !Same(value, "restricted")) {
      throw SqlError(sqlstate::kSyntaxError,
                     "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE");
    }
    function.parallel = static_cast<char>(value[0] | 0x20);
  } else if (name == "set") {
    BindSetting(run, As<VariableSetStmt>(option->arg), function.settings);
  } else {
    return false;
  }
  return true;
}

void BindOptions(const DdlRun& run, const CreateFunctionStmt* statement,
                 catalog::FunctionDescriptor& function) {
  bool has_body = false;
  int items = 1;
  for (const DefElem* option : parser::Each<DefElem>(statement->options)) {
    std::string_view name = option->defname;
    bool for_procedures = name == "as" || name == "language" || name == "security" ||
                          name == "set" || name == "transform";
    if (statement->is_procedure && !for_procedures) {
      throw SqlError(sqlstate::kInvalidFunctionDefinition,
                     "invalid attribute in procedure definition")
          .At(option->location);
    }
    if (SetCommonOption(run, option, function)) continue;
    if (name == "as") {
      const auto* parts = As<List>(option->arg);
      items = parser::Length(parts);
      function.source = parser::Text(parser::At(parts, 0));
      has_body = true;
    } else if (name == "language") {
      function.language = OptionText(option);
    } else {
      base::ThrowNotSupported("function option " + std::string(name), option->location);
    }
  }
  bool has_sql_body = statement->sql_body != nullptr;
  if (has_body && has_sql_body) ThrowDefinition("duplicate function body specified");
  if (!has_body && !has_sql_body) ThrowDefinition("no function body specified");
  if (function.language.empty() && has_sql_body) function.language = "sql";
  if (function.language.empty()) ThrowDefinition("no language specified");
  if (has_sql_body && function.language != "sql") {
    ThrowDefinition("inline SQL function body only valid for language SQL");
  }
  if (items > 1 && function.language != "c") {
    ThrowDefinition("only one AS item needed for language \"" + function.language + "\"");
  }
}

// A statement of an unquoted body, as it is kept.
catalog::StoredExpression BindBodyStatement(Scope& scope, const Node* node, bool* is_return) {
  BindState& state = scope.state;
  *is_return = TagOf(node) == T_ReturnStmt;
  if (*is_return) {
    BoundExpressionPtr value = BindExpression(scope, As<ReturnStmt>(node)->returnval,
                                              ExpressionRole::kSelectTarget);
    ResolveUnknown(state, value);
    return Store(*value, state.context);
  }
  if (TagOf(node) != T_SelectStmt) {
    parser::RawStatement raw;
    raw.tree = const_cast<Node*>(node);
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string(parser::CommandTag(raw)) +
                       " is not yet supported in unquoted SQL function body");
  }
  std::unique_ptr<BoundQuery> query = BindSelect(scope, As<SelectStmt>(node));
  std::vector<std::string> names;
  for (int i = 0; i < query->visible_target_count(); ++i) names.push_back(query->targets[i].name);
  return StoreView(*query, names, state.context);
}

// RETURN expression and BEGIN ATOMIC … END are bound once and for all: what they name may be
// renamed, and may not be dropped.
void BindSqlBody(const DdlRun& run, const Node* body, catalog::FunctionDescriptor& function) {
  std::shared_ptr<const functions::ProcInfo> proc =
      catalog::MakeProcInfo(function, run.catalog());
  if (HasPolymorphicArguments(*proc)) {
    ThrowDefinition("SQL function with unquoted function body cannot have polymorphic arguments");
  }
  FunctionArguments arguments(*proc);
  auto bind = [&](const Node* node, bool* is_return) {
    BindContext context = run.FreshContext();
    context.variables = &arguments;
    context.parameter_types = proc->argument_types;
    BindState state(context, run.text());
    Scope scope(state, nullptr);
    return BindBodyStatement(scope, node, is_return);
  };
  bool is_return = false;
  if (TagOf(body) != T_List) {
    function.return_value = bind(body, &is_return);
    return;
  }
  function.is_atomic = true;
  for (const Node* node : parser::Each<Node>(parser::At<List>(As<List>(body), 0))) {
    catalog::StoredExpression statement = bind(node, &is_return);
    if (is_return) statement.sql = "SELECT " + statement.sql;
    function.atomic_body.push_back(std::move(statement));
  }
}

void CheckLanguage(const DdlRun& run, const catalog::FunctionDescriptor& function) {
  catalog::CheckMayUseLanguage(run.catalog(), function.language, run.writer().role());
  if (function.language == "c") base::ThrowNotSupported("LANGUAGE c");
}

void CheckMayBeLeakproof(const DdlRun& run, const catalog::FunctionDescriptor& function) {
  if (!function.leakproof || run.catalog().IsSuperuser(run.writer().role())) return;
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 "only superuser can define a leakproof function");
}

// An error in a body is one of the CREATE statement where its text has the body, too.
[[noreturn]] void RethrowPlaced(SqlError& error, const functions::ProcInfo& proc,
                                std::string_view statement) {
  base::ErrorFields& fields = error.fields();
  if (fields.location < 0) {
    if (!fields.context.empty()) fields.context += '\n';
    fields.context += "SQL function \"" + proc.name + "\"";
  } else if (int place = LocationInLiteral(proc.source, fields.location, statement); place >= 0) {
    fields.location = place;
  } else {
    fields.internal_query = proc.source;
    fields.internal_location = fields.location;
    fields.location = -1;
  }
  throw std::move(error);
}

void CheckSqlFunction(const DdlRun& run, Oid function) {
  const functions::ProcInfo& proc = *run.catalog().FindProc(function);
  BindContext context = run.FreshContext();
  CheckFunctionTypes(proc, TypeFacts(*context.catalog, context.search_path));
  if (run.target().ShowSetting("check_function_bodies") == "off") return;
  const catalog::FunctionDescriptor& descriptor =
      *run.catalog().contents().functions.Get(function);
  BodyText body = BodyTextOf(descriptor, run.catalog());
  if (!descriptor.settings.empty()) context.search_path = run.target().SearchPathIn(descriptor);
  try {
    CheckFunctionBody(proc, body, context);
  } catch (SqlError& error) {
    RethrowPlaced(error, proc, run.text());
  }
}

}  // namespace

void RunCreateFunction(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateFunctionStmt>(node);
  ddl::FunctionSpec spec;
  spec.replace = statement->replace;
  catalog::FunctionDescriptor& function = spec.descriptor;
  function.kind = statement->is_procedure ? 'p' : 'f';
  function.schema = CreationSchema(run, statement->funcname, &function.name);
  BindOptions(run, statement, function);
  CheckLanguage(run, function);
  CheckMayBeLeakproof(run, function);
  BindArguments(run, statement, function);
  BindResult(run, statement, function);
  if (function.returns_set && function.rows == 0) function.rows = 1000;
  if (!function.returns_set && function.rows != 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "ROWS is not applicable when function does not return a set");
  }
  CheckResultKnown(run, function.result_type, function);
  for (const catalog::FunctionArgument& argument : function.arguments) {
    if (functions::IsOutputMode(argument.mode)) CheckResultKnown(run, argument.type, function);
  }
  if (function.language == "internal") function.cost = 1;
  if (statement->sql_body != nullptr) BindSqlBody(run, statement->sql_body, function);
  Oid created = ddl::CreateFunction(run.writer(), spec);
  if (function.language == "sql") CheckSqlFunction(run, created);
}

void RunAlterFunction(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterFunctionStmt>(node);
  catalog::ObjectAddress object =
      FindObject(run, statement->objtype, reinterpret_cast<const Node*>(statement->func));
  const auto* found = run.catalog().contents().functions.Get(object.object);
  if (found == nullptr) base::ThrowNotSupported("ALTER of a built-in function");
  ddl::CheckOwns(run.writer(), found->owner, found->kind == 'p' ? "procedure" : "function",
                 found->name);
  catalog::FunctionDescriptor function = *found;
  for (const DefElem* option : parser::Each<DefElem>(statement->actions)) {
    if (!SetCommonOption(run, option, function)) {
      base::ThrowNotSupported("function option " + std::string(option->defname),
                              option->location);
    }
  }
  if (!found->leakproof) CheckMayBeLeakproof(run, function);
  run.writer().Put(std::move(function));
}

}  // namespace sundog::binder
