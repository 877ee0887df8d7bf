#include "session/engine/query_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "binder/bind.h"
#include "catalog/descriptor_format.h"
#include "catalog/object_address.h"
#include "planner/plan.h"
#include "runtime/interrupt.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/engine/inline_functions.h"
#include "types/calendar.h"

namespace sundog::session {

namespace {

// µs between 1970-01-01 and 2000-01-01.
base::Random& ThreadRandom() {
  thread_local base::Random random(base::SecureSeed());
  return random;
}

// What is computed once a run is kept until the number changes: no two runs may have the same, or
// one would work with the other's parameters.
uint64_t NextRun() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

void SendNotice(functions::Environment& environment, const base::ErrorFields& fields) {
  static_cast<EngineSession*>(environment.services)->context().Notice(fields);
}

bool ChangesOnConflict(const planner::PhysicalNode& node) {
  const auto& conflict = node.As<planner::PhysicalInsert>().on_conflict;
  return conflict && conflict->update;
}

// Rows found by equality or not looked for at all. A range's width would decide between paths, and
// a constant may show that a partial index has all rows that are asked for.
bool IsValueIndependent(const planner::PhysicalNode& node) {
  using planner::PhysicalKind;
  switch (node.kind) {
    case PhysicalKind::kTableScan: {
      const auto& scan = node.As<planner::PhysicalTableScan>();
      if (scan.path.unique) return true;
      if (scan.path.equal.empty() || scan.path.lower || scan.path.upper) return false;
      for (const catalog::IndexDescriptor& index : scan.table->indexes) {
        if (index.predicate.has_value()) return false;
      }
      return true;
    }
    case PhysicalKind::kEmpty:
    case PhysicalKind::kValues:
    case PhysicalKind::kFilter:
    case PhysicalKind::kProject:
    case PhysicalKind::kLimit:
    case PhysicalKind::kSort:
    case PhysicalKind::kLockRows:
    case PhysicalKind::kInsert:
    case PhysicalKind::kUpdate:
    case PhysicalKind::kDelete: break;
    default: return false;
  }
  return std::all_of(node.children.begin(), node.children.end(),
                     [](const planner::PhysicalPtr& child) { return IsValueIndependent(*child); });
}

}  // namespace

void ThrowConcurrentUpdate() {
  throw SqlError(sqlstate::kTRSerializationFailure,
                 "could not serialize access due to concurrent update");
}

storage::TableLayoutPtr CatalogResources::LayoutOf(
    const std::shared_ptr<const catalog::TableDescriptor>& table) {
  return engine_.layouts().Find(tenant_, catalog_, table);
}

void FillContext(exec::ExecutionContext& context, EngineSession& session,
                 EngineTransaction& transaction, CatalogResources& resources) {
  SessionContext& owner = session.context();
  owner.io_settings();
  context.environment.io = owner.Io();
  context.environment.io.types = resources.catalog().get();
  context.environment.statement_start_us = owner.statement_start_us() + types::kUnixEpochMicros;
  context.environment.clock = &owner.clock();
  context.environment.random = &ThreadRandom();
  context.environment.services = &session;
  context.environment.notice = SendNotice;
  context.transaction = &transaction.txn();
  context.view = transaction.txn().View();
  context.catalog = resources.catalog().get();
  context.layouts = &resources;
  context.rules = &resources;
  context.graphs = session.engine().graphs();
  context.user_functions = &session.user_functions();
  bool dsql = owner.identity().profile == Profile::kDsql;
  context.row_limits = dsql ? catalog::ddl::kDsqlRowLimits : catalog::ddl::RowLimits();
  context.deferred_unique = &transaction.deferred_unique();
  context.deferred_foreign_keys = &transaction.deferred_foreign_keys();
  const StatementSettings& settings = owner.statement_settings();
  // Aurora DSQL puts nothing aside: what does not fit fails.
  size_t work_bytes = dsql ? std::numeric_limits<size_t>::max() : settings.work_memory_bytes;
  context.memory.SetLimits(settings.statement_memory_bytes, work_bytes, dsql);
  context.maintenance_bytes = settings.maintenance_memory_bytes;
  context.temporary_folder = session.engine().temporary_folder();
  context.rows_affected = 0;
  context.case_values.clear();
  context.domain_values.clear();
  context.run = NextRun();
}

namespace {

std::string_view LockTag(binder::LockStrength strength) {
  switch (strength) {
    case binder::LockStrength::kKeyShare: return "SELECT FOR KEY SHARE";
    case binder::LockStrength::kShare: return "SELECT FOR SHARE";
    case binder::LockStrength::kNoKeyUpdate: return "SELECT FOR NO KEY UPDATE";
    default: return "SELECT FOR UPDATE";
  }
}

}  // namespace

QueryPlan::QueryPlan(EngineSession& session, EngineTransaction& transaction,
                     catalog::CatalogPtr catalog, binder::BoundStatement& statement)
    : engine_(session.engine()),
      tenant_(session.tenant()),
      catalog_(std::move(catalog)),
      binding_settings_(session.BindingSettings()),
      kind_(statement.kind) {
  CatalogStatistics statistics(engine_.statistics(), engine_.layouts(), session.tenant(),
                               catalog_);
  planner::PlannerContext context;
  context.catalog = catalog_.get();
  context.statistics = &statistics;
  context.settings = session.planner_settings();
  for (const binder::BoundTarget& target : binder::OutputColumns(statement)) {
    ResultColumn column;
    column.name = target.name;
    column.table = target.source_table;
    column.attribute_number = target.source_column;
    // Clients are told the type under a domain.
    column.type = target.expression->type;
    column.info = &catalog_->GetType(column.type.oid);
    while (column.info->kind_code == 'd') {
      column.type = {column.info->base_type, column.info->base_typmod};
      column.info = &catalog_->GetType(column.type.oid);
    }
    columns.push_back(std::move(column));
  }
  returns_rows = !columns.empty() || statement.kind == binder::StatementKind::kQuery;
  writes = statement.kind != binder::StatementKind::kQuery;
  may_retry = true;
  cacheable = true;
  InlineFunctions(session, transaction, catalog_, statement);
  denial_ = catalog::FindDenial(*catalog_, statement.required_privileges, session.current_role());
  CollectNamedTables(statement);
  plan_ = planner::PlanStatement(statement, context);
  for (types::SqlType type : plan_->parameter_types) parameter_types.push_back(type.oid);
  writes_only_temporary = writes;
  CollectTables(*plan_->root);
  value_independent = IsValueIndependent(*plan_->root);
}

// What EXPLAIN, COPY and functions run has been looked at by nobody else.
void QueryPlan::RequireMayRun(const SessionContext& session) const {
  bool changes = writes && !writes_only_temporary;
  if (!changes && lock_tag_.empty()) return;
  switch (kind_) {
    case binder::StatementKind::kInsert: return session.RequireMayWrite("INSERT");
    case binder::StatementKind::kUpdate: return session.RequireMayWrite("UPDATE");
    case binder::StatementKind::kDelete: return session.RequireMayWrite("DELETE");
    default: return session.RequireMayWrite(changes ? "SELECT" : lock_tag_);
  }
}

void QueryPlan::CheckPrivileges() const {
  if (denial_) throw SqlError(sqlstate::kInsufficientPrivilege, *denial_);
}

bool QueryPlan::AddLock(const std::shared_ptr<const catalog::TableDescriptor>& table,
                        txn::LockMode mode) {
  for (TableLock& lock : table_locks_) {
    if (lock.table->oid != table->oid) continue;
    if (lock.mode >= mode) return false;
    lock.mode = mode;
    return true;
  }
  table_locks_.push_back({table, mode});
  return true;
}

// Those in subqueries and views too, which the plan's operators do not show.
void QueryPlan::CollectNamedTables(const binder::BoundStatement& statement) {
  for (const catalog::RequiredPrivilege& required : statement.required_privileges.relations) {
    std::shared_ptr<const catalog::TableDescriptor> table = catalog_->FindTable(required.relation);
    if (table == nullptr) continue;
    AddLock(table, required.changes_rows ? txn::LockMode::kRowExclusive
                                         : txn::LockMode::kAccessShare);
  }
}

// Foreign keys look rows up in other tables, and their actions change them.
void QueryPlan::AddForeignKeyLocks(const catalog::TableDescriptor& table, bool changes_rows) {
  for (const catalog::ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.referenced_table == types::kInvalidOid) continue;
    if (auto referenced = catalog_->FindTable(constraint.referenced_table)) {
      AddLock(referenced, txn::LockMode::kRowShare);
    }
  }
  if (!changes_rows) return;
  for (const catalog::IncomingForeignKey& key : catalog_->IncomingForeignKeys(table.oid)) {
    if (AddLock(key.table, txn::LockMode::kRowExclusive)) AddForeignKeyLocks(*key.table, true);
  }
}

bool QueryPlan::LockTables(EngineSession& session, EngineTransaction& transaction) const {
  for (const TableLock& lock : table_locks_) {
    transaction.txn().LockTable(lock.table->oid, lock.mode);
  }
  // Those are judged at commit by the catalog they met; definitions do not wait for their locks.
  if (transaction.txn().optimistic()) return true;
  // DDL grows the epoch before it commits and keeps its locks until after: having ours, we see what
  // concerns these tables.
  uint64_t epoch = engine_.catalog_epoch();
  if (table_locks_.empty() || epoch == known_epoch_.load(std::memory_order_relaxed)) return true;
  catalog::CatalogPtr newest = session.catalog_view().Find(transaction.txn().LatestView());
  for (const TableLock& lock : table_locks_) {
    std::shared_ptr<const catalog::TableDescriptor> table = newest->FindTable(lock.table->oid);
    if (table == lock.table) continue;
    if (table == nullptr ||
        catalog::EncodeDescriptor(*table) != catalog::EncodeDescriptor(*lock.table)) {
      return false;
    }
  }
  known_epoch_.store(epoch, std::memory_order_relaxed);
  return true;
}

void QueryPlan::CollectTables(const planner::PhysicalNode& node) {
  using planner::PhysicalKind;
  switch (node.kind) {
    case PhysicalKind::kTableScan:
      used_tables_.push_back(node.As<planner::PhysicalTableScan>().table->oid);
      AddLock(node.As<planner::PhysicalTableScan>().table, txn::LockMode::kAccessShare);
      break;
    case PhysicalKind::kLockRows:
      locks_rows_ = true;
      for (const auto& lock : node.As<planner::PhysicalLockRows>().locks) {
        if (lock.table->persistence != 't' && lock_tag_.empty()) {
          lock_tag_ = LockTag(lock.strength);
        }
        AddLock(lock.table, txn::LockMode::kRowShare);
      }
      break;
    case PhysicalKind::kInsert:
    case PhysicalKind::kUpdate:
    case PhysicalKind::kDelete:
      adds_rows_ |= node.kind != PhysicalKind::kDelete;
      if (!writes) writes_only_temporary = true;
      writes = true;
      effect = Effect::kData;
      writes_only_temporary &=
          node.As<planner::PhysicalModify>().rules->table->persistence == 't';
      used_tables_.push_back(node.As<planner::PhysicalModify>().rules->table->oid);
      AddLock(node.As<planner::PhysicalModify>().rules->table, txn::LockMode::kRowExclusive);
      AddForeignKeyLocks(*node.As<planner::PhysicalModify>().rules->table,
                         node.kind != PhysicalKind::kInsert || ChangesOnConflict(node));
      break;
    default: break;
  }
  for (const planner::PhysicalPtr& child : node.children) CollectTables(*child);
}

bool QueryPlan::Uses(types::Oid table) const {
  return std::find(used_tables_.begin(), used_tables_.end(), table) != used_tables_.end();
}

bool QueryPlan::IsCurrent(SessionContext& session, Transaction& transaction) const {
  auto& engine_transaction = static_cast<EngineTransaction&>(transaction);
  EngineSession& engine_session = engine_.SessionOf(session);
  return engine_transaction.Catalog() == catalog_ &&
         engine_session.BindingSettings() == binding_settings_ &&
         LockTables(engine_session, engine_transaction);
}

std::unique_ptr<Execution> QueryPlan::NewExecution() const {
  return std::make_unique<QueryExecution>(shared_from_this());
}

QueryExecution::QueryExecution(std::shared_ptr<const QueryPlan> plan)
    : plan_(std::move(plan)),
      resources_(plan_->engine(), plan_->tenant(), plan_->catalog()) {
  context_.outer_slots.resize(plan_->plan().outer_slot_count);
  for (int slot : plan_->plan().output) {
    static_cast<void>(slot);
    output_.columns.push_back(nullptr);
  }
}

QueryExecution::~QueryExecution() { Close(); }

void QueryExecution::Open(const Context& context) {
  transaction_ = static_cast<EngineTransaction*>(context.transaction);
  context_session_ = context.session;
  EngineSession& session = plan_->engine().SessionOf(*context.session);
  session.UseCatalog(plan_->catalog(), transaction_);
  plan_->CheckPrivileges();
  plan_->RequireMayRun(*context.session);
  if (!plan_->LockTables(session, *transaction_)) ThrowConcurrentUpdate();
  if (transaction_->txn().optimistic() && !transaction_->WorksOn(*plan_->catalog())) {
    throw SqlError(sqlstate::kTRSerializationFailure, std::string(kSchemaUpdated));
  }
  if (plan_->adds_rows() && context.session->identity().profile == Profile::kDsql) {
    plan_->engine().cluster_sizes().Check(plan_->tenant());
  }
  if (plan_->writes) {
    deferred_constraints_ = transaction_->DeferredConstraints(*plan_->catalog());
    context_.deferred_constraints = deferred_constraints_;
  }
  FillContext(context_, session, *transaction_, resources_);
  context_.parameters = {};
  if (context.parameters != nullptr) context_.parameters = context.parameters->values;
  if (context_.parameters.size() < plan_->parameter_types.size()) {
    throw SqlError(sqlstate::kUndefinedParameter,
                   fmt::format("there is no parameter ${}", context_.parameters.size() + 1));
  }
  if (running_in_ == nullptr) session.BeginRun(*plan_);
  running_in_ = &session;
  Start();
}

void QueryExecution::Start() {
  if (root_ == nullptr) root_ = exec::MakeOperator(*plan_->plan().root, context_);
  held_filled_ = false;
  next_held_ = 0;
  if (held_ != nullptr) held_->Clear();
  root_->Open();
}

const types::Chunk* QueryExecution::Output(const types::Chunk& chunk) {
  const std::vector<int>& slots = plan_->plan().output;
  for (size_t i = 0; i < slots.size(); ++i) output_.columns[i] = chunk.columns[slots[i]];
  output_.rows = chunk.rows;
  return &output_;
}

const types::Chunk* QueryExecution::Next() {
  if (plan_->locks_rows() || plan_->writes) return NextHeld();
  const types::Chunk* chunk = root_->Next();
  return chunk == nullptr ? nullptr : Output(*chunk);
}

void QueryExecution::StartOver() {
  root_->Close();
  // What came from the client does not come again.
  if (context_.feed) ThrowConcurrentUpdate();
  runtime::CheckInterrupts();
  transaction_->txn().RestartStatement();
  transaction_->RestartStatement();
  context_.view = transaction_->txn().View();
  context_.rows_affected = 0;
  context_.run = NextRun();
  Start();
}

// READ COMMITTED: a row that changed since the statement's snapshot makes the whole statement start
// over on a fresh one. Nothing has been handed out by then.
const types::Chunk* QueryExecution::NextHeld() {
  if (held_ == nullptr) {
    held_ = std::make_unique<exec::RowStore>(plan_->plan().root->kinds, context_.memory);
  }
  for (bool starts_over = false; !held_filled_;) {
    try {
      if (starts_over) StartOver();
      while (const types::Chunk* chunk = root_->Next()) held_->Append(*chunk);
      held_filled_ = true;
    } catch (const txn::StatementRestart&) {
      starts_over = true;
    }
  }
  if (next_held_ == held_->chunk_count()) return nullptr;
  return Output(held_->chunk(next_held_++));
}

void QueryExecution::Close() {
  if (running_in_ != nullptr) std::exchange(running_in_, nullptr)->EndRun(*plan_);
  if (root_ != nullptr && transaction_ != nullptr) root_->Close();
  if (held_ != nullptr) held_->Clear();
  context_.view = txn::ReadView();
  transaction_ = nullptr;
}

}  // namespace sundog::session
