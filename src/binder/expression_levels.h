// Where the columns and aggregates inside an expression belong: PostgreSQL's contain_vars_of_level
// and kin. Depths count query levels from the outside (scope.h).
#pragma once

#include <functional>

#include "binder/scope.h"

namespace sundog::binder {

// Visits the expression and all below it, subqueries included, with the number of query levels
// between it and the outermost expression (0: not inside a subquery). The visitor returns false to
// leave out what is below.
using LevelVisitor = std::function<bool(const BoundExpression& expression, int level)>;
void VisitLevels(const BoundExpression& expression, const LevelVisitor& visit, int level = 0);
void VisitLevels(const BoundQuery& query, const LevelVisitor& visit, int level);

bool HasColumnsOfDepth(const BindState& state, const BoundExpression& expression, int depth);
// -1 if there is none.
int LocateColumnOfDepth(const BindState& state, const BoundExpression& expression, int depth);
// The location of an aggregate of the query in which the expression stands; -2 if there is none.
int LocateAggregate(const BoundExpression& expression, int level = 0);
int LocateWindow(const BoundExpression& expression);

}  // namespace sundog::binder
