// CREATE, ALTER, DROP: the walk over the statement is binder's (binder/ddl), the rows are exec's
// (exec/ddl); here they meet the session and its transaction.
#include "base/sql_error.h"
#include "binder/ddl/run_ddl.h"
#include "catalog/ddl/dsql_limits.h"
#include "catalog/ddl/objects.h"
#include "codec/key_space.h"
#include "exec/ddl/row_work.h"
#include "parser/dsql/refusals.h"
#include "parser/parse.h"
#include "parser/session_command.h"
#include "runtime/interrupt.h"
#include "session/engine/catalog_scope.h"
#include "session/engine/ddl_environment.h"
#include "session/engine/function_scopes.h"
#include "session/engine/job_runner.h"
#include "session/engine/table_statistics.h"
#include "session/engine/utility_plan.h"
#include "session/transaction_block.h"
#include "txn/sequences.h"

namespace sundog::session {

namespace {

class EngineDdlTarget final : public binder::DdlTarget {
 public:
  explicit EngineDdlTarget(UtilityRun& run)
      : run_(run),
        support_(run.engine, run.session),
        base_(run.transaction.Catalog()),
        writer_(base_, Environment()),
        context_(MakeBindContext(run.session, run.transaction, base_, {})) {}

  catalog::CatalogWriter& writer() override { return writer_; }
  const binder::BindContext& context() override { return context_; }

  void LockTable(types::Oid table) override {
    run_.transaction.txn().LockTable(table, txn::LockMode::kAccessExclusive);
  }

  void RequireNotRunning(const catalog::TableDescriptor& table,
                         std::string_view command) override {
    run_.session.RequireNotRunning(table, command);
  }

  void LockDefinition(types::Oid table) override {
    run_.transaction.txn().LockTable(table, txn::LockMode::kShareUpdateExclusive);
  }

  bool IsAsynchronous() const override {
    return run_.parsed.script->statements()[run_.parsed.index].async;
  }

  void SubmitJob(catalog::JobKind kind, types::Oid table, types::Oid object,
                 std::string name) override {
    catalog::Job job;
    job.id = catalog::NewJobId();
    job.kind = kind;
    job.dsql = IsDsql();
    job.table = table;
    job.object = object;
    job.object_name = std::move(name);
    job.start_us = job.update_us = run_.engine.clock().WallMicros();
    const StatementSettings& settings = run_.session.context().statement_settings();
    job.maintenance_memory_kb = static_cast<int64_t>(settings.maintenance_memory_bytes >> 10);
    job.statement_memory_kb = static_cast<int64_t>(settings.statement_memory_bytes >> 10);
    run_.transaction.SubmitJob(job);
    run_.lines = {catalog::JobIdText(job.id)};
  }

  void DoRowWork(const binder::RowWork& work) override {
    if (IsDsql() && !work.new_indexes.empty()) RequireEmpty(work.before);
    WithExecution([&](exec::ExecutionContext& execution, const planner::PlannerContext& planner) {
      exec::DoRowWork(work, execution, planner);
    });
  }

  std::optional<std::string> ConstantBytes(binder::BoundExpressionPtr expression) override {
    std::optional<std::string> bytes;
    WithExecution([&](exec::ExecutionContext& execution, const planner::PlannerContext& planner) {
      bytes = exec::ConstantBytes(std::move(expression), execution, planner);
    });
    return bytes;
  }

  void RestartSequence(types::Oid sequence, int64_t value) override {
    const auto* descriptor = writer_.catalog().contents().sequences.Get(sequence);
    run_.engine.transactions().sequences().Set(
        codec::SequenceKey(run_.session.tenant(), descriptor->storage_id), {value, false});
  }

  int64_t SequenceLastValue(types::Oid sequence) override {
    return run_.session.SequenceState(sequence).first;
  }

  std::string PasswordVerifier(const std::string& password) override {
    return run_.engine.PasswordVerifier(password);
  }

  std::string CheckSetting(const std::string& name,
                           const std::optional<std::string>& value) override {
    return run_.session.context().settings().CheckStored(name, value, IsSuperuser());
  }

  bool MaySet(const std::string& setting) override {
    return run_.session.context().settings().MayStore(setting, IsSuperuser());
  }

  std::string ShowSetting(const std::string& name) override {
    return run_.session.context().ShowSetting(name);
  }

  catalog::SearchPath SearchPathIn(const catalog::FunctionDescriptor& function) override {
    FunctionSettingsScope settings(run_.session, function);
    return run_.session.search_path();
  }

  // Makes the changes the transaction's.
  catalog::CatalogPtr Apply() {
    catalog::CatalogPtr after = writer_.Finish();
    if (IsDsql()) catalog::ddl::CheckDsqlLimits(*base_, *after);
    run_.transaction.ApplyCatalog(base_, after);
    return after;
  }

 private:
  bool IsSuperuser() const { return base_->IsSuperuser(run_.session.current_role()); }
  bool IsDsql() const { return run_.session.context().identity().profile == Profile::kDsql; }

  // Aurora DSQL passes an index that is there over in silence.
  catalog::DdlEnvironment Environment() const {
    catalog::DdlEnvironment environment = support_.environment();
    bool silent = IsDsql() && IsAsynchronous();
    if (silent) environment.notice = nullptr;
    return environment;
  }

  // It builds an index while the statement waits on an empty table only.
  void RequireEmpty(const std::shared_ptr<const catalog::TableDescriptor>& table) {
    storage::TableLayoutPtr layout =
        run_.engine.layouts().Find(run_.session.tenant(), base_, table);
    auto rows = run_.transaction.txn().LatestView().Scan(layout->rows().WholeRange());
    if (!rows->Next(1).empty()) parser::dsql::Refuse(parser::dsql::kSynchronousIndex);
  }

  template <typename Body>
  void WithExecution(Body body) {
    catalog::CatalogPtr snapshot = writer_.Snapshot();
    run_.session.UseCatalog(snapshot, &run_.transaction);
    CatalogResources resources(run_.engine, run_.session.tenant(), snapshot);
    exec::ExecutionContext execution;
    FillContext(execution, run_.session, run_.transaction, resources);
    CatalogStatistics statistics(run_.engine.statistics(), run_.engine.layouts(),
                                 run_.session.tenant(), snapshot);
    planner::PlannerContext planner;
    planner.catalog = snapshot.get();
    planner.statistics = &statistics;
    body(execution, planner);
    run_.session.UseCatalog(base_, &run_.transaction);
  }

  UtilityRun& run_;
  DdlSupport support_;
  // As this statement's view sees it: it may have been bound earlier.
  catalog::CatalogPtr base_;
  catalog::CatalogWriter writer_;
  binder::BindContext context_;
};

// CREATE TABLE … AS: an INSERT into the table that was just made.
void FillTable(UtilityRun& run, EngineDdlTarget& target, const catalog::CatalogPtr& catalog,
               types::Oid table, std::unique_ptr<binder::BoundQuery> query) {
  std::unique_ptr<binder::BoundInsert> insert =
      binder::InsertInto(catalog->FindTable(table), std::move(query), target);
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, catalog, *insert);
  std::unique_ptr<Execution> execution = plan->NewExecution();
  Execution::Context context;
  context.session = &run.session.context();
  context.transaction = &run.transaction;
  context.parameters = run.parameters;
  execution->Open(context);
  while (execution->Next() != nullptr) continue;
  run.rows_affected = execution->rows_affected();
  execution->Close();
}

void RunCreateTableAs(UtilityRun& run, EngineDdlTarget& target) {
  auto& statement = run.statement.As<binder::BoundCreateTableAs>();
  if (statement.query->kind != binder::StatementKind::kQuery) {
    base::ThrowNotSupported("CREATE TABLE AS EXECUTE");
  }
  types::Oid table = binder::CreateTableFor(statement, target);
  catalog::CatalogPtr after = target.Apply();
  if (table == types::kInvalidOid || !statement.with_data) return;
  auto& query = statement.query->As<binder::BoundQueryStatement>();
  FillTable(run, target, after, table, std::move(query.query));
}

void Define(UtilityRun& run) {
  EngineDdlTarget target(run);
  if (run.statement.utility == binder::UtilityKind::kAwsIam) {
    const auto& iam = run.statement.As<binder::BoundAwsIam>();
    auto change = iam.grant ? catalog::ddl::GrantIamTrust : catalog::ddl::RevokeIamTrust;
    change(target.writer(), iam.role, iam.arn);
    target.Apply();
    return;
  }
  const auto& ddl = run.statement.As<binder::BoundDdl>();
  const parser::RawStatement& raw = run.parsed.script->statements()[run.parsed.index];
  binder::RunDdl(ddl.tree, raw.script_text, target);
  target.Apply();
}

// Commits the definition by itself; the job's id, empty if there is none.
std::string DeclareConcurrentIndex(UtilityRun& run) {
  while (true) {
    CatalogScope own_transaction(run.session);
    EngineTransaction transaction(run.engine, run.session, {});
    try {
      catalog::CatalogPtr catalog = transaction.Catalog();
      run.session.UseCatalog(catalog, &transaction);
      UtilityRun own{run.engine, run.session, transaction, catalog, run.parsed, run.statement,
                     nullptr,    nullptr,     0,           {},      {}};
      Define(own);
      CommitReport report = transaction.Commit();
      if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
      return own.lines.empty() ? "" : own.lines[0];
    } catch (const txn::StatementRestart&) {
      runtime::CheckInterrupts();
    }
  }
}

// Whose statement is cancelled does not want the index any more.
std::optional<catalog::Job> AwaitOrAbandon(UtilityRun& run, const std::string& id) {
  try {
    return AwaitJob(run.engine, run.session.tenant(), id);
  } catch (const SqlError&) {
    if (run.engine.jobs() != nullptr) run.engine.jobs()->Abandon(id);
    throw;
  }
}

// CREATE INDEX CONCURRENTLY: the job of CREATE INDEX ASYNC, and waiting for it. Cancelled, it
// leaves an invalid index, as in PostgreSQL.
void RunConcurrentIndex(UtilityRun& run) {
  std::string id = DeclareConcurrentIndex(run);
  if (id.empty()) return;
  std::optional<catalog::Job> job = AwaitOrAbandon(run, catalog::ParseJobId(id));
  if (job && job->status == catalog::JobStatus::kCompleted) return;
  if (!job || job->error_state.empty()) {
    throw SqlError(sqlstate::kUndefinedObject, "the index was dropped while it was built");
  }
  SqlError error(base::SqlState(job->error_state), job->error_message);
  error.Detail(job->error_detail);
  catalog::CatalogPtr catalog = run.engine.NewestCatalog(run.session.tenant());
  const catalog::Relation* index = catalog->FindRelation(job->object);
  if (index != nullptr && error.state() == sqlstate::kUniqueViolation) {
    error.Table(catalog->FindSchema(index->schema)->name, index->table->name)
        .Constraint(index->name);
  }
  throw error;
}

}  // namespace

void RunDdl(UtilityRun& run) {
  if (run.transaction.txn().optimistic()) {
    run.transaction.EnterDefinition();
    run.transaction.txn().TrackAllReads();
  }
  if (run.statement.utility == binder::UtilityKind::kCreateTableAs) {
    EngineDdlTarget target(run);
    return RunCreateTableAs(run, target);
  }
  const parser::RawStatement& raw = run.parsed.script->statements()[run.parsed.index];
  parser::IsConcurrentIndex(raw) ? RunConcurrentIndex(run) : Define(run);
}

}  // namespace sundog::session
