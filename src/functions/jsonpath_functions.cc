// jsonb_path_exists, _match, _query, _query_array, _query_first, with and without _tz, and the
// operators @? and @@.
#include <memory>

#include "base/sql_error.h"
#include "functions/datum_kernel.h"
#include "functions/implementations.h"
#include "functions/json_functions.h"
#include "functions/jsonpath_executor.h"
#include "types/jsonb_builder.h"

namespace sundog::functions {

namespace {

using types::Jsonb;
using Outcome = JsonPathExecutor::Outcome;

// The program of the path that the call site ran last: mostly the same one.
struct LastProgram {
  std::string text;
  std::unique_ptr<JsonPathProgram> program;

  static JsonPathProgram& Of(CallContext& call, std::string_view text) {
    auto& last = call.State<LastProgram>();
    if (last.program == nullptr || last.text != text) {
      last.program = std::make_unique<JsonPathProgram>(text);
      last.text = text;
    }
    return *last.program;
  }
};

// Arguments: document, path, variables, silent; the operators have only the first two and are
// silent.
template <bool kZone>
JsonPathExecutor Executor(CallContext& call, std::span<const Datum> arguments,
                          base::Arena& arena) {
  JsonPathExecutor::Options options;
  options.uses_time_zone = kZone;
  options.silent = arguments.size() < 4 || arguments[3].As<bool>();
  if (arguments.size() > 2) options.variables = Jsonb(arguments[2].As<std::string_view>());
  return JsonPathExecutor(call.io(), LastProgram::Of(call, arguments[1].As<std::string_view>()),
                          std::move(options), arena);
}

Jsonb Document(std::span<const Datum> arguments) {
  return Jsonb(arguments[0].As<std::string_view>());
}

template <bool kZone>
Datum Exists(CallContext& call, std::span<const Datum> arguments) {
  base::Arena scratch;
  Outcome outcome = Executor<kZone>(call, arguments, scratch).Run(Document(arguments), nullptr);
  if (outcome == Outcome::kError) return Datum();
  return Datum::From<bool>(outcome == Outcome::kOk);
}

template <bool kZone>
Datum Match(CallContext& call, std::span<const Datum> arguments) {
  base::Arena scratch;
  JsonPathResults results;
  Executor<kZone>(call, arguments, scratch).Run(Document(arguments), &results);
  if (results.size() == 1 && !results[0].is_datetime()) {
    if (results[0].json.is_bool()) return Datum::From<bool>(results[0].json.boolean());
    if (results[0].json.is_null()) return Datum();
  }
  bool silent = arguments.size() < 4 || arguments[3].As<bool>();
  if (!silent) {
    throw SqlError(sqlstate::kSingletonSqlJsonItemRequired, "single boolean result is expected");
  }
  return Datum();
}

template <bool kZone>
Datum QueryArray(CallContext& call, std::span<const Datum> arguments) {
  base::Arena scratch;
  JsonPathResults results;
  JsonPathExecutor executor = Executor<kZone>(call, arguments, scratch);
  executor.Run(Document(arguments), &results);
  types::JsonbBuilder builder;
  builder.BeginArray();
  for (const JsonPathValue& result : results) builder.Add(executor.ToJsonb(result));
  builder.End();
  return Datum::From(builder.Finish(call.arena()));
}

template <bool kZone>
Datum QueryFirst(CallContext& call, std::span<const Datum> arguments) {
  base::Arena scratch;
  JsonPathResults results;
  JsonPathExecutor executor = Executor<kZone>(call, arguments, scratch);
  executor.Run(Document(arguments), &results);
  if (results.empty()) return Datum();
  return Datum::From(executor.ToJsonb(results[0]).Copy(call.arena()));
}

class QueryCall : public SetCall {
 public:
  size_t Next(std::span<Vector* const> columns, size_t capacity) override {
    size_t count = 0;
    for (; count < capacity && next_ < values.size(); ++count, ++next_) {
      Vector& out = *columns[0];
      out.Set<std::string_view>(count, values[next_].Copy(out.arena()));
    }
    return count;
  }

  base::Arena arena;
  std::vector<Jsonb> values;

 private:
  size_t next_ = 0;
};

template <bool kZone>
std::unique_ptr<SetCall> Query(CallContext& call, std::span<const Datum> arguments) {
  auto query = std::make_unique<QueryCall>();
  JsonPathResults results;
  JsonPathExecutor executor = Executor<kZone>(call, arguments, query->arena);
  executor.Run(Document(arguments), &results);
  for (const JsonPathValue& result : results) query->values.push_back(executor.ToJsonb(result));
  return query;
}

const ScalarEntry kEntries[] = {
    {"jsonb_path_exists", DatumKernel<Exists<false>>},
    {"jsonb_path_exists_tz", DatumKernel<Exists<true>>},
    {"jsonb_path_exists_opr", DatumKernel<Exists<false>>},
    {"jsonb_path_match", DatumKernel<Match<false>>},
    {"jsonb_path_match_tz", DatumKernel<Match<true>>},
    {"jsonb_path_match_opr", DatumKernel<Match<false>>},
    {"jsonb_path_query_array", DatumKernel<QueryArray<false>>},
    {"jsonb_path_query_array_tz", DatumKernel<QueryArray<true>>},
    {"jsonb_path_query_first", DatumKernel<QueryFirst<false>>},
    {"jsonb_path_query_first_tz", DatumKernel<QueryFirst<true>>},
};

const SetEntry kSets[] = {
    {"jsonb_path_query", Query<false>},
    {"jsonb_path_query_tz", Query<true>},
};

}  // namespace

void RegisterJsonPathFunctions(Implementations& table) {
  table.Add(std::span(kEntries));
  table.Add(std::span(kSets));
}

}  // namespace sundog::functions
