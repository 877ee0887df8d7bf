// Writing rows with all their index entries, unique checks and row locks. One for each table a
// statement writes to; not shared between threads.
//
// Takes whole rows: the columns of a chunk are layout.live_attnums(), in order. NOT NULL, CHECK,
// defaults and generated columns are done before. What indexes compute (expressions, predicates) is
// asked of an IndexExpressions, which the executor implements.
//
// Row locks and restarts: where a row to be changed is not any more what the statement's view
// shows, READ COMMITTED throws txn::StatementRestart, the other levels 40001.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/required_privilege.h"
#include "storage/index_expressions.h"
#include "storage/table_layout.h"
#include "txn/transaction.h"
#include "types/vector.h"

namespace sundog::storage {

// Unique checks put off by DEFERRABLE constraints. Owned by the session's transaction; emptied by
// Run at the end of the statement (initially immediate) or before commit.
class DeferredUniqueChecks {
 public:
  struct Check {
    TableLayoutPtr layout;
    size_t index;         // position in layout->indexes()
    std::string columns;  // the entry's key without the row key
    std::string detail;   // `Key (a)=(1)`
    std::string schema_name;
    bool at_commit;
  };
  void Add(Check check) { checks_.push_back(std::move(check)); }
  // Throws 23505. `at_commit`: all of them; otherwise those due at the statement's end.
  void Run(txn::Transaction& txn, bool at_commit);
  size_t mark() const { return checks_.size(); }
  void UndoTo(size_t mark) { checks_.resize(std::min(mark, checks_.size())); }
  void Clear() { checks_.clear(); }

 private:
  std::vector<Check> checks_;
};

struct InsertOutcome {
  bool inserted = true;
  // Of the new row, or of the one in the way. Valid until the next call.
  std::string_view row_key;
  // The index in whose way it is; null: inserted.
  const IndexLayout* conflict = nullptr;
  // The row in the way was written by this very command (ON CONFLICT DO UPDATE: 21000).
  bool own_command = false;
};

class TableWriter {
 public:
  struct Context {
    // For values in error details.
    const types::IoContext* io = nullptr;
    catalog::ErrorReader reader;
    // 54000 for keys of more, the table's prefix not counted; 0: no limit.
    size_t most_key_bytes = 0;
    std::string_view schema_name;
    // May be null if no index needs it.
    IndexExpressions* expressions = nullptr;
    // May be null if no constraint is deferrable.
    DeferredUniqueChecks* deferred = nullptr;
    // OIDs of the unique constraints that are checked at commit only (INITIALLY DEFERRED, SET
    // CONSTRAINTS).
    std::span<const catalog::Oid> deferred_constraints;
  };
  TableWriter(TableLayoutPtr layout, txn::Transaction& txn, const Context& context);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  // Inserts every row of the chunk (its RowSet). Throws 23505.
  void Insert(const types::Chunk& rows);

  // ON CONFLICT: inserts row number `row` of the chunk unless one of `arbiters` (empty: any unique
  // index) already has its key. Sees rows that this very statement wrote. To update the row in the
  // way, Lock() it first, which finds out whether the statement must start over.
  InsertOutcome InsertUnlessConflict(const types::Chunk& rows, size_t row,
                                     std::span<const IndexLayout* const> arbiters);

  // `row_keys` (kRowKeyColumn) and `old_values` (kRowValueColumn; null: read them) name the rows as
  // the statement's view shows them; the chunk has the new rows, by the same row numbers. `changed`
  // has an element a row number; false where this statement has changed or deleted the row already:
  // it is left alone, as in PostgreSQL.
  void Update(const types::Vector& row_keys, const types::Vector* old_values,
              const types::Chunk& new_rows, std::vector<bool>* changed);
  void Delete(const types::Vector& row_keys, const types::Vector* old_values,
              const types::RowSet& rows, std::vector<bool>* deleted);

  // Locks rows as SELECT … FOR does. kNotAvailable and kChanged as Transaction::LockRow; NOWAIT
  // throws 55P03 naming the table.
  txn::RowLockOutcome Lock(std::string_view row_key, txn::RowLockMode mode,
                           txn::WaitPolicy policy = txn::WaitPolicy::kWait);

  uint64_t rows_written() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Adds the entries of all rows to one index (CREATE INDEX); throws 23505 `could not create unique
// index "…"` with the key in its detail. No other transaction may write to the table meanwhile.
void BackfillIndex(TableLayoutPtr layout, size_t index, txn::Transaction& txn,
                   const TableWriter::Context& context);

// The same in steps, each a transaction of its own, while others write to the table and maintain
// the index. A step reads up to a chunk of rows as `txn` sees them and adds the entries that are
// not there. The commit fails if one of these rows, or of the keys that must be unique, has been
// changed meanwhile: then the step is done again. Throws 23505 as BackfillIndex.
struct BackfillStep {
  std::string next;     // the key of the first row of the next step; empty: there are no more
  std::string awaited;  // a unique key that another transaction holds: the next step waits for it
};
// `from`: empty for the first step.
BackfillStep BackfillRows(const TableLayoutPtr& layout, size_t index, txn::Transaction& txn,
                          const TableWriter::Context& context, const std::string& from);

// Deletes all rows and index entries of a storage id, or one index of it, when `txn` commits.
void DropStorage(txn::Transaction& txn, uint32_t storage_id);
void DropIndexStorage(txn::Transaction& txn, uint32_t storage_id, uint32_t index_number);

}  // namespace sundog::storage
