// Utility statements: those that are neither queries nor data changes and not the session's own.
//
// To add one: a runner in a file of its concern (copy.cc, explain.cc, …) and a line in the table of
// utility_plan.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "binder/bound_utility.h"
#include "session/engine/engine.h"
#include "session/engine/engine_session.h"
#include "session/engine/engine_transaction.h"
#include "session/engine/query_plan.h"
#include "session/plpgsql/value.h"

namespace sundog::session {

// One run of a utility statement. Rows, if it returns any, are of the plan's columns.
struct UtilityRun {
  Engine& engine;
  EngineSession& session;
  EngineTransaction& transaction;
  catalog::CatalogPtr catalog;
  const EngineStatement& parsed;
  binder::BoundUtility& statement;
  const ParameterValues* parameters = nullptr;
  CopyChannel* copy = nullptr;
  int64_t rows_affected = 0;
  // The result, a text column a line, where the statement returns one.
  std::vector<std::string> lines;
  // CALL's: a value a column.
  std::vector<plpgsql::Value> row;
};

std::shared_ptr<PreparedPlan> MakeUtilityPlan(EngineSession& session,
                                              EngineTransaction& transaction,
                                              const catalog::CatalogPtr& catalog,
                                              const EngineStatement& parsed,
                                              binder::BoundStatementPtr bound);

// Before a plan that a run made is run: locks its tables, and lets the run start over if one of
// them has changed.
void LockTables(UtilityRun& run, const QueryPlan& plan);

// The runners.
void RunCopy(UtilityRun& run);        // copy.cc
void RunExplain(UtilityRun& run);     // explain.cc
void RunTruncate(UtilityRun& run);    // maintenance.cc
void RunLock(UtilityRun& run);
void RunSetConstraints(UtilityRun& run);
void RunVacuum(UtilityRun& run);
void RunDdl(UtilityRun& run);         // ddl.cc
void RunDo(UtilityRun& run);          // procedure.cc
void RunCall(UtilityRun& run);

}  // namespace sundog::session
