// CREATE FUNCTION, CREATE PROCEDURE, ALTER FUNCTION.
#include <strings.h>

#include "binder/bind_utility.h"
#include "binder/coerce.h"
#include "binder/ddl/object_names.h"
#include "binder/deparse.h"
#include "catalog/ddl/objects.h"
#include "catalog/ddl/permission.h"
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
    bool input = argument.mode == 'i' || argument.mode == 'b' || argument.mode == 'v';
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
    if (argument.mode == 'i' || argument.mode == 'v') continue;
    type = argument.type;
    ++count;
  }
  return count > 1 ? types::oids::kRecord : type;
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

// One option that CREATE and ALTER share; false if it is another.
bool SetCommonOption(const DefElem* option, catalog::FunctionDescriptor& function) {
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
    const auto* set = As<VariableSetStmt>(option->arg);
    if (set->kind != VAR_SET_VALUE) base::ThrowNotSupported("this form of SET in a function");
    function.settings.push_back(std::string(set->name) + "=" + parser::SettingValue(set));
  } else {
    return false;
  }
  return true;
}

void BindOptions(const CreateFunctionStmt* statement, catalog::FunctionDescriptor& function) {
  bool has_body = false;
  for (const DefElem* option : parser::Each<DefElem>(statement->options)) {
    std::string_view name = option->defname;
    if (SetCommonOption(option, function)) continue;
    if (name == "as") {
      const auto* parts = As<List>(option->arg);
      function.source = parser::Text(parser::At(parts, 0));
      has_body = true;
    } else if (name == "language") {
      function.language = OptionText(option);
    } else {
      base::ThrowNotSupported("function option " + std::string(name), option->location);
    }
  }
  if (statement->sql_body != nullptr) base::ThrowNotSupported("SQL function bodies without quotes");
  if (!has_body) ThrowDefinition("no function body specified");
  if (function.language.empty()) ThrowDefinition("no language specified");
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

}  // namespace

void RunCreateFunction(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateFunctionStmt>(node);
  ddl::FunctionSpec spec;
  spec.replace = statement->replace;
  catalog::FunctionDescriptor& function = spec.descriptor;
  function.kind = statement->is_procedure ? 'p' : 'f';
  function.schema = CreationSchema(run, statement->funcname, &function.name);
  BindOptions(statement, function);
  CheckLanguage(run, function);
  CheckMayBeLeakproof(run, function);
  BindArguments(run, statement, function);
  BindResult(run, statement, function);
  if (function.returns_set && function.rows == 0) function.rows = 1000;
  if (!function.returns_set && function.rows != 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "ROWS is not applicable when function does not return a set");
  }
  if (function.language == "internal") function.cost = 1;
  ddl::CreateFunction(run.writer(), spec);
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
    if (!SetCommonOption(option, function)) {
      base::ThrowNotSupported("function option " + std::string(option->defname),
                              option->location);
    }
  }
  if (!found->leakproof) CheckMayBeLeakproof(run, function);
  run.writer().Put(std::move(function));
}

}  // namespace sundog::binder
