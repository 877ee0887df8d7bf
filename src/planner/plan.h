// The planner's door: a bound statement in, a physical plan out.
#pragma once

#include <memory>

#include "binder/bound_query.h"
#include "planner/physical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

// Consumes the statement, which must be a query, INSERT, UPDATE or DELETE.
std::shared_ptr<const PhysicalPlan> PlanStatement(binder::BoundStatement& statement,
                                                  const PlannerContext& context);

}  // namespace sundog::planner
