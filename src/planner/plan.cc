#include "planner/plan.h"

#include "base/check.h"
#include "planner/logical_builder.h"
#include "planner/physical_builder.h"

namespace sundog::planner {

std::shared_ptr<const PhysicalPlan> PlanStatement(binder::BoundStatement& statement,
                                                  const PlannerContext& context) {
  auto plan = std::make_shared<PhysicalPlan>();
  plan->parameter_types = statement.parameter_types;
  LogicalBuilder logical(context);
  RelationId output = logical.FreshRelation();
  LogicalPtr root;
  int visible = 0;
  if (statement.kind == binder::StatementKind::kQuery) {
    binder::BoundQuery& query = *statement.As<binder::BoundQueryStatement>().query;
    visible = query.visible_target_count();
    root = logical.BuildQuery(query, output);
  } else {
    CHECK(statement.kind == binder::StatementKind::kInsert ||
          statement.kind == binder::StatementKind::kUpdate ||
          statement.kind == binder::StatementKind::kDelete);
    auto& modify = statement.As<binder::BoundModify>();
    visible = static_cast<int>(modify.returning.size());
    root = logical.BuildModify(modify, output);
  }
  Required required;
  for (int i = 0; i < visible; ++i) required.insert({output, i});
  PhysicalBuilder physical(context, logical);
  PhysicalBuilder::Built built = physical.Build(*root, required);
  plan->root = built.node;
  for (int i = 0; i < visible; ++i) {
    plan->output.push_back(built.layout.SlotOf({output, i}));
    CHECK_GE(plan->output.back(), 0);
  }
  plan->outer_slot_count = physical.outer_slot_count();
  return plan;
}

std::shared_ptr<const PhysicalTableRules> PlanTableRules(
    std::shared_ptr<const catalog::TableDescriptor> table, binder::BoundTableRules& rules,
    const PlannerContext& context) {
  LogicalBuilder logical(context);
  return PhysicalBuilder(context, logical).ResolveRules(std::move(table), rules);
}

binder::BoundExpressionPtr PlanExpression(binder::BoundExpressionPtr expression,
                                          const PlannerContext& context, int* outer_slot_count) {
  LogicalBuilder logical(context);
  PhysicalBuilder physical(context, logical);
  expression = physical.ResolveScalar(std::move(expression));
  *outer_slot_count = physical.outer_slot_count();
  return expression;
}

}  // namespace sundog::planner
