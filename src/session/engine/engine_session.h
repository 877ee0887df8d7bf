// What the engine keeps for one session: its view of the catalog, its place in the lock manager,
// and the services that system functions ask for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/session_catalog.h"
#include "catalog/statement_services.h"
#include "planner/planner_context.h"
#include "session/engine/advisory_locks.h"
#include "session/engine/domain_checks.h"
#include "session/engine/loaded_tenants.h"
#include "session/engine/user_functions.h"
#include "session/session_context.h"
#include "txn/lock_manager.h"

namespace sundog::session {

class QueryPlan;

class Engine;
class EngineTransaction;

inline constexpr std::string_view kSchemaUpdated =
    "schema has been updated by another transaction (OC001)";

// Stands for a role that is not there any more: it has PUBLIC's rights.
inline constexpr types::Oid kDroppedRole = 0xFFFFFFFF;

class EngineSession final : public EngineState, public functions::StatementServices {
 public:
  EngineSession(Engine& engine, SessionContext& context);
  ~EngineSession() override;

  Engine& engine() const { return engine_; }
  SessionContext& context() const { return context_; }
  catalog::SessionCatalog& catalog_view() { return catalog_; }
  txn::LockBackend& lock_backend() { return lock_backend_; }
  UserFunctionCalls& user_functions() { return user_functions_; }
  uint32_t tenant() const { return catalog_.tenant(); }

  // Makes `catalog` the one that names, types and services see, until the next call.
  void UseCatalog(const catalog::CatalogPtr& catalog, EngineTransaction* transaction);
  // Set while a statement runs.
  EngineTransaction* transaction() const { return transaction_; }
  // The settings that decide how a text is bound: a cached plan is good for the same ones only.
  const std::string& BindingSettings();
  // DSQL: 40001, once, if another session has changed definitions since this one last looked.
  void MeetCatalog(const catalog::Catalog& catalog);
  // FATAL 08006 if the identity whose token let the session in has been taken its role since.
  void RequireTrust(const catalog::Catalog& catalog) const;
  // This session has changed them itself.
  void KnowCatalog(std::string identity) { known_catalog_ = std::move(identity); }
  void ForgetCatalog() { known_catalog_.reset(); }
  planner::PlannerSettings planner_settings() const;
  // A query or data change between its Open() and its Close().
  void BeginRun(const QueryPlan& plan) { running_plans_.push_back(&plan); }
  void EndRun(const QueryPlan& plan);
  // 55006 if one of them reads or writes the table: what `command` does to it would pull the rug
  // from under that one.
  void RequireNotRunning(const catalog::TableDescriptor& table, std::string_view command) const;

  // --- functions::StatementServices ---
  const catalog::CatalogPtr& catalog() override { return current_catalog_; }
  const catalog::SearchPath& search_path() override;
  types::Oid current_role() override;
  types::Oid SwitchDefiner(types::Oid role) override;
  // The role that logged in, by its OID: a session whose role has been dropped has no rights of
  // its own from then on, also if another role gets the name.
  types::Oid session_role() override;
  std::string_view database_name() override { return context_.identity().database; }
  int32_t backend_pid() override { return context_.identity().process_id; }
  std::string_view client_address() override { return client_address_; }
  int32_t client_port() override { return client_port_; }
  std::string_view server_address() override;
  int32_t server_port() override;
  int64_t server_start_us() override;
  std::string version_text() override;
  std::optional<std::string> GetSetting(std::string_view name) override;
  std::string SetSetting(std::string_view name, std::string_view value, bool local) override;
  std::vector<catalog::SettingRow> Settings() override;
  int64_t NextValue(types::Oid sequence) override;
  int64_t CurrentValue(types::Oid sequence) override;
  int64_t LastValue() override;
  void SetValue(types::Oid sequence, int64_t value, bool is_called) override;
  std::pair<int64_t, bool> SequenceState(types::Oid sequence) override;
  std::optional<uint64_t> TransactionId(bool assign) override;
  int64_t RelationBytes(const catalog::Relation& relation) override;
  double RowEstimate(types::Oid table) override;
  std::string FunctionBody(const catalog::FunctionDescriptor& function) override;
  std::string ViewDefinition(const catalog::ViewDescriptor& view, bool pretty) override;
  std::string PrettyExpression(std::string_view sql, types::Oid relation) override;
  std::vector<catalog::SessionRow> Sessions() override;
  std::vector<catalog::LockRow> Locks() override;
  std::vector<catalog::PreparedStatementRow> PreparedStatements() override;
  std::vector<catalog::CursorRow> Cursors() override;
  std::string PrettyDomainCheck(std::string_view sql, types::SqlType base) override;
  std::vector<catalog::Job> Jobs() override;
  bool WaitForJob(std::string_view id) override;
  std::string_view session_id() override;
  std::string_view transaction_uuid() override;
  std::string_view iam_arn() override { return context_.identity().iam_arn; }
  int64_t ClusterBytes() override;
  std::optional<int64_t> ClusterBytesLimit() override;
  std::vector<std::string_view> DsqlColumnTypes() override;
  std::vector<catalog::VectorGraphRow> VectorGraphs() override;
  std::string_view query_text() override;
  std::vector<int32_t> BlockingSessions(int32_t pid) override;
  bool LockAdvisory(const catalog::AdvisoryLock& lock) override;
  bool UnlockAdvisory(const catalog::AdvisoryLock& lock) override;
  void UnlockAllAdvisory() override { advisory_locks_.UnlockAll(); }
  // DISCARD SEQUENCES: currval() and lastval() are as in a new session.
  void ForgetSequences() {
    sequences_.clear();
    last_sequence_ = types::kInvalidOid;
  }
  void CheckSetRole(std::string_view role) override;
  void CheckSetAuthorization(std::string_view role) override;
  bool IsSuperuser() override;
  std::vector<std::string> StoredSettings() override;
  bool CancelSession(int32_t pid) override;
  bool TerminateSession(int32_t pid) override;

 private:
  // The reg* types' names in the catalog and search path of the moment.
  class Names final : public types::NameResolver {
   public:
    explicit Names(EngineSession& session) : session_(session) {}
    types::Oid Resolve(types::Oid type, std::string_view text) override;
    std::string NameOf(types::Oid type, types::Oid object) override;

   private:
    EngineSession& session_;
  };
  struct SequenceUse {
    int64_t next = 0;  // of the cached values
    int64_t last = 0;
    int64_t increment = 1;
    size_t cached = 0;
    std::optional<int64_t> current;
  };
  const catalog::SequenceDescriptor& RequireSequence(types::Oid oid) const;
  // The catalog as the transaction sees it, which begins if there is none.
  catalog::CatalogPtr CatalogNow();

  Engine& engine_;
  SessionContext& context_;
  LoadedTenants::Use use_;
  Names names_{*this};
  std::vector<const QueryPlan*> running_plans_;
  catalog::SessionCatalog catalog_;
  txn::LockBackend lock_backend_;
  AdvisoryLocks advisory_locks_;
  UserFunctionCalls user_functions_{*this};
  DomainChecks domain_checks_{*this};
  catalog::CatalogPtr current_catalog_;
  EngineTransaction* transaction_ = nullptr;
  std::optional<catalog::SearchPath> search_path_;
  std::string binding_settings_;
  std::optional<std::string> known_catalog_;
  uint64_t binding_generation_ = 0;
  std::string search_path_text_;
  // Who logged in; kInvalidOid until the first catalog is in use.
  types::Oid login_role_ = types::kInvalidOid;
  types::Oid definer_role_ = types::kInvalidOid;
  // In current_catalog_ and the settings of that generation.
  std::optional<types::Oid> current_role_;
  uint64_t role_generation_ = 0;
  std::string client_address_;
  int32_t client_port_;
  std::map<types::Oid, SequenceUse> sequences_;
  std::string session_id_;  // empty until somebody asks
  types::Oid last_sequence_ = types::kInvalidOid;
};

}  // namespace sundog::session
