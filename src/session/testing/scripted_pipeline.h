// A pipeline for tests of session and pgwire: understands a tiny language instead of SQL.
//
//   SELECT <int>     one int4 column "n"; SELECT $1 echoes an int4 parameter
//   ROWS <n>         n rows of (k int4, name text)
//   INSERT <n>       counts n rows, writes
//   FAIL <sqlstate>  throws at run time, with a location
//   HANG             waits until cancelled
//   COPYIN, COPYOUT <n>, VACUUM
//   SYNTAX           does not parse
//   and BEGIN, COMMIT, ROLLBACK [TO x], SAVEPOINT x, RELEASE x, SET [LOCAL] n v, SHOW n,
//   DECLARE c <query>, FETCH <n> c, PREPARE p <query>, EXECUTE p, DEALLOCATE p, in upper case.
#pragma once

#include <atomic>
#include <sstream>
#include <string>

#include "runtime/event.h"
#include "runtime/interrupt.h"
#include "session/client.h"
#include "session/session_context.h"
#include "session/statement_pipeline.h"
#include "types/oids.h"

namespace sundog::session::testing {

struct ScriptCounters {
  std::atomic<int> begun = 0;
  std::atomic<int> committed = 0;
  std::atomic<int> rolled_back = 0;
  std::atomic<int> conflicts_to_come = 0;
  // Plans are current for as long as this number stays.
  std::atomic<int> definitions = 0;
  std::atomic<bool> conflicts_define = false;  // whoever wins has changed definitions
  std::atomic<int> stale_runs = 0;             // of plans that were not current
  std::atomic<int> runs = 0;
  std::atomic<int> hanging = 0;
  std::atomic<int64_t> copied_bytes = 0;
};

class ScriptedStatement : public ParsedStatement {
 public:
  std::string verb;
  std::string argument;
};

class ScriptedTransaction : public Transaction {
 public:
  explicit ScriptedTransaction(ScriptCounters& counters) : counters_(counters) {
    ++counters_.begun;
  }
  void ChangeOptions(const TransactionOptions&) override {}
  void BeginStatement() override {}
  void EndStatement() override {}
  void SetSavepoint(int depth) override { CHECK_EQ(depth, ++depth_); }
  void RollbackToSavepoint(int depth) override { depth_ = depth; }
  void ReleaseSavepoint(int depth) override { depth_ = depth - 1; }
  CommitReport Commit() override {
    if (counters_.conflicts_to_come > 0) {
      --counters_.conflicts_to_come;
      if (counters_.conflicts_define) ++counters_.definitions;
      return {CommitOutcome::kConflict, "", ""};
    }
    ++counters_.committed;
    return {};
  }
  void Rollback() override { ++counters_.rolled_back; }

 private:
  ScriptCounters& counters_;
  int depth_ = 0;
};

class ScriptedPlan : public PreparedPlan {
 public:
  std::unique_ptr<Execution> NewExecution() const override;
  bool IsCurrent(SessionContext&, Transaction&) const override {
    return made_for == counters->definitions;
  }
  std::string verb;
  std::string argument;
  ScriptCounters* counters = nullptr;
  int made_for = 0;
};

class ScriptedExecution : public Execution {
 public:
  explicit ScriptedExecution(const ScriptedPlan& plan) : plan_(plan), buffer_(KindsOf(plan)) {}

  void Open(const Context& context) override {
    context_ = context;
    sent_ = affected_ = 0;
    ++plan_.counters->runs;
    if (plan_.made_for != plan_.counters->definitions) ++plan_.counters->stale_runs;
    if (plan_.verb == "FAIL") {
      throw SqlError(base::SqlState(plan_.argument), "failed as asked").At(5);
    }
  }

  const types::Chunk* Next() override {
    runtime::CheckInterrupts();
    if (plan_.verb == "HANG") Hang();
    if (plan_.verb == "COPYIN") return CopyIn();
    if (plan_.verb == "COPYOUT") return CopyOut();
    if (!plan_.returns_rows) {
      if (plan_.verb == "INSERT") affected_ = std::stoll(plan_.argument);
      return nullptr;
    }
    int64_t total = plan_.verb == "ROWS" ? std::stoll(plan_.argument) : 1;
    if (sent_ >= total) return nullptr;
    size_t count = static_cast<size_t>(
        std::min<int64_t>(total - sent_, static_cast<int64_t>(types::kVectorSize)));
    buffer_.Reset();
    for (size_t row = 0; row < count; ++row) Fill(row, sent_ + static_cast<int64_t>(row) + 1);
    sent_ += static_cast<int64_t>(count);
    return &buffer_.Finish(count);
  }

  void Close() override {}
  int64_t rows_affected() const override { return affected_; }

 private:
  static std::vector<types::PhysicalKind> KindsOf(const PreparedPlan& plan) {
    std::vector<types::PhysicalKind> kinds;
    for (const ResultColumn& column : plan.columns) kinds.push_back(column.info->physical);
    return kinds;
  }

  void Fill(size_t row, int64_t k) {
    if (plan_.verb == "ROWS") {
      buffer_.column(0).Set<int32_t>(row, static_cast<int32_t>(k));
      buffer_.column(1).Set<std::string_view>(
          row, buffer_.column(1).CopyBytes("row " + std::to_string(k)));
    } else if (plan_.argument != "$1") {
      buffer_.column(0).Set<int32_t>(row, std::stoi(plan_.argument));
    } else if (context_.parameters->values[0].is_null()) {
      buffer_.column(0).SetNull(row);
    } else {
      buffer_.column(0).Set<int32_t>(row, context_.parameters->values[0].As<int32_t>());
    }
  }

  void Hang() {
    ++plan_.counters->hanging;
    runtime::OneShotEvent never;
    (void)never.WaitInterruptible();
    runtime::CheckInterrupts();
  }

  const types::Chunk* CopyIn() {
    context_.copy->BeginCopyIn(WireFormat::kText, 1);
    std::string_view data;
    while (context_.copy->ReadCopyData(data)) {
      plan_.counters->copied_bytes += static_cast<int64_t>(data.size());
      ++affected_;
    }
    return nullptr;
  }

  const types::Chunk* CopyOut() {
    context_.copy->BeginCopyOut(WireFormat::kText, 1);
    int64_t count = std::stoll(plan_.argument);
    for (; affected_ < count; ++affected_) context_.copy->WriteCopyData("line\n");
    return nullptr;
  }

  const ScriptedPlan& plan_;
  types::ChunkBuffer buffer_;
  Context context_;
  int64_t sent_ = 0;
  int64_t affected_ = 0;
};

inline std::unique_ptr<Execution> ScriptedPlan::NewExecution() const {
  return std::make_unique<ScriptedExecution>(*this);
}

class ScriptedPipeline : public StatementPipeline {
 public:
  ScriptCounters counters;

  std::vector<std::unique_ptr<ParsedStatement>> Parse(std::string_view sql) override {
    std::vector<std::unique_ptr<ParsedStatement>> statements;
    size_t at = 0;
    while (at < sql.size()) {
      size_t end = std::min(sql.find(';', at), sql.size());
      if (auto parsed = ParseOne(std::string(sql.substr(at, end - at)))) {
        parsed->location = static_cast<int>(at);
        parsed->length = static_cast<int>(end - at);
        statements.push_back(std::move(parsed));
      }
      at = end + 1;
    }
    return statements;
  }

  std::shared_ptr<const PreparedPlan> Prepare(const ParsedStatement& statement, std::string_view,
                                              std::span<const types::Oid>, SessionContext&,
                                              Transaction&) override {
    const auto& scripted = static_cast<const ScriptedStatement&>(statement);
    auto plan = std::make_shared<ScriptedPlan>();
    plan->verb = scripted.verb;
    plan->argument = scripted.argument;
    plan->counters = &counters;
    plan->made_for = counters.definitions;
    plan->may_retry = true;
    plan->command_tag = "SELECT";
    plan->count_tag = CountTag::kCount;
    if (scripted.verb == "SELECT") {
      AddColumn(*plan, "n", types::oids::kInt4);
      if (scripted.argument == "$1") plan->parameter_types = {types::oids::kInt4};
    } else if (scripted.verb == "ROWS") {
      AddColumn(*plan, "k", types::oids::kInt4);
      AddColumn(*plan, "name", types::oids::kText);
    } else if (scripted.verb == "INSERT") {
      plan->command_tag = "INSERT";
      plan->count_tag = CountTag::kInsert;
      plan->writes = true;
    } else if (scripted.verb == "COPYIN" || scripted.verb == "COPYOUT") {
      plan->command_tag = "COPY";
      plan->copy = scripted.verb == "COPYIN" ? CopyDirection::kIn : CopyDirection::kOut;
      plan->may_retry = false;
    } else if (scripted.verb == "VACUUM") {
      plan->command_tag = "VACUUM";
      plan->count_tag = CountTag::kNone;
      plan->needs_own_transaction = true;
    } else if (scripted.verb != "FAIL" && scripted.verb != "HANG") {
      throw SqlError(sqlstate::kUndefinedTable, "no such verb").At(statement.location);
    }
    return plan;
  }

  std::vector<types::Oid> DeclaredTypes(const ParsedStatement&, SessionContext&,
                                        Transaction&) override {
    return {};
  }

  void EvaluateArguments(const ParsedStatement& statement, std::string_view,
                         std::span<const types::Oid>, SessionContext&, Transaction&, base::Arena&,
                         ParameterValues& to) override {
    const auto& scripted = static_cast<const ScriptedStatement&>(statement);
    to.types.push_back({types::oids::kInt4, -1});
    to.values.push_back(types::Datum::From<int32_t>(std::stoi(scripted.argument)));
  }

  const types::TypeInfo* FindType(types::Oid oid, SessionContext&) override {
    return types::BuiltinTypes::Get().FindType(oid);
  }

  void Discard(DiscardTarget, SessionContext&, Transaction&) override {}

  std::unique_ptr<Transaction> Begin(const TransactionOptions&, SessionContext&) override {
    return std::make_unique<ScriptedTransaction>(counters);
  }

 private:
  static void AddColumn(PreparedPlan& plan, std::string name, types::Oid type) {
    ResultColumn column;
    column.name = std::move(name);
    column.type = {type, -1};
    column.info = types::BuiltinTypes::Get().FindType(type);
    plan.columns.push_back(std::move(column));
    plan.returns_rows = true;
  }

  static std::string Rest(std::istringstream& words) {
    std::string rest;
    std::getline(words >> std::ws, rest);
    return rest;
  }

  std::unique_ptr<ScriptedStatement> ParseOne(const std::string& text) {
    std::istringstream words(text);
    auto made = std::make_unique<ScriptedStatement>();
    if (!(words >> made->verb)) return nullptr;
    const std::string& verb = made->verb;
    auto word = [&] {
      std::string next;
      words >> next;
      return next;
    };
    if (verb == "SYNTAX") throw SqlError(sqlstate::kSyntaxError, "syntax error").At(0);
    if (verb == "BEGIN") made->command = BeginCommand{};
    if (verb == "COMMIT") made->command = CommitCommand{};
    if (verb == "SAVEPOINT") made->command = SavepointCommand{word()};
    if (verb == "RELEASE") made->command = ReleaseCommand{word()};
    if (verb == "SHOW") made->command = ShowCommand{word()};
    if (verb == "DEALLOCATE") made->command = DeallocateCommand{word()};
    if (verb == "ROLLBACK") {
      if (word() == "TO") {
        made->command = RollbackToCommand{word()};
      } else {
        made->command = RollbackCommand{};
      }
    }
    if (verb == "SET") {
      SetCommand set;
      set.name = word();
      set.is_local = set.name == "LOCAL";
      if (set.is_local) set.name = word();
      set.value = Rest(words);
      made->command = set;
    }
    if (verb == "PREPARE") {
      made->command = PrepareCommand{word()};
      made->inner = ParseOne(Rest(words));
    }
    if (verb == "EXECUTE") {
      ExecuteCommand execute{word(), 0};
      made->argument = Rest(words);
      execute.argument_count = made->argument.empty() ? 0 : 1;
      made->command = execute;
    }
    if (verb == "DECLARE") {
      DeclareCursorCommand declare;
      declare.name = word();
      declare.scroll = declare.name.starts_with("scroll");
      declare.with_hold = declare.name.starts_with("hold");
      made->command = declare;
      made->inner = ParseOne(Rest(words));
    }
    if (verb == "FETCH") {
      FetchCommand fetch;
      fetch.count = std::stoll(word());
      fetch.name = word();
      made->command = fetch;
    }
    if (std::holds_alternative<std::monostate>(made->command)) made->argument = Rest(words);
    return made;
  }
};

}  // namespace sundog::session::testing
