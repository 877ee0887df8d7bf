#include "session/engine/function_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/sql_error.h"
#include "binder/bound_utility.h"
#include "binder/function_body.h"
#include "parser/parse.h"
#include "runtime/interrupt.h"
#include "session/engine/catalog_scope.h"
#include "session/engine/query_plan.h"
#include "session/engine/utility_plan.h"
#include "session/transaction_block.h"

namespace sundog::session {

namespace {

bool IsDataChange(std::string_view tag) {
  return tag == "INSERT" || tag == "UPDATE" || tag == "DELETE" || tag == "MERGE";
}

bool CallsUserFunctions(const catalog::RequiredPrivileges& required) {
  return std::any_of(required.functions.begin(), required.functions.end(),
                     [](types::Oid function) { return function >= types::kFirstUserOid; });
}

// They would have to go into the variables that stand in their places.
void RefuseOutputs(const binder::BoundStatement& statement) {
  const auto& utility = static_cast<const binder::BoundUtility&>(statement);
  if (utility.utility != binder::UtilityKind::kCall) return;
  const functions::ProcInfo& proc = *utility.As<binder::BoundCall>().call->proc;
  if (proc.result_type != types::oids::kRecord) return;
  base::ThrowNotSupported("CALL of a procedure with output arguments in PL/pgSQL");
}

// What a statement inside another leaves as it found it. With a snapshot of its own it sees what
// was changed before it, also by the statement around it.
class NestedScope {
 public:
  NestedScope(EngineSession& session, bool own_snapshot) : catalog_(session) {
    if (own_snapshot) nested_.emplace(session.transaction()->txn());
  }

 private:
  CatalogScope catalog_;
  std::optional<txn::Transaction::NestedStatement> nested_;
};

}  // namespace

EngineTransaction& FunctionStatements::transaction() const {
  CHECK(session_.transaction() != nullptr);
  return *session_.transaction();
}

namespace {

// While it lives the transaction's view is one that a statement in a function begins with: what
// another call in the same outer statement has defined is there.
class DefinitionsScope {
 public:
  DefinitionsScope(EngineTransaction& transaction, bool is_volatile) {
    if (is_volatile && transaction.changed_catalog()) nested_.emplace(transaction.txn());
  }

 private:
  std::optional<txn::Transaction::NestedStatement> nested_;
};

}  // namespace

binder::BindContext FunctionStatements::Context(
    std::span<const types::Oid> parameter_types) const {
  DefinitionsScope definitions(transaction(), is_volatile_);
  binder::BindContext context =
      MakeRunContext(session_, transaction(), transaction().Catalog(), parameter_types);
  context.infer_parameters = false;
  return context;
}

namespace {

// What PostgreSQL calls a transaction command; empty for others.
std::string_view TransactionTag(const SessionCommand& command) {
  if (const auto* begin = std::get_if<BeginCommand>(&command)) {
    return begin->start_transaction ? "START TRANSACTION" : "BEGIN";
  }
  if (std::holds_alternative<CommitCommand>(command)) return "COMMIT";
  if (std::holds_alternative<RollbackCommand>(command)) return "ROLLBACK";
  if (std::holds_alternative<RollbackToCommand>(command)) return "ROLLBACK";
  if (std::holds_alternative<SavepointCommand>(command)) return "SAVEPOINT";
  if (std::holds_alternative<ReleaseCommand>(command)) return "RELEASE";
  return "";
}

}  // namespace

void FunctionStatements::ThrowNotForFunctions(const ParsedStatement& statement) const {
  std::string_view transaction = TransactionTag(statement.command);
  if (transaction.empty()) {
    base::ThrowNotSupported(fmt::format("{} in a function", statement.command_tag));
  }
  throw SqlError(sqlstate::kFeatureNotSupported,
                 language_ == FunctionLanguage::kSql
                     ? fmt::format("{} is not allowed in an SQL function", transaction)
                     : "unsupported transaction command in PL/pgSQL");
}

std::unique_ptr<FunctionSql> FunctionStatements::Prepare(
    std::shared_ptr<const ParsedStatement> statement, binder::BindContext& context) const {
  auto result = std::make_unique<FunctionSql>();
  result->command_tag = statement->command_tag;
  if (!std::holds_alternative<std::monostate>(statement->command)) {
    if (!std::holds_alternative<SetCommand>(statement->command)) {
      ThrowNotForFunctions(*statement);
    }
    result->command = std::move(statement);
    return result;
  }
  session_.engine().Admit(*statement, session_.context());
  const auto& parsed = static_cast<const EngineStatement&>(*statement);
  binder::BoundStatementPtr bound =
      binder::Bind(parsed.script->statements()[parsed.index], context);
  if (language_ == FunctionLanguage::kSql) binder::CheckBodyStatement(*bound);
  bool calls_functions = CallsUserFunctions(bound->required_privileges);
  if (bound->kind == binder::StatementKind::kUtility) {
    if (language_ == FunctionLanguage::kPlpgsql) RefuseOutputs(*bound);
    result->plan =
        MakeUtilityPlan(session_, transaction(), context.catalog, parsed, std::move(bound));
  } else {
    std::span<const binder::BoundTarget> outputs = binder::OutputColumns(*bound);
    if (!outputs.empty()) result->first_type = outputs[0].expression->type;
    auto plan = std::make_shared<QueryPlan>(session_, transaction(), context.catalog, *bound);
    result->simple = plan->table_locks().empty();
    result->needs_snapshot = !result->simple || calls_functions;
    result->only_reads = !plan->writes && !plan->locks_rows();
    if (plan->locks_rows() && !plan->writes) result->command_tag = "SELECT FOR UPDATE";
    result->plan = std::move(plan);
  }
  result->returns_rows = result->plan->returns_rows;
  result->changes_data = IsDataChange(parsed.command_tag);
  for (const ResultColumn& column : result->plan->columns) {
    result->columns.push_back({column.name, column.type, column.info->physical});
  }
  return result;
}

bool FunctionStatements::IsCurrent(const FunctionSql& sql) const {
  DefinitionsScope definitions(transaction(), is_volatile_);
  return sql.plan == nullptr || sql.plan->IsCurrent(session_.context(), transaction());
}

void FunctionStatements::CheckMayRun(const FunctionSql& sql) const {
  const PreparedPlan* plan = sql.plan.get();
  if (plan != nullptr && plan->needs_own_transaction) {
    throw SqlError(sqlstate::kActiveSqlTransaction,
                   fmt::format("{} cannot be executed from a function", plan->command_tag));
  }
  if (!is_volatile_ && !sql.only_reads) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("{} is not allowed in a non-volatile function", sql.command_tag));
  }
  if (plan == nullptr) return;
  if (plan->copy != CopyDirection::kNone) base::ThrowNotSupported("COPY in a function");
  if (plan->writes && !plan->writes_only_temporary) {
    session_.context().RequireMayWrite(sql.command_tag);
  }
}

int64_t FunctionStatements::Run(FunctionSql& sql, const ParameterValues& parameters,
                                plpgsql::RowSink* sink) const {
  CheckMayRun(sql);
  if (sql.command != nullptr) {
    const auto& set = std::get<SetCommand>(sql.command->command);
    std::optional<std::string_view> value;
    if (set.value) value = *set.value;
    session_.context().SetSetting(set.name, value, set.is_local);
    return 0;
  }
  if (!sql.needs_snapshot) return RunPlan(sql, parameters, sink);
  NestedScope nested(session_, is_volatile_);
  return RunPlan(sql, parameters, sink);
}

int64_t FunctionStatements::RunPlan(FunctionSql& sql, const ParameterValues& parameters,
                                    plpgsql::RowSink* sink) const {
  std::unique_ptr<Execution> execution = std::move(sql.idle);
  if (execution == nullptr) execution = sql.plan->NewExecution();
  Execution::Context context;
  context.session = &session_.context();
  context.transaction = &transaction();
  context.parameters = &parameters;
  int64_t rows = 0;
  bool wants_more = true;
  try {
    execution->Open(context);
    while (const types::Chunk* chunk = wants_more ? execution->Next() : nullptr) {
      runtime::CheckInterrupts();
      for (size_t k = 0; k < chunk->row_count() && wants_more; ++k) {
        ++rows;
        wants_more = sink == nullptr || sink->Take(*chunk, chunk->rows[k]);
      }
    }
  } catch (...) {
    execution->Close();
    throw;
  }
  if (!sql.returns_rows || sql.changes_data) rows = execution->rows_affected();
  execution->Close();
  sql.idle = std::move(execution);
  return rows;
}

}  // namespace sundog::session
