// SELECT, VALUES and set operations.
#pragma once

#include <memory>
#include <vector>

#include "binder/bind_expression.h"

namespace sundog::binder {

// A query in a query: a scope of its own under `parent`.
std::unique_ptr<BoundQuery> BindSubquery(Scope& parent, const Node* select, bool locked,
                                         bool resolve_unknowns);
// In a scope made by the caller (top level, CTEs, INSERT's source).
std::unique_ptr<BoundQuery> BindSelect(Scope& scope, const SelectStmt* select);
// The query of a recursive CTE: after the non-recursive term is bound, `on_left` is called with it.
using LeftBound = std::function<void(BoundQuery& left)>;
std::unique_ptr<BoundQuery> BindSetOperation(Scope& scope, const SelectStmt* select,
                                             const LeftBound& on_left);
std::unique_ptr<BoundQuery> BindValues(Scope& scope, const SelectStmt* select);

// SELECT's or RETURNING's list, stars expanded.
std::vector<BoundTarget> BindTargets(Scope& scope, const List* list, ExpressionRole role);
void ResolveUnknownTargets(BindState& state, std::vector<BoundTarget>& targets);

// ORDER BY over the query's targets; LIMIT, OFFSET and FETCH FIRST.
void BindOrderBy(Scope& scope, const List* order_by, BoundQuery& query, int visible_count);
void BindLimits(Scope& scope, const SelectStmt* select, BoundQuery& query);

// GROUP BY with grouping sets; keeps group_by and grouping_sets of the query.
void BindGroupBy(Scope& scope, const SelectStmt* select, BoundQuery& query, int visible_count);
void BindDistinct(Scope& scope, const SelectStmt* select, BoundQuery& query, int visible_count);
// 42803 for columns that are neither grouped nor aggregated; finishes GROUPING() calls.
void CheckGrouping(Scope& scope, BoundQuery& query);

// FOR UPDATE and its kin.
void BindLocking(Scope& scope, const SelectStmt* select, BoundQuery& query);
std::string_view LockName(LockClauseStrength strength);

// WITH: adds the entries to the scope and their queries to `ctes`.
void BindWith(Scope& scope, const WithClause* with, std::vector<BoundCte>& ctes);

}  // namespace sundog::binder
