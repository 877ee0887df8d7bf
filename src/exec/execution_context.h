// What one run of a plan shares between its operators and expressions. Owned by the Execution;
// its address is stable, its contents change from run to run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/ddl/dsql_limits.h"
#include "catalog/required_privilege.h"
#include "functions/function.h"
#include "functions/proc.h"
#include "storage/table_layout.h"
#include "txn/transaction.h"

namespace sundog::catalog {
class Catalog;
}
namespace sundog::storage {
class DeferredUniqueChecks;
}
namespace sundog::vectors {
class Graphs;
}
namespace sundog::planner {
struct ActualFigures;
struct PhysicalNode;
struct PhysicalTableRules;
}

namespace sundog::exec {

using types::Chunk;
using types::Datum;
using types::Oid;
using types::RowSet;
using types::SqlType;
using types::Vector;

class RowStore;

// A call of a function written in SQL or PL/pgSQL.
struct UserCall {
  const functions::ProcInfo& proc;
  // Of this call: polymorphic ones are what they stand for.
  std::span<const SqlType> argument_types;
  SqlType result_type;
  std::span<const Datum> arguments;
};

// Functions written in SQL or PL/pgSQL, run by the layer above.
class UserFunctions {
 public:
  virtual ~UserFunctions() = default;
  // A scalar call; the result's bytes are copied to `arena`.
  virtual Datum Call(const UserCall& call, base::Arena& arena) = 0;
  // All rows of a call as `columns`: the fields of a row type if `composite`, else one. Also of a
  // function that returns one record, whose columns the caller says.
  virtual void CallSet(const UserCall& call, std::span<const types::CompositeField> columns,
                       bool composite, RowStore& rows) = 0;
};

// How much memory a statement may take before it fails with 53200, and how much of it one operator
// before it puts rows aside in temporary files.
class MemoryBudget {
 public:
  MemoryBudget(size_t limit_bytes, size_t work_bytes)
      : limit_bytes_(limit_bytes), work_bytes_(work_bytes) {}
  // `fails_as_dsql`: with Aurora DSQL's code and text, 54000.
  void SetLimits(size_t limit_bytes, size_t work_bytes, bool fails_as_dsql = false) {
    limit_bytes_ = limit_bytes;
    work_bytes_ = work_bytes;
    fails_as_dsql_ = fails_as_dsql;
  }
  size_t limit_bytes() const { return limit_bytes_; }
  size_t used_bytes() const { return used_bytes_; }
  void Add(size_t bytes) { used_bytes_ += bytes; }
  void Subtract(size_t bytes) { used_bytes_ -= bytes; }
  bool Exceeded() const { return used_bytes_ > limit_bytes_; }
  // For an operator that holds `own_bytes` and can spill.
  bool ShouldSpill(size_t own_bytes) const { return own_bytes > work_bytes_; }
  // 53200 if it is exceeded.
  void Check() const;

 private:
  size_t limit_bytes_;
  size_t work_bytes_;
  size_t used_bytes_ = 0;
  bool fails_as_dsql_ = false;
};

// Compiled tables, shared between statements on one version of a table.
class LayoutSource {
 public:
  virtual ~LayoutSource() = default;
  virtual storage::TableLayoutPtr LayoutOf(
      const std::shared_ptr<const catalog::TableDescriptor>& table) = 0;
};

// The rules of tables that cascades reach, bound and planned on first use.
class RulesSource {
 public:
  virtual ~RulesSource() = default;
  virtual std::shared_ptr<const planner::PhysicalTableRules> RulesOf(
      const std::shared_ptr<const catalog::TableDescriptor>& table) = 0;
};

class DeferredForeignKeys;

// The rows of a WITH query, computed at most once a run.
struct CteState;

struct ExecutionContext {
  functions::Environment environment;
  txn::Transaction* transaction = nullptr;
  txn::ReadView view;
  const catalog::Catalog* catalog = nullptr;
  LayoutSource* layouts = nullptr;
  RulesSource* rules = nullptr;
  // Of hnsw indexes; null: they are searched exactly.
  vectors::Graphs* graphs = nullptr;
  UserFunctions* user_functions = nullptr;
  storage::DeferredUniqueChecks* deferred_unique = nullptr;
  // Foreign keys that are checked at commit; null where there is no transaction block.
  DeferredForeignKeys* deferred_foreign_keys = nullptr;
  // OIDs of constraints that SET CONSTRAINTS or INITIALLY DEFERRED puts off.
  std::span<const Oid> deferred_constraints;
  // Of rows that are written.
  catalog::ddl::RowLimits row_limits;
  std::span<const Datum> parameters;
  std::vector<Datum> outer_slots;
  // The operand of CASE, the element of an array coercion, a domain's value: innermost last.
  std::vector<const Vector*> case_values;
  std::vector<const Vector*> domain_values;
  std::map<int, CteState*> ctes;
  MemoryBudget memory{size_t{256} << 20, size_t{4} << 20};
  size_t maintenance_bytes = size_t{64} << 20;  // maintenance_work_mem
  // What a PhysicalFeed hands up: the next rows, or null at the end.
  std::function<const Chunk*()> feed;
  std::string temporary_folder;
  // A new one each run, so that what is computed once a run knows when to start over.
  uint64_t run = 0;
  // EXPLAIN ANALYZE: what each node does is noted here.
  std::unordered_map<const planner::PhysicalNode*, planner::ActualFigures>* actuals = nullptr;
  // Of the statement itself, not of its CTEs.
  int64_t rows_affected = 0;

  const types::TypeInfo& TypeOf(SqlType type) const {
    return environment.io.types->GetType(type.oid);
  }
  types::PhysicalKind KindOf(SqlType type) const { return TypeOf(type).physical; }
  // That of now: a function with its owner's rights may be running.
  Oid current_role() const;
  // Whom errors are told to.
  catalog::ErrorReader error_reader() const { return {catalog, current_role()}; }
};

}  // namespace sundog::exec
