// The transaction block of one session: what BEGIN, COMMIT, ROLLBACK and savepoints do, which
// commands are ignored after an error, and when the store's transaction begins and ends.
//
//   state       status  meaning
//   kIdle       I       no transaction
//   kImplicit   I       one statement, one simple query of several, or a pipeline up to its Sync
//   kExplicit   T       between BEGIN and COMMIT
//   kFailed     E       as kExplicit after an error: only its end or ROLLBACK TO is accepted
//
// The store's transaction begins with the first statement that needs it. An error undoes everything
// up to the innermost savepoint at once, so that locks are not kept while the client thinks.
// Source: PostgreSQL's behaviour as its transaction documentation and regression files show it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/transaction.h"

namespace sundog::session {

using parser::TransactionModes;

class SessionContext;
class StatementPipeline;
enum class Effect : uint8_t;

class TransactionBlock {
 public:
  enum class State : uint8_t { kIdle, kImplicit, kExplicit, kFailed };

  TransactionBlock(StatementPipeline& pipeline, SessionContext& context)
      : pipeline_(pipeline), context_(context) {}
  // Rolls back what is open.
  ~TransactionBlock();
  TransactionBlock(const TransactionBlock&) = delete;
  TransactionBlock& operator=(const TransactionBlock&) = delete;

  State state() const { return state_; }
  bool failed() const { return state_ == State::kFailed; }
  bool in_block() const { return state_ == State::kExplicit || state_ == State::kFailed; }
  char status() const {
    return state_ == State::kExplicit ? 'T' : state_ == State::kFailed ? 'E' : 'I';
  }
  const TransactionOptions& options() const { return options_; }
  int savepoint_depth() const { return static_cast<int>(savepoints_.size()); }

  // Idle becomes implicit. `has_more`: a simple query of several statements.
  void EnterStatement(bool has_more);
  // The store's transaction, begun when there is none.
  Transaction& Ensure();
  bool has_transaction() const { return transaction_ != nullptr; }

  // Brackets a statement, from looking names up to its last row; inside another one, nothing.
  class StatementScope {
   public:
    explicit StatementScope(TransactionBlock& block);
    ~StatementScope();
    StatementScope(const StatementScope&) = delete;
    StatementScope& operator=(const StatementScope&) = delete;

   private:
    TransactionBlock& block_;
  };

  // The implicit transaction ends; nothing in a block. What did not commit is reported.
  [[nodiscard]] CommitReport CommitImplicit();
  // A statement has failed.
  void Fail();
  // Ends whatever is open without a word: the connection is gone.
  void Abandon() noexcept;

  // The commands. Those that return bool say whether the transaction committed (COMMIT of a failed
  // block does not, its tag is ROLLBACK).
  void Begin(const TransactionModes& modes);
  bool Commit(bool chain);
  void Rollback(bool chain);
  void Savepoint(std::string_view name);
  void Release(std::string_view name);
  void RollbackTo(std::string_view name);
  // How many savepoints there are up to and including the named one; as RollbackTo if none is.
  int DepthOf(std::string_view name) const;
  void SetTransaction(const TransactionModes& modes);

  // Subtransactions of procedural code: a savepoint nobody can name.
  void BeginSubtransaction();
  void ReleaseSubtransaction();
  void RollbackSubtransaction();

  // transaction_isolation and its kind, which live here; null or false for all others.
  std::optional<std::string> ShowSetting(std::string_view name) const;
  bool SetSetting(std::string_view name, std::optional<std::string_view> value);

  // 25001 `… cannot run inside a transaction block`.
  void RequireNoBlock(std::string_view command) const;
  // A statement is about to change data or definitions. DSQL has no transaction with both, nor
  // with two definitions: 0A000.
  void Count(Effect effect);
  // 25P01 `… can only be used in transaction blocks`.
  void RequireBlock(std::string_view command) const;

 private:
  struct NamedSavepoint {
    std::string name;
    size_t settings_log_position;
    bool read_only;  // as it was before: the subtransaction's own mode ends with it
  };

  TransactionOptions DefaultOptions() const;
  void ApplyModes(const TransactionModes& modes);
  void Start(State state);
  // Commits and leaves the state idle; throws if it did not commit.
  void CommitTransaction();
  [[nodiscard]] CommitReport TryCommit();
  void RollbackTransaction();
  void Finish();
  size_t FindSavepoint(std::string_view name) const;
  void RollbackToDepth(size_t index);

  StatementPipeline& pipeline_;
  SessionContext& context_;
  State state_ = State::kIdle;
  bool has_more_ = false;
  int statement_depth_ = 0;
  TransactionOptions options_;
  bool changed_data_ = false;
  bool changed_definitions_ = false;
  std::unique_ptr<Transaction> transaction_;
  std::vector<NamedSavepoint> savepoints_;
};

// "read committed"
std::string_view IsolationName(IsolationLevel level);
// The name must be one of the four.
IsolationLevel ParseIsolation(std::string_view name);

// Throws what PostgreSQL says when a transaction could not commit (40001 or 40003).
[[noreturn]] void ThrowNotCommitted(const CommitReport& report);

}  // namespace sundog::session
