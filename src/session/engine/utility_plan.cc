#include "session/engine/utility_plan.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "binder/bind.h"
#include "catalog/names.h"
#include "catalog/sys_schema.h"
#include "parser/parse.h"
#include "parser/session_command.h"
#include "runtime/interrupt.h"
#include "types/oids.h"

namespace sundog::session {

using binder::UtilityKind;

namespace {

struct UtilityRow {
  UtilityKind kind;
  void (*run)(UtilityRun& run);
  bool writes;
  bool needs_own_transaction;
};

void RunCheckpoint(UtilityRun& run) {
  constexpr types::Oid kCheckpointRole = 4544;  // pg_checkpoint
  if (run.catalog->HasPrivilegesOf(run.session.current_role(), kCheckpointRole)) return;
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
}

// Indexes are written with their rows: there is nothing in them to rebuild.
void RunReindex(UtilityRun& run) {
  const auto& reindex = run.statement.As<binder::BoundMaintenance>();
  const catalog::Relation* relation = run.catalog->FindRelation(reindex.relation);
  if (relation == nullptr ||
      run.catalog->HasPrivilegesOf(run.session.current_role(), relation->owner())) {
    return;
  }
  throw SqlError(sqlstate::kInsufficientPrivilege,
                 fmt::format("must be owner of {} {}", catalog::RelationKindName(relation->kind),
                             relation->name));
}

// No library can be loaded into the server.
void RunLoad(UtilityRun& run) {
  throw SqlError(sqlstate::kUndefinedFile,
                 fmt::format("could not access file \"{}\": No such file or directory",
                             run.statement.As<binder::BoundMaintenance>().text));
}

// CREATE TABLE AS … WITH NO DATA, or IF NOT EXISTS of a table that does: the tag has no count.
bool CreatesWithoutRows(const binder::BoundCreateTableAs& statement, EngineSession& session,
                        const catalog::Catalog& catalog) {
  if (!statement.with_data) return true;
  if (!statement.if_not_exists) return false;
  if (statement.schema.empty()) {
    types::Oid schema = session.search_path().creation_schema;
    return catalog.FindRelation(schema, statement.table) != nullptr;
  }
  const catalog::SchemaDescriptor* schema = catalog.FindSchema(statement.schema);
  return schema != nullptr && catalog.FindRelation(schema->oid, statement.table) != nullptr;
}

constexpr UtilityRow kUtilities[] = {
    {UtilityKind::kSetConstraints, RunSetConstraints, false, false},
    {UtilityKind::kCopy, RunCopy, false, false},
    {UtilityKind::kExplain, RunExplain, false, false},
    {UtilityKind::kTruncate, RunTruncate, true, false},
    {UtilityKind::kLock, RunLock, false, false},
    {UtilityKind::kVacuum, RunVacuum, false, true},
    {UtilityKind::kCheckpoint, RunCheckpoint, false, false},
    {UtilityKind::kReindex, RunReindex, false, false},
    {UtilityKind::kLoad, RunLoad, false, false},
    {UtilityKind::kDdl, RunDdl, true, false},
    {UtilityKind::kAwsIam, RunDdl, true, false},
    {UtilityKind::kDo, RunDo, false, false},
    {UtilityKind::kCall, RunCall, false, false},
    {UtilityKind::kCreateTableAs, RunDdl, true, false},
};

// What a read-only transaction may do, a session that is read-only may not.
bool DisturbsOthers(UtilityKind kind) {
  return kind == UtilityKind::kLock || kind == UtilityKind::kVacuum ||
         kind == UtilityKind::kCheckpoint || kind == UtilityKind::kReindex;
}

const UtilityRow* FindRow(UtilityKind kind) {
  for (const UtilityRow& row : kUtilities) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

class UtilityPlan final : public PreparedPlan,
                          public std::enable_shared_from_this<UtilityPlan> {
 public:
  UtilityPlan(Engine& engine, const EngineStatement& from, const UtilityRow& row,
              catalog::CatalogPtr catalog, binder::BoundStatementPtr bound)
      : engine(engine), row(row), catalog(std::move(catalog)), bound(std::move(bound)) {
    parsed.script = from.script;
    parsed.index = from.index;
    parsed.is_inner = from.is_inner;
    parsed.location = from.location;
    parsed.length = from.length;
    parsed.command_tag = from.command_tag;
  }
  std::unique_ptr<Execution> NewExecution() const override;
  bool IsCurrent(SessionContext&, Transaction&) const override { return false; }

  Engine& engine;
  const UtilityRow& row;
  catalog::CatalogPtr catalog;
  // A run may consume parts of it: a utility plan is run once.
  binder::BoundStatementPtr bound;
  EngineStatement parsed;
};

std::vector<types::PhysicalKind> ResultKinds(const UtilityPlan& plan) {
  std::vector<types::PhysicalKind> kinds;
  for (const ResultColumn& column : plan.columns) kinds.push_back(column.info->physical);
  if (kinds.empty()) kinds.push_back(types::PhysicalKind::kVarlen);
  return kinds;
}

class UtilityExecution final : public Execution {
 public:
  explicit UtilityExecution(std::shared_ptr<const UtilityPlan> plan)
      : plan_(std::move(plan)), buffer_(ResultKinds(*plan_)) {}

  void Open(const Context& context) override {
    EngineSession& session = plan_->engine.SessionOf(*context.session);
    auto& transaction = static_cast<EngineTransaction&>(*context.transaction);
    session.UseCatalog(plan_->catalog, &transaction);
    size_t given = context.parameters != nullptr ? context.parameters->values.size() : 0;
    if (given < plan_->parameter_types.size()) {
      throw SqlError(sqlstate::kUndefinedParameter,
                     "there is no parameter $" + std::to_string(given + 1));
    }
    run_ = std::make_unique<UtilityRun>(
        UtilityRun{plan_->engine, session, transaction, plan_->catalog, plan_->parsed,
                   static_cast<binder::BoundUtility&>(*plan_->bound), context.parameters,
                   context.copy, 0, {}, {}});
    done_ = false;
    next_ = 0;
  }

  const types::Chunk* Next() override {
    if (!done_) {
      done_ = true;
      Run();
      rows_affected_ = run_->rows_affected;
    }
    if (!run_->row.empty()) return RowOnce();
    size_t count = std::min(run_->lines.size() - next_, types::kVectorSize);
    if (count == 0) return nullptr;
    buffer_.Reset();
    for (size_t i = 0; i < count; ++i) {
      buffer_.column(0).CopyDatum(i, types::Datum::From(std::string_view(run_->lines[next_ + i])));
    }
    next_ += count;
    return &buffer_.Finish(count);
  }

  void Close() override { run_.reset(); }
  int64_t rows_affected() const override { return rows_affected_; }

 private:
  const types::Chunk* RowOnce() {
    if (next_++ > 0) return nullptr;
    buffer_.Reset();
    for (size_t i = 0; i < run_->row.size(); ++i) {
      buffer_.column(i).CopyDatum(0, run_->row[i].datum());
    }
    return &buffer_.Finish(1);
  }

  // READ COMMITTED: where another transaction's DDL came first, the statement is taken back and
  // begins anew on what there is now.
  void Run() {
    bool starts_over = false;
    while (true) {
      try {
        if (starts_over) StartOver();
        catalog::CheckPrivileges(*run_->catalog, run_->statement.required_privileges,
                                 run_->session.current_role());
        return plan_->row.run(*run_);
      } catch (const txn::StatementRestart&) {
        starts_over = true;
      }
    }
  }

  void StartOver() {
    runtime::CheckInterrupts();
    EngineTransaction& transaction = run_->transaction;
    transaction.txn().RestartStatement();
    transaction.RestartStatement();
    catalog::CatalogPtr catalog = transaction.Catalog();
    binder::BindContext context =
        MakeRunContext(run_->session, transaction, catalog, plan_->parameter_types);
    parser::RawStatement raw = plan_->parsed.script->statements()[plan_->parsed.index];
    if (plan_->parsed.is_inner) raw.tree = parser::InnerStatement(raw);
    binder::BoundStatementPtr bound = binder::Bind(raw, context);
    run_ = std::make_unique<UtilityRun>(
        UtilityRun{plan_->engine, run_->session, transaction, catalog, plan_->parsed,
                   static_cast<binder::BoundUtility&>(*bound), run_->parameters, run_->copy, 0,
                   {}, {}});
    bound_again_ = std::move(bound);
  }

  std::shared_ptr<const UtilityPlan> plan_;
  std::unique_ptr<UtilityRun> run_;
  binder::BoundStatementPtr bound_again_;
  types::ChunkBuffer buffer_;
  bool done_ = false;
  size_t next_ = 0;
  int64_t rows_affected_ = 0;
};

std::unique_ptr<Execution> UtilityPlan::NewExecution() const {
  return std::make_unique<UtilityExecution>(shared_from_this());
}

ResultColumn OneColumn(std::string name, types::Oid type) {
  ResultColumn column;
  column.name = std::move(name);
  column.type = {type};
  column.info = types::BuiltinTypes::Get().FindType(type);
  return column;
}

// Procedures of schema sys return a value, others give their output arguments.
std::vector<ResultColumn> CallColumns(const binder::BoundFunction& call,
                                      const catalog::Catalog& catalog) {
  const functions::ProcInfo& proc = *call.proc;
  if (proc.schema == catalog::kSysSchema) return {OneColumn(proc.name, proc.result_type)};
  std::vector<ResultColumn> columns;
  for (size_t i = 0; i < proc.argument_modes.size(); ++i) {
    if (!functions::IsOutputMode(proc.argument_modes[i])) continue;
    ResultColumn& column = columns.emplace_back();
    if (i < proc.argument_names.size()) column.name = proc.argument_names[i];
    if (column.name.empty()) column.name = fmt::format("column{}", columns.size());
    column.type = {call.arguments[i]->type.oid, -1};
    column.info = &catalog.GetType(column.type.oid);
  }
  return columns;
}

}  // namespace

void LockTables(UtilityRun& run, const QueryPlan& plan) {
  if (plan.LockTables(run.session, run.transaction)) return;
  if (run.transaction.txn().options().isolation == txn::Isolation::kReadCommitted) {
    throw txn::StatementRestart();
  }
  ThrowConcurrentUpdate();
}

std::shared_ptr<PreparedPlan> MakeUtilityPlan(EngineSession& session,
                                              EngineTransaction& /*transaction*/,
                                              const catalog::CatalogPtr& catalog,
                                              const EngineStatement& parsed,
                                              binder::BoundStatementPtr bound) {
  auto& utility = static_cast<binder::BoundUtility&>(*bound);
  const UtilityRow* row = FindRow(utility.utility);
  if (row == nullptr) base::ThrowNotSupported(std::string(parsed.command_tag));
  UtilityKind kind = utility.utility;
  auto plan = std::make_shared<UtilityPlan>(session.engine(), parsed, *row, catalog,
                                            std::move(bound));
  plan->command_tag = parsed.command_tag;
  plan->writes = row->writes ||
                 (session.context().identity().read_only && DisturbsOthers(kind));
  plan->needs_own_transaction = row->needs_own_transaction;
  for (types::SqlType type : plan->bound->parameter_types) {
    plan->parameter_types.push_back(type.oid);
  }
  if (kind == UtilityKind::kExplain) {
    plan->returns_rows = true;
    bool json =
        plan->bound->As<binder::BoundExplain>().format == binder::ExplainFormat::kJson;
    plan->columns.push_back(
        OneColumn("QUERY PLAN", json ? types::oids::kJson : types::oids::kText));
  } else if (kind == UtilityKind::kCopy) {
    const auto& copy = plan->bound->As<binder::BoundCopy>();
    plan->copy = copy.from ? CopyDirection::kIn : CopyDirection::kOut;
    plan->writes = copy.from;
    if (copy.from) plan->command_tag = "COPY FROM";
    plan->short_tag = "COPY";
    plan->count_tag = CountTag::kCount;
    if (copy.from) plan->effect = Effect::kData;
  } else if (kind == UtilityKind::kCreateTableAs) {
    plan->effect = Effect::kDefinition;
    if (!CreatesWithoutRows(plan->bound->As<binder::BoundCreateTableAs>(), session,
                            *catalog)) {
      plan->command_tag = "SELECT";
      plan->count_tag = CountTag::kCount;
    } else {
      plan->command_tag = "CREATE TABLE AS";
    }
  } else if (kind == UtilityKind::kLock || kind == UtilityKind::kSetConstraints) {
    plan->needs_block = true;
  } else if (kind == UtilityKind::kDdl || kind == UtilityKind::kAwsIam) {
    const parser::RawStatement& raw = parsed.script->statements()[parsed.index];
    plan->effect = Effect::kDefinition;
    if (raw.async) {
      plan->returns_rows = true;
      plan->columns.push_back(OneColumn("job_id", types::oids::kText));
    }
    plan->needs_own_transaction = parsed.command_tag == "CREATE DATABASE" ||
                                  parsed.command_tag == "DROP DATABASE";
    if (parser::IsConcurrentIndex(raw)) {
      if (raw.async) base::ThrowNotSupported("CREATE INDEX ASYNC CONCURRENTLY");
      plan->needs_own_transaction = true;
      plan->short_tag = plan->command_tag;
      plan->command_tag = "CREATE INDEX CONCURRENTLY";
    }
  } else if (kind == UtilityKind::kCall) {
    plan->columns = CallColumns(*plan->bound->As<binder::BoundCall>().call, *catalog);
    plan->returns_rows = !plan->columns.empty();
  } else if (kind == UtilityKind::kVacuum) {
    bool dsql = session.context().identity().profile == Profile::kDsql;
    plan->needs_own_transaction = dsql || plan->bound->As<binder::BoundVacuum>().vacuum;
  }
  return plan;
}

}  // namespace sundog::session
