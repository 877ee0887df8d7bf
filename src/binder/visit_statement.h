// A walk over all expressions of a statement.
#pragma once

#include <functional>

#include "binder/bound_query.h"

namespace sundog::binder {

// Every node of every expression, subqueries and WITH included, parents first; not those of the
// rules of tables that are changed, nor of utility statements.
void VisitExpressions(BoundStatement& statement,
                      const std::function<void(BoundExpressionPtr&)>& visit);

}  // namespace sundog::binder
