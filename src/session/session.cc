#include "session/session.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/error_position.h"
#include "types/utf8.h"

namespace sundog::session {

namespace {

// Whether client_min_messages lets a notice of this severity through; INFO always comes through.
bool WantsNotice(std::string_view least, base::Severity severity) {
  using base::Severity;
  if (severity == Severity::kDebug) return least.starts_with("debug");
  if (severity == Severity::kLog) return least.starts_with("debug") || least == "log";
  if (severity == Severity::kNotice) return least != "warning" && least != "error";
  if (severity == Severity::kWarning) return least != "error";
  return true;
}

// A query message brings no parameters: while it is planned, $1 is unknown where it stands.
class FixedParameters {
 public:
  explicit FixedParameters(SessionContext& context) : context_(context) {
    context_.infer_parameters = false;
  }
  ~FixedParameters() { context_.infer_parameters = true; }
  FixedParameters(const FixedParameters&) = delete;
  FixedParameters& operator=(const FixedParameters&) = delete;

 private:
  SessionContext& context_;
};

}  // namespace

namespace {

// A statement that lost so often has rivals that never pause; the client may decide.
constexpr int kMostRetries = 16;

// What may still be said in a failed transaction block.
bool EndsFailedBlock(const SessionCommand& command) {
  return std::holds_alternative<CommitCommand>(command) ||
         std::holds_alternative<RollbackCommand>(command) ||
         std::holds_alternative<RollbackToCommand>(command);
}

}  // namespace

Session::Session(StatementPipeline& pipeline, Client& client, SessionIdentity identity,
                 base::Clock& clock)
    : pipeline_(pipeline),
      client_(client),
      context_(std::move(identity), clock),
      block_(pipeline, context_) {
  if (context_.identity().profile == Profile::kDsql) SetDsqlDefaults();
  context_.transaction_block = &block_;
  context_.objects = this;
  context_.SetNoticeSink([this](const base::ErrorFields& fields) {
    if (WantsNotice(context_.settings().Get("client_min_messages"), fields.severity)) {
      client_.Notice(fields, 0);
    }
  });
  timeout_.callback = [this] {
    context_.cancel_token().Cancel(runtime::CancelReason::kStatementTimeout);
  };
}

Session::~Session() {
  DisarmTimeout();
  EndPortals(false);
  portals_.clear();
  block_.Abandon();
}

// What Aurora DSQL's sessions begin with.
void Session::SetDsqlDefaults() {
  SessionSettings& settings = context_.settings();
  settings.SetDefault("default_transaction_isolation", "repeatable read");
  settings.SetDefault("sundog.statement_memory", "128MB");
  settings.Force("server_version", "16.15");
  settings.Force("server_version_num", "160015");
}

void Session::Start() {
  context_.settings().StartReporting();
  pipeline_.Attach(context_);
  CheckInitialRole();
  ApplyStoredSettings();
  BecomeReady();
}

// The client may have asked for one with its start-up options.
void Session::CheckInitialRole() {
  const std::string& role = context_.settings().Get("role");
  if (context_.engine == nullptr || role == "none") return;
  block_.EnterStatement(false);
  context_.engine->CheckSetRole(role);
  CommitReport report = FinishImplicit();
  if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
}

// What has become invalid since it was stored is said, and left out.
void Session::ApplyStoredSettings() {
  if (context_.engine == nullptr) return;
  for (const std::string& setting : context_.engine->StoredSettings()) {
    size_t equals = setting.find('=');
    std::string name = setting.substr(0, equals);
    try {
      context_.settings().SetStored(name, setting.substr(equals + 1));
      if (name == "role") CheckInitialRole();
    } catch (const SqlError& error) {
      if (name == "role") context_.settings().SetDefault(name, "none");
      base::ErrorFields fields = error.fields();
      fields.severity = base::Severity::kWarning;
      context_.Notice(fields);
    }
  }
}

void Session::BecomeReady() {
  // After FATAL nothing follows but the connection's end.
  if (must_close_) return;
  ReportSettings();
  context_.BecomeIdle(status());
  client_.ReadyForQuery(status());
}

void Session::ReportSettings() {
  context_.settings().Report([this](const std::string& name, const std::string& value) {
    client_.ParameterStatus(name, value);
  });
}

void Session::ArmTimeout() {
  int64_t timeout_ms = context_.statement_settings().statement_timeout_ms;
  runtime::Reactor* reactor = runtime::Reactor::Current();
  if (timeout_ms <= 0 || reactor == nullptr || timeout_.armed()) return;
  timeout_reactor_ = reactor;
  reactor->Arm(timeout_, base::SystemClock().MonotonicMicros() + timeout_ms * 1000);
}

void Session::DisarmTimeout() {
  if (timeout_.armed()) timeout_reactor_->Disarm(timeout_);
}

void Session::Fail(const SqlError& error) {
  Guard({}, [&] { throw error; });
}

void Session::HandleError(const SqlError& error, std::string_view sql) {
  DisarmTimeout();
  ForgetRetry();
  // Whatever cancelled the statement has had its effect.
  context_.cancel_token().Reset();
  SendError(error, sql);
  try {
    runtime::UninterruptibleScope no_cancel;
    if (block_.state() == TransactionBlock::State::kExplicit) {
      DropPortalsAtDepth(block_.savepoint_depth());
    } else if (block_.state() != TransactionBlock::State::kFailed) {
      EndPortals(false);
    }
    simple_portal_.Reset();
    block_.Fail();
  } catch (const SqlError& second) {
    SendError(second, {});
    block_.Abandon();
  }
}

void Session::SendError(const SqlError& error, std::string_view sql) {
  const base::ErrorFields& fields = error.fields();
  if (fields.severity == base::Severity::kFatal) must_close_ = true;
  client_.Error(fields, CharacterPosition(sql, fields.location));
}

void Session::RequireNotFailed(const SessionCommand& command) const {
  if (!block_.failed() || EndsFailedBlock(command)) return;
  throw SqlError(sqlstate::kInFailedSqlTransaction,
                 "current transaction is aborted, commands ignored until end of transaction block");
}

void Session::RequireMayRun(const PreparedPlan& plan) {
  if (plan.needs_own_transaction) block_.RequireNoBlock(plan.command_tag);
  if (plan.needs_block) block_.RequireBlock(plan.command_tag);
  if (plan.writes && !plan.writes_only_temporary) context_.RequireMayWrite(plan.command_tag);
  if (plan.effect != Effect::kNone) block_.Count(plan.effect);
}

void Session::Query(std::string_view sql) {
  context_.cancel_token().Reset();
  context_.StartStatement(sql);
  ArmTimeout();
  int64_t began_us = context_.clock().MonotonicMicros();
  bool ended = Guard(sql, [&] {
    types::ValidateUtf8(sql);
    // As PostgreSQL: a simple query does away with the unnamed statement and portal.
    unnamed_statement_.reset();
    DropPortal("");
    StatementText text;
    bool may_keep = pipeline_.statement_cache() != nullptr && !block_.failed() && text.Read(sql);
    if (may_keep && RunCached(sql, text)) return;
    auto statements = pipeline_.Parse(sql);
    if (statements.empty()) client_.EmptyQuery();
    may_keep &= statements.size() == 1;
    for (size_t i = 0; i < statements.size(); ++i) {
      RunSimple(*statements[i], sql, i + 1 < statements.size(), may_keep ? &text : nullptr);
    }
    // A block that a COMMIT in the middle left implicit.
    CommitReport report = FinishImplicit();
    if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
  });
  DisarmTimeout();
  NoteStatement(sql, began_us, ended);
  BecomeReady();
}

void Session::NoteStatement(std::string_view sql, int64_t began_us, bool ended) {
  pipeline_.NoteStatement(context_, sql, context_.clock().MonotonicMicros() - began_us, !ended);
}

void Session::RunSimple(ParsedStatement& statement, std::string_view sql, bool has_more,
                        const StatementText* text) {
  RequireNotFailed(statement.command);
  pipeline_.Admit(statement, context_);
  // A statement of several keeps the implicit transaction open for the next one.
  bool part_of_many = has_more || block_.state() == TransactionBlock::State::kImplicit;
  if (std::holds_alternative<std::monostate>(statement.command)) {
    RunSimplePlan(statement, sql, part_of_many, text);
    return;
  }
  block_.EnterStatement(part_of_many);
  std::string tag = RunCommand(statement, sql, {}, true);
  if (!has_more) {
    CommitReport report = FinishImplicit();
    if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
  }
  client_.CommandComplete(tag);
}

void Session::RunSimplePlan(const ParsedStatement& statement, std::string_view sql,
                            bool has_more, const StatementText* text) {
  std::string tag;
  bool may_retry = true;
  auto run = [&] {
    block_.EnterStatement(has_more);
    simple_portal_.Reset();
    TransactionBlock::StatementScope scope(block_);
    auto prepared = std::make_shared<PreparedStatement>();
    FixedParameters fixed(context_);
    prepared->plan = pipeline_.Prepare(statement, sql, {}, context_, block_.Ensure());
    if (text != nullptr) KeepPlan(sql, *text, prepared->plan);
    may_retry = prepared->plan->may_retry;
    simple_portal_.plan = prepared->plan;
    simple_portal_.statement = std::move(prepared);
    tag = SendSimplePortal();
  };
  if (has_more || block_.in_block()) {
    run();
  } else {
    RunRetrying(client_.Mark(), may_retry, false, run);
  }
  client_.CommandComplete(tag);
}

// An error before anything else was answered takes the description back: PostgreSQL's planner finds
// most errors in constants before it describes.
std::string Session::DescribeAndRun(Portal& portal) {
  RequireMayRun(*portal.plan);
  if (!portal.plan->returns_rows) return PlanTag(portal, RunPortal(portal, 0));
  uint64_t before = client_.Mark();
  client_.RowDescription(portal.plan->columns, portal.formats);
  uint64_t described = client_.Mark();
  try {
    return PlanTag(portal, RunPortal(portal, 0));
  } catch (const SqlError&) {
    // It has not been sent, unless there is nothing to take back.
    static_cast<void>(client_.Mark() == described && client_.Rewind(before));
    throw;
  }
}

std::string Session::SendSimplePortal() {
  std::string tag = DescribeAndRun(simple_portal_);
  simple_portal_.Reset();
  return tag;
}

bool Session::MayRunAgain(uint64_t mark, int attempt, bool lost_to_job) {
  // DSQL's programs are to meet the conflicts that they will meet there.
  if (context_.identity().profile == Profile::kDsql && !lost_to_job) return false;
  // Jobs come to an end: they are always given way.
  if (!lost_to_job && attempt >= kMostRetries) return false;
  if (!client_.Rewind(mark)) return false;
  // Rivals on this reactor get ahead, so that not everyone collides again.
  for (int i = 0; i < attempt; ++i) runtime::Yield();
  runtime::CheckInterrupts();
  return true;
}

CommitReport Session::FinishImplicit() {
  if (block_.state() != TransactionBlock::State::kImplicit) return {};
  EndPortals(true);
  return block_.CommitImplicit();
}

}  // namespace sundog::session
