// The extended protocol's messages: Parse, Bind, Describe, Execute, Close, Sync.
#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/session.h"
#include "types/utf8.h"

namespace sundog::session {

namespace {

bool SameColumns(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].type != b[i].type || a[i].name != b[i].name) return false;
  }
  return true;
}

// None for a statement with a plan.
const SessionCommand& CommandOf(const PreparedStatement& statement) {
  static const SessionCommand none;
  return statement.parsed != nullptr ? statement.parsed->command : none;
}

WireFormat FormatOf(std::span<const WireFormat> formats, size_t index) {
  if (formats.empty()) return WireFormat::kText;
  return formats.size() == 1 ? formats[0] : formats[index];
}

types::Datum DecodeOne(const types::IoContext& io, const types::TypeInfo& info, WireFormat format,
                       std::string_view bytes, base::Arena& arena) {
  if (bytes.data() == nullptr) return types::Datum();
  if (format == WireFormat::kText) {
    types::ValidateUtf8(bytes);
    return types::InputText(io, {info.oid, -1}, bytes, arena);
  }
  types::RequireReceive(*io.types, info);
  return info.ops->receive(io, info, bytes, -1, arena);
}

}  // namespace

std::shared_ptr<PreparedStatement> Session::FindStatement(std::string_view name) {
  if (name.empty()) {
    if (unnamed_statement_ != nullptr) return unnamed_statement_;
    throw SqlError(sqlstate::kUndefinedPstatement, "unnamed prepared statement does not exist");
  }
  if (auto found = statements_.find(name); found != statements_.end()) return found->second;
  throw SqlError(sqlstate::kUndefinedPstatement,
                 fmt::format("prepared statement \"{}\" does not exist", name));
}

void Session::AddStatement(std::shared_ptr<PreparedStatement> statement) {
  statement->created_us = context_.statement_start_us();
  if (statement->name.empty()) {
    unnamed_statement_ = std::move(statement);
    return;
  }
  if (statements_.contains(statement->name)) {
    throw SqlError(sqlstate::kDuplicatePstatement,
                   fmt::format("prepared statement \"{}\" already exists", statement->name));
  }
  std::string name = statement->name;
  statements_.emplace(std::move(name), std::move(statement));
}

void Session::PlanStatement(PreparedStatement& statement) {
  if (statement.empty()) return;
  if (statement.parsed == nullptr) {
    // Its plan came from the cache; the same text has been parsed before.
    auto parsed_again = pipeline_.Parse(statement.sql);
    CHECK_EQ(parsed_again.size(), 1u);
    statement.parsed = std::move(parsed_again[0]);
  }
  const ParsedStatement& parsed = *statement.parsed;
  const auto* prepare = std::get_if<PrepareCommand>(&parsed.command);
  if (!std::holds_alternative<std::monostate>(parsed.command) && prepare == nullptr) return;
  // A PREPARE'd statement's text is that of the PREPARE; what is planned is the statement in it.
  const ParsedStatement& planned = prepare != nullptr ? *parsed.inner : parsed;
  if (!std::holds_alternative<std::monostate>(planned.command)) return;
  TransactionBlock::StatementScope scope(block_);
  statement.plan = pipeline_.Prepare(planned, statement.sql, statement.declared_types, context_,
                                     block_.Ensure());
  statement.idle_execution.reset();
}

void Session::Revalidate(PreparedStatement& statement) {
  if (statement.plan == nullptr) return;
  TransactionBlock::StatementScope scope(block_);
  if (statement.plan->IsCurrent(context_, block_.Ensure())) return;
  std::shared_ptr<const PreparedPlan> before = statement.plan;
  // The parameter types, once told to the client, stay.
  statement.declared_types = before->parameter_types;
  PlanStatement(statement);
  if (!SameColumns(before->columns, statement.plan->columns)) {
    statement.plan = before;
    throw SqlError(sqlstate::kFeatureNotSupported, "cached plan must not change result type");
  }
}

bool Session::Parse(std::string_view name, std::string_view sql,
                    std::span<const types::Oid> types) {
  context_.StartStatement(sql);
  ArmTimeout();
  ForgetRetry();
  return Guard(sql, [&] {
    types::ValidateUtf8(sql);
    types::ValidateUtf8(name);
    if (AddCachedStatement(name, sql, types)) {
      client_.ParseComplete();
      return;
    }
    auto parsed = pipeline_.Parse(sql);
    if (parsed.size() > 1) {
      throw SqlError(sqlstate::kSyntaxError,
                     "cannot insert multiple commands into a prepared statement");
    }
    auto statement = std::make_shared<PreparedStatement>();
    statement->name = name;
    statement->sql = sql;
    statement->declared_types.assign(types.begin(), types.end());
    if (!parsed.empty()) {
      RequireNotFailed(parsed[0]->command);
      pipeline_.Admit(*parsed[0], context_);
      statement->parsed = std::move(parsed[0]);
      block_.EnterStatement(false);
      for (types::Oid type : types) {
        if (type != types::kInvalidOid) RequireType(type);
      }
      // PREPARE itself is a command; only what it holds is planned, when it runs.
      if (std::holds_alternative<std::monostate>(statement->parsed->command)) {
        PlanStatement(*statement);
        KeepPlan(*statement);
      }
    }
    AddStatement(std::move(statement));
    client_.ParseComplete();
  });
}

// A client may declare any number as a type, and another session may drop one that is declared.
const types::TypeInfo& Session::RequireType(types::Oid type) {
  const types::TypeInfo* info = pipeline_.FindType(type, context_);
  if (info != nullptr) return *info;
  throw SqlError(sqlstate::kInternalError, fmt::format("cache lookup failed for type {}", type));
}

void Session::DecodeParameters(const BindRequest& request, Portal& portal) {
  size_t wanted = portal.plan != nullptr ? portal.plan->parameter_types.size() : 0;
  size_t given = request.parameters.size();
  size_t formats = request.parameter_formats.size();
  if (formats > 1 && formats != given) {
    throw SqlError(
        sqlstate::kProtocolViolation,
        fmt::format("bind message has {} parameter formats but {} parameters", formats, given));
  }
  if (given != wanted) {
    throw SqlError(sqlstate::kProtocolViolation,
                   fmt::format("bind message supplies {} parameters, but prepared statement "
                               "\"{}\" requires {}",
                               given, request.statement, wanted));
  }
  const types::IoContext io = context_.Io();
  for (size_t i = 0; i < given; ++i) {
    types::Oid oid = portal.plan->parameter_types[i];
    const types::TypeInfo& info = RequireType(oid);
    portal.parameters.types.push_back({oid, -1});
    portal.parameters.values.push_back(DecodeOne(io, info, FormatOf(request.parameter_formats, i),
                                                 request.parameters[i], portal.arena));
  }
}

bool Session::Bind(const BindRequest& request) {
  ArmTimeout();
  ForgetRetry();
  std::string_view sql;
  return Guard(sql, [&] {
    std::shared_ptr<PreparedStatement> statement = FindStatement(request.statement);
    if (!statement->empty()) RequireNotFailed(CommandOf(*statement));
    block_.EnterStatement(false);
    context_.SetStatementText(statement->sql);
    Revalidate(*statement);
    Portal* portal = &unnamed_portal_;
    std::unique_ptr<Portal> named;
    if (request.portal.empty()) {
      has_unnamed_portal_ = false;
      unnamed_portal_.Reset();
    } else {
      named = MakePortal(request.portal);
      portal = named.get();
    }
    portal->savepoint_depth = block_.savepoint_depth();
    portal->plan = statement->plan;
    portal->statement = std::move(statement);
    DecodeParameters(request, *portal);
    size_t formats = request.result_formats.size();
    if (formats > 1 && portal->plan != nullptr && formats != portal->plan->columns.size()) {
      throw SqlError(sqlstate::kProtocolViolation,
                     fmt::format("bind message has {} result formats but query has {} columns",
                                 formats, portal->plan->columns.size()));
    }
    portal->formats.formats().assign(request.result_formats.begin(), request.result_formats.end());
    if (named != nullptr) {
      portals_[named->name] = std::move(named);
    } else {
      has_unnamed_portal_ = true;
    }
    client_.BindComplete();
  });
}

bool Session::DescribeStatement(std::string_view name) {
  ForgetRetry();
  return Guard({}, [&] {
    std::shared_ptr<PreparedStatement> statement = FindStatement(name);
    if (statement->empty()) {
      client_.ParameterDescription({});
      client_.NoData();
      return;
    }
    block_.EnterStatement(false);
    if (statement->plan == nullptr) {
      client_.ParameterDescription({});
      std::vector<ResultColumn> columns = CommandColumns(*statement->parsed);
      columns.empty() ? client_.NoData() : client_.RowDescription(columns, {});
      return;
    }
    if (!block_.failed()) Revalidate(*statement);
    client_.ParameterDescription(statement->plan->parameter_types);
    if (statement->plan->returns_rows) {
      client_.RowDescription(statement->plan->columns, {});
    } else {
      client_.NoData();
    }
  });
}

bool Session::DescribePortal(std::string_view name) {
  ForgetRetry();
  return Guard({}, [&] {
    Portal& portal = RequirePortal(name);
    if (portal.plan != nullptr && portal.plan->returns_rows) {
      client_.RowDescription(portal.plan->columns, portal.formats);
    } else if (portal.plan == nullptr && !portal.statement->empty()) {
      std::vector<ResultColumn> columns = CommandColumns(*portal.statement->parsed);
      columns.empty() ? client_.NoData() : client_.RowDescription(columns, portal.formats);
    } else {
      client_.NoData();
    }
  });
}

bool Session::Execute(std::string_view name, int64_t max_rows) {
  ForgetRetry();
  // Utility statements are analysed here: their errors have a place in the statement's text.
  std::shared_ptr<PreparedStatement> statement;
  if (name.empty()) {
    statement = unnamed_portal_.statement;
  } else if (auto found = portals_.find(name); found != portals_.end()) {
    statement = found->second->statement;
  }
  std::string_view sql = statement != nullptr ? std::string_view(statement->sql) : "";
  context_.StartStatement(sql);
  ArmTimeout();
  int64_t began_us = context_.clock().MonotonicMicros();
  bool ended = Guard(sql, [&] { ExecutePortal(RequirePortal(name), max_rows); });
  NoteStatement(sql, began_us, ended);
  return ended;
}

void Session::ExecutePortal(Portal& portal, int64_t max_rows) {
  const PreparedStatement& statement = *portal.statement;
  if (statement.empty()) {
    client_.EmptyQuery();
    return;
  }
  RequireNotFailed(CommandOf(statement));
  if (portal.plan == nullptr) {
    block_.EnterStatement(false);
    client_.CommandComplete(
        RunCommand(*statement.parsed, statement.sql, portal.formats, false));
    portal.state = Portal::State::kDone;
    return;
  }
  RequireMayRun(*portal.plan);
  if (portal.state == Portal::State::kDone && !portal.plan->returns_rows) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("portal \"{}\" cannot be run", portal.name));
  }
  // Alone in its implicit transaction, it may be run again when it loses at Sync.
  bool alone = !block_.in_block() && portal.state == Portal::State::kNew &&
               portal.plan->may_retry && &portal == &unnamed_portal_;
  uint64_t mark = client_.Mark();
  RunAndComplete(portal, max_rows);
  if (portal.plan->needs_own_transaction) {
    CommitReport report = FinishImplicit();
    if (report.outcome != CommitOutcome::kCommitted) ThrowNotCommitted(report);
  }
  if (alone) retry_ = {&portal, max_rows, mark};
}

void Session::RunAndComplete(Portal& portal, int64_t max_rows) {
  block_.EnterStatement(false);
  RunResult result = RunPortal(portal, max_rows);
  if (!result.completed) {
    client_.PortalSuspended();
    return;
  }
  client_.CommandComplete(PlanTag(portal, result));
  portal.CloseExecution();
}

// In another transaction: what it was planned for may have changed.
void Session::RunAgain(Portal& portal, int64_t max_rows) {
  portal.Rewind();
  block_.EnterStatement(false);
  Revalidate(*portal.statement);
  portal.plan = portal.statement->plan;
  RunAndComplete(portal, max_rows);
}

bool Session::CloseStatement(std::string_view name) {
  ForgetRetry();
  if (name.empty()) {
    unnamed_statement_.reset();
  } else if (auto found = statements_.find(name); found != statements_.end()) {
    statements_.erase(found);
  }
  client_.CloseComplete();
  return true;
}

bool Session::ClosePortal(std::string_view name) {
  ForgetRetry();
  return Guard({}, [&] {
    DropPortal(name);
    client_.CloseComplete();
  });
}

void Session::Sync() {
  Guard({}, [&] {
    if (block_.state() != TransactionBlock::State::kImplicit) return;
    RetryUnit unit = std::exchange(retry_, {});
    RunRetrying(unit.mark, unit.portal != nullptr, true,
                [&] { RunAgain(*unit.portal, unit.max_rows); });
  });
  DisarmTimeout();
  context_.cancel_token().Reset();
  BecomeReady();
}

}  // namespace sundog::session
