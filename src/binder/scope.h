// The state of binding: what a statement as a whole has (BindState), and what each query level in
// it has (Scope): the names it sees, its windows, what it found on the way.
//
// A Scope lives on the stack of the function that binds its query; inner queries point to it as
// their parent. Its `depth` counts query levels from the outside; a relation belongs to the depth
// at which it was made, so a reference from depth d to a relation of depth r is d - r levels up.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_error.h"
#include "binder/bind.h"
#include "binder/expression_role.h"
#include "binder/required_privileges.h"
#include "binder/type_facts.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

namespace oids = types::oids;
using types::kInvalidOid;

struct RowField;

// One column that a name can mean. `expression` is cloned at each reference: a BoundColumn, or what
// a merged join column stands for.
struct NameColumn {
  std::string name;  // empty: dropped
  BoundExpressionPtr expression;
  Oid source_table = kInvalidOid;
  int16_t source_column = 0;
  bool expands = true;  // part of *
  // Of a column of type record: what is known of its fields.
  std::shared_ptr<const std::vector<RowField>> row_fields;
};

enum class NameItemKind : uint8_t { kTable, kSubquery, kFunction, kValues, kCte, kJoin };

// A FROM item as names see it (PostgreSQL's ParseNamespaceItem).
struct NameItem {
  NameItemKind kind = NameItemKind::kTable;
  std::string name;  // alias, or the relation's name
  bool has_alias = false;
  Oid table = kInvalidOid;     // of kTable, views included
  Oid row_type = kInvalidOid;  // of a whole-row reference; kInvalidOid: record
  RelationId relation = -1;    // -1 for joins
  bool system_columns = false;
  bool scalar_function = false;  // a whole-row reference is the one column itself
  bool recursive_self = false;
  std::vector<NameColumn> columns;
  // Columns as the relation itself calls them (before aliases), for error texts.
  bool relation_visible = true;
  bool columns_visible = true;
  bool lateral_only = false;
  bool lateral_ok = true;
};

struct BoundCteEntry {
  BoundCte* cte = nullptr;  // filled when bound
  const CommonTableExpr* raw = nullptr;
  bool in_progress = false;         // recursive: its own query is being bound
  std::vector<NameColumn> origins;  // only source_table and source_column of each column
  bool has_returning = true;
  int depth = 0;
};

// A set-returning call, by identity.
struct LastSet {
  const BoundExpression* call = nullptr;
  int location = -1;
  bool operator==(const LastSet& other) const { return call == other.call; }
};

struct PendingGrouping;

// PostgreSQL's CoercionContext.
enum class Coercion : uint8_t { kImplicit, kAssignment, kPlpgsql, kExplicit };

struct BindState {
  BindState(BindContext& context, std::string_view text);
  ~BindState();

  BindContext& context;
  const catalog::Catalog& catalog;
  TypeFacts types;
  types::IoContext io;
  std::string_view text;
  RelationId next_relation = 0;
  int next_cte = 0;
  std::vector<int> relation_depths;  // by RelationId
  std::vector<SqlType> parameters;   // as inferred so far; oid unknown where not yet

  RelationId NewRelation(int depth) {
    relation_depths.push_back(depth);
    return next_relation++;
  }
  // What is known of the fields of columns of type record, also when their query is done.
  std::map<std::pair<RelationId, int>, std::shared_ptr<const std::vector<RowField>>> record_columns;
  int DepthOf(RelationId relation) const { return relation_depths[relation]; }
  void Notice(base::ErrorFields fields) const;

  PrivilegeCollector privileges;
  std::vector<Oid> policy_tables;  // whose policies are being bound, outermost first

  // GROUPING() calls that wait for their GROUP BY (bind_function_call.h). Equal ones share an
  // entry.
  int AddPending(PendingGrouping pending);
  PendingGrouping* FindPending(const BoundGrouping& grouping);

 private:
  std::vector<std::unique_ptr<PendingGrouping>> pending_;
};

class Scope {
 public:
  Scope(BindState& state, Scope* parent)
      : state(state), parent(parent), depth(parent == nullptr ? 0 : parent->depth + 1) {}
  // Sees nothing of the statement around it, but stands `depth` levels deep in it: views, stored
  // expressions.
  Scope(BindState& state, int depth) : state(state), parent(nullptr), depth(depth) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  BindState& state;
  Scope* const parent;
  const int depth;

  // What names are looked up in, in order; all items ever made (also those hidden by a join alias)
  // are in `all_items`, for error hints.
  std::vector<NameItem*> names;
  std::vector<std::unique_ptr<NameItem>> all_items;
  std::vector<std::unique_ptr<BoundCteEntry>> ctes;
  std::vector<const CommonTableExpr*> future_ctes;

  ExpressionRole role = ExpressionRole::kNone;
  bool lateral_active = false;
  bool has_aggregates = false;
  bool has_windows = false;
  bool has_subqueries = false;
  bool has_set_functions = false;
  LastSet last_set;

  // WINDOW clause and OVER (…) of this level, in order; bound when the targets are.
  std::vector<const WindowDef*> window_definitions;
  // FOR UPDATE clauses of this level.
  std::vector<const LockingClause*> locking;
  bool locked_from_parent = false;

  // UPDATE, DELETE, INSERT, MERGE: the target.
  NameItem* target = nullptr;
  std::shared_ptr<const catalog::TableDescriptor> target_table;
  bool is_insert = false;

  // CHECK of a domain: what VALUE is.
  std::optional<SqlType> domain_value;

  // A caller that wants untyped literals kept as unknown (INSERT … SELECT).
  bool resolve_unknowns = true;

  const TypeFacts& types() const { return state.types; }
  const catalog::Catalog& catalog() const { return state.catalog; }
  NameItem* AddItem(std::unique_ptr<NameItem> item) {
    all_items.push_back(std::move(item));
    return all_items.back().get();
  }
};

// Sets a role for its lifetime.
class RoleGuard {
 public:
  RoleGuard(Scope& scope, ExpressionRole role) : scope_(scope), saved_(scope.role) {
    scope.role = role;
  }
  ~RoleGuard() { scope_.role = saved_; }

 private:
  Scope& scope_;
  ExpressionRole saved_;
};

// Runs `body`; an error it throws is placed at `location`, as PostgreSQL's parser callbacks do.
template <typename Body>
decltype(auto) AtLocation(int location, Body&& body) {
  try {
    return body();
  } catch (SqlError& error) {
    if (location >= 0) error.At(location);
    throw;
  }
}

}  // namespace sundog::binder
