// The order in which a query's windows are computed. Rows leave in the last window's order, so it
// can be seen where a query has no ORDER BY of its own.
#pragma once

#include <memory>
#include <vector>

#include "binder/bound_query.h"
#include "planner/logical.h"

namespace sundog::planner {

// As PostgreSQL puts them: windows that share a prefix of partition and sort keys side by side, the
// longer ones first, so that a sort serves several. `input` is the plan below the windows.
void OrderWindows(const binder::BoundQuery& query, const LogicalNode& input,
                  std::vector<std::unique_ptr<LogicalWindow>>& windows);

}  // namespace sundog::planner
