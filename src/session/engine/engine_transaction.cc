#include "session/engine/engine_transaction.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "catalog/catalog_rows.h"
#include "runtime/interrupt.h"
#include "session/engine/ddl_environment.h"
#include "session/engine/engine.h"
#include "session/engine/engine_session.h"
#include "session/engine/index_graphs.h"
#include "session/engine/job_runner.h"
#include "session/engine/query_plan.h"

namespace sundog::session {

namespace {

// Aurora DSQL's limits of a transaction.
constexpr int64_t kDsqlMostRows = 3000;
constexpr int64_t kDsqlMostBytes = 10 << 20;
constexpr int64_t kDsqlMostSeconds = 300;

void CheckAge(int64_t age_us) {
  int64_t seconds = age_us / 1'000'000;
  if (seconds <= kDsqlMostSeconds) return;
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("transaction age limit of {}s exceeded", kDsqlMostSeconds))
      .Detail(fmt::format("Current transaction age {}s exceeds {}s", seconds, kDsqlMostSeconds));
}

// What Aurora DSQL calls it, in optimistic transactions; empty: it has no name of its own for this.
std::string_view DsqlConflictText(txn::CommitResult::Kind kind) {
  using Kind = txn::CommitResult::Kind;
  switch (kind) {
    case Kind::kSchemaConflict: return kSchemaUpdated;
    case Kind::kWriteConflict:
    case Kind::kReadConflict:
    case Kind::kTooOld: return "change conflicts with another transaction (OC000)";
    default: return {};
  }
}

}  // namespace

EngineTransaction::EngineTransaction(Engine& engine, EngineSession& session,
                                     const TransactionOptions& options)
    : engine_(engine),
      session_(session),
      txn_(engine.transactions(), session.lock_backend()),
      catalog_at_start_(session.catalog_view().mark()) {
  txn_.Begin(Translate(options));
}

EngineTransaction::~EngineTransaction() {
  if (!ended_) Rollback();
}

txn::TransactionOptions EngineTransaction::Translate(const TransactionOptions& options) const {
  txn::TransactionOptions translated;
  switch (options.isolation) {
    case IsolationLevel::kReadUncommitted:
    case IsolationLevel::kReadCommitted:
      translated.isolation = txn::Isolation::kReadCommitted;
      break;
    case IsolationLevel::kRepeatableRead:
      translated.isolation = txn::Isolation::kRepeatableRead;
      break;
    case IsolationLevel::kSerializable:
      translated.isolation = txn::Isolation::kSerializable;
      break;
  }
  const StatementSettings& settings = session_.context().statement_settings();
  translated.durability =
      settings.synchronous_commit ? kv::Durability::kSynced : kv::Durability::kLazy;
  translated.lock_timeout_us = settings.lock_timeout_ms * 1000;
  if (session_.context().identity().profile == Profile::kDsql) {
    translated.concurrency = txn::Concurrency::kOptimistic;
    translated.most_rows = kDsqlMostRows;
    translated.most_bytes = kDsqlMostBytes;
  }
  return translated;
}

void EngineTransaction::ChangeOptions(const TransactionOptions& options) {
  txn::Isolation isolation = Translate(options).isolation;
  // The block refuses to change the level after the first query, but not to name it again.
  if (isolation != txn_.options().isolation) txn_.SetIsolation(isolation);
}

void EngineTransaction::BeginStatement() {
  txn_.SetLockTimeout(session_.context().statement_settings().lock_timeout_ms * 1000);
  txn_.BeginStatement();
  statement_unique_checks_ = deferred_unique_.mark();
  statement_foreign_keys_ = deferred_foreign_keys_.mark();
}

void EngineTransaction::RestartStatement() {
  deferred_unique_.UndoTo(statement_unique_checks_);
  deferred_foreign_keys_.UndoTo(statement_foreign_keys_);
}

void EngineTransaction::EndStatement() {}

void EngineTransaction::SetSavepoint(int depth) {
  CHECK_EQ(savepoints_.size() + 1, static_cast<size_t>(depth));
  savepoints_.push_back({txn_.MakeSavepoint(), deferred_unique_.mark(),
                         deferred_foreign_keys_.mark(), session_.catalog_view().mark(), modes_});
}

void EngineTransaction::RollbackToSavepoint(int depth) {
  CHECK_LE(static_cast<size_t>(depth), savepoints_.size());
  savepoints_.resize(depth);
  const SavepointMark& mark = savepoints_.back();
  txn_.RollbackTo(mark.writes);
  deferred_unique_.UndoTo(mark.unique_checks);
  deferred_foreign_keys_.UndoTo(mark.foreign_keys);
  session_.catalog_view().RollbackTo(mark.catalog);
  modes_ = mark.modes;
}

void EngineTransaction::ReleaseSavepoint(int depth) { savepoints_.resize(depth - 1); }

catalog::CatalogPtr EngineTransaction::Catalog() {
  // A statement is bound before it begins to run: the transaction's first one has no view yet.
  if (!txn_.has_snapshot()) txn_.BeginStatement();
  catalog::CatalogPtr catalog = session_.catalog_view().Find(txn_.View());
  if (!required_trust_) {
    session_.RequireTrust(*catalog);
    required_trust_ = true;
  }
  if (txn_.optimistic() && !met_catalog_) {
    met_catalog_ = true;
    met_identity_ = catalog->identity();
    session_.MeetCatalog(*catalog);
  }
  return catalog;
}

bool EngineTransaction::WorksOn(const catalog::Catalog& catalog) {
  // Without locks there is one snapshot throughout: what it met there is what it works on.
  bool met_alone = txn_.optimistic() && met_catalog_ && !changed_catalog_;
  return (met_alone ? met_identity_ : Catalog()->identity()) == catalog.identity();
}

void EngineTransaction::ApplyCatalog(const catalog::CatalogPtr& before,
                                     const catalog::CatalogPtr& after) {
  session_.catalog_view().Apply(txn_, before, after);
  if (!changed_catalog_) catalog_before_changes_ = before;
  changed_catalog_ = true;
  applied_catalog_ = after->identity();
}

bool EngineTransaction::LockDefinitions(txn::LockMode mode, txn::WaitPolicy policy) {
  CHECK(txn_.optimistic());
  txn::LockTag tag =
      txn::LockTag::Row(txn_.tenant(), catalog::CatalogVersionKey(txn_.tenant()));
  return txn_.LockAdvisory(tag, mode, policy);
}

void EngineTransaction::EnterDefinition() {
  LockDefinitions(txn::LockMode::kRowShare, txn::WaitPolicy::kWait);
  std::string newest = engine_.NewestCatalog(txn_.tenant())->identity();
  bool by_jobs = newest != met_identity_ && engine_.job_catalogs().Lead(met_identity_, newest);
  if (!by_jobs || !txn_.writes().empty()) return;
  txn::TransactionOptions options = txn_.options();
  txn_.Rollback();
  txn_.Begin(options);
  LockDefinitions(txn::LockMode::kRowShare, txn::WaitPolicy::kWait);
  txn_.BeginStatement();
  met_catalog_ = false;
}

void EngineTransaction::SubmitJob(const catalog::Job& job) {
  txn_.Put(catalog::JobKey(txn_.tenant(), job.id), catalog::EncodeJob(job));
  submitted_jobs_.push_back(job.id);
}

std::string_view EngineTransaction::uuid() {
  if (uuid_.empty()) uuid_ = catalog::JobIdText(catalog::NewJobId());
  return uuid_;
}

void EngineTransaction::SetConstraints(bool all, const std::vector<types::Oid>& constraints,
                                       bool deferred) {
  if (all) modes_ = {deferred, {}};
  for (types::Oid oid : constraints) modes_.deferred[oid] = deferred;
  if (deferred || (deferred_foreign_keys_.mark() == 0 && deferred_unique_.mark() == 0)) return;
  // Pending checks are carried out together, which is right only if all of them are due.
  if (!DeferredConstraints(*Catalog()).empty()) {
    base::ThrowNotSupported("SET CONSTRAINTS ... IMMEDIATE while others stay deferred");
  }
  CheckDeferredNow();
}

std::vector<types::Oid> EngineTransaction::DeferredConstraints(
    const catalog::Catalog& catalog) const {
  std::vector<types::Oid> deferred;
  for (const auto& table : catalog.contents().tables) {
    for (const catalog::ConstraintDescriptor& constraint : table->constraints) {
      if (!constraint.deferrable) continue;
      bool is_deferred = modes_.all_deferred.value_or(constraint.initially_deferred);
      auto own = modes_.deferred.find(constraint.oid);
      if (own != modes_.deferred.end()) is_deferred = own->second;
      if (is_deferred) deferred.push_back(constraint.oid);
    }
  }
  return deferred;
}

void EngineTransaction::CheckDeferredNow() {
  exec::DeferredForeignKeys foreign_keys = deferred_foreign_keys_;
  storage::DeferredUniqueChecks unique_checks = deferred_unique_;
  if (foreign_keys.mark() > 0) {
    engine_.RunWithContext(session_, *this,
                           [&](exec::ExecutionContext& context) { foreign_keys.Run(context); });
  }
  unique_checks.Run(txn_, /*at_commit=*/true);
}

void EngineTransaction::RunDeferredChecks() {
  if (deferred_foreign_keys_.mark() == 0 && deferred_unique_.mark() == 0) return;
  txn_.BeginStatement();
  try {
    if (deferred_foreign_keys_.mark() > 0) {
      engine_.RunWithContext(session_, *this, [&](exec::ExecutionContext& context) {
        deferred_foreign_keys_.Run(context);
      });
    }
    deferred_unique_.Run(txn_, /*at_commit=*/true);
  } catch (const txn::StatementRestart&) {
    // The statements that put these checks off are over.
    ThrowConcurrentUpdate();
  }
}

CommitReport EngineTransaction::Commit() {
  RunDeferredChecks();
  // Every way to change something is closed to such a session; this one is the last.
  if (session_.context().identity().read_only && !txn_.writes().empty()) {
    session_.context().RequireMayWrite("a change");
  }
  bool has_temporary = session_.catalog()->temp_schema() != types::kInvalidOid;
  if (txn_.has_snapshot() && (changed_catalog_ || has_temporary)) {
    txn_.BeginStatement();
    RunOnCommitActions(session_, *this);
  }
  if (txn_.optimistic() && txn_.has_snapshot()) {
    CheckAge(engine_.clock().WallMicros() - session_.context().transaction_start_us());
    txn_.CheckSchemaAtCommit(txn_.View().version(), catalog::CatalogVersionKey(txn_.tenant()));
  }
  // Not what was applied last: savepoints may have been gone back to.
  catalog::CatalogPtr after;
  if (changed_catalog_) after = session_.catalog_view().Find(txn_.View());
  // Whoever locks a table after us looks whether its plan is still current.
  if (changed_catalog_) engine_.NoteCatalogChange();
  std::vector<std::string> jobs = std::move(submitted_jobs_);
  txn::CommitResult result = txn_.Commit();
  End();
  if (engine_.jobs() != nullptr) {
    for (const std::string& id : jobs) engine_.jobs()->Submit(txn_.tenant(), id);
  }
  if (result.committed()) {
    engine_.statement_log().NoteCommit(txn_.tenant());
    if (changed_catalog_) {
      session_.KnowCatalog(applied_catalog_);
      LoadNewGraphs(engine_, txn_.tenant(), catalog_before_changes_, after);
    }
    return {};
  }
  SqlError error = txn::CommitError(result);
  CommitReport report;
  report.outcome = result.kind == txn::CommitResult::Kind::kUnknown ? CommitOutcome::kUnknown
                                                                    : CommitOutcome::kConflict;
  report.message = error.fields().message;
  report.detail = error.fields().detail;
  report.hint = error.fields().hint;
  if (result.kind == txn::CommitResult::Kind::kSchemaConflict) {
    // Having been told, the session looks anew.
    session_.ForgetCatalog();
    report.lost_to_job = engine_.job_catalogs().Lead(
        met_identity_, engine_.NewestCatalog(txn_.tenant())->identity());
  }
  if (txn_.optimistic() && !DsqlConflictText(result.kind).empty()) {
    report.message = DsqlConflictText(result.kind);
    report.detail.clear();
    report.hint.clear();
  }
  session_.catalog_view().RollbackTo(catalog_at_start_);
  return report;
}

void EngineTransaction::Rollback() {
  txn_.Rollback();
  session_.catalog_view().RollbackTo(catalog_at_start_);
  End();
}

void EngineTransaction::End() {
  ended_ = true;
  deferred_unique_.Clear();
  deferred_foreign_keys_.Clear();
  savepoints_.clear();
}

}  // namespace sundog::session
