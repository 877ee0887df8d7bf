// Row-level security: what a table's policies add to a statement, as PostgreSQL's rewriter does it.
#pragma once

#include "binder/bound_query.h"
#include "binder/scope.h"

namespace sundog::binder {

// Whether policies decide over the rows of `table` that the statement reads here as itself or as a
// view's owner. 42501 if row_security is off and they would.
bool HasPolicies(const BindState& state, const catalog::TableDescriptor& table);

// What rows of `relation`, a table in FROM, have to meet; `locked`: by FOR UPDATE and the like.
BoundExpressions BindVisibleRows(BindState& state, const catalog::TableDescriptor& table,
                                 RelationId relation, bool locked);
// Of INSERT, UPDATE and DELETE, when the rest is bound.
void BindRowSecurity(BindState& state, BoundModify& statement);

}  // namespace sundog::binder
