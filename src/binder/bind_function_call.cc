#include "binder/bind_function_call.h"

#include <algorithm>

#include "binder/bind_stored.h"
#include "binder/build_coercion.h"
#include "binder/polymorphic.h"
#include "catalog/sys_schema.h"
#include "parser/refused_parameters.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

CallForm FormOf(const FuncCall* call) {
  switch (call->funcformat) {
    case COERCE_EXPLICIT_CAST: return CallForm::kExplicitCast;
    case COERCE_IMPLICIT_CAST: return CallForm::kImplicitCast;
    case COERCE_SQL_SYNTAX: return CallForm::kSqlSyntax;
    default: return CallForm::kCall;
  }
}

// EXTRACT(field FROM x): the field is a word or a literal.
void RefuseParameterAsField(const FuncCall* call) {
  if (call->funcformat != COERCE_SQL_SYNTAX) return;
  if (NameParts(call->funcname).back() != "extract") return;
  const auto* field = parser::At<Node>(call->args, 0);
  if (TagOf(field) == T_ParamRef) parser::ThrowAtParameter(As<ParamRef>(field));
}

// Arguments with the names of those given as name => value.
struct BoundArguments {
  BoundExpressions expressions;
  std::vector<std::string> names;
};

BoundArguments BindArguments(Scope& scope, const FuncCall* call) {
  RefuseParameterAsField(call);
  BoundArguments arguments;
  for (const Node* raw : parser::Each<Node>(call->args)) {
    if (TagOf(raw) == T_NamedArgExpr) {
      const auto* named = As<NamedArgExpr>(raw);
      std::string name = named->name;
      BoundExpressionPtr value = BindNode(scope, reinterpret_cast<const Node*>(named->arg));
      if (std::find(arguments.names.begin(), arguments.names.end(), name) !=
          arguments.names.end()) {
        throw SqlError(sqlstate::kSyntaxError, "argument name \"" + name + "\" used more than once")
            .At(named->location);
      }
      arguments.names.push_back(std::move(name));
      arguments.expressions.push_back(std::move(value));
      continue;
    }
    BoundExpressionPtr value = BindNode(scope, raw);
    if (!arguments.names.empty()) {
      throw SqlError(sqlstate::kSyntaxError, "positional argument cannot follow named argument")
          .At(value->location);
    }
    arguments.expressions.push_back(std::move(value));
  }
  if (!call->agg_within_group) return arguments;
  for (const SortBy* sort : parser::Each<SortBy>(call->agg_order)) {
    arguments.expressions.push_back(BindExpression(scope, sort->node, ExpressionRole::kOrderBy));
  }
  return arguments;
}

std::vector<Oid> TypesOf(const BoundExpressions& expressions) {
  std::vector<Oid> types;
  for (const BoundExpressionPtr& expression : expressions) types.push_back(expression->type.oid);
  return types;
}

[[noreturn]] void ThrowWrongKind(const FuncCall* call, const std::string& text) {
  throw SqlError(sqlstate::kWrongObjectType, text).At(call->location);
}

// Clauses that only aggregates and window functions have.
void CheckPlainCall(const FuncCall* call) {
  std::string name = DottedName(call->funcname);
  std::string rest = " specified, but " + name + " is not an aggregate function";
  if (call->agg_star) ThrowWrongKind(call, name + "(*)" + rest);
  if (call->agg_distinct) ThrowWrongKind(call, "DISTINCT" + rest);
  if (call->agg_within_group) ThrowWrongKind(call, "WITHIN GROUP" + rest);
  if (call->agg_order != nullptr) ThrowWrongKind(call, "ORDER BY" + rest);
  if (call->agg_filter != nullptr) ThrowWrongKind(call, "FILTER" + rest);
  if (call->over != nullptr) {
    ThrowWrongKind(call, "OVER specified, but " + name +
                             " is not a window function nor an aggregate function");
  }
}

[[noreturn]] void ThrowNotFound(const FuncCall* call, const std::string& signature,
                                bool procedure) {
  std::string noun = procedure ? "procedure" : "function";
  SqlError error(sqlstate::kUndefinedFunction, noun + " " + signature + " does not exist");
  if (parser::Length(call->agg_order) > 1 && !call->agg_within_group) {
    error.Hint(
        "No aggregate function matches the given name and argument types. Perhaps you "
        "misplaced ORDER BY; ORDER BY must appear after all regular arguments of the "
        "aggregate.");
  } else {
    error.Hint("No " + noun +
               " matches the given name and argument types. You might need to add "
               "explicit type casts.");
  }
  throw error.At(call->location);
}

[[noreturn]] void ThrowAmbiguous(const FuncCall* call, const std::string& signature,
                                 bool procedure) {
  std::string noun = procedure ? "procedure" : "function";
  throw SqlError(sqlstate::kAmbiguousFunction, noun + " " + signature + " is not unique")
      .Hint("Could not choose a best candidate " + noun +
            ". You might need to add explicit type casts.")
      .At(call->location);
}

void CheckMeaning(const FuncCall* call, const FoundFunction& found, const std::string& signature,
                  bool procedure) {
  switch (found.meaning) {
    case FunctionMeaning::kNotFound: ThrowNotFound(call, signature, procedure);
    case FunctionMeaning::kAmbiguous: ThrowAmbiguous(call, signature, procedure);
    case FunctionMeaning::kProcedure:
      // Procedures of schema sys return a value, and SELECT may call them, too.
      if (procedure || found.proc->schema == catalog::kSysSchema) return CheckPlainCall(call);
      throw SqlError(sqlstate::kWrongObjectType, signature + " is a procedure")
          .Hint("To call a procedure, use CALL.")
          .At(call->location);
    default: break;
  }
  if (procedure) {
    throw SqlError(sqlstate::kWrongObjectType, signature + " is not a procedure")
        .Hint("To call a function, use SELECT.")
        .At(call->location);
  }
  std::string name = DottedName(call->funcname);
  if (found.meaning == FunctionMeaning::kFunction || found.meaning == FunctionMeaning::kCoercion) {
    CheckPlainCall(call);
  } else if (found.meaning == FunctionMeaning::kWindow) {
    if (call->over == nullptr) {
      ThrowWrongKind(call, "window function " + name + " requires an OVER clause");
    }
    if (call->agg_within_group) {
      ThrowWrongKind(call, "window function " + name + " cannot have WITHIN GROUP");
    }
  }
}

// Puts named arguments in their declared places, adds defaults, coerces, gathers VARIADIC.
void CompleteArguments(Scope& scope, ResolvedCall& call, std::vector<Oid> actual) {
  BindState& state = scope.state;
  FoundFunction& found = call.found;
  for (const std::string& text : found.defaults) {
    call.arguments.push_back(BindStoredDefault(state, text));
    actual.push_back(call.arguments.back()->type.oid);
  }
  call.declared = found.declared;
  call.result = AtLocation(
      -1, [&] { return ResolvePolymorphic(state, actual, call.declared, found.result); });
  CoerceArguments(state, call.arguments, call.declared);
  if (!found.argument_numbers.empty()) {
    BoundExpressions ordered(call.arguments.size());
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      ordered[found.argument_numbers[i]] = std::move(call.arguments[i]);
    }
    call.arguments = std::move(ordered);
  }
  if (found.variadic == kInvalidOid) call.variadic = false;
  if (found.variadic_count > 0 && found.variadic != oids::kAny) {
    size_t first = call.arguments.size() - found.variadic_count;
    BoundExpressions elements;
    for (size_t i = first; i < call.arguments.size(); ++i) {
      elements.push_back(std::move(call.arguments[i]));
    }
    call.arguments.resize(first);
    Oid element = elements[0]->type.oid;
    Oid array = state.types.ArrayType(element);
    int location = elements[0]->location;
    if (array == kInvalidOid) {
      throw SqlError(sqlstate::kUndefinedObject,
                     "could not find array type for data type " + state.types.Name(element))
          .At(location);
    }
    auto gathered = std::make_unique<BoundArray>(SqlType{array, -1}, std::move(elements), false);
    gathered->location = location;
    call.arguments.push_back(std::move(gathered));
    call.variadic = true;
  }
  if (call.variadic && found.variadic == oids::kAny && !call.arguments.empty() &&
      state.types.BaseElementType(call.arguments.back()->type.oid) == kInvalidOid) {
    throw SqlError(sqlstate::kDatatypeMismatch, "VARIADIC argument must be an array")
        .At(call.arguments.back()->location);
  }
}

BoundExpressionPtr MakePlainCall(Scope& scope, ResolvedCall call) {
  bool returns_set = call.found.proc->returns_set;
  if (returns_set) CheckSetPlacement(scope, call.last_set, call.location);
  scope.state.privileges.AddFunction(scope.catalog(), *call.found.proc);
  auto function = MakeFunction(scope.state, call.found.proc->oid, {call.result, -1},
                               std::move(call.arguments), FormOf(call.raw), call.location);
  function->variadic = call.variadic;
  if (returns_set) scope.last_set = {function.get(), function->location};
  return function;
}

FunctionCall LookupOf(const FuncCall* raw, const std::vector<Oid>& types,
                      const BoundArguments& arguments) {
  FunctionCall lookup;
  lookup.name = raw->funcname;
  lookup.types = types;
  lookup.argument_names = arguments.names;
  lookup.expand_variadic = !raw->func_variadic;
  lookup.literal_argument = arguments.expressions.size() == 1 &&
                            arguments.expressions[0]->kind == ExpressionKind::kConstant;
  return lookup;
}

// f(row) for row.f: a field of the row takes the call when no function does.
BoundExpressionPtr TryProjection(Scope& scope, const FuncCall* raw, BoundArguments& arguments) {
  bool could_be = arguments.expressions.size() == 1 && raw->agg_order == nullptr &&
                  raw->agg_filter == nullptr && !raw->agg_star && !raw->agg_distinct &&
                  raw->over == nullptr && !raw->func_variadic && arguments.names.empty() &&
                  parser::Length(raw->funcname) == 1 &&
                  scope.types().IsRow(arguments.expressions[0]->type.oid);
  if (!could_be) return nullptr;
  return SelectField(scope, arguments.expressions[0], parser::Text(parser::At(raw->funcname, 0)),
                     raw->location);
}

}  // namespace

BoundExpressionPtr BindFunctionCall(Scope& scope, const FuncCall* raw) {
  BindState& state = scope.state;
  LastSet last_set = scope.last_set;
  BoundArguments arguments = BindArguments(scope, raw);
  BoundExpressionPtr filter =
      BindCondition(scope, raw->agg_filter, ExpressionRole::kFilter, "FILTER");
  std::vector<Oid> actual = TypesOf(arguments.expressions);
  FunctionCall lookup = LookupOf(raw, actual, arguments);
  FoundFunction found = AtLocation(raw->location, [&] { return FindFunction(state, lookup); });
  if (found.meaning == FunctionMeaning::kNotFound) {
    if (BoundExpressionPtr field = TryProjection(scope, raw, arguments)) return field;
  }
  CheckMeaning(raw, found,
               FunctionSignature(state, DottedName(raw->funcname), actual, arguments.names), false);
  if (found.meaning == FunctionMeaning::kCoercion) {
    return CoerceType(state, std::move(arguments.expressions[0]), {found.result, -1},
                      Coercion::kExplicit, CallForm::kCall, raw->location);
  }
  ResolvedCall call;
  call.raw = raw;
  call.found = std::move(found);
  call.arguments = std::move(arguments.expressions);
  call.variadic = raw->func_variadic;
  call.last_set = last_set;
  call.location = raw->location;
  bool aggregate = call.found.meaning == FunctionMeaning::kAggregate;
  if (aggregate) CheckOrderedSet(scope, call, actual);
  CompleteArguments(scope, call, std::move(actual));
  if (!aggregate && call.found.meaning != FunctionMeaning::kWindow) {
    return MakePlainCall(scope, std::move(call));
  }
  if (aggregate && !arguments.names.empty() && raw->over == nullptr) {
    throw SqlError(sqlstate::kFeatureNotSupported, "aggregates cannot use named arguments")
        .At(raw->location);
  }
  if (aggregate && raw->over == nullptr) {
    return MakeAggregate(scope, std::move(call), std::move(filter));
  }
  return MakeWindow(scope, std::move(call), std::move(filter));
}

std::unique_ptr<BoundFunction> BindProcedureCall(Scope& scope, const FuncCall* raw) {
  BindState& state = scope.state;
  RoleGuard guard(scope, ExpressionRole::kCallArgument);
  BoundArguments arguments = BindArguments(scope, raw);
  std::vector<Oid> actual = TypesOf(arguments.expressions);
  FunctionCall lookup = LookupOf(raw, actual, arguments);
  lookup.include_outputs = true;
  FoundFunction found = AtLocation(raw->location, [&] { return FindFunction(state, lookup); });
  CheckMeaning(raw, found,
               FunctionSignature(state, DottedName(raw->funcname), actual, arguments.names), true);
  ResolvedCall call;
  call.raw = raw;
  call.found = std::move(found);
  call.arguments = std::move(arguments.expressions);
  call.variadic = raw->func_variadic;
  call.location = raw->location;
  CompleteArguments(scope, call, std::move(actual));
  state.privileges.AddFunction(state.catalog, *call.found.proc);
  return MakeFunction(state, call.found.proc->oid, {call.result, -1}, std::move(call.arguments),
                      CallForm::kCall, raw->location);
}

BoundExpressionPtr CallFieldFunction(Scope& scope, const std::string& name, BoundExpressionPtr row,
                                     int location) {
  BindState& state = scope.state;
  Oid type = row->type.oid;
  String text{T_String, const_cast<char*>(name.c_str())};
  ListCell cell;
  cell.ptr_value = &text;
  List names{T_List, 1, 1, &cell};
  FunctionCall lookup;
  lookup.name = &names;
  lookup.types = std::span<const Oid>(&type, 1);
  FoundFunction found = FindFunction(state, lookup);
  if (found.meaning != FunctionMeaning::kFunction) return nullptr;
  FuncCall raw{};
  raw.type = T_FuncCall;
  raw.funcname = &names;
  raw.location = location;
  ResolvedCall call;
  call.raw = &raw;
  call.found = std::move(found);
  call.arguments.push_back(std::move(row));
  call.last_set = scope.last_set;
  call.location = location;
  CompleteArguments(scope, call, {type});
  return MakePlainCall(scope, std::move(call));
}

std::optional<std::vector<RowField>> FunctionOutputFields(Scope& scope, const BoundFunction& call) {
  const functions::ProcInfo& proc = *call.proc;
  if (proc.all_argument_types.empty()) return std::nullopt;
  std::vector<RowField> fields;
  std::vector<Oid> actual;
  std::vector<Oid> declared;
  for (size_t i = 0; i < proc.argument_types.size() && i < call.arguments.size(); ++i) {
    actual.push_back(call.arguments[i]->type.oid);
    declared.push_back(proc.argument_types[i]);
  }
  for (size_t i = 0; i < proc.all_argument_types.size(); ++i) {
    char mode = i < proc.argument_modes.size() ? proc.argument_modes[i] : 'i';
    if (!functions::IsOutputMode(mode)) continue;
    Oid type = proc.all_argument_types[i];
    if (IsPolymorphic(type)) {
      std::vector<Oid> copy = declared;
      type = ResolvePolymorphic(scope.state, actual, copy, type);
    }
    std::string name = i < proc.argument_names.size() ? proc.argument_names[i] : "";
    if (name.empty()) name = "column" + std::to_string(fields.size() + 1);
    fields.push_back({name, {type, -1}});
  }
  if (fields.size() < 2 && proc.result_type != oids::kRecord) return std::nullopt;
  return fields;
}

}  // namespace sundog::binder
