// Calls of simple SQL functions become the expression that the function's one SELECT has, as in
// PostgreSQL's planner: then it is computed with the rest, and not once a row as a statement of its
// own.
//
// A function is simple if its body is SELECT expression, without FROM, subqueries, aggregates or
// sets; if it has neither its owner's rights nor settings; and if the expression is no more
// volatile than the function says. Of a strict function all must be strict that it consists of, and
// all arguments used. Recursive ones stay, polymorphic ones, and those of which a table of the
// statement has an index, which is found by the call.
#pragma once

#include "binder/bound_query.h"
#include "catalog/catalog.h"

namespace sundog::session {

class EngineSession;
class EngineTransaction;

// Before the statement is planned. What the expressions need is added to its privileges.
void InlineFunctions(EngineSession& session, EngineTransaction& transaction,
                     const catalog::CatalogPtr& catalog, binder::BoundStatement& statement);

}  // namespace sundog::session
