// Queries and data-changing statements after binding.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binder/bound_expression.h"
#include "catalog/required_privilege.h"

namespace sundog::catalog {
class VirtualTable;
struct TableDescriptor;
struct IndexDescriptor;
}  // namespace sundog::catalog

namespace sundog::binder {

struct BoundStatement;

enum class TableRefKind : uint8_t {
  kTable,     // a stored table
  kVirtual,   // a system table, computed
  kSubquery,  // FROM (SELECT …), views
  kFunction,  // functions in FROM
  kValues,
  kCte,       // a reference to a WITH query
  kJoin,
};

struct BoundTableRef {
  const TableRefKind kind;
  // −1 for joins: their columns are their sides'.
  RelationId relation = -1;
  std::string alias;  // the name the query knows it by, for EXPLAIN and deparsing
  std::vector<std::string> column_aliases;
  explicit BoundTableRef(TableRefKind kind) : kind(kind) {}
  virtual ~BoundTableRef() = default;
  virtual std::unique_ptr<BoundTableRef> Clone() const = 0;
  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*this);
  }
  template <typename T>
  T& As() {
    return static_cast<T&>(*this);
  }
};
using BoundTableRefPtr = std::unique_ptr<BoundTableRef>;

struct BoundBaseTable : BoundTableRef {
  std::shared_ptr<const catalog::TableDescriptor> table;
  double sample_fraction = -1;  // TABLESAMPLE BERNOULLI/SYSTEM; −1: none
  bool sample_system = false;   // written SYSTEM
  // Policies: rows that do not meet all of these are not there, not even for other conditions.
  BoundExpressions security;
  BoundBaseTable() : BoundTableRef(TableRefKind::kTable) {}
  BoundTableRefPtr Clone() const override;
};

struct BoundVirtualTable : BoundTableRef {
  const catalog::VirtualTable* table = nullptr;  // lives for ever
  BoundVirtualTable() : BoundTableRef(TableRefKind::kVirtual) {}
  BoundTableRefPtr Clone() const override;
};

struct BoundSubqueryRef : BoundTableRef {
  std::unique_ptr<BoundQuery> query;
  bool lateral = false;
  Oid view = types::kInvalidOid;  // if it came from a view
  bool barrier = false;  // a security_barrier view: its conditions come before those upon it
  BoundSubqueryRef();
  ~BoundSubqueryRef() override;
  BoundTableRefPtr Clone() const override;
};

struct BoundColumnDefinition {
  std::string name;
  SqlType type;
};

// One function, or ROWS FROM (several side by side). Columns: each function's result columns in
// order, then the ordinality.
struct BoundFunctionRef : BoundTableRef {
  struct Call {
    BoundExpressionPtr call;  // a BoundFunction, or any scalar expression (a one-row set)
    std::vector<BoundColumnDefinition> columns;
    bool composite = false;  // the function's rows are composites spread over `columns`
    bool has_column_list = false;  // AS (a int, b text), for deparsing
  };
  std::vector<Call> calls;
  bool ordinality = false;
  bool rows_from = false;
  BoundFunctionRef() : BoundTableRef(TableRefKind::kFunction) {}
  BoundTableRefPtr Clone() const override;
};

struct BoundValues : BoundTableRef {
  std::vector<BoundExpressions> rows;
  std::vector<SqlType> types;
  BoundValues() : BoundTableRef(TableRefKind::kValues) {}
  BoundTableRefPtr Clone() const override;
};

// A reference to a CTE by its statement-wide id; `recursive_self` inside its own recursive term.
struct BoundCteRef : BoundTableRef {
  int cte_id = -1;
  bool recursive_self = false;
  std::vector<SqlType> types;
  BoundCteRef() : BoundTableRef(TableRefKind::kCte) {}
  BoundTableRefPtr Clone() const override;
};

enum class JoinType : uint8_t { kInner, kLeft, kRight, kFull, kCross };

// USING and NATURAL are resolved: `condition` has the equalities, and references to a merged column
// name have become the left column, the right one (RIGHT JOIN) or COALESCE of both (FULL JOIN).
struct BoundJoin : BoundTableRef {
  JoinType type = JoinType::kInner;
  BoundTableRefPtr left;
  BoundTableRefPtr right;
  BoundExpressionPtr condition;  // null for cross joins
  std::vector<std::string> using_columns;  // for deparsing
  bool natural = false;
  BoundJoin() : BoundTableRef(TableRefKind::kJoin) {}
  BoundTableRefPtr Clone() const override;
};

struct BoundTarget {
  BoundExpressionPtr expression;
  std::string name;
  // Where a plain column came from, for RowDescription; 0 if it is not one.
  Oid source_table = types::kInvalidOid;
  int16_t source_column = 0;
  BoundTarget Clone() const;
};

struct BoundCte {
  int id = -1;  // unique in the statement
  std::string name;
  std::vector<std::string> columns;
  std::vector<SqlType> types;
  // Exactly one of these two.
  std::unique_ptr<BoundQuery> query;
  std::unique_ptr<BoundStatement> statement;  // INSERT/UPDATE/DELETE … RETURNING
  bool recursive = false;  // `query` is a UNION [ALL] whose right side refers to it
  std::optional<bool> materialized;  // as written
  int reference_count = 0;
  BoundCte();
  BoundCte(BoundCte&&) noexcept;
  BoundCte& operator=(BoundCte&&) noexcept;
  ~BoundCte();
  BoundCte Clone() const;
};

enum class LockStrength : uint8_t { kKeyShare, kShare, kNoKeyUpdate, kUpdate };
enum class LockWait : uint8_t { kWait, kNoWait, kSkipLocked };

struct BoundRowLock {
  std::vector<RelationId> relations;  // base tables of this query and of its subqueries in FROM
  LockStrength strength = LockStrength::kUpdate;
  LockWait wait = LockWait::kWait;
};

enum class DistinctKind : uint8_t { kNone, kAll, kOn };
enum class SetOperator : uint8_t { kUnion, kIntersect, kExcept };

enum class GroupingKind : uint8_t { kKeys, kSets, kRollup, kCube };

// An item of GROUP BY with grouping sets.
struct GroupingItem {
  GroupingKind kind = GroupingKind::kKeys;
  std::vector<int> keys;  // of kKeys: indexes into group_by
  std::vector<GroupingItem> parts;
};

// SELECT in all its forms. Either a plain one, or (set_operator) a combination of `left` and
// `right`, whose output columns then are BoundColumns of `set_relation`; ORDER BY, LIMIT, WITH and
// locking apply to both forms.
struct BoundQuery {
  std::vector<BoundCte> ctes;

  // plain
  std::vector<BoundTableRefPtr> from;  // cross-joined; later ones may be LATERAL over earlier ones
  BoundExpressionPtr where;
  BoundExpressions group_by;  // distinct expressions
  // Each set: indexes into group_by. Empty: GROUP BY all of group_by (or none).
  std::vector<std::vector<int>> grouping_sets;
  // The sets as written, of which grouping_sets are the expansion; for printing.
  std::vector<GroupingItem> grouping_items;
  bool grouping_distinct = false;  // GROUP BY DISTINCT
  bool has_aggregates = false;  // aggregates of this query, GROUP BY or HAVING
  bool has_windows = false;
  bool has_set_functions = false;  // set-returning functions in the targets
  BoundExpressionPtr having;

  // set operation
  std::optional<SetOperator> set_operator;
  bool set_all = false;
  std::unique_ptr<BoundQuery> left;
  std::unique_ptr<BoundQuery> right;
  RelationId set_relation = -1;

  // Output columns, then `hidden_target_count` that only ORDER BY or DISTINCT ON need.
  std::vector<BoundTarget> targets;
  int hidden_target_count = 0;

  DistinctKind distinct = DistinctKind::kNone;
  std::vector<int> distinct_on;  // indexes into targets

  struct OrderBy {
    int target;  // index into targets
    bool descending = false;
    bool nulls_first = false;
    Oid sort_operator = types::kInvalidOid;
  };
  std::vector<OrderBy> order_by;
  BoundExpressionPtr limit;   // int8, or null
  BoundExpressionPtr offset;
  bool with_ties = false;
  std::vector<BoundRowLock> locks;

  int visible_target_count() const {
    return static_cast<int>(targets.size()) - hidden_target_count;
  }
  std::unique_ptr<BoundQuery> Clone() const;
};

// The expressions that belong to a table and that a statement changing it must evaluate. Columns in
// them are BoundColumns of `relation`.
struct BoundTableRules {
  struct Check {
    std::string constraint;
    BoundExpressionPtr condition;
  };
  // What a policy demands; without a name it is said of no policy in particular.
  struct RowCheck {
    std::string policy;
    BoundExpressionPtr condition;
  };
  struct Generated {
    int attnum;
    BoundExpressionPtr expression;
  };
  struct Index {
    Oid index;
    BoundExpressions expressions;  // one an index column; null where it is a plain column
    BoundExpressionPtr predicate;  // or null
  };
  RelationId relation = -1;
  std::vector<Check> checks;
  // Of rows that are inserted, of rows as an update makes them, and of rows that ON CONFLICT
  // updates, as they are.
  std::vector<RowCheck> insert_checks;
  std::vector<RowCheck> update_checks;
  std::vector<RowCheck> conflict_checks;
  std::vector<Generated> generated;
  std::vector<Index> indexes;  // those with expressions or a predicate
  // The columns that the statement gives values for.
  std::vector<int16_t> written;
  // What DEFAULT means, by attnum - 1; only of rules that were asked for by themselves.
  BoundExpressions defaults;
};

enum class StatementKind : uint8_t { kQuery, kInsert, kUpdate, kDelete, kMerge, kUtility };

struct BoundStatement {
  const StatementKind kind;
  // Of the statement as a whole; empty in statements inside of others.
  catalog::RequiredPrivileges required_privileges;
  // Types of $1, $2, … after inference.
  std::vector<SqlType> parameter_types;
  explicit BoundStatement(StatementKind kind) : kind(kind) {}
  virtual ~BoundStatement() = default;
  template <typename T>
  const T& As() const {
    return static_cast<const T&>(*this);
  }
  template <typename T>
  T& As() {
    return static_cast<T&>(*this);
  }
};
using BoundStatementPtr = std::unique_ptr<BoundStatement>;

struct BoundQueryStatement : BoundStatement {
  std::unique_ptr<BoundQuery> query;
  BoundQueryStatement() : BoundStatement(StatementKind::kQuery) {}
};

// What INSERT, UPDATE and DELETE share.
struct BoundModify : BoundStatement {
  std::shared_ptr<const catalog::TableDescriptor> table;
  RelationId relation = -1;  // the target's row: old in UPDATE's expressions, new in RETURNING
  std::string alias;
  std::vector<BoundCte> ctes;
  BoundExpressions security;  // of UPDATE and DELETE: which rows of the target are there
  BoundTableRules rules;
  std::vector<BoundTarget> returning;
  explicit BoundModify(StatementKind kind) : BoundStatement(kind) {}
};

struct BoundAssignment {
  int attnum;
  BoundExpressionPtr value;
};

struct BoundOnConflict {
  bool update = false;  // else DO NOTHING
  // The unique indexes that arbitrate; empty (DO NOTHING without target): all.
  std::vector<Oid> arbiters;
  RelationId excluded = -1;
  std::vector<BoundAssignment> assignments;  // over the target relation and `excluded`
  BoundExpressionPtr where;
};

struct BoundInsert : BoundModify {
  // Rows to insert; null for DEFAULT VALUES (one row of defaults).
  std::unique_ptr<BoundQuery> source;
  RelationId source_relation = -1;
  // COPY FROM: instead of `source`, rows of these types are fed in.
  std::vector<SqlType> feed_types;
  // One an attribute of the table, by attnum - 1: over `source_relation`; null for dropped and
  // generated columns. Defaults are already in place.
  BoundExpressions values;
  std::unique_ptr<BoundOnConflict> on_conflict;
  BoundInsert() : BoundModify(StatementKind::kInsert) {}
};

struct BoundUpdate : BoundModify {
  std::vector<BoundTableRefPtr> from;
  BoundExpressionPtr where;
  std::vector<BoundAssignment> assignments;
  BoundUpdate() : BoundModify(StatementKind::kUpdate) {}
};

struct BoundDelete : BoundModify {
  std::vector<BoundTableRefPtr> using_tables;
  BoundExpressionPtr where;
  BoundDelete() : BoundModify(StatementKind::kDelete) {}
};

// Visits every expression of the query as a whole tree: targets, conditions, those of its FROM,
// CTEs and set operation sides, however deep; not the queries inside kSubquery expressions, which
// VisitDeep adds.
void ForEachExpression(BoundQuery& query, const std::function<void(BoundExpressionPtr&)>& visit);
void ForEachExpression(BoundTableRef& ref, const std::function<void(BoundExpressionPtr&)>& visit);

// Visits the expression and all below it, into subqueries too, parents first.
void VisitDeep(BoundExpressionPtr& expression,
               const std::function<void(BoundExpressionPtr&)>& visit);

// Visits every node of every expression in the query, subqueries included.
void VisitDeep(BoundQuery& query, const std::function<void(BoundExpressionPtr&)>& visit);

}  // namespace sundog::binder
