// Writing rows of one table with everything that belongs to it: NOT NULL, generated columns, CHECK,
// indexes, and the foreign keys on both sides.
//
// A statement has one ModifyScope; each table it changes, directly or through a cascade, has one
// RowWriter in it. Foreign keys act at the end of the statement (ModifyScope::Finish), as
// PostgreSQL's triggers do.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "exec/expression/evaluator.h"
#include "exec/row_store.h"
#include "exec/rule_expressions.h"
#include "planner/physical.h"
#include "storage/foreign_keys.h"
#include "storage/table_writer.h"

namespace sundog::exec {

class ModifyScope;

class RowWriter {
 public:
  RowWriter(std::shared_ptr<const planner::PhysicalTableRules> rules, ModifyScope& scope);
  ~RowWriter();

  const catalog::TableDescriptor& table() const { return *rules_->table; }
  const storage::TableLayoutPtr& layout() const { return layout_; }
  const std::vector<types::PhysicalKind>& kinds() const { return kinds_; }

  // Whose policies rows are checked against; what foreign keys do is checked against none.
  enum class Policies : uint8_t { kNone, kInsert, kUpdate, kConflict };

  // `rows` are live columns in order, generated ones computed here. They are checked and written;
  // foreign keys are noted.
  void Insert(types::ChunkBuffer& rows, size_t count);
  // Computes generated columns and checks policies, NOT NULL and CHECK for all rows.
  void Prepare(types::ChunkBuffer& rows, size_t count, Policies policies);
  // 42501 `new row violates row-level security policy for table "t"`.
  void CheckPolicies(const Chunk& rows, Policies policies);
  // After Prepare: inserts one row unless it conflicts.
  storage::InsertOutcome InsertUnlessConflict(
      const Chunk& rows, size_t row, std::span<const storage::IndexLayout* const> arbiters);
  // Row i of both belong together. `changed[i]` is false where this statement had changed the row
  // before. `assigned`: attnums that may differ (all of them if empty).
  void Update(const Vector& row_keys, const Vector* old_values, const Chunk& old_rows,
              types::ChunkBuffer& new_rows, size_t count, std::vector<bool>* changed,
              Policies policies = Policies::kNone);
  void Delete(const Vector& row_keys, const Vector* old_values, const Chunk& old_rows,
              std::vector<bool>* deleted);
  txn::RowLockOutcome Lock(std::string_view row_key, txn::RowLockMode mode,
                           txn::WaitPolicy policy) {
    return writer_->Lock(row_key, mode, policy);
  }

 private:
  void CheckSizes(const Chunk& rows) const;
  void CheckNotNull(const Chunk& rows);
  void CheckConstraints(const Chunk& rows);
  [[noreturn]] void ThrowNotNull(size_t column, const Chunk& rows, size_t row);
  const std::vector<planner::PhysicalTableRules::RowCheck>& ChecksOf(Policies policies) const;
  [[noreturn]] void ThrowCheck(const std::string& constraint, const Chunk& rows, size_t row);
  std::string DescribeValue(const Chunk& rows, size_t column, size_t row) const;
  // "Failing row contains (1, null).": of what the role may read or has written; empty if nothing.
  std::string DescribeRow(const Chunk& rows, size_t row) const;

  std::shared_ptr<const planner::PhysicalTableRules> rules_;
  ModifyScope& scope_;
  ExecutionContext& context_;
  storage::TableLayoutPtr layout_;
  std::string schema_name_;
  RuleExpressions expressions_;
  std::vector<types::PhysicalKind> kinds_;
  std::vector<EvaluatorPtr> checks_;
  std::vector<EvaluatorPtr> policies_[4];  // by Policies
  std::unique_ptr<storage::TableWriter> writer_;
};

// What foreign keys still have to do. Rows are live columns of the changed table.
struct ForeignKeyEvent {
  enum class Kind { kReferencing, kReferenced };
  Kind kind;
  storage::ForeignKey key;
  // kReferencing: the new rows. kReferenced: the old rows, and the new ones unless deleted.
  std::shared_ptr<RowStore> old_rows;
  std::shared_ptr<RowStore> new_rows;
  std::shared_ptr<const catalog::TableDescriptor> referencing;
};

// Events that DEFERRED constraints put off to the commit; owned by the session's transaction. A
// copy shares the rows, so that it can be carried out while the original waits on.
class DeferredForeignKeys {
 public:
  void Add(ForeignKeyEvent event) { events_.push_back(std::move(event)); }
  // Carries all of them out; new events that arise are carried out too.
  void Run(ExecutionContext& context);
  size_t mark() const { return events_.size(); }
  void UndoTo(size_t mark) {
    while (events_.size() > mark) events_.pop_back();
  }
  void Clear() { events_.clear(); }
  // What the rows of events count against: they outlive the statement that made them.
  MemoryBudget& memory() { return memory_; }

 private:
  MemoryBudget memory_{size_t{256} << 20, size_t{4} << 20};
  std::vector<ForeignKeyEvent> events_;
};

class ModifyScope {
 public:
  explicit ModifyScope(ExecutionContext& context) : context_(context) {}

  ExecutionContext& context() const { return context_; }
  RowWriter& WriterOf(const std::shared_ptr<const planner::PhysicalTableRules>& rules);
  void Inserted(const RowWriter& writer, const Chunk& rows);
  void Updated(const RowWriter& writer, const Chunk& old_rows, const Chunk& new_rows);
  void Deleted(const RowWriter& writer, const Chunk& old_rows);
  // Carries out the foreign keys until nothing is left to do, then the unique checks put off to the
  // end of the statement.
  void Finish();
  void RunEvents(std::vector<ForeignKeyEvent> events);

 private:
  friend class DeferredForeignKeys;
  void Note(ForeignKeyEvent event);
  bool IsDeferred(const catalog::ConstraintDescriptor& constraint) const;
  storage::ForeignKey KeyOf(const std::shared_ptr<const catalog::TableDescriptor>& referencing,
                            const catalog::ConstraintDescriptor& constraint);
  std::unique_ptr<RowStore> Keep(const Chunk& rows, const std::vector<types::PhysicalKind>& kinds);
  void Carry(ForeignKeyEvent& event);
  void CarryReferenced(ForeignKeyEvent& event);
  void Cascade(ForeignKeyEvent& event, catalog::ReferentialAction action, const Chunk& old_rows,
               const Chunk* new_rows, size_t row);

  ExecutionContext& context_;
  std::map<Oid, std::unique_ptr<RowWriter>> writers_;
  std::vector<ForeignKeyEvent> events_;
  // Rows that a cascade has read, alive while it writes them.
  std::vector<std::shared_ptr<const void>> keepalive_;
};

}  // namespace sundog::exec
