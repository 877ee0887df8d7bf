// Questions about bound expressions that several rules ask.
#pragma once

#include <set>

#include "planner/logical.h"

namespace sundog::planner {

// a AND (b AND true) → a, b, appended.
void SplitConjuncts(BoundExpressionPtr condition, BoundExpressions& conjuncts);

// The constant.
bool IsTrue(const binder::BoundExpression& condition);

// Their conjunction; null for none.
BoundExpressionPtr JoinConjuncts(BoundExpressions conjuncts);

// The expression's columns, those in its subqueries included.
void CollectColumns(const binder::BoundExpression& expression, std::set<ColumnId>& columns);
void CollectColumns(const binder::BoundQuery& query, std::set<ColumnId>& columns);
std::set<RelationId> RelationsOf(const binder::BoundExpression& expression);

// The relations that the query itself brings in, at any depth: references to others are correlated.
std::set<RelationId> DefinedRelations(const binder::BoundQuery& query);
bool IsCorrelated(const binder::BoundQuery& query);

// Not counting those with one value for the whole statement: uncorrelated scalars and EXISTS.
bool ContainsSubquery(const binder::BoundExpression& expression);
bool ContainsAggregate(const binder::BoundExpression& expression);
bool IsVolatile(const binder::BoundExpression& expression);
// Whether it can tell nobody, by errors or side effects, what is in the columns that it reads.
bool IsLeakproof(const binder::BoundExpression& expression);

// True if a null in any of the relation's columns makes the condition not true, whatever the rest.
bool RejectsNulls(const binder::BoundExpression& condition, const std::set<RelationId>& relations);

}  // namespace sundog::planner
