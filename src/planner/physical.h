// The physical plan: which algorithm computes what from which input slots. Immutable once built,
// shared by all executions; holds no run-time state and points to nothing of the statement's text
// or trees.
//
// A node's output is a chunk of columns `types`; expressions of a node are over its input chunk
// (InputSlot), or over both inputs side by side, left first (join conditions).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binder/bound_query.h"
#include "catalog/catalog.h"
#include "planner/access_path.h"
#include "planner/cost.h"
#include "planner/logical.h"
#include "planner/physical_expression.h"

namespace sundog::planner {

enum class PhysicalKind : uint8_t {
  kEmpty,
  kTableScan,
  kVirtualScan,
  kFunctionScan,
  kValues,
  kFeed,
  kCteScan,
  kFilter,
  kProject,
  kProjectSet,
  kNestedLoop,
  kHashJoin,
  kAggregate,
  kWindow,
  kSort,
  kLimit,
  kDistinct,
  kSetOperation,
  kRecursiveUnion,
  kWith,
  kLockRows,
  kInsert,
  kUpdate,
  kDelete,
};

struct PhysicalNode;
using PhysicalPtr = std::shared_ptr<PhysicalNode>;

struct PhysicalNode {
  const PhysicalKind kind;
  std::vector<PhysicalPtr> children;
  std::vector<SqlType> types;
  // How the types lie in memory, in the same order.
  std::vector<types::PhysicalKind> kinds;
  double estimated_rows = 0;
  explicit PhysicalNode(PhysicalKind kind) : kind(kind) {}
  virtual ~PhysicalNode() = default;
  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*this);
  }
  template <typename T>
  T& As() {
    return static_cast<T&>(*this);
  }
};

struct PhysicalSortKey {
  BoundExpressionPtr expression;
  bool descending = false;
  bool nulls_first = false;
};

struct PhysicalEmpty : PhysicalNode {
  PhysicalEmpty() : PhysicalNode(PhysicalKind::kEmpty) {}
};

struct PhysicalTableScan : PhysicalNode {
  std::shared_ptr<const catalog::TableDescriptor> table;
  std::string alias;
  // One an output column: attnum, storage::kRowKeyColumn (for kRowKeyOrdinal), or a system column's
  // attnum (negative).
  std::vector<int16_t> attnums;
  AccessPath path;
  Cost cost;
  BoundExpressions conjuncts;  // tested on each row
  double sample_fraction = -1;
  PhysicalTableScan() : PhysicalNode(PhysicalKind::kTableScan) {}
};

struct PhysicalVirtualScan : PhysicalNode {
  const catalog::VirtualTable* table = nullptr;
  std::string alias;
  std::vector<int> ordinals;
  PhysicalVirtualScan() : PhysicalNode(PhysicalKind::kVirtualScan) {}
};

struct PhysicalFunctionScan : PhysicalNode {
  struct Call {
    BoundExpressionPtr call;
    std::vector<std::string> names;  // of the call's columns
    std::vector<SqlType> types;
    bool composite;
  };
  std::vector<Call> calls;
  bool ordinality = false;
  std::string alias;
  PhysicalFunctionScan() : PhysicalNode(PhysicalKind::kFunctionScan) {}
};

struct PhysicalValues : PhysicalNode {
  std::vector<BoundExpressions> rows;
  PhysicalValues() : PhysicalNode(PhysicalKind::kValues) {}
};

struct PhysicalFeed : PhysicalNode {
  PhysicalFeed() : PhysicalNode(PhysicalKind::kFeed) {}
};

struct PhysicalCteScan : PhysicalNode {
  int cte_id = -1;
  bool working_table = false;
  std::vector<int> columns;  // of the CTE
  std::string name;          // as this reference calls it
  std::string cte_name;
  std::vector<std::string> column_names;  // of the CTE's columns
  PhysicalCteScan() : PhysicalNode(PhysicalKind::kCteScan) {}
};

struct PhysicalFilter : PhysicalNode {
  BoundExpressions conjuncts;
  PhysicalFilter() : PhysicalNode(PhysicalKind::kFilter) {}
};

struct PhysicalProject : PhysicalNode {
  BoundExpressions expressions;
  PhysicalProject() : PhysicalNode(PhysicalKind::kProject) {}
};

// Output: the input's columns, then one a call.
struct PhysicalProjectSet : PhysicalNode {
  BoundExpressions calls;
  PhysicalProjectSet() : PhysicalNode(PhysicalKind::kProjectSet) {}
};

// For every left row: binds its values, runs the right side anew, tests the conjuncts. The
// condition is over left and right columns side by side; the output is `output` of these.
struct PhysicalNestedLoop : PhysicalNode {
  LogicalJoinType type = LogicalJoinType::kInner;
  std::vector<OuterBinding> bindings;  // empty: the right side is run once and kept
  BoundExpressions conjuncts;
  std::vector<int> output;
  PhysicalNestedLoop() : PhysicalNode(PhysicalKind::kNestedLoop) {}
};

// Builds on the right side (kept sides of LEFT, SEMI, ANTI are left ones).
struct PhysicalHashJoin : PhysicalNode {
  LogicalJoinType type = LogicalJoinType::kInner;
  BoundExpressions left_keys;   // over the left input
  BoundExpressions right_keys;  // over the right input
  BoundExpressions conjuncts;   // the rest, over both side by side
  std::vector<int> output;
  // The left rows' order is wanted: the right side stays in memory.
  bool keeps_order = false;
  PhysicalHashJoin() : PhysicalNode(PhysicalKind::kHashJoin) {}
};

struct PhysicalAggregate : PhysicalNode {
  BoundExpressions groups;
  std::vector<std::vector<int>> grouping_sets;  // empty: all groups
  std::vector<std::unique_ptr<binder::BoundAggregate>> aggregates;
  std::vector<std::vector<int>> groupings;
  // Output columns: indexes into groups, then groups.size() + aggregates, then groupings.
  std::vector<int> output;
  PhysicalAggregate() : PhysicalNode(PhysicalKind::kAggregate) {}
};

// Output: the input's columns, then one a call.
struct PhysicalWindow : PhysicalNode {
  std::vector<std::unique_ptr<binder::BoundWindow>> calls;  // all with the first one's window
  PhysicalWindow() : PhysicalNode(PhysicalKind::kWindow) {}
};

struct PhysicalSort : PhysicalNode {
  std::vector<PhysicalSortKey> keys;
  // The input comes sorted by so many of the keys: the rest decides among rows equal by them.
  size_t presorted = 0;
  // Only this many rows are wanted (a LIMIT above); over outer slots and parameters.
  BoundExpressionPtr limit;
  BoundExpressionPtr offset;
  PhysicalSort() : PhysicalNode(PhysicalKind::kSort) {}
};

struct PhysicalLimit : PhysicalNode {
  BoundExpressionPtr limit;
  BoundExpressionPtr offset;
  bool with_ties = false;
  std::vector<PhysicalSortKey> tie_keys;
  PhysicalLimit() : PhysicalNode(PhysicalKind::kLimit) {}
};

struct PhysicalDistinct : PhysicalNode {
  BoundExpressions keys;
  bool sorted = false;
  PhysicalDistinct() : PhysicalNode(PhysicalKind::kDistinct) {}
};

// Both inputs' columns in the order given, as the output's.
struct PhysicalSetOperation : PhysicalNode {
  binder::SetOperator op = binder::SetOperator::kUnion;
  bool all = false;
  std::vector<int> left_columns;
  std::vector<int> right_columns;
  PhysicalSetOperation() : PhysicalNode(PhysicalKind::kSetOperation) {}
};

struct PhysicalRecursiveUnion : PhysicalNode {
  int cte_id = -1;
  bool all = false;
  std::vector<int> left_columns;
  std::vector<int> right_columns;
  PhysicalRecursiveUnion() : PhysicalNode(PhysicalKind::kRecursiveUnion) {}
};

// children[0] is the query, the others the CTEs.
struct PhysicalWith : PhysicalNode {
  struct Cte {
    int id;
    std::string name;
    bool changes_data;
    std::vector<int> columns;  // of the child, in the CTE's order
  };
  std::vector<Cte> ctes;
  PhysicalWith() : PhysicalNode(PhysicalKind::kWith) {}
};

struct PhysicalLockRows : PhysicalNode {
  struct Lock {
    int row_key_slot;
    std::shared_ptr<const catalog::TableDescriptor> table;
    binder::LockStrength strength;
    binder::LockWait wait;
  };
  std::vector<Lock> locks;
  PhysicalLockRows() : PhysicalNode(PhysicalKind::kLockRows) {}
};

// The expressions that belong to a table, over its live columns in order.
struct PhysicalTableRules {
  struct Check {
    std::string constraint;
    BoundExpressionPtr condition;
  };
  struct Index {
    Oid index;
    BoundExpressions expressions;  // one a key column; null where it is a plain column
    BoundExpressionPtr predicate;
  };
  // What a policy demands of a row.
  struct RowCheck {
    std::string policy;
    BoundExpressionPtr condition;
  };
  std::shared_ptr<const catalog::TableDescriptor> table;
  std::vector<Check> checks;
  std::vector<RowCheck> insert_checks;
  std::vector<RowCheck> update_checks;
  std::vector<RowCheck> conflict_checks;  // of a row that ON CONFLICT updates, as it is
  std::vector<int16_t> written;  // attnums that the statement gives values for
  BoundExpressions generated;  // by live column; null where not generated
  std::vector<Index> indexes;  // those with expressions or a predicate
  BoundExpressions defaults;   // by live column, over nothing; for ON DELETE SET DEFAULT
};

// What INSERT, UPDATE and DELETE share. RETURNING is over the target's live columns, then the
// input's columns.
struct PhysicalModify : PhysicalNode {
  std::shared_ptr<const PhysicalTableRules> rules;
  std::string alias;
  BoundExpressions returning;
  explicit PhysicalModify(PhysicalKind kind) : PhysicalNode(kind) {}
};

struct PhysicalInsert : PhysicalModify {
  // One a live column, over the input; null for generated columns.
  BoundExpressions values;
  struct OnConflict {
    bool update = false;
    std::vector<Oid> arbiters;
    // By live column, over the existing row's live columns then the excluded row's; null: as it is.
    BoundExpressions assignments;
    BoundExpressionPtr where;
  };
  std::optional<OnConflict> on_conflict;
  PhysicalInsert() : PhysicalModify(PhysicalKind::kInsert) {}
};

struct PhysicalUpdate : PhysicalModify {
  int row_key_slot = -1;
  // One a live column: over the input. Unassigned ones are the old value's slot.
  BoundExpressions values;
  std::vector<int16_t> assigned;  // attnums
  // The old row's live columns in the input, for foreign keys and triggers.
  std::vector<int> old_slots;
  PhysicalUpdate() : PhysicalModify(PhysicalKind::kUpdate) {}
};

struct PhysicalDelete : PhysicalModify {
  int row_key_slot = -1;
  std::vector<int> old_slots;  // live columns in the input
  PhysicalDelete() : PhysicalModify(PhysicalKind::kDelete) {}
};

// A whole statement's plan.
struct PhysicalPlan {
  PhysicalPtr root;
  // Of the root's columns: which are the statement's, in order.
  std::vector<int> output;
  int outer_slot_count = 0;
  std::vector<SqlType> parameter_types;
  // What the plan's pointers need alive.
  std::shared_ptr<const catalog::Catalog> catalog;
  std::vector<std::shared_ptr<const void>> keepalive;
};

}  // namespace sundog::planner
