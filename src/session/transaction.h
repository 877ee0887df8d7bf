// What the session needs of a transaction. The store's transactions come in through an adapter.
#pragma once

#include <cstdint>
#include <string>

#include "parser/session_command.h"

namespace sundog::session {

using parser::IsolationLevel;

struct TransactionOptions {
  IsolationLevel isolation = IsolationLevel::kReadCommitted;
  bool read_only = false;
  bool deferrable = false;
};

enum class CommitOutcome : uint8_t {
  kCommitted,
  // Nothing was written; running the transaction again may succeed.
  kConflict,
  // The store cannot tell; the statement must not be run again by itself.
  kUnknown,
};

struct CommitReport {
  CommitOutcome outcome = CommitOutcome::kCommitted;
  // For what is not kCommitted: PostgreSQL's message, detail and hint.
  std::string message;
  std::string detail;
  std::string hint;
  // kConflict with nothing but a job: what no client can have meant to race with.
  bool lost_to_job = false;
};

// One transaction: ended by exactly one Commit() or Rollback(). Used by one fiber at a time. Each
// call throws SqlError for what the user did wrong (a deferred constraint at commit, …).
class Transaction {
 public:
  virtual ~Transaction() = default;

  // SET TRANSACTION before the first query.
  virtual void ChangeOptions(const TransactionOptions& options) = 0;

  // Around each statement: READ COMMITTED takes its snapshot here. A statement that throws has its
  // effects undone by RollbackToSavepoint or Rollback.
  virtual void BeginStatement() = 0;
  virtual void EndStatement() = 0;

  // Savepoints nest by depth: 1 is the outermost. SetSavepoint(n) requires depth n - 1.
  virtual void SetSavepoint(int depth) = 0;
  // Undoes everything since savepoint `depth`, which stays.
  virtual void RollbackToSavepoint(int depth) = 0;
  // Forgets savepoint `depth` and all inside; effects stay.
  virtual void ReleaseSavepoint(int depth) = 0;

  [[nodiscard]] virtual CommitReport Commit() = 0;
  virtual void Rollback() = 0;
};

}  // namespace sundog::session
