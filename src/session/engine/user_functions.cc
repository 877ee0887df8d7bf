#include "session/engine/user_functions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/names.h"
#include "catalog/object_address.h"
#include "exec/actual_types.h"
#include "exec/row_store.h"
#include "runtime/stack.h"
#include "session/engine/engine_session.h"
#include "session/engine/function_scopes.h"
#include "session/engine/plpgsql_host.h"
#include "session/engine/sql_function.h"
#include "session/plpgsql/parser.h"
#include "types/oids.h"
#include "types/record.h"

namespace sundog::session {

using functions::ProcInfo;
using plpgsql::Value;

namespace {

constexpr std::string_view kRowsDiffer =
    "function return row and query-specified return row do not match";

struct Argument {
  std::string name;
  types::Oid type;
  char mode;
};

std::vector<Argument> ArgumentsOf(const ProcInfo& proc) {
  const std::vector<types::Oid>& types =
      proc.all_argument_types.empty() ? proc.argument_types : proc.all_argument_types;
  std::vector<Argument> arguments;
  for (size_t i = 0; i < types.size(); ++i) {
    Argument argument;
    argument.type = types[i];
    argument.mode = i < proc.argument_modes.size() ? proc.argument_modes[i] : 'i';
    if (i < proc.argument_names.size()) argument.name = proc.argument_names[i];
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

plpgsql::Declaration DeclarationOf(const ProcInfo& proc) {
  plpgsql::Declaration declaration;
  declaration.name = proc.name;
  for (const Argument& argument : ArgumentsOf(proc)) {
    declaration.parameters.push_back({argument.name, argument.type, -1});
    if (functions::IsOutputMode(argument.mode)) declaration.has_out_parameters = true;
  }
  declaration.returns_set = proc.returns_set;
  declaration.returns_void = proc.result_type == types::oids::kVoid;
  declaration.is_procedure = proc.kind == 'p';
  return declaration;
}

// The function with the types that its polymorphic ones are in this call.
ProcInfo ActualFunction(const exec::UserCall& call, const types::TypeLookup& types) {
  ProcInfo actual = call.proc;
  if (!binder::HasPolymorphicArguments(call.proc)) return actual;
  size_t input = 0;
  for (size_t i = 0; i < actual.all_argument_types.size(); ++i) {
    types::Oid& type = actual.all_argument_types[i];
    if (functions::IsInputMode(actual.argument_modes[i])) {
      type = call.argument_types[input++].oid;
    } else {
      type = exec::ActualType(type, call.proc, call.argument_types, types);
      if (type == types::kInvalidOid) {
        base::ThrowNotSupported("calling function " + functions::ProcSignature(call.proc));
      }
    }
  }
  for (size_t i = 0; i < actual.argument_types.size(); ++i) {
    actual.argument_types[i] = call.argument_types[i].oid;
  }
  if (binder::IsPolymorphic(actual.result_type)) actual.result_type = call.result_type.oid;
  return actual;
}

// 42804 with `message`, unless `columns` are just the `expected` ones.
void CheckColumns(std::string_view message, std::span<const types::SqlType> columns,
                  std::span<const types::CompositeField> expected,
                  const catalog::Catalog& catalog) {
  auto fail = [&](std::string detail) {
    throw SqlError(sqlstate::kDatatypeMismatch, std::string(message)).Detail(std::move(detail));
  };
  if (columns.size() != expected.size()) {
    fail(fmt::format("Number of returned columns ({}) does not match expected column count ({}).",
                     columns.size(), expected.size()));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const types::TypeInfo& wanted = catalog.GetBaseType(expected[i].type.oid);
    if (catalog.GetBaseType(columns[i].oid).oid == wanted.oid) continue;
    fail(fmt::format("Returned type {} does not match expected type {} in column {}.",
                     types::FormatType(catalog, columns[i]),
                     types::FormatType(catalog, {expected[i].type.oid, -1}), i + 1));
  }
}

}  // namespace

struct UserFunctionCalls::Entry {
  std::shared_ptr<const catalog::FunctionDescriptor> descriptor;
  // Of a body that the catalog keeps bound: the names in it are this one's. Else null.
  catalog::CatalogPtr catalog;
  ProcInfo proc;  // of these types
  std::string signature;
  // By language.
  std::shared_ptr<const plpgsql::Function> function;
  std::unique_ptr<SqlFunction> sql;
  size_t depth = 0;
  std::vector<std::unique_ptr<plpgsql::ExpressionCache>> caches;
};

struct UserFunctionCalls::Depth {
  explicit Depth(Entry& entry) : entry(entry) {
    if (entry.caches.size() == entry.depth) {
      entry.caches.push_back(std::make_unique<plpgsql::ExpressionCache>());
    }
    cache = entry.caches[entry.depth++].get();
  }
  ~Depth() { --entry.depth; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

  Entry& entry;
  plpgsql::ExpressionCache* cache;
};

// The rows of a function that returns a set, as the caller wants them: the fields of a row type, or
// one value a row.
class UserFunctionCalls::SetResult final : public ReturnedRows {
 public:
  SetResult(const catalog::Catalog& catalog, std::span<const types::CompositeField> columns,
            exec::RowStore& rows)
      : catalog_(catalog), columns_(columns), rows_(rows) {}

  std::span<const types::CompositeField> columns() const { return columns_; }

  // 42804 unless the columns are those that are wanted.
  void CheckRow(std::span<const types::SqlType> types) const {
    CheckColumns("structure of query does not match function result type", types, columns_,
                 catalog_);
  }
  void AddRow(std::span<const types::Datum> row) { rows_.AppendRow(row); }
  // A composite value: its fields, all null if it is.
  void AddRecord(const types::Datum& record, std::string_view message) {
    std::vector<types::Datum> row(columns_.size());
    if (!record.is_null()) {
      types::RecordReader reader(record.As<std::string_view>());
      std::vector<types::SqlType> fields;
      for (int i = 0; i < reader.size(); ++i) fields.push_back({reader.field_type(i), -1});
      CheckColumns(message, fields, columns_, catalog_);
      for (size_t i = 0; i < row.size(); ++i) row[i] = reader.At(static_cast<int>(i));
    }
    AddRow(row);
  }

  // --- of PL/pgSQL ---
  void TakeRow(std::span<const Value> row) override {
    std::vector<types::SqlType> types;
    std::vector<types::Datum> values;
    for (const Value& value : row) {
      types.push_back(value.type());
      values.push_back(value.datum());
    }
    CheckRow(types);
    AddRow(values);
  }
  void TakeRecord(const Value& record) override {
    AddRecord(record.datum(), "wrong record type supplied in RETURN NEXT");
  }

 private:
  const catalog::Catalog& catalog_;
  std::span<const types::CompositeField> columns_;
  exec::RowStore& rows_;
};

UserFunctionCalls::UserFunctionCalls(EngineSession& session) : session_(session) {}

UserFunctionCalls::~UserFunctionCalls() = default;

std::shared_ptr<UserFunctionCalls::Entry> UserFunctionCalls::Find(
    const exec::UserCall& call, std::span<const types::CompositeField> columns) {
  const catalog::Catalog& catalog = *session_.catalog();
  auto descriptor = catalog.contents().functions.Find(call.proc.oid);
  // Dropped while a cursor's query is still calling it.
  if (descriptor == nullptr) {
    throw SqlError(sqlstate::kUndefinedFunction,
                   fmt::format("function {} does not exist", call.proc.name));
  }
  Key key{call.proc.oid, {}};
  if (binder::HasPolymorphicArguments(call.proc)) {
    for (types::SqlType type : call.argument_types) key.second.push_back(type.oid);
  }
  for (const types::CompositeField& column : columns) {
    key.second.push_back(column.type.oid);
    key.second.push_back(static_cast<types::Oid>(column.type.typmod));
  }
  std::shared_ptr<Entry>& entry = entries_[key];
  bool known = entry != nullptr && entry->descriptor == descriptor &&
               (entry->catalog == nullptr || entry->catalog == session_.catalog());
  if (known) return entry;
  auto made = std::make_shared<Entry>();
  made->descriptor = descriptor;
  if (descriptor->return_value || descriptor->is_atomic) made->catalog = session_.catalog();
  made->proc = ActualFunction(call, catalog);
  made->signature = catalog::FunctionSignature(catalog, &session_.search_path(), call.proc);
  if (call.proc.language == catalog::kPlpgsqlLanguage) {
    made->function = plpgsql::ParseFunction(DeclarationOf(made->proc), made->proc.source);
  } else {
    std::optional<std::vector<types::CompositeField>> expected;
    if (!columns.empty()) expected.emplace(columns.begin(), columns.end());
    made->sql = std::make_unique<SqlFunction>(session_, made->proc, *descriptor,
                                              std::move(expected));
  }
  entry = std::move(made);
  return entry;
}

// --- PL/pgSQL ---

plpgsql::CallResult UserFunctionCalls::RunPlpgsql(Entry& entry, const exec::UserCall& call,
                                                  SetResult* rows) {
  const ProcInfo& proc = entry.proc;
  FunctionHost host(session_, proc.volatility == 'v', rows);
  plpgsql::CallOptions options;
  options.signature = entry.signature;
  options.returns_set = proc.returns_set;
  options.returns_void = proc.result_type == types::oids::kVoid || proc.kind == 'p';
  std::vector<Argument> declared = ArgumentsOf(proc);
  std::vector<Value> values;
  size_t next = 0;
  for (size_t i = 0; i < declared.size(); ++i) {
    plpgsql::VariableType type = host.TypeOf({declared[i].type, -1});
    values.push_back(functions::IsInputMode(declared[i].mode)
                         ? Value::Of(type.type, type.kind, call.arguments[next++])
                         : Value::Null(type.type, type.kind));
    if (functions::IsOutputMode(declared[i].mode)) {
      options.out_variables.push_back(static_cast<int>(i));
    }
  }
  if (!options.returns_void) {
    options.result =
        host.TypeOf(proc.returns_set ? types::SqlType{proc.result_type, -1} : call.result_type);
  }
  Depth depth(entry);
  plpgsql::Interpreter interpreter(*entry.function, options, host, *depth.cache);
  return interpreter.Run(values);
}

namespace {

// The values of several OUT arguments as one record.
types::Datum OutputRecord(const ProcInfo& proc, std::span<const Value> values,
                          base::Arena& arena) {
  types::RecordBuilder builder(types::oids::kRecord, true);
  size_t next = 0;
  for (const Argument& argument : ArgumentsOf(proc)) {
    if (!functions::IsOutputMode(argument.mode)) continue;
    const Value& value = values[next++];
    builder.Append(value.type().oid, value.kind(), value.datum(), argument.name);
  }
  return types::Datum::From(builder.Finish(arena));
}

types::Datum PlpgsqlResult(const plpgsql::CallResult& result, const exec::UserCall& call,
                           const ProcInfo& proc, types::PhysicalKind kind, base::Arena& arena) {
  if (result.values.empty()) {
    // void has a value, written as nothing; RETURN NULL and no result at all are null.
    return call.result_type.oid == types::oids::kVoid ? types::Datum::From(false)
                                                      : types::Datum();
  }
  if (result.values.size() == 1) return result.values[0].datum().CopyTo(arena, kind);
  return OutputRecord(proc, result.values, arena);
}

// --- SQL ---

// A row as one value of the function's row type.
types::Datum ComposeRow(std::span<const types::CompositeField> columns,
                        std::span<const types::Datum> row, types::Oid type,
                        const catalog::Catalog& catalog, base::Arena& arena) {
  bool is_record = type == types::oids::kRecord;
  types::RecordBuilder builder(type, is_record);
  for (size_t i = 0; i < row.size(); ++i) {
    types::Oid field = columns[i].type.oid;
    builder.Append(field, catalog.GetType(field).physical, row[i], columns[i].name);
  }
  return types::Datum::From(builder.Finish(arena));
}

}  // namespace

types::Datum UserFunctionCalls::CallSql(Entry& entry, const exec::UserCall& call,
                                        base::Arena& arena) {
  SqlFunction& function = *entry.sql;
  types::PhysicalKind kind = session_.catalog()->GetType(call.result_type.oid).physical;
  types::Datum result;
  function.Run(call.arguments, [&](std::span<const types::Datum> row) {
    if (function.gives_rows()) {
      result = ComposeRow(function.columns(), row, entry.proc.result_type, *session_.catalog(),
                          arena);
    } else {
      function.CheckRecord(row[0]);
      result = row[0].CopyTo(arena, kind);
    }
    return false;
  });
  return result;
}

void UserFunctionCalls::CallSqlSet(Entry& entry, const exec::UserCall& call, bool composite,
                                   SetResult& rows) {
  SqlFunction& function = *entry.sql;
  const bool returns_set = call.proc.returns_set;
  bool checked = false;
  bool any = false;
  function.Run(call.arguments, [&](std::span<const types::Datum> row) {
    any = true;
    if (composite && !function.gives_rows()) {
      rows.AddRecord(row[0], kRowsDiffer);
      return returns_set;
    }
    if (!checked) {
      std::vector<types::SqlType> types;
      for (const types::CompositeField& column : function.columns()) types.push_back(column.type);
      rows.CheckRow(types);
      checked = true;
    }
    rows.AddRow(row);
    return returns_set;
  });
  if (!any && !returns_set) rows.AddRecord(types::Datum(), kRowsDiffer);
}

// --- calls ---

types::Datum UserFunctionCalls::Call(const exec::UserCall& call, base::Arena& arena) {
  runtime::CheckStackDepth();
  std::shared_ptr<Entry> entry = Find(call, {});
  FunctionScope scope(session_, *entry->descriptor);
  if (entry->sql != nullptr) return CallSql(*entry, call, arena);
  types::PhysicalKind kind = session_.catalog()->GetType(call.result_type.oid).physical;
  return PlpgsqlResult(RunPlpgsql(*entry, call, nullptr), call, entry->proc, kind, arena);
}

void UserFunctionCalls::CallSet(const exec::UserCall& call,
                                std::span<const types::CompositeField> columns, bool composite,
                                exec::RowStore& rows) {
  runtime::CheckStackDepth();
  if (columns.empty() && composite) {
    base::ThrowNotSupported(fmt::format(
        "calling function {}, whose columns are not known here,", call.proc.name));
  }
  bool any_record = call.proc.result_type == types::oids::kRecord &&
                    call.proc.all_argument_types.empty();
  std::shared_ptr<Entry> entry =
      Find(call, any_record ? columns : std::span<const types::CompositeField>());
  FunctionScope scope(session_, *entry->descriptor);
  catalog::CatalogPtr catalog = session_.catalog();
  SetResult result(*catalog, columns, rows);
  if (entry->sql != nullptr) {
    CallSqlSet(*entry, call, composite, result);
  } else if (call.proc.returns_set) {
    RunPlpgsql(*entry, call, &result);
  } else {
    plpgsql::CallResult record = RunPlpgsql(*entry, call, nullptr);
    result.AddRecord(record.values.empty() ? types::Datum() : record.values[0].datum(),
                     kRowsDiffer);
  }
}

std::vector<Value> UserFunctionCalls::CallProcedure(const exec::UserCall& call) {
  runtime::CheckStackDepth();
  std::shared_ptr<Entry> entry = Find(call, {});
  FunctionScope scope(session_, *entry->descriptor);
  if (entry->sql == nullptr) return RunPlpgsql(*entry, call, nullptr).values;
  SqlFunction& function = *entry->sql;
  std::vector<Value> values;
  bool has_outputs = call.proc.result_type != types::oids::kVoid;
  function.Run(call.arguments, [&](std::span<const types::Datum> row) {
    for (size_t i = 0; i < row.size(); ++i) {
      types::SqlType type = function.columns()[i].type;
      types::PhysicalKind kind = session_.catalog()->GetType(type.oid).physical;
      values.push_back(Value::Of(type, kind, row[i]));
    }
    return false;
  });
  if (has_outputs && values.empty()) {
    throw SqlError(sqlstate::kERIENullValueNotAllowed, "procedure returned null record");
  }
  return values;
}

void UserFunctionCalls::RunBlock(std::string_view body) {
  plpgsql::Declaration declaration;
  declaration.name = "inline_code_block";
  declaration.returns_void = true;
  std::shared_ptr<const plpgsql::Function> function = plpgsql::ParseFunction(declaration, body);
  plpgsql::CallOptions options;
  options.signature = "inline_code_block";
  options.returns_void = true;
  FunctionHost host(session_, /*is_volatile=*/true, nullptr);
  plpgsql::ExpressionCache cache;
  plpgsql::Interpreter(*function, options, host, cache).Run({});
}

}  // namespace sundog::session
