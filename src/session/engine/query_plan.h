// Queries and data changes: a planned statement, and its runs.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "binder/bound_query.h"
#include "exec/operator.h"
#include "exec/row_store.h"
#include "planner/physical.h"
#include "session/engine/engine.h"
#include "session/statement_pipeline.h"

namespace sundog::binder {
struct BoundStatement;
struct BindContext;
}  // namespace sundog::binder

namespace sundog::session {

// What an execution context needs beside the transaction: layouts and rules in one catalog.
class CatalogResources final : public exec::LayoutSource, public exec::RulesSource {
 public:
  CatalogResources(Engine& engine, uint32_t tenant, catalog::CatalogPtr catalog)
      : engine_(engine), tenant_(tenant), catalog_(std::move(catalog)) {}
  storage::TableLayoutPtr LayoutOf(
      const std::shared_ptr<const catalog::TableDescriptor>& table) override;
  std::shared_ptr<const planner::PhysicalTableRules> RulesOf(
      const std::shared_ptr<const catalog::TableDescriptor>& table) override;
  const catalog::CatalogPtr& catalog() const { return catalog_; }

 private:
  Engine& engine_;
  uint32_t tenant_;
  catalog::CatalogPtr catalog_;
  std::map<types::Oid, std::shared_ptr<const planner::PhysicalTableRules>> rules_;
};

// Fills what depends on the session and its transaction. `resources` must outlive the context's
// use.
void FillContext(exec::ExecutionContext& context, EngineSession& session,
                 EngineTransaction& transaction, CatalogResources& resources);

// 40001: what another transaction did cannot be followed.
[[noreturn]] void ThrowConcurrentUpdate();

// The binder's context in a session, for what is kept or shown.
binder::BindContext MakeBindContext(EngineSession& session, EngineTransaction& transaction,
                                    const catalog::CatalogPtr& catalog,
                                    std::span<const types::Oid> parameter_types);

// The same for a statement that is run: with the row-level security of the session's settings.
binder::BindContext MakeRunContext(EngineSession& session, EngineTransaction& transaction,
                                   const catalog::CatalogPtr& catalog,
                                   std::span<const types::Oid> parameter_types);

class QueryPlan final : public PreparedPlan, public std::enable_shared_from_this<QueryPlan> {
 public:
  // Consumes the bound statement.
  QueryPlan(EngineSession& session, EngineTransaction& transaction, catalog::CatalogPtr catalog,
            binder::BoundStatement& statement);

  std::unique_ptr<Execution> NewExecution() const override;
  bool IsCurrent(SessionContext& session, Transaction& transaction) const override;

  const planner::PhysicalPlan& plan() const { return *plan_; }
  const catalog::CatalogPtr& catalog() const { return catalog_; }
  Engine& engine() const { return engine_; }
  uint32_t tenant() const { return tenant_; }
  bool locks_rows() const { return locks_rows_; }
  // 25006 if it changes or locks what others see and the transaction is read-only.
  void RequireMayRun(const SessionContext& session) const;
  // Or changes some.
  bool adds_rows() const { return adds_rows_; }

  struct TableLock {
    std::shared_ptr<const catalog::TableDescriptor> table;
    txn::LockMode mode;
  };
  const std::vector<TableLock>& table_locks() const { return table_locks_; }
  // Whether it reads the table's rows or writes some.
  bool Uses(types::Oid table) const;
  // Before each run: 42501 if the role it was planned for may not run it. Roles and catalogs of a
  // plan never change (IsCurrent), so this has been found out with the plan.
  void CheckPrivileges() const;
  // Locks what is read and written, as PostgreSQL's parser and planner do. False: one of the tables
  // is not any more what the plan was made for; the locks stay, so a new plan finds them so.
  [[nodiscard]] bool LockTables(EngineSession& session, EngineTransaction& transaction) const;

 private:
  void CollectTables(const planner::PhysicalNode& node);
  void CollectNamedTables(const binder::BoundStatement& statement);
  void AddForeignKeyLocks(const catalog::TableDescriptor& table, bool changes_rows);
  // True if it was not there in this or a stronger mode.
  bool AddLock(const std::shared_ptr<const catalog::TableDescriptor>& table, txn::LockMode mode);

  Engine& engine_;
  uint32_t tenant_;
  catalog::CatalogPtr catalog_;
  // Up to where the catalog is known to have the tables as they are here.
  mutable std::atomic<uint64_t> known_epoch_ = 0;
  std::string binding_settings_;
  std::shared_ptr<const planner::PhysicalPlan> plan_;
  std::vector<TableLock> table_locks_;
  std::vector<types::Oid> used_tables_;
  const binder::StatementKind kind_;
  bool locks_rows_ = false;
  // "SELECT FOR UPDATE", if it locks rows of tables that are not temporary; static text.
  std::string_view lock_tag_;
  bool adds_rows_ = false;
  std::optional<std::string> denial_;
};

// Runs physical plans; also used for EXPLAIN ANALYZE, COPY (query) TO and SQL functions.
class QueryExecution final : public Execution {
 public:
  explicit QueryExecution(std::shared_ptr<const QueryPlan> plan);
  ~QueryExecution() override;

  void Open(const Context& context) override;
  const types::Chunk* Next() override;
  void Close() override;
  exec::ExecutionContext& context() { return context_; }
  int64_t rows_affected() const override { return context_.rows_affected; }

 private:
  void Start();
  void StartOver();
  const types::Chunk* NextHeld();
  const types::Chunk* Output(const types::Chunk& chunk);

  std::shared_ptr<const QueryPlan> plan_;
  CatalogResources resources_;
  exec::ExecutionContext context_;
  exec::OperatorPtr root_;
  EngineTransaction* transaction_ = nullptr;
  SessionContext* context_session_ = nullptr;
  // Null while it is not open.
  EngineSession* running_in_ = nullptr;
  std::vector<types::Oid> deferred_constraints_;
  // Row-locking queries and data changes may have to start over: their rows wait for the end.
  std::unique_ptr<exec::RowStore> held_;
  bool held_filled_ = false;
  size_t next_held_ = 0;
  types::Chunk output_;
};

}  // namespace sundog::session
