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

// The rules of a table that a cascade reaches. Consumes them.
std::shared_ptr<const PhysicalTableRules> PlanTableRules(
    std::shared_ptr<const catalog::TableDescriptor> table, binder::BoundTableRules& rules,
    const PlannerContext& context);

// An expression over nothing but parameters (a default, an EXECUTE argument). Consumes it.
binder::BoundExpressionPtr PlanExpression(binder::BoundExpressionPtr expression,
                                          const PlannerContext& context, int* outer_slot_count);

}  // namespace sundog::planner
