// Functions in FROM: result columns, column definition lists, ordinality, ROWS FROM.
#include "binder/bind_from.h"
#include "binder/bind_function_call.h"
#include "binder/build_coercion.h"
#include "binder/column_name.h"
#include "binder/expression_levels.h"
#include "binder/resolve_type.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

struct RawCall {
  BoundExpressionPtr call;
  std::string name;
  const List* definitions = nullptr;
};

int DefinitionsLocation(const List* definitions) {
  return parser::At<ColumnDef>(definitions, 0)->location;
}

BoundExpressionPtr BindCall(Scope& scope, const Node* node) {
  LastSet before = scope.last_set;
  BoundExpressionPtr call = BindExpression(scope, node, ExpressionRole::kFromFunction);
  if (!(scope.last_set == before) && scope.last_set.call != call.get()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "set-returning functions must appear at top level of FROM")
        .At(scope.last_set.location);
  }
  ResolveUnknown(scope.state, call);
  return call;
}

bool IsUnnestOfSeveral(const FuncCall* call, const List* definitions) {
  return parser::Length(call->funcname) == 1 &&
         std::string_view(parser::Text(parser::At(call->funcname, 0))) == "unnest" &&
         parser::Length(call->args) > 1 && call->agg_order == nullptr &&
         call->agg_filter == nullptr && call->over == nullptr && !call->agg_star &&
         !call->agg_distinct && !call->func_variadic && definitions == nullptr;
}

// unnest(a, b) is ROWS FROM (unnest(a), unnest(b)).
void BindUnnest(Scope& scope, const FuncCall* call, std::vector<RawCall>& calls) {
  for (int i = 0; i < parser::Length(call->args); ++i) {
    FuncCall one = *call;
    ListCell cell = call->args->elements[i];
    List arguments{T_List, 1, 1, &cell};
    one.args = &arguments;
    calls.push_back({BindCall(scope, reinterpret_cast<const Node*>(&one)), "unnest", nullptr});
  }
}

std::vector<RawCall> BindCalls(Scope& scope, const RangeFunction* range) {
  std::vector<RawCall> calls;
  scope.lateral_active = true;
  for (const List* pair : parser::Each<List>(range->functions)) {
    const Node* node = parser::At(pair, 0);
    const List* definitions = parser::At<List>(pair, 1);
    if (TagOf(node) == T_FuncCall && IsUnnestOfSeveral(As<FuncCall>(node), definitions)) {
      BindUnnest(scope, As<FuncCall>(node), calls);
      continue;
    }
    RawCall call{BindCall(scope, node), FigureColumnName(node), definitions};
    if (definitions != nullptr && range->coldeflist != nullptr) {
      throw SqlError(sqlstate::kSyntaxError,
                     "multiple column definition lists are not allowed for the same function")
          .At(DefinitionsLocation(range->coldeflist));
    }
    calls.push_back(std::move(call));
  }
  scope.lateral_active = false;
  return calls;
}

// The list after AS belongs to the only function.
void PlaceDefinitions(const RangeFunction* range, std::vector<RawCall>& calls) {
  if (range->coldeflist == nullptr) return;
  int location = DefinitionsLocation(range->coldeflist);
  if (calls.size() != 1) {
    bool rows_from = range->is_rowsfrom;
    throw SqlError(sqlstate::kSyntaxError,
                   rows_from
                       ? "ROWS FROM() with multiple functions cannot have a column definition list"
                       : "UNNEST() with multiple arguments cannot have a column definition list")
        .Hint(rows_from ? "Put a separate column definition list for each function inside ROWS "
                          "FROM()."
                        : "Use separate UNNEST() calls inside ROWS FROM(), and attach a column "
                          "definition list to each one.")
        .At(location);
  }
  if (range->ordinality) {
    throw SqlError(sqlstate::kSyntaxError,
                   "WITH ORDINALITY cannot be used with a column definition list")
        .Hint("Put the column definition list inside ROWS FROM().")
        .At(location);
  }
  calls[0].definitions = range->coldeflist;
}

void CheckDefinitionsFit(Scope& scope, const RawCall& raw, bool composite, bool record) {
  if (raw.definitions == nullptr) {
    if (!record) return;
    throw SqlError(sqlstate::kSyntaxError,
                   "a column definition list is required for functions returning \"record\"")
        .At(raw.call->location);
  }
  if (record) return;
  std::string text = "a column definition list is only allowed for functions returning \"record\"";
  if (composite && raw.call->type.oid == oids::kRecord) {
    text = "a column definition list is redundant for a function with OUT parameters";
  } else if (composite) {
    text = "a column definition list is redundant for a function returning a named composite type";
  }
  static_cast<void>(scope);
  throw SqlError(sqlstate::kSyntaxError, text).At(DefinitionsLocation(raw.definitions));
}

std::vector<BoundColumnDefinition> BindDefinitions(Scope& scope, const List* definitions) {
  std::vector<BoundColumnDefinition> columns;
  for (const ColumnDef* definition : parser::Each<ColumnDef>(definitions)) {
    if (definition->typeName->setof) {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     std::string("column \"") + definition->colname + "\" cannot be declared SETOF")
          .At(definition->location);
    }
    for (const BoundColumnDefinition& earlier : columns) {
      if (earlier.name != definition->colname) continue;
      throw SqlError(sqlstate::kDuplicateColumn,
                     "column name \"" + earlier.name + "\" specified more than once");
    }
    columns.push_back({definition->colname, ResolveType(scope.state, definition->typeName)});
  }
  return columns;
}

// The name of a scalar function's only column.
std::string ScalarColumnName(const BoundExpression& call, const std::string& name,
                             const Alias* alias, bool only) {
  if (call.kind == ExpressionKind::kFunction) {
    const functions::ProcInfo& proc = *call.As<BoundFunction>().proc;
    std::string output;
    int outputs = 0;
    for (size_t i = 0; i < proc.argument_modes.size(); ++i) {
      char mode = proc.argument_modes[i];
      if (!functions::IsOutputMode(mode)) continue;
      ++outputs;
      if (i < proc.argument_names.size()) output = proc.argument_names[i];
    }
    if (outputs == 1 && !output.empty()) return output;
  }
  if (only && alias != nullptr) return alias->aliasname;
  return name;
}

BoundFunctionRef::Call DescribeCall(Scope& scope, RawCall raw, const Alias* alias, bool only) {
  BoundFunctionRef::Call result;
  Oid type = raw.call->type.oid;
  std::optional<std::vector<RowField>> fields;
  bool is_row = scope.types().IsRow(type);
  if (is_row) fields = RowFields(scope, *raw.call);
  bool record = is_row && !fields.has_value();
  CheckDefinitionsFit(scope, raw, is_row, record);
  if (record) {
    result.columns = BindDefinitions(scope, raw.definitions);
    result.composite = true;
    result.has_column_list = true;
  } else if (is_row) {
    result.composite = true;
    for (const RowField& field : *fields) {
      if (!field.name.empty()) result.columns.push_back({field.name, field.type});
    }
  } else {
    const types::TypeInfo& info = scope.types().Info(type);
    if (info.kind_code == 'p' && type != oids::kVoid && type != oids::kCstring) {
      throw SqlError(sqlstate::kDatatypeMismatch, "function \"" + raw.name +
                                                      "\" in FROM has unsupported return type " +
                                                      scope.types().Name(type))
          .At(raw.call->location);
    }
    result.columns.push_back({ScalarColumnName(*raw.call, raw.name, alias, only), raw.call->type});
  }
  result.call = std::move(raw.call);
  return result;
}

}  // namespace

FromItem BindRangeFunction(Scope& scope, const RangeFunction* range) {
  std::vector<RawCall> calls = BindCalls(scope, range);
  PlaceDefinitions(range, calls);
  std::string name = range->alias != nullptr ? range->alias->aliasname : calls[0].name;
  bool only = calls.size() == 1;
  auto ref = std::make_unique<BoundFunctionRef>();
  std::vector<OutputColumn> columns;
  bool composite = false;
  Oid row_type = only ? calls[0].call->type.oid : kInvalidOid;
  for (RawCall& raw : calls) {
    ref->calls.push_back(DescribeCall(scope, std::move(raw), range->alias, only));
    composite = composite || ref->calls.back().composite;
    for (const BoundColumnDefinition& column : ref->calls.back().columns) {
      columns.push_back({column.name, column.type});
    }
  }
  ref->ordinality = range->ordinality;
  ref->rows_from = range->is_rowsfrom || !only;
  if (range->ordinality) columns.push_back({"ordinality", {oids::kInt8}});
  NameItem* item = AddDerivedItem(scope, NameItemKind::kFunction, name, range->alias,
                                  scope.state.NewRelation(scope.depth), std::move(columns));
  item->scalar_function = only && !composite && !range->ordinality;
  if (only && composite && !range->ordinality && row_type != oids::kRecord) {
    item->row_type = scope.types().BaseType(row_type);
  }
  ref->relation = item->relation;
  ref->alias = item->name;
  ref->column_aliases = AliasColumns(range->alias);
  return {std::move(ref), item, {item}};
}

}  // namespace sundog::binder
