// EXPLAIN: the physical plan as text; with ANALYZE it is run too.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "planner/explain.h"
#include "session/engine/utility_plan.h"

namespace sundog::session {

void RunExplain(UtilityRun& run) {
  auto& explain = run.statement.As<binder::BoundExplain>();
  if (explain.format != binder::ExplainFormat::kText) {
    base::ThrowNotSupported("EXPLAIN with a format other than TEXT");
  }
  if (explain.statement->kind == binder::StatementKind::kUtility) {
    run.lines.push_back("Utility Statement");
    return;
  }
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, run.catalog,
                                          *explain.statement);
  int64_t rows = 0;
  int64_t started_us = run.engine.clock().MonotonicMicros();
  if (explain.analyze) {
    LockTables(run, *plan);
    QueryExecution execution(plan);
    Execution::Context context;
    context.session = &run.session.context();
    context.transaction = &run.transaction;
    context.parameters = run.parameters;
    execution.Open(context);
    while (const types::Chunk* chunk = execution.Next()) {
      rows += static_cast<int64_t>(chunk->row_count());
    }
    execution.Close();
  }
  int64_t took_us = run.engine.clock().MonotonicMicros() - started_us;
  run.lines = planner::ExplainPlan(plan->plan(), explain.costs);
  if (!explain.analyze) return;
  run.lines.push_back(fmt::format("Rows Returned: {}", rows));
  if (explain.timing) {
    run.lines.push_back(
        fmt::format("Execution Time: {:.3f} ms", static_cast<double>(took_us) / 1000));
  }
}

}  // namespace sundog::session
