// Foreign keys: does the referenced row exist, which rows refer to this one, and what ON DELETE and
// ON UPDATE do about it.
//
// As in PostgreSQL, checks look at the newest committed state and the transaction's own writes. A
// referencing row locks the referenced one FOR KEY SHARE; deleting that one or changing its key
// needs a lock that excludes it. So of two transactions one waits for the other (or, optimistic,
// one fails at commit), and no orphan is left.
//
// Cascades change other tables, which have indexes, checks and foreign keys of their own: the
// executor runs them with ReferencingRows, a TableWriter for the referencing table, and itself.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/required_privilege.h"
#include "catalog/table_descriptor.h"
#include "storage/table_layout.h"
#include "txn/transaction.h"
#include "types/vector.h"

namespace sundog::storage {

// One foreign key with the layouts of both its tables.
struct ForeignKey {
  const catalog::ConstraintDescriptor* constraint = nullptr;
  TableLayoutPtr referencing;
  TableLayoutPtr referenced;
  std::string_view referencing_schema;
  std::string_view referenced_schema;
  // For values in error details.
  const types::IoContext* io = nullptr;
  catalog::ErrorReader reader;

  // The referenced table's unique index that the key points into.
  const IndexLayout& referenced_index() const;
};

// `value` of one key type as the other: integers of any width, float4 and float8, numeric from an
// integer, text types. False: no value of `to` equals it. Throws 0A000 for other pairs.
bool ConvertKeyValue(const types::TypeInfo& from, const types::Datum& value,
                     const types::TypeInfo& to, base::Arena& arena, types::Datum* converted);

// Checks that each row's referenced row exists, and locks it. `rows` has the referencing table's
// live columns. MATCH SIMPLE: rows with a null in the key pass; MATCH FULL: all null or none.
// Throws 23503 `insert or update on table "…" violates foreign key constraint "…"`.
void CheckReferencedRows(const ForeignKey& key, txn::Transaction& txn, const types::Chunk& rows);

// The rows that refer to a row, in the newest committed state and the transaction's own writes.
class ReferencingRows {
 public:
  ReferencingRows(const ForeignKey& key, txn::Transaction& txn);
  ~ReferencingRows();
  ReferencingRows(const ReferencingRows&) = delete;
  ReferencingRows& operator=(const ReferencingRows&) = delete;

  // Starts on the rows that refer to row `row` of `old_rows`: the referenced table's live columns.
  void Seek(const types::Chunk& old_rows, size_t row);
  // Fills `out`: the referencing table's live columns, then kRowKeyColumn and kRowValueColumn.
  // The number of rows; 0: no more.
  size_t Next(types::ChunkBuffer& out);
  std::vector<types::PhysicalKind> kinds() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether the key columns of the referenced side differ between the two rows.
bool ReferencedKeyChanged(const ForeignKey& key, const types::Chunk& old_rows,
                          const types::Chunk& new_rows, size_t row);

// NO ACTION and RESTRICT: throws 23503 `update or delete on table "…" violates foreign key
// constraint "…" on table "…"` if a row still refers to `row` of `old_rows`. NO ACTION is called at
// the statement's end (or at commit) and passes if the key exists again.
void CheckNotReferenced(const ForeignKey& key, txn::Transaction& txn,
                        const types::Chunk& old_rows, size_t row, bool restrict);

// All rows of the referencing table at once (ADD CONSTRAINT, VALIDATE CONSTRAINT).
void ValidateForeignKey(const ForeignKey& key, txn::Transaction& txn);

}  // namespace sundog::storage
