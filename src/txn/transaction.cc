#include "txn/transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "txn/transaction_manager.h"

namespace sundog::txn {
namespace {

// Keys under which optimistic row locks meet; no stored key begins so (codec/key_space.h).
// Locks of class A change or delete a row's key columns, B its other columns, C are FOR KEY SHARE
// and S FOR SHARE. A excludes all, B excludes A, B and S, S excludes A and B, C excludes A.
constexpr std::string_view kMarkPrefix = "\xff\xff\xff\xff";
constexpr char kKeyChanged = 'K';
constexpr char kKeyShared = 'C';
constexpr char kShared = 'S';

SqlError ConcurrentChange(bool deleted) {
  return SqlError(sqlstate::kTRSerializationFailure,
                  deleted ? "could not serialize access due to concurrent delete"
                          : "could not serialize access due to concurrent update");
}

SqlError ReadConflict(std::string_view when) {
  return SqlError(sqlstate::kTRSerializationFailure,
                  "could not serialize access due to read/write dependencies among transactions")
      .Detail(fmt::format("Reason code: Canceled on identification as a pivot, during {}.", when))
      .Hint("The transaction might succeed if retried.");
}

template <typename NotedChecks>
kv::CommitOutcome Ask(kv::Store& store, const NotedChecks& checks, kv::CommitRequest request) {
  std::vector<kv::KeyCheck> key_checks;
  std::vector<kv::RangeCheck> range_checks;
  for (const auto& check : checks) {
    if (check.range) {
      range_checks.push_back({check.begin, check.end, check.since});
    } else {
      key_checks.push_back({check.begin, check.since});
    }
  }
  request.key_checks = key_checks;
  request.range_checks = range_checks;
  return store.Commit(request);
}

// At a serializable transaction's first write: if something it read has changed, it will not
// commit, and need not go on. PostgreSQL finds it here, too.
template <typename NotedChecks>
void RequireReadsUnchanged(kv::Store& store, const NotedChecks& checks) {
  if (checks.empty()) return;
  kv::CommitOutcome outcome = Ask(store, checks, {});
  if (outcome.kind == kv::CommitOutcome::Kind::kTooOld) {
    throw CommitError({CommitResult::Kind::kTooOld});
  }
  if (outcome.kind == kv::CommitOutcome::Kind::kConflict) throw ReadConflict("write");
}

}  // namespace

SqlError CommitError(const CommitResult& result) {
  using Kind = CommitResult::Kind;
  CHECK(!result.committed());
  switch (result.kind) {
    case Kind::kReadConflict:
      return ReadConflict("commit attempt");
    case Kind::kSchemaConflict:
      return SqlError(sqlstate::kTRSerializationFailure,
                      "could not serialize access due to concurrent schema change")
          .Hint("The transaction might succeed if retried.");
    case Kind::kTooOld:
      return SqlError(sqlstate::kTRSerializationFailure,
                      "could not serialize access due to concurrent update")
          .Detail("The transaction began too long ago for its conflicts to be known.")
          .Hint("The transaction might succeed if retried.");
    case Kind::kUnknown:
      return SqlError(sqlstate::kTransactionResolutionUnknown,
                      "it is unknown whether the transaction was committed");
    default:
      return ConcurrentChange(false);
  }
}

Transaction::Transaction(TransactionManager& manager, LockBackend& backend)
    : manager_(manager), locks_(backend) {}

Transaction::~Transaction() { Rollback(); }

void Transaction::Begin(const TransactionOptions& options) {
  CHECK(!active_);
  options_ = options;
  active_ = true;
}

void Transaction::TrackAllReads() {
  CHECK(optimistic());
  tracks_all_reads_ = true;
}

void Transaction::SetIsolation(Isolation isolation) {
  CHECK(isolation == options_.isolation || !has_snapshot());
  options_.isolation = isolation;
}

uint64_t Transaction::TransactionId() {
  CHECK(active_);
  if (transaction_id_ == 0) {
    transaction_id_ = manager_.NextTransactionId();
    locks_.backend().transaction_id = transaction_id_;
  }
  return transaction_id_;
}

// --- statements ---

void Transaction::BeginStatement() {
  CHECK(active_);
  if (snapshot_ == nullptr || options_.isolation == Isolation::kReadCommitted) {
    snapshot_ = manager_.store().Newest();
  }
  command_ = ++last_command_;
  CHECK_LT(last_command_, kAllCommands);
  statement_write_mark_ = writes_.mark();
  statement_check_mark_ = checks_.size();
  statement_delete_mark_ = deleted_ranges_.size();
}

void Transaction::RestartStatement() {
  CHECK(options_.isolation == Isolation::kReadCommitted);
  writes_.UndoTo(statement_write_mark_);
  checks_.resize(statement_check_mark_);
  deleted_ranges_.resize(statement_delete_mark_);
  snapshot_ = manager_.store().Newest();
}

ReadView Transaction::View() const {
  CHECK(snapshot_ != nullptr);
  auto& self = const_cast<Transaction&>(*this);
  return ReadView(self, snapshot_, command_,
                  options_.isolation == Isolation::kSerializable || tracks_all_reads_);
}

ReadView Transaction::LatestView() {
  CHECK(active_);
  kv::SnapshotPtr snapshot = optimistic() && snapshot_ ? snapshot_ : manager_.store().Newest();
  return ReadView(*this, std::move(snapshot), kAllCommands, tracks_all_reads_);
}

Transaction::NestedStatement::NestedStatement(Transaction& transaction)
    : transaction_(transaction),
      outer_command_(transaction.command_),
      outer_snapshot_(transaction.snapshot_),
      outer_write_mark_(transaction.statement_write_mark_),
      outer_check_mark_(transaction.statement_check_mark_),
      outer_delete_mark_(transaction.statement_delete_mark_) {
  transaction.BeginStatement();
}

Transaction::NestedStatement::~NestedStatement() {
  transaction_.command_ = outer_command_;
  transaction_.snapshot_ = std::move(outer_snapshot_);
  transaction_.statement_write_mark_ = outer_write_mark_;
  transaction_.statement_check_mark_ = outer_check_mark_;
  transaction_.statement_delete_mark_ = outer_delete_mark_;
}

// --- savepoints ---

Transaction::Savepoint Transaction::MakeSavepoint() const {
  return {writes_.mark(), deleted_ranges_.size(), locks_.mark()};
}

void Transaction::RollbackTo(const Savepoint& savepoint) {
  writes_.UndoTo(savepoint.writes);
  deleted_ranges_.resize(savepoint.deletes);
  manager_.locks().ReleaseTo(locks_, savepoint.locks);
}

// --- writing ---

void Transaction::Put(std::string_view key, std::string_view value) {
  if (options_.isolation == Isolation::kSerializable && !optimistic() && writes_.empty()) {
    RequireReadsUnchanged(manager_.store(), checks_);
  }
  TransactionId();
  writes_.Put(key, value, command_);
}

void Transaction::Delete(std::string_view key) {
  if (options_.isolation == Isolation::kSerializable && !optimistic() && writes_.empty()) {
    RequireReadsUnchanged(manager_.store(), checks_);
  }
  TransactionId();
  writes_.Put(key, std::nullopt, command_);
}

void Transaction::DeleteRangeAtCommit(kv::KeyRange range) {
  CHECK(!range.empty() && !range.end.empty());
  TransactionId();
  deleted_ranges_.push_back(std::move(range));
}

void Transaction::CountChangedRows(int64_t count) {
  changed_rows_ += count;
  if (options_.most_rows == 0 || changed_rows_ <= options_.most_rows || tracks_all_reads_) return;
  throw SqlError(sqlstate::kProgramLimitExceeded, "transaction row limit exceeded");
}

// --- locking and checking ---

int64_t Transaction::LockDeadline() const {
  if (options_.lock_timeout_us <= 0) return runtime::kNoDeadline;
  return manager_.clock().MonotonicMicros() + options_.lock_timeout_us;
}

RowLockOutcome Transaction::LockRow(const ReadView& view, std::string_view key, RowLockMode mode,
                                    WaitPolicy policy) {
  TransactionId();
  if (optimistic()) return NoteRowLock(view, key, mode);
  LockOutcome outcome = manager_.locks().Acquire(locks_, {.tag = LockTag::Row(tenant(), key),
                                                          .mode = TableModeOf(mode),
                                                          .wait = policy == WaitPolicy::kWait,
                                                          .deadline_us = LockDeadline()});
  if (outcome == LockOutcome::kNotAvailable) return RowLockOutcome::kNotAvailable;
  bool deleted = false;
  if (!RowChanged(view, key, &deleted)) return RowLockOutcome::kLocked;
  if (options_.isolation == Isolation::kReadCommitted) return RowLockOutcome::kChanged;
  throw ConcurrentChange(deleted);
}

void Transaction::LockKey(std::string_view key, RowLockMode mode) {
  TransactionId();
  if (optimistic()) {
    static_cast<void>(NoteRowLock(View(), key, mode));
    return;
  }
  LockOutcome outcome =
      manager_.locks().Acquire(locks_, {.tag = LockTag::Row(tenant(), key),
                                        .mode = TableModeOf(mode),
                                        .deadline_us = LockDeadline()});
  // Before the key is found taken by a row that came after our snapshot: then it is this error.
  if (options_.isolation == Isolation::kSerializable &&
      (writes_.empty() || outcome == LockOutcome::kGrantedAfterWait)) {
    RequireReadsUnchanged(manager_.store(), checks_);
  }
}

bool Transaction::LockTable(uint32_t oid, LockMode mode, WaitPolicy policy) {
  if (optimistic()) return true;
  return LockAdvisory(LockTag::Table(tenant(), oid), mode, policy);
}

bool Transaction::LockAdvisory(const LockTag& tag, LockMode mode, WaitPolicy policy) {
  CHECK(active_);
  LockOutcome outcome = manager_.locks().Acquire(locks_, {.tag = tag,
                                                          .mode = mode,
                                                          .wait = policy == WaitPolicy::kWait,
                                                          .deadline_us = LockDeadline()});
  return outcome != LockOutcome::kNotAvailable;
}

// Whether the row, which is locked now, is another than the view's snapshot shows.
bool Transaction::RowChanged(const ReadView& view, std::string_view key, bool* deleted) const {
  kv::Changed changed = manager_.store().ChangedSince(key, view.version());
  if (changed == kv::Changed::kNo) return false;
  kv::ReadBuffer before_buffer;
  kv::ReadBuffer now_buffer;
  auto now = manager_.store().Newest()->Get(key, now_buffer);
  *deleted = !now.has_value();
  return changed == kv::Changed::kYes || now != view.snapshot()->Get(key, before_buffer);
}

RowLockOutcome Transaction::NoteRowLock(const ReadView& view, std::string_view key,
                                        RowLockMode mode) {
  auto other_key = [&](char kind) {
    char* bytes = check_bytes_.AllocateBytes(kMarkPrefix.size() + 1 + key.size());
    std::copy(kMarkPrefix.begin(), kMarkPrefix.end(), bytes);
    bytes[kMarkPrefix.size()] = kind;
    std::copy(key.begin(), key.end(), bytes + kMarkPrefix.size() + 1);
    return std::string_view(bytes, kMarkPrefix.size() + 1 + key.size());
  };
  auto check = [&](std::string_view copied) {
    checks_.push_back({copied, {}, view.version(), CheckKind::kWrite, false});
  };
  std::string_view row = check_bytes_.Copy(key);
  switch (mode) {
    case RowLockMode::kKeyShare:
      check(other_key(kKeyChanged));
      marks_.push_back(other_key(kKeyShared));
      break;
    case RowLockMode::kShare:
      check(row);
      marks_.push_back(other_key(kShared));
      break;
    case RowLockMode::kNoKeyUpdate:
      check(row);
      check(other_key(kShared));
      marks_.push_back(row);
      break;
    case RowLockMode::kUpdate:
      check(row);
      check(other_key(kShared));
      check(other_key(kKeyShared));
      marks_.push_back(row);
      marks_.push_back(other_key(kKeyChanged));
      break;
  }
  return RowLockOutcome::kLocked;
}

void Transaction::Note(std::string_view key, kv::Version since, CheckKind kind) {
  checks_.push_back({check_bytes_.Copy(key), {}, since, kind, false});
}

void Transaction::CheckAtCommit(const ReadView& view, std::string_view key) {
  Note(key, view.version(), CheckKind::kWrite);
}

void Transaction::CheckSchemaAtCommit(kv::Version since, std::string_view key) {
  Note(key, since, CheckKind::kSchema);
}

void Transaction::TrackRead(std::string_view key, kv::Version since) {
  Note(key, since, CheckKind::kRead);
}

void Transaction::TrackRead(std::string_view begin, std::string_view end, kv::Version since) {
  // A scan tells of one batch after the other: let its last range grow.
  if (!checks_.empty()) {
    NotedCheck& last = checks_.back();
    if (last.range && last.kind == CheckKind::kRead && last.since == since) {
      if (!last.end.empty() && last.end == begin) {
        last.end = check_bytes_.Copy(end);
        return;
      }
      if (!end.empty() && last.begin == end) {
        last.begin = check_bytes_.Copy(begin);
        return;
      }
    }
  }
  checks_.push_back(
      {check_bytes_.Copy(begin), check_bytes_.Copy(end), since, CheckKind::kRead, true});
}

// --- ending ---

void Transaction::CollectWrites(std::vector<kv::Write>& writes) const {
  for (const kv::KeyRange& range : deleted_ranges_) {
    writes.push_back({kv::Write::Kind::kDeleteRange, range.begin, range.end});
  }
  auto dropped = [&](std::string_view key) {
    return std::any_of(deleted_ranges_.begin(), deleted_ranges_.end(),
                       [&](const kv::KeyRange& range) { return range.Contains(key); });
  };
  for (const WriteSet::Node* node = writes_.first(); node; node = WriteSet::After(*node)) {
    if (node->newest == nullptr) continue;
    if (!deleted_ranges_.empty() && dropped(node->key)) continue;
    const auto& value = node->newest->value;
    writes.push_back({value ? kv::Write::Kind::kPut : kv::Write::Kind::kDelete, node->key,
                      value.value_or(std::string_view())});
  }
}

void Transaction::CheckSize(const std::vector<kv::Write>& writes) const {
  if (options_.most_bytes == 0 || tracks_all_reads_) return;
  int64_t bytes = 0;
  for (const kv::Write& write : writes) {
    bytes += static_cast<int64_t>(write.key.size() + write.value.size());
  }
  if (bytes <= options_.most_bytes) return;
  constexpr int64_t kMegabyte = 1 << 20;
  int64_t most = options_.most_bytes / kMegabyte;
  throw SqlError(sqlstate::kProgramLimitExceeded,
                 fmt::format("transaction size limit {}mb exceeded", most))
      .Detail(fmt::format("Current transaction size {}mb > {}mb",
                          (bytes + kMegabyte - 1) / kMegabyte, most));
}

CommitResult Transaction::Submit() {
  std::vector<kv::Write> writes;
  CollectWrites(writes);
  CheckSize(writes);
  // Who only read saw one consistent snapshot: that is its place in the order.
  if (writes.empty() && marks_.empty()) return {};
  kv::CommitOutcome outcome =
      Ask(manager_.store(), checks_,
          {.writes = writes, .marks = marks_, .durability = options_.durability});
  using Kind = CommitResult::Kind;
  switch (outcome.kind) {
    case kv::CommitOutcome::Kind::kCommitted:
      return {Kind::kCommitted, outcome.version};
    case kv::CommitOutcome::Kind::kTooOld:
      return {Kind::kTooOld};
    case kv::CommitOutcome::Kind::kMaybeCommitted:
      return {Kind::kUnknown};
    case kv::CommitOutcome::Kind::kConflict:
      break;
  }
  Kind kind = Kind::kReadConflict;
  for (const NotedCheck& check : checks_) {
    if (check.begin != outcome.conflict_key || check.kind == CheckKind::kRead) continue;
    kind = check.kind == CheckKind::kSchema ? Kind::kSchemaConflict : Kind::kWriteConflict;
    if (kind == Kind::kSchemaConflict) break;
  }
  return {kind};
}

CommitResult Transaction::Commit() {
  CHECK(active_);
  try {
    CommitResult result = Submit();
    End();
    return result;
  } catch (...) {
    End();
    throw;
  }
}

void Transaction::Rollback() {
  if (active_) End();
}

void Transaction::End() {
  manager_.locks().ReleaseAll(locks_);
  locks_.backend().transaction_id = 0;
  transaction_id_ = 0;
  active_ = false;
  tracks_all_reads_ = false;
  changed_rows_ = 0;
  snapshot_.reset();
  command_ = last_command_ = 0;
  statement_write_mark_ = statement_check_mark_ = statement_delete_mark_ = 0;
  if (!writes_.empty()) writes_.Clear();
  deleted_ranges_.clear();
  checks_.clear();
  marks_.clear();
  check_bytes_.Reset();
}

}  // namespace sundog::txn
