// DO and CALL.
#include "base/sql_error.h"
#include "catalog/required_privilege.h"
#include "catalog/sys_schema.h"
#include "exec/expression/evaluator.h"
#include "planner/plan.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

using plpgsql::Value;

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

namespace {

// The input arguments' values, or that of a whole call.
class Arguments {
 public:
  explicit Arguments(UtilityRun& run)
      : resources_(run.engine, run.session.tenant(), run.catalog),
        statistics_(run.engine.statistics(), run.engine.layouts(), run.session.tenant(),
                    run.catalog) {
    planner_.catalog = run.catalog.get();
    planner_.statistics = &statistics_;
    FillContext(execution_, run.session, run.transaction, resources_);
    if (run.parameters != nullptr) execution_.parameters = run.parameters->values;
  }

  Value Evaluate(binder::BoundExpressionPtr expression) {
    types::SqlType type = expression->type;
    int slots = 0;
    binder::BoundExpressionPtr planned =
        planner::PlanExpression(std::move(expression), planner_, &slots);
    execution_.outer_slots.assign(static_cast<size_t>(slots), types::Datum());
    exec::ScalarEvaluator evaluator(*planned, execution_);
    return Value::Of(type, execution_.KindOf(type), evaluator.Evaluate());
  }

 private:
  CatalogResources resources_;
  CatalogStatistics statistics_;
  planner::PlannerContext planner_;
  exec::ExecutionContext execution_;
};

}  // namespace

void RunCall(UtilityRun& run) {
  Arguments arguments(run);
  std::unique_ptr<binder::BoundFunction>& call = run.statement.As<binder::BoundCall>().call;
  const functions::ProcInfo& proc = *call->proc;
  if (proc.schema == catalog::kSysSchema) {
    run.row = {arguments.Evaluate(std::move(call))};
    return;
  }
  std::vector<Value> inputs;
  for (size_t i = 0; i < call->arguments.size(); ++i) {
    bool output = i < proc.argument_modes.size() && proc.argument_modes[i] == 'o';
    if (!output) inputs.push_back(arguments.Evaluate(std::move(call->arguments[i])));
  }
  std::vector<types::SqlType> types;
  std::vector<types::Datum> values;
  for (const Value& value : inputs) {
    types.push_back(value.type());
    values.push_back(value.datum());
  }
  run.row =
      run.session.user_functions().CallProcedure({proc, types, {proc.result_type, -1}, values});
}

}  // namespace sundog::session
