// EXPLAIN: the physical plan for a reader; with ANALYZE it is run too.
#include "base/sql_error.h"
#include "planner/explain.h"
#include "session/engine/engine_session.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

namespace {

void CheckOptions(const binder::BoundExplain& explain) {
  if (explain.format == binder::ExplainFormat::kXml) {
    base::ThrowNotSupported("EXPLAIN (FORMAT XML)");
  }
  if (explain.format == binder::ExplainFormat::kYaml) {
    base::ThrowNotSupported("EXPLAIN (FORMAT YAML)");
  }
  if (explain.buffers) base::ThrowNotSupported("EXPLAIN (BUFFERS)");
  if (explain.wal) base::ThrowNotSupported("EXPLAIN (WAL)");
  if (explain.settings) base::ThrowNotSupported("EXPLAIN (SETTINGS)");
}

void Execute(UtilityRun& run, const std::shared_ptr<const QueryPlan>& plan,
             planner::PlanActuals& actuals) {
  LockTables(run, *plan);
  QueryExecution execution(plan);
  execution.context().actuals = &actuals;
  Execution::Context context;
  context.session = &run.session.context();
  context.transaction = &run.transaction;
  context.parameters = run.parameters;
  execution.Open(context);
  while (execution.Next() != nullptr) {
  }
  execution.Close();
}

double Milliseconds(int64_t from_us, int64_t to_us) {
  return static_cast<double>(to_us - from_us) / 1000;
}

}  // namespace

void RunExplain(UtilityRun& run) {
  auto& explain = run.statement.As<binder::BoundExplain>();
  CheckOptions(explain);
  bool json = explain.format == binder::ExplainFormat::kJson;
  if (explain.statement->kind == binder::StatementKind::kUtility) {
    run.lines.push_back(json ? "[\n  \"Utility Statement\"\n]" : "Utility Statement");
    return;
  }
  auto now = [&] { return run.engine.clock().MonotonicMicros(); };
  int64_t started_us = now();
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, run.catalog,
                                          *explain.statement);
  int64_t planned_us = now();
  planner::PlanActuals actuals;
  if (explain.analyze) Execute(run, plan, actuals);
  planner::ExplainOptions options;
  options.analyze = explain.analyze;
  options.verbose = explain.verbose;
  options.costs = explain.costs;
  options.timing = explain.timing;
  options.summary = explain.summary;
  if (explain.analyze) options.actuals = &actuals;
  options.planning_ms = Milliseconds(started_us, planned_us);
  options.execution_ms = Milliseconds(planned_us, now());
  options.deparse.catalog = run.catalog.get();
  options.deparse.path = &run.session.search_path();
  options.deparse.io = run.session.context().Io();
  options.deparse.io.types = run.catalog.get();
  if (json) {
    run.lines.push_back(planner::ExplainJson(plan->plan(), options));
  } else {
    run.lines = planner::ExplainText(plan->plan(), options);
  }
}

}  // namespace sundog::session
