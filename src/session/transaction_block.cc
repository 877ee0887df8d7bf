#include "session/transaction_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/log.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/session_context.h"
#include "session/statement_pipeline.h"

namespace sundog::session {

namespace {

constexpr std::array<std::string_view, 4> kIsolationNames = {
    "read uncommitted", "read committed", "repeatable read", "serializable"};

SqlError Error(base::SqlState state, std::string message) {
  return SqlError(state, std::move(message));
}

}  // namespace

void ThrowNotCommitted(const CommitReport& report) {
  bool conflict = report.outcome == CommitOutcome::kConflict;
  CHECK(report.outcome != CommitOutcome::kCommitted);
  throw SqlError(
      conflict ? sqlstate::kTRSerializationFailure : sqlstate::kTRStatementCompletionUnknown,
      !report.message.empty() ? report.message
      : conflict              ? "could not serialize access due to concurrent update"
                              : "the outcome of the transaction's commit is unknown")
      .Detail(report.detail)
      .Hint(report.hint);
}

std::string_view IsolationName(IsolationLevel level) {
  return kIsolationNames[static_cast<size_t>(level)];
}

IsolationLevel ParseIsolation(std::string_view name) {
  auto found = std::find(kIsolationNames.begin(), kIsolationNames.end(), name);
  CHECK(found != kIsolationNames.end());
  return static_cast<IsolationLevel>(found - kIsolationNames.begin());
}

TransactionBlock::~TransactionBlock() { Abandon(); }

TransactionOptions TransactionBlock::DefaultOptions() const {
  TransactionOptions options = context_.statement_settings().transaction;
  options.read_only |= context_.identity().read_only;
  return options;
}

void TransactionBlock::Start(State state) {
  CHECK(state_ == State::kIdle && transaction_ == nullptr && savepoints_.empty());
  state_ = state;
  options_ = DefaultOptions();
  changed_data_ = false;
  changed_definitions_ = false;
  context_.StartTransactionClock();
}

void TransactionBlock::Count(Effect effect) {
  if (context_.identity().profile == Profile::kDsql) {
    if (effect == Effect::kDefinition && changed_definitions_) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "multiple ddl statements not supported in a transaction");
    }
    if (effect == Effect::kDefinition ? changed_data_ : changed_definitions_) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "ddl and dml are not supported in the same transaction");
    }
  }
  (effect == Effect::kDefinition ? changed_definitions_ : changed_data_) = true;
}

void TransactionBlock::EnterStatement(bool has_more) {
  if (state_ == State::kIdle) Start(State::kImplicit);
  has_more_ = has_more;
}

Transaction& TransactionBlock::Ensure() {
  CHECK(state_ == State::kImplicit || state_ == State::kExplicit);
  if (transaction_ == nullptr) {
    transaction_ = pipeline_.Begin(options_, context_);
    for (size_t i = 0; i < savepoints_.size(); ++i) {
      transaction_->SetSavepoint(static_cast<int>(i) + 1);
    }
  }
  return *transaction_;
}

TransactionBlock::StatementScope::StatementScope(TransactionBlock& block) : block_(block) {
  Transaction& transaction = block_.Ensure();
  if (block_.statement_depth_ == 0) transaction.BeginStatement();
  ++block_.statement_depth_;
}

TransactionBlock::StatementScope::~StatementScope() {
  if (--block_.statement_depth_ == 0 && block_.transaction_ != nullptr) {
    block_.transaction_->EndStatement();
  }
}

void TransactionBlock::Finish() {
  transaction_.reset();
  savepoints_.clear();
  state_ = State::kIdle;
  has_more_ = false;
}

CommitReport TransactionBlock::TryCommit() {
  CommitReport report;
  if (transaction_ != nullptr) {
    runtime::UninterruptibleScope no_cancel;
    try {
      report = transaction_->Commit();
    } catch (const SqlError&) {
      // A deferred constraint, for one. The block is over all the same.
      RollbackTransaction();
      throw;
    }
  }
  if (report.outcome == CommitOutcome::kCommitted) {
    context_.settings().Commit();
  } else {
    context_.settings().Rollback();
  }
  Finish();
  return report;
}

void TransactionBlock::CommitTransaction() {
  CommitReport report = TryCommit();
  if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
}

void TransactionBlock::RollbackTransaction() {
  runtime::UninterruptibleScope no_cancel;
  if (transaction_ != nullptr) transaction_->Rollback();
  context_.settings().Rollback();
  Finish();
}

CommitReport TransactionBlock::CommitImplicit() {
  if (state_ != State::kImplicit) return {};
  return TryCommit();
}

void TransactionBlock::Fail() {
  if (state_ != State::kExplicit && state_ != State::kFailed) {
    if (state_ == State::kImplicit) RollbackTransaction();
    return;
  }
  if (state_ == State::kFailed) return;
  runtime::UninterruptibleScope no_cancel;
  state_ = State::kFailed;
  if (savepoints_.empty()) {
    if (transaction_ != nullptr) transaction_->Rollback();
    transaction_.reset();
    context_.settings().RollbackTo(0);
  } else {
    if (transaction_ != nullptr) {
      transaction_->RollbackToSavepoint(static_cast<int>(savepoints_.size()));
    }
    context_.settings().RollbackTo(savepoints_.back().settings_log_position);
  }
}

void TransactionBlock::Abandon() noexcept {
  if (state_ == State::kIdle) return;
  try {
    RollbackTransaction();
  } catch (const std::exception& error) {
    // The store drops the transaction with the object.
    base::LogWarning(std::string("rollback of a closed connection: ") + error.what());
    Finish();
  }
}

void TransactionBlock::Begin(const TransactionModes& modes) {
  if (state_ == State::kExplicit) {
    context_.Warn(sqlstate::kActiveSqlTransaction, "there is already a transaction in progress");
  } else {
    if (state_ == State::kIdle) Start(State::kExplicit);
    state_ = State::kExplicit;
  }
  ApplyModes(modes);
}

bool TransactionBlock::Commit(bool chain) {
  TransactionOptions options = options_;
  bool committed = true;
  if (!in_block()) {
    if (chain) RequireBlock("COMMIT AND CHAIN");
    context_.Warn(sqlstate::kNoActiveSqlTransaction, "there is no transaction in progress");
    CommitTransaction();
    return true;
  }
  if (failed()) {
    RollbackTransaction();
    committed = false;
  } else {
    CommitTransaction();
  }
  if (chain) {
    Start(State::kExplicit);
    options_ = options;
  }
  return committed;
}

void TransactionBlock::Rollback(bool chain) {
  TransactionOptions options = options_;
  if (!in_block()) {
    if (chain) RequireBlock("ROLLBACK AND CHAIN");
    context_.Warn(sqlstate::kNoActiveSqlTransaction, "there is no transaction in progress");
    RollbackTransaction();
    return;
  }
  RollbackTransaction();
  if (chain) {
    Start(State::kExplicit);
    options_ = options;
  }
}

void TransactionBlock::RequireBlock(std::string_view command) const {
  if (in_block()) return;
  std::string message = fmt::format("{} can only be used in transaction blocks", command);
  // Outside a block it has nothing to change, and PostgreSQL only warns.
  if (command == "SET CONSTRAINTS") {
    return context_.Warn(sqlstate::kNoActiveSqlTransaction, message);
  }
  throw Error(sqlstate::kNoActiveSqlTransaction, message);
}

void TransactionBlock::RequireNoBlock(std::string_view command) const {
  if (!in_block() && !has_more_ && savepoints_.empty()) return;
  throw Error(sqlstate::kActiveSqlTransaction,
              fmt::format("{} cannot run inside a transaction block", command));
}

void TransactionBlock::Savepoint(std::string_view name) {
  RequireBlock("SAVEPOINT");
  BeginSubtransaction();
  savepoints_.back().name = name;
}

void TransactionBlock::BeginSubtransaction() {
  savepoints_.push_back({"", context_.settings().LogPosition(), options_.read_only});
  if (transaction_ != nullptr) transaction_->SetSavepoint(savepoint_depth());
}

void TransactionBlock::ReleaseSubtransaction() {
  CHECK(!savepoints_.empty());
  if (transaction_ != nullptr) transaction_->ReleaseSavepoint(savepoint_depth());
  options_.read_only = savepoints_.back().read_only;
  savepoints_.pop_back();
}

void TransactionBlock::RollbackSubtransaction() {
  CHECK(!savepoints_.empty());
  RollbackToDepth(savepoints_.size() - 1);
  ReleaseSubtransaction();
}

size_t TransactionBlock::FindSavepoint(std::string_view name) const {
  for (size_t i = savepoints_.size(); i > 0; --i) {
    if (savepoints_[i - 1].name == name) return i - 1;
  }
  throw Error(sqlstate::kSEInvalidSpecification,
              fmt::format("savepoint \"{}\" does not exist", name));
}

void TransactionBlock::Release(std::string_view name) {
  RequireBlock("RELEASE SAVEPOINT");
  size_t index = FindSavepoint(name);
  if (transaction_ != nullptr) transaction_->ReleaseSavepoint(static_cast<int>(index) + 1);
  options_.read_only = savepoints_[index].read_only;
  savepoints_.resize(index);
}

void TransactionBlock::RollbackToDepth(size_t index) {
  runtime::UninterruptibleScope no_cancel;
  if (transaction_ != nullptr) transaction_->RollbackToSavepoint(static_cast<int>(index) + 1);
  context_.settings().RollbackTo(savepoints_[index].settings_log_position);
  options_.read_only = savepoints_[index].read_only;
  savepoints_.resize(index + 1);
}

void TransactionBlock::RollbackTo(std::string_view name) {
  RequireBlock("ROLLBACK TO SAVEPOINT");
  RollbackToDepth(FindSavepoint(name));
  state_ = State::kExplicit;
}

int TransactionBlock::DepthOf(std::string_view name) const {
  RequireBlock("ROLLBACK TO SAVEPOINT");
  return static_cast<int>(FindSavepoint(name)) + 1;
}

void TransactionBlock::SetTransaction(const TransactionModes& modes) {
  if (!in_block() && !has_more_) {
    context_.Warn(sqlstate::kNoActiveSqlTransaction,
                  "SET TRANSACTION can only be used in transaction blocks");
  }
  ApplyModes(modes);
}

void TransactionBlock::ApplyModes(const TransactionModes& modes) {
  TransactionOptions options = options_;
  if (modes.isolation && *modes.isolation != options_.isolation) {
    if (transaction_ != nullptr) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    if (!savepoints_.empty()) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
    }
    options.isolation = *modes.isolation;
  }
  if (modes.read_only && !*modes.read_only && options_.read_only) {
    if (context_.identity().read_only) {
      throw Error(sqlstate::kReadOnlySqlTransaction,
                  "cannot set transaction read-write mode in a read-only session");
    }
    if (!savepoints_.empty()) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "cannot set transaction read-write mode inside a read-only transaction");
    }
    if (transaction_ != nullptr) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "transaction read-write mode must be set before any query");
    }
  }
  options.read_only = modes.read_only.value_or(options.read_only);
  if (modes.deferrable) {
    if (!savepoints_.empty()) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
    }
    if (transaction_ != nullptr) {
      throw Error(sqlstate::kActiveSqlTransaction,
                  "SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
    }
    options.deferrable = *modes.deferrable;
  }
  options_ = options;
  if (transaction_ != nullptr) transaction_->ChangeOptions(options_);
}

std::optional<std::string> TransactionBlock::ShowSetting(std::string_view name) const {
  TransactionOptions options = state_ == State::kIdle ? DefaultOptions() : options_;
  if (name == "transaction_isolation") {
    return std::string(IsolationName(options.isolation));
  }
  if (name == "transaction_read_only") return options.read_only ? "on" : "off";
  if (name == "transaction_deferrable") return options.deferrable ? "on" : "off";
  return std::nullopt;
}

bool TransactionBlock::SetSetting(std::string_view name, std::optional<std::string_view> value) {
  if (!ShowSetting(name)) return false;
  std::string canonical = value ? SettingCatalog::Get().Find(name)->Canonical(*value) : "";
  TransactionModes modes;
  TransactionOptions defaults = DefaultOptions();
  if (name == "transaction_isolation") {
    modes.isolation = value ? ParseIsolation(canonical) : defaults.isolation;
  } else if (name == "transaction_read_only") {
    modes.read_only = value ? canonical == "on" : defaults.read_only;
  } else {
    modes.deferrable = value ? canonical == "on" : defaults.deferrable;
  }
  ApplyModes(modes);
  return true;
}

}  // namespace sundog::session
