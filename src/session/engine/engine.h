// The engine: one server's store, transactions, catalogs and statistics, and the way of a statement
// through parser, binder, planner and executor. Implements the pipeline that sessions run on. One a
// server; safe from all threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "catalog/session_catalog.h"
#include "exec/execution_context.h"
#include "session/engine/cluster_sizes.h"
#include "session/engine/job_catalogs.h"
#include "session/engine/layout_cache.h"
#include "session/engine/loaded_tenants.h"
#include "session/engine/session_registry.h"
#include "session/engine/statement_log.h"
#include "session/engine/table_statistics.h"
#include "session/session_context.h"
#include "session/statement_cache.h"
#include "session/statement_pipeline.h"
#include "txn/transaction_manager.h"

namespace sundog::runtime {
class Runtime;
}
namespace sundog::parser {
class Script;
}
namespace sundog::vectors {
class Graphs;
}

namespace sundog::session {

class EngineSession;
class EngineTransaction;
class JobRunner;

// A statement of a script, with its tree.
class EngineStatement final : public ParsedStatement {
 public:
  std::shared_ptr<const parser::Script> script;
  size_t index = 0;
  bool is_inner = false;  // the statement inside PREPARE or DECLARE CURSOR
};

class Engine final : public StatementPipeline {
 public:
  // Both must outlive the engine. Files of sorts and joins that outgrow memory go to
  // `temporary_folder`.
  // `make_verifier`: a password as it is stored with its role.
  // `dsql_cluster_bytes`: what a tenant of profile dsql may keep.
  using MakeVerifier = std::string (*)(const std::string& password);
  Engine(kv::Store& store, base::Clock& clock, std::string temporary_folder,
         MakeVerifier make_verifier, int64_t dsql_cluster_bytes = kDefaultClusterBytes);
  ~Engine() override;

  // --- StatementPipeline ---
  void Attach(SessionContext& session) override { SessionOf(session); }
  void Admit(const ParsedStatement& statement, const SessionContext& session) override;
  std::vector<std::unique_ptr<ParsedStatement>> Parse(std::string_view sql) override;
  std::shared_ptr<const PreparedPlan> Prepare(const ParsedStatement& statement,
                                              std::string_view sql,
                                              std::span<const types::Oid> parameter_types,
                                              SessionContext& session,
                                              Transaction& transaction) override;
  std::vector<types::Oid> DeclaredTypes(const ParsedStatement& statement, SessionContext& session,
                                        Transaction& transaction) override;
  void Discard(DiscardTarget target, SessionContext& session, Transaction& transaction) override;
  void EvaluateArguments(const ParsedStatement& statement, std::string_view sql,
                         std::span<const types::Oid> parameter_types, SessionContext& session,
                         Transaction& transaction, base::Arena& arena,
                         ParameterValues& to) override;
  const types::TypeInfo* FindType(types::Oid oid, SessionContext& session) override;
  StatementCache* statement_cache() override { return &statement_cache_; }
  std::string_view BindingScope(SessionContext& session) override;
  void NoteStatement(const SessionContext& session, std::string_view sql, int64_t duration_us,
                     bool failed) override {
    statement_log_.NoteStatement(session.identity().tenant, sql, duration_us, failed);
  }
  std::unique_ptr<Transaction> Begin(const TransactionOptions& options,
                                     SessionContext& session) override;

  // --- for the engine's parts ---
  kv::Store& store() const { return transactions_.store(); }
  base::Clock& clock() const { return clock_; }
  txn::TransactionManager& transactions() { return transactions_; }
  catalog::CatalogCache& catalogs() { return catalogs_; }
  LayoutCache& layouts() { return layouts_; }
  TableStatistics& statistics() { return statistics_; }
  SessionRegistry& sessions() { return sessions_; }
  ClusterSizes& cluster_sizes() { return cluster_sizes_; }
  LoadedTenants& loaded_tenants() { return loaded_tenants_; }
  StatementLog& statement_log() { return statement_log_; }
  // Jobs run from now on, those that were left unfinished first; before any session. Until then
  // they wait.
  void StartJobs(runtime::Runtime& runtime);
  // And unloading. From a plain thread, before the runtime ends.
  void StopJobs();
  // Null: they have not been started.
  JobRunner* jobs() const { return jobs_.get(); }
  JobCatalogs& job_catalogs() { return job_catalogs_; }
  // Tenants that nobody has used for so long are let go of from now on; they come back at their
  // next use.
  void StartUnloading(int64_t idle_us);
  // Before the store closes: what sequences have handed out becomes exact.
  void Flush();
  std::string PasswordVerifier(const std::string& password) const {
    return make_verifier_(password);
  }
  // The graphs of hnsw indexes, which must outlive the engine; before any session.
  void UseGraphs(vectors::Graphs& graphs) { graphs_ = &graphs; }
  vectors::Graphs* graphs() const { return graphs_; }
  const std::string& temporary_folder() const { return temporary_folder_; }
  int64_t start_us() const { return start_us_; }

  EngineSession& SessionOf(SessionContext& context);
  // The tenant's as last committed; for what is asked outside of sessions (who may connect).
  catalog::CatalogPtr NewestCatalog(uint32_t tenant);
  // The tenant is to go: ends its sessions and forgets what was kept in memory for it. False as
  // long as sessions are left; to be called again then.
  [[nodiscard]] bool CloseTenant(uint32_t tenant);
  // Grows before any DDL commits: a plan made under an older number may be out of date.
  uint64_t catalog_epoch() const { return catalog_epoch_.load(std::memory_order_acquire); }
  void NoteCatalogChange() { catalog_epoch_.fetch_add(1, std::memory_order_acq_rel); }
  // Runs `body` with an execution context for the session's transaction as it is now.
  void RunWithContext(EngineSession& session, EngineTransaction& transaction,
                      const std::function<void(exec::ExecutionContext&)>& body);

 private:
  // All that is kept in memory by tenant.
  void RegisterKeepers();

  base::Clock& clock_;
  std::string temporary_folder_;
  MakeVerifier make_verifier_;
  txn::TransactionManager transactions_;
  catalog::CatalogCache catalogs_;
  LayoutCache layouts_;
  TableStatistics statistics_;
  SessionRegistry sessions_;
  ClusterSizes cluster_sizes_;
  LoadedTenants loaded_tenants_;
  StatementLog statement_log_;
  std::atomic<uint64_t> catalog_epoch_{1};
  int64_t start_us_;
  StatementCache statement_cache_;
  JobCatalogs job_catalogs_;
  std::unique_ptr<JobRunner> jobs_;
  vectors::Graphs* graphs_ = nullptr;
};

}  // namespace sundog::session
