// An engine on a store in memory, and statements in it without a client, for tests.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/sql_error.h"
#include "kv/memory/memory_store.h"
#include "session/engine/job_session.h"

namespace sundog::session {

class EngineFixture {
 protected:
  static constexpr uint32_t kTenant = 7;

  explicit EngineFixture(Profile profile, base::Clock& clock = base::SystemClock(),
                         int64_t dsql_cluster_bytes = kDefaultClusterBytes)
      : profile_(profile), engine_(*store_, clock, "", Verifier, dsql_cluster_bytes) {}

  // The last row's first column, as text.
  std::string RunIn(EngineTransaction& transaction, JobSession& session, const std::string& sql) {
    SessionContext& context = session.session().context();
    auto statements = engine_.Parse(sql);
    auto plan = engine_.Prepare(*statements[0], sql, {}, context, transaction);
    auto execution = plan->NewExecution();
    Execution::Context run;
    run.session = &context;
    run.transaction = &transaction;
    execution->Open(run);
    std::string last;
    while (const types::Chunk* rows = execution->Next()) {
      size_t row = rows->rows[rows->row_count() - 1];
      last.clear();
      types::OutputText(context.Io(), *plan->columns[0].info, rows->column(0).DatumAt(row), last);
    }
    execution->Close();
    return last;
  }
  std::string Run(const std::string& sql) {
    JobSession session(engine_, kTenant, profile_);
    std::string answer;
    session.Transact(
        [&](EngineTransaction& transaction) { answer = RunIn(transaction, session, sql); });
    return answer;
  }
  // "54000 text", or "" without an error.
  std::string Refusal(const std::string& sql) {
    try {
      Run(sql);
      return "";
    } catch (const SqlError& error) {
      return Describe(error);
    }
  }
  static std::string Describe(const SqlError& error) {
    return std::string(error.state().code()) + " " + error.fields().message;
  }

  const Profile profile_;
  std::unique_ptr<kv::Store> store_ = kv::OpenMemoryStore();
  Engine engine_;

 private:
  static std::string Verifier(const std::string& password) { return password; }
};

}  // namespace sundog::session
