#include "session/engine/engine.h"

#include "base/clock.h"
#include "base/sql_error.h"
#include "binder/bind.h"
#include "binder/bound_utility.h"
#include "catalog/name_resolver.h"
#include "codec/key_space.h"
#include "exec/expression/evaluator.h"
#include "parser/dsql/refusals.h"
#include "parser/parse.h"
#include "parser/session_command.h"
#include "planner/plan.h"
#include "session/engine/ddl_environment.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/engine/job_runner.h"
#include "session/engine/query_plan.h"
#include "session/engine/utility_plan.h"
#include "txn/sequences.h"
#include "types/io_settings.h"
#include "vectors/graphs.h"

namespace sundog::session {

namespace {

CountTag CountTagOf(const binder::BoundStatement& statement) {
  switch (statement.kind) {
    case binder::StatementKind::kInsert: return CountTag::kInsert;
    case binder::StatementKind::kQuery:
    case binder::StatementKind::kUpdate:
    case binder::StatementKind::kDelete:
    case binder::StatementKind::kMerge: return CountTag::kCount;
    case binder::StatementKind::kUtility: break;
  }
  return CountTag::kNone;
}

}  // namespace

Engine::Engine(kv::Store& store, base::Clock& clock, std::string temporary_folder,
               MakeVerifier make_verifier, int64_t dsql_cluster_bytes)
    : clock_(clock),
      temporary_folder_(std::move(temporary_folder)),
      make_verifier_(make_verifier),
      transactions_(store, clock),
      statistics_(store),
      cluster_sizes_(store, clock, dsql_cluster_bytes),
      loaded_tenants_(clock),
      statement_log_(clock),
      start_us_(clock.WallMicros()) {
  RegisterKeepers();
}

Engine::~Engine() { loaded_tenants_.StopUnloading(); }

bool Engine::CloseTenant(uint32_t tenant) {
  if (sessions_.Close(tenant) > 0) return false;
  // What a Flush() would write otherwise.
  transactions_.sequences().ForgetAll(codec::TenantPrefix(tenant));
  statistics_.ForgetAll(tenant);
  if (graphs_ != nullptr) graphs_->Remove(tenant);
  loaded_tenants_.Drop(tenant);
  statement_log_.Forget(tenant);
  return true;
}

void Engine::RegisterKeepers() {
  loaded_tenants_.Register({.settle = [this](uint32_t tenant) {
    transactions_.sequences().Release(codec::TenantPrefix(tenant));
  }});
  loaded_tenants_.Register(
      {.forget = [this](uint32_t tenant) -> std::any { return catalogs_.TakeTenant(tenant); }});
  loaded_tenants_.Register(
      {.forget = [this](uint32_t tenant) -> std::any { return layouts_.TakeTenant(tenant); }});
  // The rest is a few numbers a table.
  loaded_tenants_.Register({.forget = [this](uint32_t tenant) -> std::any {
    transactions_.row_ids().ForgetAll(codec::TenantPrefix(tenant));
    statistics_.ForgetEstimates(tenant);
    cluster_sizes_.Forget(tenant);
    if (graphs_ != nullptr) graphs_->Unload(tenant);
    return {};
  }});
}

void Engine::StartUnloading(int64_t idle_us) {
  loaded_tenants_.StartUnloading(idle_us, [this] {
    // Plans hold the catalogs they were made in.
    statement_cache_.RemoveOld(clock_.WallMicros());
    statement_log_.RemoveOld();
  });
}

void Engine::StartJobs(runtime::Runtime& runtime) {
  jobs_ = std::make_unique<JobRunner>(*this, runtime);
  jobs_->Start();
}

void Engine::StopJobs() {
  loaded_tenants_.StopUnloading();
  if (jobs_ != nullptr) jobs_->Stop();
  jobs_.reset();
}

void Engine::Flush() { transactions_.sequences().Flush(); }

void Engine::Admit(const ParsedStatement& statement, const SessionContext& session) {
  if (session.identity().profile != Profile::kDsql) return;
  const auto& parsed = static_cast<const EngineStatement&>(statement);
  bool allows_synchronous_index = !session.settings().GetBool("disable_sync_create_index");
  parser::RefuseInDsql(parsed.script->statements()[parsed.index], allows_synchronous_index);
}

std::vector<std::unique_ptr<ParsedStatement>> Engine::Parse(std::string_view sql) {
  auto script = std::make_shared<const parser::Script>(parser::Parse(sql));
  std::vector<std::unique_ptr<ParsedStatement>> statements;
  for (size_t i = 0; i < script->statements().size(); ++i) {
    const parser::RawStatement& raw = script->statements()[i];
    auto statement = std::make_unique<EngineStatement>();
    statement->script = script;
    statement->index = i;
    statement->location = raw.location;
    statement->length = raw.length;
    statement->command = parser::SessionCommandOf(raw);
    statement->command_tag = parser::CommandTag(raw);
    if (parser::InnerStatement(raw) != nullptr) {
      auto inner = std::make_unique<EngineStatement>();
      inner->script = script;
      inner->index = i;
      inner->is_inner = true;
      inner->location = raw.location;
      inner->length = raw.length;
      parser::RawStatement query = raw;
      query.tree = parser::InnerStatement(raw);
      inner->command_tag = parser::CommandTag(query);
      statement->inner = std::move(inner);
    }
    statements.push_back(std::move(statement));
  }
  return statements;
}

binder::BindContext MakeBindContext(EngineSession& session, EngineTransaction& transaction,
                                    const catalog::CatalogPtr& catalog,
                                    std::span<const types::Oid> parameter_types) {
  session.UseCatalog(catalog, &transaction);
  binder::BindContext context;
  context.catalog = catalog;
  context.search_path = session.search_path();
  context.role = session.current_role();
  bool dsql = session.context().identity().profile == Profile::kDsql;
  context.profile = dsql ? binder::Profile::kDsql : binder::Profile::kPostgres;
  context.database_name = session.context().identity().database;
  session.context().io_settings();
  context.io = session.context().Io();
  context.io.types = catalog.get();
  context.parameter_types.assign(parameter_types.begin(), parameter_types.end());
  context.notice = [&session](const base::ErrorFields& fields) {
    session.context().Notice(fields);
  };
  return context;
}

binder::BindContext MakeRunContext(EngineSession& session, EngineTransaction& transaction,
                                   const catalog::CatalogPtr& catalog,
                                   std::span<const types::Oid> parameter_types) {
  binder::BindContext context = MakeBindContext(session, transaction, catalog, parameter_types);
  bool applied = session.context().settings().GetBool("row_security");
  context.row_security = applied ? binder::RowSecurity::kApplied : binder::RowSecurity::kRefused;
  return context;
}

namespace {

// The statement in the catalog that its snapshot sees, with its tables locked; null if one of them
// was changed meanwhile.
std::shared_ptr<PreparedPlan> BindAndPlan(EngineSession& session, EngineTransaction& transaction,
                                          const EngineStatement& parsed,
                                          std::span<const types::Oid> parameter_types) {
  catalog::CatalogPtr catalog = transaction.Catalog();
  binder::BindContext context = MakeRunContext(session, transaction, catalog, parameter_types);
  // What the client is told while a statement is bound, it must be told each time.
  bool noticed = false;
  context.notice = [&](const base::ErrorFields& fields) {
    noticed = true;
    session.context().Notice(fields);
  };
  context.infer_parameters = session.context().infer_parameters;
  parser::RawStatement raw = parsed.script->statements()[parsed.index];
  if (parsed.is_inner) raw.tree = parser::InnerStatement(raw);
  binder::BoundStatementPtr bound = binder::Bind(raw, context);
  if (bound->kind == binder::StatementKind::kUtility) {
    return MakeUtilityPlan(session, transaction, catalog, parsed, std::move(bound));
  }
  CountTag count_tag = CountTagOf(*bound);
  auto plan = std::make_shared<QueryPlan>(session, transaction, catalog, *bound);
  if (!plan->LockTables(session, transaction)) return nullptr;
  plan->count_tag = count_tag;
  plan->cacheable = !noticed;
  return plan;
}

}  // namespace

std::shared_ptr<const PreparedPlan> Engine::Prepare(const ParsedStatement& statement,
                                                    std::string_view /*sql*/,
                                                    std::span<const types::Oid> parameter_types,
                                                    SessionContext& session,
                                                    Transaction& transaction) {
  const auto& parsed = static_cast<const EngineStatement&>(statement);
  auto& engine_transaction = static_cast<EngineTransaction&>(transaction);
  EngineSession& engine_session = SessionOf(session);
  std::shared_ptr<PreparedPlan> plan;
  while (true) {
    plan = BindAndPlan(engine_session, engine_transaction, parsed, parameter_types);
    if (plan != nullptr) break;
    // A table was changed while its lock was waited for.
    if (engine_transaction.txn().options().isolation != txn::Isolation::kReadCommitted) {
      ThrowConcurrentUpdate();
    }
    engine_transaction.BeginStatement();
  }
  if (plan->command_tag.empty()) plan->command_tag = parsed.command_tag;
  return plan;
}

std::string_view Engine::BindingScope(SessionContext& session) {
  return SessionOf(session).BindingSettings();
}

std::vector<types::Oid> Engine::DeclaredTypes(const ParsedStatement& statement,
                                              SessionContext& session,
                                              Transaction& transaction) {
  const auto& parsed = static_cast<const EngineStatement&>(statement);
  auto& engine_transaction = static_cast<EngineTransaction&>(transaction);
  binder::BindContext context = MakeBindContext(SessionOf(session), engine_transaction,
                                                engine_transaction.Catalog(), {});
  return binder::DeclaredParameterTypes(parsed.script->statements()[parsed.index], context);
}

void Engine::EvaluateArguments(const ParsedStatement& statement, std::string_view /*sql*/,
                               std::span<const types::Oid> parameter_types,
                               SessionContext& session, Transaction& transaction,
                               base::Arena& arena, ParameterValues& to) {
  const auto& parsed = static_cast<const EngineStatement&>(statement);
  auto& engine_transaction = static_cast<EngineTransaction&>(transaction);
  EngineSession& engine_session = SessionOf(session);
  catalog::CatalogPtr catalog = engine_transaction.Catalog();
  binder::BindContext context =
      MakeRunContext(engine_session, engine_transaction, catalog, {});
  std::vector<types::SqlType> expected;
  for (types::Oid type : parameter_types) expected.push_back({type});
  context.infer_parameters = false;  // EXECUTE p ($1) has no parameters of its own
  context.prepared_types = [&expected](std::string_view) { return &expected; };
  binder::BoundStatementPtr bound =
      binder::Bind(parsed.script->statements()[parsed.index], context);
  catalog::CheckPrivileges(*catalog, bound->required_privileges, engine_session.current_role());
  binder::BoundExpressions& arguments = bound->As<binder::BoundExecute>().arguments;
  CatalogStatistics statistics(statistics_, layouts_, engine_session.tenant(), catalog);
  planner::PlannerContext planner_context;
  planner_context.catalog = catalog.get();
  planner_context.statistics = &statistics;
  CatalogResources resources(*this, engine_session.tenant(), catalog);
  exec::ExecutionContext execution;
  FillContext(execution, engine_session, engine_transaction, resources);
  for (binder::BoundExpressionPtr& argument : arguments) {
    int slots = 0;
    types::SqlType type = argument->type;
    argument = planner::PlanExpression(std::move(argument), planner_context, &slots);
    execution.outer_slots.resize(slots);
    exec::ScalarEvaluator evaluator(*argument, execution);  // owns the bytes of its value
    types::Datum value = evaluator.Evaluate();
    to.values.push_back(value.CopyTo(arena, catalog->GetType(type.oid).physical));
    to.types.push_back(type);
  }
}

const types::TypeInfo* Engine::FindType(types::Oid oid, SessionContext& session) {
  return SessionOf(session).catalog()->FindType(oid);
}

void Engine::Discard(DiscardTarget target, SessionContext& session, Transaction& transaction) {
  EngineSession& engine_session = SessionOf(session);
  if (target == DiscardTarget::kAll || target == DiscardTarget::kSequences) {
    engine_session.ForgetSequences();
  }
  if (target == DiscardTarget::kAll) engine_session.UnlockAllAdvisory();
  if (target == DiscardTarget::kAll || target == DiscardTarget::kTemp) {
    DropTemporaryObjects(engine_session, static_cast<EngineTransaction&>(transaction));
  }
}

std::unique_ptr<Transaction> Engine::Begin(const TransactionOptions& options,
                                           SessionContext& session) {
  return std::make_unique<EngineTransaction>(*this, SessionOf(session), options);
}

catalog::CatalogPtr Engine::NewestCatalog(uint32_t tenant) {
  LoadedTenants::Use use(loaded_tenants_, tenant);
  txn::LockBackend nobody;
  nobody.tenant = tenant;
  txn::Transaction transaction(transactions_, nobody);
  transaction.Begin({});
  return catalogs_.Find(transaction.LatestView(), tenant);
}

EngineSession& Engine::SessionOf(SessionContext& context) {
  if (context.engine == nullptr) context.engine = std::make_unique<EngineSession>(*this, context);
  return static_cast<EngineSession&>(*context.engine);
}

void Engine::RunWithContext(EngineSession& session, EngineTransaction& transaction,
                            const std::function<void(exec::ExecutionContext&)>& body) {
  catalog::CatalogPtr catalog = transaction.Catalog();
  session.UseCatalog(catalog, &transaction);
  CatalogResources resources(*this, session.tenant(), catalog);
  exec::ExecutionContext context;
  FillContext(context, session, transaction, resources);
  body(context);
}

std::shared_ptr<const planner::PhysicalTableRules> CatalogResources::RulesOf(
    const std::shared_ptr<const catalog::TableDescriptor>& table) {
  auto& rules = rules_[table->oid];
  if (rules != nullptr && rules->table == table) return rules;
  binder::BindContext context;
  context.catalog = catalog_;
  context.io.types = catalog_.get();
  // What is stored reads the same in every session: names are qualified, values in ISO style.
  static const types::IoSettings stored_settings;
  context.io.settings = &stored_settings;
  catalog::SearchPath path;
  catalog::CatalogNames names(*catalog_, path);
  context.io.names = &names;
  binder::BoundTableRules bound = binder::BindRules(*table, context);
  CatalogStatistics statistics(engine_.statistics(), engine_.layouts(), tenant_, catalog_);
  planner::PlannerContext planner_context;
  planner_context.catalog = catalog_.get();
  planner_context.statistics = &statistics;
  rules = planner::PlanTableRules(table, bound, planner_context);
  return rules;
}

}  // namespace sundog::session
