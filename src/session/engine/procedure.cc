// DO, and CALL of the procedures that are built in.
#include "base/sql_error.h"
#include "catalog/required_privilege.h"
#include "exec/expression/evaluator.h"
#include "planner/plan.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

void RunDo(UtilityRun& run) {
  const auto& block = static_cast<const binder::BoundDo&>(run.statement);
  catalog::CheckMayUseLanguage(*run.catalog, block.language, run.session.current_role());
  if (block.language == "plpgsql") {
    run.session.user_functions().RunBlock(block.body);
    return;
  }
  if (block.language == "sql") {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "language \"sql\" does not support inline code execution");
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 "language \"" + block.language + "\" does not exist");
}

void RunCall(UtilityRun& run) {
  CatalogStatistics statistics(run.engine.statistics(), run.engine.layouts(),
                               run.session.tenant(), run.catalog);
  planner::PlannerContext planner;
  planner.catalog = run.catalog.get();
  planner.statistics = &statistics;
  CatalogResources resources(run.engine, run.session.tenant(), run.catalog);
  exec::ExecutionContext execution;
  FillContext(execution, run.session, run.transaction, resources);
  if (run.parameters != nullptr) execution.parameters = run.parameters->values;
  int slots = 0;
  binder::BoundExpressionPtr call = planner::PlanExpression(
      std::move(run.statement.As<binder::BoundCall>().call), planner, &slots);
  execution.outer_slots.resize(slots);
  exec::ScalarEvaluator evaluator(*call, execution);
  types::Datum answer = evaluator.Evaluate();
  run.answer = !answer.is_null() && answer.As<bool>();
}

}  // namespace sundog::session
