// The logical plan: relational algebra over (relation, ordinal) columns, what the rules rewrite.
//
// Every node that computes new columns has a RelationId of its own; expressions refer to columns by
// it. A node's children are in `children`; what a node does not say (access paths, join methods,
// slots) is chosen when the physical plan is built.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "binder/bound_query.h"

namespace sundog::planner {

using binder::BoundExpressionPtr;
using binder::BoundExpressions;
using binder::RelationId;
using types::Oid;
using types::SqlType;

struct ColumnId {
  RelationId relation;
  int ordinal;
  friend auto operator<=>(const ColumnId&, const ColumnId&) = default;
};

// The stored row's key, as a hidden column of a base table: what UPDATE, DELETE and row locks need.
inline constexpr int kRowKeyOrdinal = -100;

enum class LogicalKind : uint8_t {
  kEmpty,  // one row without columns; none if `never`
  kScan,
  kVirtualScan,
  kFunctionScan,
  kValues,
  kFeed,
  kCteScan,
  kFilter,
  kProject,
  kProjectSet,
  kJoin,
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

struct LogicalNode;
using LogicalPtr = std::unique_ptr<LogicalNode>;

struct LogicalNode {
  const LogicalKind kind;
  std::vector<LogicalPtr> children;
  // By EstimateRows(), once the plan does not change any more; below zero: not yet.
  mutable double known_rows = -1;
  explicit LogicalNode(LogicalKind kind) : kind(kind) {}
  virtual ~LogicalNode() = default;
  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*this);
  }
  template <typename T>
  T& As() {
    return static_cast<T&>(*this);
  }
};

struct LogicalEmpty : LogicalNode {
  LogicalEmpty() : LogicalNode(LogicalKind::kEmpty) {}
};

struct LogicalScan : LogicalNode {
  std::shared_ptr<const catalog::TableDescriptor> table;
  RelationId relation = -1;
  std::string alias;
  BoundExpressions conjuncts;  // pushed down; may refer to other relations as parameters
  bool secured = false;  // policies are among them: others must be leakproof to join them
  double sample_fraction = -1;
  LogicalScan() : LogicalNode(LogicalKind::kScan) {}
};

struct LogicalVirtualScan : LogicalNode {
  const catalog::VirtualTable* table = nullptr;
  RelationId relation = -1;
  std::string alias;
  LogicalVirtualScan() : LogicalNode(LogicalKind::kVirtualScan) {}
};

struct LogicalFunctionScan : LogicalNode {
  std::vector<binder::BoundFunctionRef::Call> calls;
  bool ordinality = false;
  RelationId relation = -1;
  std::string alias;
  LogicalFunctionScan() : LogicalNode(LogicalKind::kFunctionScan) {}
};

struct LogicalValues : LogicalNode {
  std::vector<BoundExpressions> rows;
  std::vector<SqlType> types;
  RelationId relation = -1;
  LogicalValues() : LogicalNode(LogicalKind::kValues) {}
};

// Rows that come from outside of the plan (COPY FROM).
struct LogicalFeed : LogicalNode {
  std::vector<SqlType> types;
  RelationId relation = -1;
  LogicalFeed() : LogicalNode(LogicalKind::kFeed) {}
};

struct LogicalCteScan : LogicalNode {
  int cte_id = -1;
  bool working_table = false;  // the recursive term's view of the last round
  std::vector<SqlType> types;
  RelationId relation = -1;
  std::string alias;
  std::string name;
  std::vector<std::string> column_names;
  LogicalCteScan() : LogicalNode(LogicalKind::kCteScan) {}
};

struct LogicalFilter : LogicalNode {
  BoundExpressions conjuncts;
  // What is below hides rows: only leakproof conditions go down past it.
  bool barrier = false;
  LogicalFilter() : LogicalNode(LogicalKind::kFilter) {}
};

struct LogicalProject : LogicalNode {
  RelationId relation = -1;
  BoundExpressions expressions;
  // kRowKeyOrdinal columns of these relations pass through, for row locks above.
  LogicalProject() : LogicalNode(LogicalKind::kProject) {}
};

// Set-returning calls, run in step (shorter ones give nulls); input columns pass through.
struct LogicalProjectSet : LogicalNode {
  RelationId relation = -1;
  BoundExpressions expressions;
  LogicalProjectSet() : LogicalNode(LogicalKind::kProjectSet) {}
};

enum class LogicalJoinType : uint8_t { kInner, kLeft, kRight, kFull, kSemi, kAnti };

// `conjuncts` is the join condition. The right side may refer to the left side's columns
// (`lateral`): then it is run again for each left row.
struct LogicalJoin : LogicalNode {
  LogicalJoinType type = LogicalJoinType::kInner;
  BoundExpressions conjuncts;
  bool lateral = false;
  LogicalJoin() : LogicalNode(LogicalKind::kJoin) {}
};

// Output ordinals: groups from 0; aggregates and grouping masks (int4, one a BoundGrouping) from
// the numbers below, so that groups can be added.
inline constexpr int kFirstAggregateOrdinal = 10000;
inline constexpr int kFirstGroupingOrdinal = 20000;

struct LogicalAggregate : LogicalNode {
  RelationId relation = -1;
  BoundExpressions groups;
  std::vector<std::vector<int>> grouping_sets;  // empty: one set with all groups
  BoundExpressions aggregates;                  // BoundAggregate
  std::vector<std::vector<int>> groupings;
  // The ordinal of the first aggregate, from kFirstAggregateOrdinal on.
  int first_aggregate = 0;
  LogicalAggregate() : LogicalNode(LogicalKind::kAggregate) {}
};

// Calls of one window. Output ordinals count the calls; input columns pass through.
struct LogicalWindow : LogicalNode {
  RelationId relation = -1;
  BoundExpressions calls;  // BoundWindow, all with an equal window
  LogicalWindow() : LogicalNode(LogicalKind::kWindow) {}
};

struct LogicalSort : LogicalNode {
  std::vector<binder::BoundSortKey> keys;
  LogicalSort() : LogicalNode(LogicalKind::kSort) {}
};

struct LogicalLimit : LogicalNode {
  BoundExpressionPtr limit;
  BoundExpressionPtr offset;
  // WITH TIES: rows equal to the last in these keys come too.
  std::vector<binder::BoundSortKey> tie_keys;
  bool with_ties = false;
  LogicalLimit() : LogicalNode(LogicalKind::kLimit) {}
};

// DISTINCT over `keys`; the input is sorted by them if `sorted` (DISTINCT ON keeps the first row).
struct LogicalDistinct : LogicalNode {
  BoundExpressions keys;
  bool sorted = false;
  LogicalDistinct() : LogicalNode(LogicalKind::kDistinct) {}
};

// Both children have the same columns in the same order, as listed.
struct LogicalSetOperation : LogicalNode {
  binder::SetOperator op = binder::SetOperator::kUnion;
  bool all = false;
  RelationId relation = -1;
  std::vector<SqlType> types;
  std::vector<ColumnId> left_columns;
  std::vector<ColumnId> right_columns;
  LogicalSetOperation() : LogicalNode(LogicalKind::kSetOperation) {}
};

// children[0]: the first term, children[1]: the recursive one, which scans the working table.
struct LogicalRecursiveUnion : LogicalNode {
  int cte_id = -1;
  bool all = false;
  RelationId relation = -1;
  std::vector<SqlType> types;
  std::vector<ColumnId> left_columns;
  std::vector<ColumnId> right_columns;
  LogicalRecursiveUnion() : LogicalNode(LogicalKind::kRecursiveUnion) {}
};

// children[0]: the query; children[i + 1]: the plan of cte_ids[i], computed at most once and kept.
// Data-changing ones run to their end whether they are read or not.
struct LogicalWith : LogicalNode {
  struct Cte {
    int id;
    std::string name;
    bool changes_data;
    std::vector<ColumnId> columns;
  };
  std::vector<Cte> ctes;
  LogicalWith() : LogicalNode(LogicalKind::kWith) {}
};

struct LogicalLockRows : LogicalNode {
  struct Lock {
    RelationId relation;
    std::shared_ptr<const catalog::TableDescriptor> table;
    binder::LockStrength strength;
    binder::LockWait wait;
  };
  std::vector<Lock> locks;
  LogicalLockRows() : LogicalNode(LogicalKind::kLockRows) {}
};

// INSERT, UPDATE, DELETE. The statement gives table, rules, assignments and RETURNING, whose
// targets are the node's columns (of `relation`). The child gives the source rows; of UPDATE and
// DELETE also the target's row key and columns.
struct LogicalModify : LogicalNode {
  binder::BoundModify* statement = nullptr;
  RelationId relation = -1;
  explicit LogicalModify(LogicalKind kind) : LogicalNode(kind) {}
};

// The relations whose columns the node hands up (or could).
void CollectRelations(const LogicalNode& node, std::set<RelationId>& relations);

// Visits the node's own expressions (whole trees), not its children's.
void ForEachExpression(LogicalNode& node, const std::function<void(BoundExpressionPtr&)>& visit);

// All columns that the plan's expressions mention, at any depth.
void CollectColumns(const LogicalNode& plan, std::set<ColumnId>& columns);

// Columns of modify statements: assignments, RETURNING, rules and so on.
void ForEachExpression(binder::BoundModify& statement,
                       const std::function<void(BoundExpressionPtr&)>& visit);

}  // namespace sundog::planner
