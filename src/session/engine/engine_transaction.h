// A session's transaction over the store: the store's transaction with what must roll back and be
// checked together with it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "catalog/jobs.h"
#include "catalog/session_catalog.h"
#include "exec/row_writer.h"
#include "session/transaction.h"
#include "storage/table_writer.h"
#include "txn/transaction.h"

namespace sundog::session {

class Engine;
class EngineSession;

class EngineTransaction final : public Transaction {
 public:
  EngineTransaction(Engine& engine, EngineSession& session, const TransactionOptions& options);
  ~EngineTransaction() override;

  void ChangeOptions(const TransactionOptions& options) override;
  void BeginStatement() override;
  void EndStatement() override;
  void SetSavepoint(int depth) override;
  void RollbackToSavepoint(int depth) override;
  void ReleaseSavepoint(int depth) override;
  CommitReport Commit() override;
  void Rollback() override;

  txn::Transaction& txn() { return txn_; }
  storage::DeferredUniqueChecks& deferred_unique() { return deferred_unique_; }
  exec::DeferredForeignKeys& deferred_foreign_keys() { return deferred_foreign_keys_; }
  // The catalog that the running statement works on.
  catalog::CatalogPtr Catalog();
  // Whether it has defined, altered or dropped something.
  bool changed_catalog() const { return changed_catalog_; }
  // Whether that is it.
  bool WorksOn(const catalog::Catalog& catalog);
  // The running statement starts over: forgets the checks it put off.
  void RestartStatement();
  // DDL: makes `after` the transaction's catalog.
  void ApplyCatalog(const catalog::CatalogPtr& before, const catalog::CatalogPtr& after);

  // Optimistic transactions meet no lock but this one: those that change definitions (kRowShare)
  // and jobs (kAccessExclusive, for the time of a commit) keep each other out, so that nobody's
  // definition loses against a job. False: not available.
  bool LockDefinitions(txn::LockMode mode, txn::WaitPolicy policy);
  // Of an optimistic transaction, before it changes definitions: what jobs alone have changed since
  // its snapshot, it sees.
  void EnterDefinition();
  // Writes the job's row; it begins once this transaction has committed.
  void SubmitJob(const catalog::Job& job);
  // What sys.current_transaction_id() shows.
  std::string_view uuid();

  // SET CONSTRAINTS: constraint OIDs, or all deferrable ones. What becomes immediate is checked
  // now, and again at commit: a rollback to a savepoint may undo what made it right.
  void SetConstraints(bool all, const std::vector<types::Oid>& constraints, bool deferred);
  // The constraints of `catalog`'s tables that are checked at commit only.
  std::vector<types::Oid> DeferredConstraints(const catalog::Catalog& catalog) const;
  // Checks what was deferred, now.
  void RunDeferredChecks();

 private:
  // SET CONSTRAINTS of this transaction.
  struct ConstraintModes {
    std::optional<bool> all_deferred;
    std::map<types::Oid, bool> deferred;  // given since by name
  };
  struct SavepointMark {
    txn::Transaction::Savepoint writes;
    size_t unique_checks;
    size_t foreign_keys;
    catalog::SessionCatalog::Mark catalog;
    ConstraintModes modes;
  };
  void CheckDeferredNow();
  txn::TransactionOptions Translate(const TransactionOptions& options) const;
  void End();

  Engine& engine_;
  EngineSession& session_;
  txn::Transaction txn_;
  storage::DeferredUniqueChecks deferred_unique_;
  exec::DeferredForeignKeys deferred_foreign_keys_;
  catalog::SessionCatalog::Mark catalog_at_start_;
  std::vector<SavepointMark> savepoints_;
  size_t statement_unique_checks_ = 0;
  size_t statement_foreign_keys_ = 0;
  bool changed_catalog_ = false;
  bool required_trust_ = false;
  bool met_catalog_ = false;
  std::string met_identity_;     // of the catalog that was met
  catalog::CatalogPtr catalog_before_changes_;
  std::string applied_catalog_;  // its identity
  std::string uuid_;             // empty until somebody asks
  std::vector<std::string> submitted_jobs_;
  bool ended_ = false;
  ConstraintModes modes_;
};

}  // namespace sundog::session
