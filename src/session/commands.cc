// The statements a session carries out itself: transaction control, SET and SHOW, PREPARE and
// EXECUTE, DISCARD. Cursors are in cursors.cc.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/check.h"
#include "base/sql_error.h"
#include "session/session.h"
#include "types/oids.h"

namespace sundog::session {

namespace {

ResultColumn TextColumn(std::string name) {
  ResultColumn column;
  column.name = std::move(name);
  column.type = {types::oids::kText, -1};
  column.info = types::BuiltinTypes::Get().FindType(types::oids::kText);
  return column;
}

std::vector<ResultColumn> ShowColumns(const ShowCommand& show, const SessionContext& context) {
  if (show.name == "all") {
    return {TextColumn("name"), TextColumn("setting"), TextColumn("description")};
  }
  const SettingDefinition* definition = context.settings().FindDefinition(show.name);
  return {TextColumn(definition != nullptr ? definition->name : show.name)};
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

std::string Session::RunCommand(const ParsedStatement& statement, std::string_view sql,
                                const ResultFormats& formats, bool describe_rows) {
  return std::visit(
      Overloaded{
          [&](const SetCommand& set) { return RunSet(set); },
          [&](const ResetAllCommand&) {
            context_.settings().ResetAll();
            return std::string("RESET");
          },
          [&](const ShowCommand& show) { return RunShow(show, formats, describe_rows); },
          [&](const PrepareCommand& prepare) { return RunPrepare(prepare, statement, sql); },
          [&](const ExecuteCommand&) { return RunExecute(statement, sql, formats, describe_rows); },
          [&](const DeallocateCommand& deallocate) { return RunDeallocate(deallocate); },
          [&](const DeclareCursorCommand& declare) { return RunDeclare(declare, statement, sql); },
          [&](const FetchCommand& fetch) { return RunFetch(fetch, formats, describe_rows); },
          [&](const CloseCursorCommand& close) { return RunClose(close); },
          [&](const DiscardCommand& discard) { return RunDiscard(discard); },
          [&](const ListenCommand&) -> std::string { base::ThrowNotSupported("LISTEN"); },
          [&](const NotifyCommand&) -> std::string { base::ThrowNotSupported("NOTIFY"); },
          // Nobody listens.
          [&](const UnlistenCommand&) { return std::string("UNLISTEN"); },
          [&](const auto&) { return RunTransactionCommand(statement.command); },
      },
      statement.command);
}

std::string Session::RunTransactionCommand(const SessionCommand& command) {
  return std::visit(
      Overloaded{
          [&](const BeginCommand& begin) -> std::string {
            block_.Begin(begin.modes);
            return begin.start_transaction ? "START TRANSACTION" : "BEGIN";
          },
          [&](const CommitCommand& commit) -> std::string {
            EndPortals(!block_.failed());
            return block_.Commit(commit.chain) ? "COMMIT" : "ROLLBACK";
          },
          [&](const RollbackCommand& rollback) -> std::string {
            EndPortals(false);
            block_.Rollback(rollback.chain);
            return "ROLLBACK";
          },
          [&](const SavepointCommand& savepoint) -> std::string {
            block_.Savepoint(savepoint.name);
            return "SAVEPOINT";
          },
          [&](const ReleaseCommand& release) -> std::string {
            block_.Release(release.name);
            for (auto& [name, portal] : portals_) {
              portal->savepoint_depth = std::min(portal->savepoint_depth, block_.savepoint_depth());
            }
            return "RELEASE";
          },
          [&](const RollbackToCommand& rollback) -> std::string {
            DropPortalsAtDepth(block_.DepthOf(rollback.name));
            block_.RollbackTo(rollback.name);
            return "ROLLBACK";
          },
          [&](const SetTransactionCommand& set) -> std::string {
            if (set.session_default) {
              SetSessionCharacteristics(set.modes);
            } else {
              block_.SetTransaction(set.modes);
            }
            return "SET";
          },
          [&](const auto&) -> std::string {
            CHECK(false);
            return "";
          },
      },
      command);
}

void Session::SetSessionCharacteristics(const TransactionModes& modes) {
  auto set_flag = [&](std::string_view name, std::optional<bool> flag) {
    if (flag) context_.settings().Set(name, *flag ? "on" : "off", false);
  };
  if (modes.isolation) {
    context_.settings().Set("default_transaction_isolation", IsolationName(*modes.isolation),
                            false);
  }
  set_flag("default_transaction_read_only", modes.read_only);
  set_flag("default_transaction_deferrable", modes.deferrable);
}

std::string Session::RunSet(const SetCommand& set) {
  if (set.is_local && !block_.in_block() && block_.savepoint_depth() == 0) {
    context_.Warn(sqlstate::kNoActiveSqlTransaction,
                  "SET LOCAL can only be used in transaction blocks");
  }
  std::optional<std::string_view> value;
  if (set.value) value = *set.value;
  context_.SetSetting(set.name, value, set.is_local);
  if (set.name == "statement_timeout") DisarmTimeout();
  return set.is_reset ? "RESET" : "SET";
}

std::string Session::RunShow(const ShowCommand& show, const ResultFormats& formats,
                             bool describe_rows) {
  std::vector<ResultColumn> columns = ShowColumns(show, context_);
  std::vector<std::vector<std::string>> rows;
  if (show.name == "all") {
    for (const SettingDefinition* definition : context_.settings().Listed()) {
      rows.push_back({definition->name, context_.ShowSetting(definition->name), ""});
    }
  } else {
    rows.push_back({context_.ShowSetting(show.name)});
  }
  if (describe_rows) client_.RowDescription(columns, formats);
  types::ChunkBuffer buffer(
      std::vector<types::PhysicalKind>(columns.size(), types::PhysicalKind::kVarlen));
  for (const std::vector<std::string>& row : rows) {
    buffer.Reset();
    for (size_t i = 0; i < row.size(); ++i) {
      buffer.column(i).Set<std::string_view>(0, row[i]);
    }
    client_.Rows(buffer.Finish(1), 0, 1, columns, formats, context_.Io());
  }
  return "SHOW";
}

std::vector<ResultColumn> Session::CommandColumns(const ParsedStatement& statement) {
  if (const auto* show = std::get_if<ShowCommand>(&statement.command)) {
    return ShowColumns(*show, context_);
  }
  if (const auto* execute = std::get_if<ExecuteCommand>(&statement.command)) {
    std::shared_ptr<PreparedStatement> prepared = FindStatement(execute->name);
    return prepared->plan != nullptr ? prepared->plan->columns : std::vector<ResultColumn>();
  }
  if (const auto* fetch = std::get_if<FetchCommand>(&statement.command)) {
    auto cursor = portals_.find(fetch->name);
    if (!fetch->is_move && cursor != portals_.end()) return cursor->second->plan->columns;
  }
  return {};
}

std::string Session::RunPrepare(const PrepareCommand& prepare, const ParsedStatement& statement,
                                std::string_view sql) {
  auto prepared = std::make_shared<PreparedStatement>();
  prepared->name = prepare.name;
  prepared->sql = sql;
  prepared->from_sql = true;
  // The parse tree belongs to the message; the prepared statement gets one of its own.
  auto again = pipeline_.Parse(sql);
  for (auto& candidate : again) {
    if (candidate->location == statement.location) prepared->parsed = std::move(candidate);
  }
  CHECK(prepared->parsed != nullptr);
  TransactionBlock::StatementScope scope(block_);
  prepared->declared_types = pipeline_.DeclaredTypes(*prepared->parsed, context_, block_.Ensure());
  PlanStatement(*prepared);
  if (prepared->name.empty()) {
    throw SqlError(sqlstate::kInvalidPstatementDefinition,
                   "invalid statement name: must not be empty");
  }
  AddStatement(std::move(prepared));
  return "PREPARE";
}

std::string Session::RunExecute(const ParsedStatement& statement, std::string_view sql,
                                const ResultFormats& formats, bool describe_rows) {
  const auto& execute = std::get<ExecuteCommand>(statement.command);
  TransactionBlock::StatementScope scope(block_);
  std::shared_ptr<PreparedStatement> prepared = FindStatement(execute.name);
  Revalidate(*prepared);
  if (prepared->plan == nullptr) base::ThrowNotSupported("EXECUTE of a session command");
  auto wanted = static_cast<int>(prepared->plan->parameter_types.size());
  if (execute.argument_count != wanted) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("wrong number of parameters for prepared statement \"{}\"",
                               execute.name))
        .Detail(fmt::format("Expected {} parameters but got {}.", wanted, execute.argument_count));
  }
  RequireMayRun(*prepared->plan);
  Portal portal;
  portal.plan = prepared->plan;
  portal.statement = prepared;
  portal.formats = formats;
  if (wanted > 0) {
    pipeline_.EvaluateArguments(statement, sql, portal.plan->parameter_types, context_,
                                block_.Ensure(), portal.arena, portal.parameters);
  }
  if (describe_rows) return DescribeAndRun(portal);
  return PlanTag(portal, RunPortal(portal, 0));
}

std::string Session::RunDeallocate(const DeallocateCommand& deallocate) {
  if (deallocate.name.empty()) {
    statements_.clear();
    return "DEALLOCATE ALL";
  }
  FindStatement(deallocate.name);
  statements_.erase(deallocate.name);
  return "DEALLOCATE";
}

std::string Session::RunDiscard(const DiscardCommand& discard) {
  constexpr std::string_view kTags[] = {"DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES",
                                        "DISCARD TEMP"};
  std::string_view tag = kTags[static_cast<size_t>(discard.target)];
  if (discard.target == DiscardTarget::kAll) {
    block_.RequireNoBlock("DISCARD ALL");
    portals_.clear();
    context_.settings().ResetAll();
    statements_.clear();
  }
  if (discard.target == DiscardTarget::kPlans) {
    // Plans are made anew when they are next used.
    for (auto& [name, statement] : statements_) statement->idle_execution.reset();
  } else {
    pipeline_.Discard(discard.target, context_, block_.Ensure());
  }
  return std::string(tag);
}

}  // namespace sundog::session
