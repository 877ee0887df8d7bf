// A transaction: views to read through, a write set with savepoints, locks, and the request that
// the adjudicator judges at the end. One a session, begun again and again; used by one fiber or
// thread at a time.
//
//   txn.Begin(options);
//   txn.BeginStatement();                    // once for each statement
//   ReadView view = txn.View();              // what the statement reads through
//   if (txn.LockRow(view, key, RowLockMode::kUpdate) == RowLockOutcome::kChanged) …
//   txn.Put(key, value);                     // not seen through `view`, but by the next statement
//   CommitResult result = txn.Commit();      // or Rollback()
//
// Concurrency::kPessimistic: LockRow takes a row lock and may wait. When the row is not any more
// what the view shows, READ COMMITTED answers kChanged, and the statement has to start over
// (StatementRestart, RestartStatement()); the other levels throw 40001. Locked keys need no check
// at commit. Concurrency::kOptimistic: LockRow never waits; it notes what the adjudicator has to
// check.
//
// Every key that is Put must first have been locked with LockRow, or be noted with CheckAtCommit,
// or be known to no other transaction (a new hidden row id).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "kv/store.h"
#include "txn/lock_manager.h"
#include "txn/read_view.h"
#include "txn/write_set.h"

namespace sundog::base {
class SqlError;
}

namespace sundog::txn {

enum class Isolation : uint8_t { kReadCommitted, kRepeatableRead, kSerializable };
enum class Concurrency : uint8_t { kPessimistic, kOptimistic };

struct TransactionOptions {
  Isolation isolation = Isolation::kReadCommitted;
  Concurrency concurrency = Concurrency::kPessimistic;
  kv::Durability durability = kv::Durability::kSynced;
  // lock_timeout; 0: none.
  int64_t lock_timeout_us = 0;
  // What it may change before it fails with 54000; 0: no limit. Bytes count index entries, too, and
  // are looked at when it commits.
  int64_t most_rows = 0;
  int64_t most_bytes = 0;
};

// Thrown where a statement at READ COMMITTED met a row that another transaction changed after the
// statement's snapshot. Caught by the one retry loop, which calls RestartStatement() and runs the
// statement again. Not an error of the user's.
struct StatementRestart {};

enum class RowLockOutcome : uint8_t {
  kLocked,        // The row is what the view shows; nobody else changes it before we end.
  kChanged,       // READ COMMITTED only: locked, but changed or deleted since the view's snapshot.
  kNotAvailable,  // NOWAIT or SKIP LOCKED, and another holds it.
};

struct [[nodiscard]] CommitResult {
  enum class Kind : uint8_t {
    kCommitted,
    kWriteConflict,   // a written or locked row was changed by another transaction
    kReadConflict,    // SERIALIZABLE: something read was changed
    kSchemaConflict,  // a key noted with CheckSchemaAtCommit was changed
    kTooOld,          // the transaction began too long ago to be judged
    kUnknown,         // the answer was lost
  };
  Kind kind = Kind::kCommitted;
  kv::Version version = 0;
  bool committed() const { return kind == Kind::kCommitted; }
};

// 40001 (08007 for kUnknown) with PostgreSQL's text for a result that is not kCommitted.
base::SqlError CommitError(const CommitResult& result);

class TransactionManager;

class Transaction {
 public:
  // `backend` names the session in the lock manager.
  Transaction(TransactionManager& manager, LockBackend& backend);
  ~Transaction();  // rolls back
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // --- beginning and ending ---
  void Begin(const TransactionOptions& options);
  bool active() const { return active_; }
  // Ends the transaction either way. Throws SqlError when the environment fails (53100, 58030).
  CommitResult Commit();
  void Rollback();
  const TransactionOptions& options() const { return options_; }
  // Until the first statement (SET TRANSACTION).
  void SetIsolation(Isolation isolation);
  void SetLockTimeout(int64_t lock_timeout_us) { options_.lock_timeout_us = lock_timeout_us; }
  // From now on all that is read joins the check at commit, LatestView() too, and no limit holds:
  // for changes of definitions that look at whole tables. Optimistic only.
  void TrackAllReads();
  void SetDurability(kv::Durability durability) { options_.durability = durability; }
  bool optimistic() const { return options_.concurrency == Concurrency::kOptimistic; }
  // Assigned on first use; ascending, never given twice while the server runs.
  uint64_t TransactionId();
  bool has_transaction_id() const { return transaction_id_ != 0; }

  // --- statements ---
  // A new command; at READ COMMITTED a new snapshot. What earlier commands wrote is seen.
  void BeginStatement();
  // Takes back the statement's writes (not its locks) and gives it a fresh snapshot.
  void RestartStatement();
  ReadView View() const;
  // The newest committed state and all writes so far, this statement's too: for unique and foreign
  // key checks. Not tracked: what it decides on must be locked or checked.
  ReadView LatestView();
  bool has_snapshot() const { return snapshot_ != nullptr; }
  CommandId command() const { return command_; }

  // A statement inside a statement (a function's body): begins a command of its own and gives the
  // outer one back its place at the end.
  class NestedStatement {
   public:
    explicit NestedStatement(Transaction& transaction);
    ~NestedStatement();
    NestedStatement(const NestedStatement&) = delete;
    NestedStatement& operator=(const NestedStatement&) = delete;

   private:
    friend class Transaction;
    Transaction& transaction_;
    CommandId outer_command_;
    kv::SnapshotPtr outer_snapshot_;
    size_t outer_write_mark_;
    size_t outer_check_mark_;
    size_t outer_delete_mark_;
  };

  // --- savepoints ---
  struct Savepoint {
    size_t writes = 0;
    size_t deletes = 0;
    size_t locks = 0;
  };
  Savepoint MakeSavepoint() const;
  // Takes back what was written and locked since.
  void RollbackTo(const Savepoint& savepoint);

  // --- writing ---
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  // At commit, deletes everything in the range, this transaction's writes too. Not seen by reads:
  // for storage that nothing refers to any more (DROP, TRUNCATE). The range must not be written
  // afterwards.
  void DeleteRangeAtCommit(kv::KeyRange range);
  const WriteSet& writes() const { return writes_; }
  // Of tables, as their users count them. Throws 54000 beyond the limit.
  void CountChangedRows(int64_t count);

  // --- locking and checking ---
  RowLockOutcome LockRow(const ReadView& view, std::string_view key, RowLockMode mode,
                         WaitPolicy policy = WaitPolicy::kWait);
  // For keys that should not exist yet or whose state is read through LatestView() afterwards:
  // waits for whoever holds the key, and does not ask whether it changed. Optimistic: checked at
  // commit against the statement's snapshot.
  void LockKey(std::string_view key, RowLockMode mode = RowLockMode::kUpdate);
  // True if granted. Nothing to do for optimistic transactions.
  bool LockTable(uint32_t oid, LockMode mode, WaitPolicy policy = WaitPolicy::kWait);
  bool LockAdvisory(const LockTag& tag, LockMode mode, WaitPolicy policy = WaitPolicy::kWait);
  // The commit fails if the key is written by another after `view`'s snapshot.
  void CheckAtCommit(const ReadView& view, std::string_view key);
  void CheckSchemaAtCommit(kv::Version since, std::string_view key);
  // SERIALIZABLE: what was read. ReadView calls these.
  void TrackRead(std::string_view key, kv::Version since);
  void TrackRead(std::string_view begin, std::string_view end, kv::Version since);

  TransactionManager& manager() const { return manager_; }
  LockHolder& locks() { return locks_; }
  uint32_t tenant() const { return locks_.backend().tenant; }

 private:
  enum class CheckKind : uint8_t { kWrite, kRead, kSchema };
  struct NotedCheck {
    std::string_view begin;
    std::string_view end;
    kv::Version since;
    CheckKind kind;
    bool range;
  };

  void TakeSnapshot();
  void End();
  RowLockOutcome NoteRowLock(const ReadView& view, std::string_view key, RowLockMode mode);
  bool RowChanged(const ReadView& view, std::string_view key, bool* deleted) const;
  void Note(std::string_view key, kv::Version since, CheckKind kind);
  CommitResult Submit();
  void CollectWrites(std::vector<kv::Write>& writes) const;
  void CheckSize(const std::vector<kv::Write>& writes) const;
  int64_t LockDeadline() const;

  TransactionManager& manager_;
  LockHolder locks_;
  TransactionOptions options_;
  bool active_ = false;
  bool tracks_all_reads_ = false;
  int64_t changed_rows_ = 0;
  uint64_t transaction_id_ = 0;
  kv::SnapshotPtr snapshot_;
  CommandId command_ = 0;       // of the running statement
  CommandId last_command_ = 0;  // the last one given
  size_t statement_write_mark_ = 0;
  size_t statement_check_mark_ = 0;
  size_t statement_delete_mark_ = 0;
  WriteSet writes_;
  std::vector<kv::KeyRange> deleted_ranges_;
  base::Arena check_bytes_;
  std::vector<NotedCheck> checks_;
  std::vector<std::string_view> marks_;
};

}  // namespace sundog::txn
