// What the last statement of a SQL function gives, made to fit the function's result. Follows
// PostgreSQL's check_sql_fn_retval.
#pragma once

#include "binder/scope.h"

namespace sundog::binder {

// Makes the statement give `result`. Throws 42P13 `return type mismatch in function declared to
// return …`.
void CoerceFunctionResult(Scope& scope, BoundStatement& statement, FunctionResult& result);

}  // namespace sundog::binder
