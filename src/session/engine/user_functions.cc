#include "session/engine/user_functions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/names.h"
#include "exec/row_store.h"
#include "runtime/stack.h"
#include "session/engine/engine_session.h"
#include "session/engine/plpgsql_host.h"
#include "session/plpgsql/parser.h"
#include "types/oids.h"
#include "types/record.h"

namespace sundog::session {

using plpgsql::Value;

namespace {

// Its OID in pg_language.
constexpr types::Oid kPlpgsqlLanguage = 13563;

bool IsInput(char mode) { return mode == 'i' || mode == 'b' || mode == 'v'; }
bool IsOutput(char mode) { return mode == 'o' || mode == 'b' || mode == 't'; }

struct Argument {
  std::string name;
  types::Oid type;
  char mode;
};

std::vector<Argument> ArgumentsOf(const functions::ProcInfo& proc) {
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

plpgsql::Declaration DeclarationOf(const functions::ProcInfo& proc) {
  plpgsql::Declaration declaration;
  declaration.name = proc.name;
  for (const Argument& argument : ArgumentsOf(proc)) {
    declaration.parameters.push_back({argument.name, argument.type, -1});
    if (IsOutput(argument.mode)) declaration.has_out_parameters = true;
  }
  declaration.returns_set = proc.returns_set;
  declaration.returns_void = proc.result_type == types::oids::kVoid;
  declaration.is_procedure = proc.kind == 'p';
  return declaration;
}

}  // namespace

struct UserFunctionCalls::Entry {
  std::shared_ptr<const functions::ProcInfo> proc;  // keeps the address from being another's
  std::shared_ptr<const plpgsql::Function> function;
  std::string signature;
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

UserFunctionCalls::UserFunctionCalls(EngineSession& session) : session_(session) {}

UserFunctionCalls::~UserFunctionCalls() = default;

UserFunctionCalls::Entry& UserFunctionCalls::Find(const functions::ProcInfo& proc) {
  std::unique_ptr<Entry>& entry = entries_[proc.oid];
  bool same = entry != nullptr && entry->proc->source == proc.source &&
              entry->proc->all_argument_types == proc.all_argument_types &&
              entry->proc->argument_types == proc.argument_types &&
              entry->proc->argument_names == proc.argument_names;
  // A function that is running stays as it was when it was called.
  if (same || (entry != nullptr && entry->depth > 0)) return *entry;
  auto made = std::make_unique<Entry>();
  made->proc = std::make_shared<functions::ProcInfo>(proc);
  made->signature =
      catalog::FunctionSignature(*session_.catalog(), &session_.search_path(), proc);
  if (proc.language == kPlpgsqlLanguage) {
    made->function = plpgsql::ParseFunction(DeclarationOf(proc), proc.source);
  }
  entry = std::move(made);
  return *entry;
}

void UserFunctionCalls::CheckBody(const functions::ProcInfo& proc, std::string_view language) {
  if (language == "plpgsql") plpgsql::ParseFunction(DeclarationOf(proc), proc.source);
}

plpgsql::CallResult UserFunctionCalls::RunPlpgsql(Entry& entry,
                                                  std::span<const Value> arguments,
                                                  types::SqlType result_type,
                                                  exec::RowStore* rows) {
  const functions::ProcInfo& proc = *entry.proc;
  FunctionHost host(session_, [&](std::span<const Value> row) {
    std::vector<types::Datum> values;
    for (const Value& value : row) values.push_back(value.datum());
    rows->AppendRow(values);
  });
  plpgsql::CallOptions options;
  options.signature = entry.signature;
  options.returns_set = proc.returns_set;
  options.returns_void = proc.result_type == types::oids::kVoid || proc.kind == 'p';
  std::vector<Argument> declared = ArgumentsOf(proc);
  std::vector<Value> values;
  size_t next = 0;
  for (size_t i = 0; i < declared.size(); ++i) {
    plpgsql::VariableType type = host.TypeOf({declared[i].type, -1});
    values.push_back(IsInput(declared[i].mode) ? arguments[next++]
                                               : Value::Null(type.type, type.kind));
    if (IsOutput(declared[i].mode)) options.out_variables.push_back(static_cast<int>(i));
  }
  if (!options.returns_void) options.result = host.TypeOf(result_type);
  Depth depth(entry);
  plpgsql::Interpreter interpreter(*entry.function, options, host, *depth.cache);
  return interpreter.Run(values);
}

namespace {

// Makes a SECURITY DEFINER function's owner the current role while the function runs.
class DefinerScope {
 public:
  DefinerScope(EngineSession& session, const functions::ProcInfo& proc) : session_(session) {
    const auto* function = session.catalog()->contents().functions.Get(proc.oid);
    switched_ = proc.security_definer && function != nullptr;
    if (switched_) before_ = session.SwitchDefiner(function->owner);
  }
  ~DefinerScope() {
    if (switched_) session_.SwitchDefiner(before_);
  }
  DefinerScope(const DefinerScope&) = delete;
  DefinerScope& operator=(const DefinerScope&) = delete;

 private:
  EngineSession& session_;
  bool switched_ = false;
  types::Oid before_ = types::kInvalidOid;
};

// Polymorphic types but those of arrays and ranges: their values look different from type to type,
// and what type they have in a call is not known where the function runs.
bool LooksDifferent(types::Oid type) {
  switch (type) {
    case types::oids::kAnyelement:
    case types::oids::kAnynonarray:
    case types::oids::kAnyenum:
    case types::oids::kAnycompatible:
    case types::oids::kAnycompatiblenonarray:
      return true;
    default:
      return false;
  }
}

void RefusePolymorphic(const functions::ProcInfo& proc) {
  if (std::ranges::any_of(proc.argument_types, LooksDifferent) ||
      std::ranges::any_of(proc.all_argument_types, LooksDifferent)) {
    base::ThrowNotSupported(fmt::format("calling polymorphic function {}", proc.name));
  }
}

}  // namespace

plpgsql::CallResult UserFunctionCalls::RunFunction(const functions::ProcInfo& proc,
                                                   std::span<const types::Datum> arguments,
                                                   types::SqlType result_type,
                                                   exec::RowStore* rows) {
  runtime::CheckStackDepth();
  if (proc.language != kPlpgsqlLanguage) {
    base::ThrowNotSupported(
        fmt::format("calling function {}, which is not in PL/pgSQL,", proc.name));
  }
  RefusePolymorphic(proc);
  DefinerScope definer(session_, proc);
  std::vector<Value> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    types::SqlType type{proc.argument_types[i], -1};
    values.push_back(
        Value::Of(type, session_.catalog()->GetType(type.oid).physical, arguments[i]));
  }
  return RunPlpgsql(Find(proc), values, result_type, rows);
}

types::Datum UserFunctionCalls::Call(const functions::ProcInfo& proc,
                                     std::span<const types::Datum> arguments,
                                     types::SqlType result_type, functions::Environment&,
                                     base::Arena& arena) {
  plpgsql::CallResult result = RunFunction(proc, arguments, result_type, nullptr);
  types::PhysicalKind kind = session_.catalog()->GetType(result_type.oid).physical;
  if (result.values.empty()) {
    // void has a value, written as nothing; RETURN NULL and no result at all are null.
    return result_type.oid == types::oids::kVoid ? types::Datum::From(false) : types::Datum();
  }
  if (result.values.size() == 1) return result.values[0].datum().CopyTo(arena, kind);
  types::RecordBuilder builder(types::oids::kRecord, true);
  std::vector<Argument> declared = ArgumentsOf(proc);
  size_t next = 0;
  for (const Argument& argument : declared) {
    if (!IsOutput(argument.mode)) continue;
    const Value& value = result.values[next++];
    builder.Append(value.type().oid, value.kind(), value.datum(), argument.name);
  }
  return types::Datum::From(builder.Finish(arena));
}

void UserFunctionCalls::CallSet(const functions::ProcInfo& proc,
                                std::span<const types::Datum> arguments,
                                functions::Environment&, exec::RowStore& rows) {
  RunFunction(proc, arguments, {proc.result_type, -1}, &rows);
}

void UserFunctionCalls::RunBlock(std::string_view body) {
  plpgsql::Declaration declaration;
  declaration.name = "inline_code_block";
  declaration.returns_void = true;
  std::shared_ptr<const plpgsql::Function> function = plpgsql::ParseFunction(declaration, body);
  plpgsql::CallOptions options;
  options.signature = "inline_code_block";
  options.returns_void = true;
  FunctionHost host(session_, [](std::span<const Value>) { CHECK(false); });
  plpgsql::ExpressionCache cache;
  plpgsql::Interpreter(*function, options, host, cache).Run({});
}

}  // namespace sundog::session
