#include "session/engine/job_work.h"

#include "base/clock.h"
#include "base/sql_error.h"
#include "catalog/catalog_rows.h"
#include "catalog/ddl/alter_table.h"
#include "catalog/ddl/index.h"
#include "catalog/descriptor_format.h"
#include "catalog/owner_scope.h"
#include "exec/ddl/row_work.h"
#include "session/engine/ddl_environment.h"
#include "session/engine/job_session.h"

namespace sundog::session {

namespace {

using catalog::IndexState;
using catalog::Job;
using catalog::JobStatus;

constexpr std::string_view kNoTable = "Skipped job for nonexistent table.";
constexpr std::string_view kNoObject = "Skipped job for nonexistent object.";
constexpr std::string_view kAbandoned = "The statement that waited for the job was canceled.";
constexpr std::string_view kDuplicate =
    "found duplicate key(s) while validating index uniqueness";

void PutJob(EngineTransaction& transaction, Job job) {
  txn::Transaction& txn = transaction.txn();
  job.update_us = txn.manager().clock().WallMicros();
  // Nobody else writes the row of a job that is not finished.
  txn.Put(catalog::JobKey(txn.tenant(), job.id), catalog::EncodeJob(job));
}

Job Ended(Job job, JobStatus status, std::string_view details) {
  job.status = status;
  job.details = details;
  return job;
}

Job Failed(const Job& job, const SqlError& error) {
  bool duplicate = error.state() == sqlstate::kUniqueViolation;
  Job failed = Ended(job, JobStatus::kFailed,
                     duplicate ? kDuplicate : std::string_view(error.fields().message));
  failed.error_state = error.state().code();
  failed.error_message = error.fields().message;
  failed.error_detail = error.fields().detail;
  return failed;
}

void Finish(JobSession& session, Job job) {
  session.Transact([&](EngineTransaction& transaction) { PutJob(transaction, job); });
}

void FinishWithoutObject(JobSession& session, const Job& job, const catalog::Catalog& catalog) {
  bool has_table = catalog.FindTable(job.table) != nullptr;
  Finish(session, Ended(job, JobStatus::kFailed, has_table ? kNoObject : kNoTable));
}

// Transactions with locks are not judged by the catalog they worked on; this one is to be.
void CheckCatalogAtCommit(EngineTransaction& transaction) {
  txn::Transaction& txn = transaction.txn();
  if (txn.optimistic()) return;  // always is
  txn.CheckSchemaAtCommit(txn.View().version(), catalog::CatalogVersionKey(txn.tenant()));
}

void ApplyChange(JobSession& session, EngineTransaction& transaction,
                 const catalog::CatalogPtr& before, catalog::CatalogWriter& writer) {
  catalog::CatalogPtr after = writer.Finish();
  if (after == before) return;  // somebody has done it already
  session.engine().job_catalogs().Add(before->identity(), after->identity());
  transaction.ApplyCatalog(before, after);
}

// Nobody else changes definitions before the end of this transaction. Whoever does so now may wait
// for a table that we hold: nobody is waited for.
void KeepDefinitions(EngineTransaction& transaction) {
  txn::Transaction& txn = transaction.txn();
  if (!txn.optimistic()) {
    txn::RowLockOutcome outcome =
        txn.LockRow(txn.View(), catalog::CatalogVersionKey(txn.tenant()),
                    txn::RowLockMode::kUpdate, txn::WaitPolicy::kNoWait);
    if (outcome != txn::RowLockOutcome::kLocked) throw txn::StatementRestart();
  } else if (!transaction.LockDefinitions(txn::LockMode::kAccessExclusive,
                                          txn::WaitPolicy::kNoWait)) {
    throw txn::StatementRestart();
  }
}

// Whose rights it has: the session's own are a superuser's.
types::Oid OwnerOf(const catalog::Catalog& catalog, const Job& job) {
  return catalog.FindTable(job.table)->owner;
}

class IndexBuild {
 public:
  IndexBuild(JobSession& session, const Job& job) : session_(session), job_(job) {}

  void Run() {
    while (true) {
      uint32_t tenant = session_.session().tenant();
      // Its end and the index's are one commit.
      auto stored = catalog::FindJob(*session_.engine().store().Newest(), tenant, job_.id);
      if (!stored || stored->finished()) return;
      catalog::CatalogPtr catalog = session_.engine().NewestCatalog(tenant);
      const catalog::IndexDescriptor* index = Find(*catalog);
      if (index == nullptr) return FinishWithoutObject(session_, job_, *catalog);
      switch (index->state) {
        case IndexState::kInvalid:
          if (!MakeLists()) return;
          job_.status = JobStatus::kProcessing;
          Change(IndexState::kInvalid, IndexState::kBuilding, job_);
          break;
        case IndexState::kBuilding:
          Build();
          break;
        case IndexState::kReady:
          // It came to that after we had looked for the job's end.
          break;
      }
    }
  }

  // As the failure of a build that had come as far as it has.
  void Abandon(const Job& failed) {
    while (true) {
      uint32_t tenant = session_.session().tenant();
      auto stored = catalog::FindJob(*session_.engine().store().Newest(), tenant, job_.id);
      if (!stored || stored->finished()) return;
      const catalog::CatalogPtr catalog = session_.engine().NewestCatalog(tenant);
      const catalog::IndexDescriptor* index = Find(*catalog);
      // Only the job changes the state, and it does nothing else now.
      if (index == nullptr || index->state == IndexState::kInvalid) return Finish(session_, failed);
      Change(IndexState::kBuilding, IndexState::kInvalid, failed);
    }
  }

 private:
  const catalog::IndexDescriptor* Find(const catalog::Catalog& catalog) const {
    std::shared_ptr<const catalog::TableDescriptor> table = catalog.FindTable(job_.table);
    return table == nullptr ? nullptr : table->FindIndex(job_.object);
  }

  // No writer that does not know the index yet is left, and none comes before the end of this
  // transaction.
  void ShutWritersOut(EngineTransaction& transaction) {
    txn::Transaction& txn = transaction.txn();
    if (txn.optimistic()) return;
    txn.SetLockTimeout(session_.patience_us());
    txn.LockTable(job_.table, txn::LockMode::kShare);
    // What they have committed is to be seen.
    txn.BeginStatement();
  }

  // Together with the job's row. Nothing happens if the index is in another state or gone.
  void Change(IndexState from, IndexState to, Job job) {
    session_.Transact([&](EngineTransaction& transaction) {
      if (from == IndexState::kInvalid) ShutWritersOut(transaction);
      KeepDefinitions(transaction);
      catalog::CatalogPtr before = transaction.Catalog();
      const catalog::IndexDescriptor* index = Find(*before);
      if (index == nullptr || index->state != from) return;
      session_.session().UseCatalog(before, &transaction);
      DdlSupport support(session_.engine(), session_.session());
      catalog::CatalogWriter writer(before, support.environment());
      catalog::ddl::SetIndexState(writer, job_.object, to);
      ApplyChange(session_, transaction, before, writer);
      PutJob(transaction, job);
    });
  }

  // Nobody writes to the index yet. False if that failed, and the job with it.
  bool MakeLists() {
    try {
      TryToMakeLists();
      return true;
    } catch (const SqlError& error) {
      session_.cancel_token().ThrowIfCancelled();
      if (IsOfEnvironment(error)) throw;
      Finish(session_, Failed(job_, error));
      return false;
    }
  }

  void TryToMakeLists() {
    session_.Transact([&](EngineTransaction& transaction) {
      catalog::CatalogPtr catalog = transaction.Catalog();
      const catalog::IndexDescriptor* index = Find(*catalog);
      if (index == nullptr || index->state != IndexState::kInvalid) return;
      catalog::OwnerScope as_owner(session_.session(), OwnerOf(*catalog, job_));
      session_.engine().RunWithContext(
          session_.session(), transaction, [&](exec::ExecutionContext& context) {
            UseSubmittersMemory(context);
            exec::MakeIndexLists(job_.table, job_.object, context);
          });
      CheckCatalogAtCommit(transaction);
    });
  }

  // It is to be able to do what it could have done without a job.
  void UseSubmittersMemory(exec::ExecutionContext& context) const {
    if (job_.maintenance_memory_kb == 0) return;  // a row of before there were these
    context.maintenance_bytes = static_cast<size_t>(job_.maintenance_memory_kb) << 10;
    context.memory.SetLimits(static_cast<size_t>(job_.statement_memory_kb) << 10,
                             context.maintenance_bytes);
  }

  void Build() {
    try {
      std::string from;
      do {
        storage::BackfillStep step = Step(from);
        if (!step.awaited.empty()) WaitForKey(step.awaited);
        from = std::move(step.next);
      } while (!from.empty());
    } catch (const SqlError& error) {
      session_.cancel_token().ThrowIfCancelled();
      if (IsOfEnvironment(error)) throw;
      Change(IndexState::kBuilding, IndexState::kInvalid, Failed(job_, error));
      return;
    }
    Change(IndexState::kBuilding, IndexState::kReady, Ended(job_, JobStatus::kCompleted, ""));
  }

  storage::BackfillStep Step(const std::string& from) {
    storage::BackfillStep step;
    session_.Transact([&](EngineTransaction& transaction) {
      step = {};
      catalog::CatalogPtr catalog = transaction.Catalog();
      const catalog::IndexDescriptor* index = Find(*catalog);
      if (index == nullptr || index->state != IndexState::kBuilding) return;
      catalog::OwnerScope as_owner(session_.session(), OwnerOf(*catalog, job_));
      session_.engine().RunWithContext(
          session_.session(), transaction, [&](exec::ExecutionContext& context) {
            step = exec::FillIndex(job_.table, job_.object, context, from);
          });
      CheckCatalogAtCommit(transaction);
    });
    return step;
  }

  // Its holder may add a row with this key, or take one away.
  void WaitForKey(const std::string& key) {
    session_.Transact([&](EngineTransaction& transaction) {
      transaction.txn().LockKey(key);
    });
  }

  JobSession& session_;
  Job job_;
};

// A constraint that is NOT VALID holds of all that is written since it is there. So the rows are
// looked at in a snapshot, without a lock and without being judged, and what was found is true for
// as long as the tables are defined as they were.
class Validation {
 public:
  Validation(JobSession& session, const Job& job)
      : session_(session),
        reader_(session.engine(), session.session().tenant(), Profile::kDsql,
                session.shared_cancel_token()),
        job_(job) {}

  void Run() {
    job_.status = JobStatus::kProcessing;
    Finish(session_, job_);
    try {
      do {
        if (!CheckRows()) return FinishWithoutObject(session_, job_, *catalog_);
      } while (!Mark());
    } catch (const SqlError& error) {
      session_.cancel_token().ThrowIfCancelled();
      if (IsOfEnvironment(error)) throw;
      Finish(session_, Failed(job_, error));
    }
  }

 private:
  // The definitions that decide whether the rows satisfy the constraint; empty: it is gone.
  std::string Definitions(const catalog::Catalog& catalog) const {
    std::shared_ptr<const catalog::TableDescriptor> table = catalog.FindTable(job_.table);
    const catalog::ConstraintDescriptor* constraint =
        table == nullptr ? nullptr : table->FindConstraint(job_.object);
    if (constraint == nullptr) return {};
    std::string definitions = catalog::EncodeDescriptor(*table);
    if (constraint->kind == catalog::ConstraintKind::kForeignKey) {
      definitions += catalog::EncodeDescriptor(*catalog.FindTable(constraint->referenced_table));
    }
    return definitions;
  }

  // False: there is no such constraint any more.
  bool CheckRows() {
    bool found = false;
    reader_.Look([&](EngineTransaction& transaction) {
      catalog_ = transaction.Catalog();
      found = !Definitions(*catalog_).empty();
      if (!found) return;
      binder::RowWork work;
      work.table = job_.table;
      work.before = catalog_->FindTable(job_.table);
      const auto& constraint = *work.before->FindConstraint(job_.object);
      bool foreign = constraint.kind == catalog::ConstraintKind::kForeignKey;
      (foreign ? work.foreign_keys : work.checks).push_back(constraint.oid);
      catalog::OwnerScope as_owner(reader_.session(), OwnerOf(*catalog_, job_));
      session_.engine().RunWithContext(
          reader_.session(), transaction, [&](exec::ExecutionContext& context) {
            exec::DoRowWork(work, context, planner::PlannerContext());
          });
    });
    return found;
  }

  // False: the definitions are not any more those of the rows that were checked.
  bool Mark() {
    bool same = false;
    session_.Transact([&](EngineTransaction& transaction) {
      KeepDefinitions(transaction);
      catalog::CatalogPtr before = transaction.Catalog();
      same = Definitions(*before) == Definitions(*catalog_);
      if (!same) return;
      session_.session().UseCatalog(before, &transaction);
      DdlSupport support(session_.engine(), session_.session());
      catalog::CatalogWriter writer(before, support.environment());
      std::string name = before->FindTable(job_.table)->FindConstraint(job_.object)->name;
      catalog::ddl::MarkValidated(writer, job_.table, name);
      ApplyChange(session_, transaction, before, writer);
      PutJob(transaction, Ended(job_, JobStatus::kCompleted, ""));
    });
    return same;
  }

  JobSession& session_;
  JobSession reader_;  // reads one snapshot throughout
  Job job_;
  catalog::CatalogPtr catalog_;  // as the rows were checked in
};

}  // namespace

bool IsOfEnvironment(const SqlError& error) {
  return error.state() == sqlstate::kDiskFull || error.state() == sqlstate::kIoError;
}

void RunJob(JobSession& session, const Job& job) {
  switch (job.kind) {
    case catalog::JobKind::kIndexBuild: return IndexBuild(session, job).Run();
    case catalog::JobKind::kConstraintValidation: return Validation(session, job).Run();
  }
}

void AbandonJob(JobSession& session, const Job& job) {
  Job failed = Failed(job, SqlError(sqlstate::kQueryCanceled, std::string(kAbandoned)));
  if (job.kind == catalog::JobKind::kIndexBuild) return IndexBuild(session, job).Abandon(failed);
  Finish(session, failed);
}

}  // namespace sundog::session
