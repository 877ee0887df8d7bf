// One ALTER TABLE: its subcommands change the descriptor in PostgreSQL's order, and gather what the
// rows then need.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "binder/ddl/ddl_binding.h"

namespace sundog::binder {

class AlterTableRun {
 public:
  AlterTableRun(DdlRun& run, const AlterTableStmt* statement,
                std::shared_ptr<const catalog::TableDescriptor> table);
  void Run();

 private:
  using Command = AlterTableCmd;
  void RunOne(const Command* command);
  // --- columns ---
  void AddColumn(const Command* command);
  void AddColumnValue(const ddl::ColumnSpec& spec, int16_t attnum, BoundExpressionPtr value);
  void SetDefault(const Command* command);
  void SetNotNull(const Command* command);
  void AlterType(const Command* command);
  // After a change of its type: 42804 if its foreign keys, or those that refer to it, do not go
  // with it. They are to hold for the rows as they will be.
  void KeepForeignKeysOf(const catalog::ColumnDescriptor& column, bool keeps_rows);
  BoundExpressionPtr ConvertedColumn(const ColumnDef* definition,
                                     const catalog::ColumnDescriptor& column, SqlType type);
  std::optional<catalog::StoredExpression> ConvertedDefault(
      const catalog::ColumnDescriptor& column, SqlType type);
  void AddIdentity(const Command* command);
  void SetIdentity(const Command* command);
  // --- constraints ---
  void AddConstraint(const Constraint* constraint);
  void AddCheck(const Constraint* constraint);
  void AddKey(const ddl::KeySpec& key);
  void AddForeignKey(const ddl::ForeignKeySpec& key);
  void Validate(const Command* command);
  void AlterConstraint(const Constraint* constraint);

  std::shared_ptr<const catalog::TableDescriptor> Current() const;
  const catalog::ColumnDescriptor& ColumnNow(const char* name) const;
  void Rewrite();
  void Finish();

  DdlRun& run_;
  const AlterTableStmt* statement_;
  std::shared_ptr<const catalog::TableDescriptor> before_;
  Oid table_;
  RowWork work_;
  // Foreign keys of other tables that are to be looked at again, by their tables.
  std::map<Oid, std::vector<Oid>> incoming_keys_;
  // Constraints that ADD COLUMN brought along: made when all columns are there.
  RawConstraints pending_;
};

}  // namespace sundog::binder
