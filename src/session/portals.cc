// Portals of a session: running them, naming them, and what a transaction's end does to them.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"
#include "base/sql_error.h"
#include "catalog/statement_services.h"
#include "runtime/interrupt.h"
#include "session/session.h"
#include "types/calendar.h"

namespace sundog::session {

namespace {

std::vector<types::PhysicalKind> KindsOf(const PreparedPlan& plan) {
  std::vector<types::PhysicalKind> kinds;
  for (const ResultColumn& column : plan.columns) kinds.push_back(column.info->physical);
  return kinds;
}

}  // namespace

void Session::OpenPortal(Portal& portal) {
  Execution::Context context;
  context.session = &context_;
  context.transaction = &block_.Ensure();
  context.parameters = &portal.parameters;
  context.copy = &client_;
  portal.Open(context);
}

void Session::OpenCursor(Portal& cursor) {
  TransactionBlock::StatementScope statement(block_);
  OpenPortal(cursor);
}

Session::RunResult Session::RunPortal(Portal& portal, int64_t max_rows) {
  TransactionBlock::StatementScope statement(block_);
  if (portal.state == Portal::State::kNew) {
    OpenPortal(portal);
    // A data change runs to its end however many of its rows are asked for.
    if (portal.plan->returns_rows && portal.plan->writes && max_rows > 0) {
      portal.history = std::make_unique<RowHistory>(KindsOf(*portal.plan));
      while (const types::Chunk* chunk = portal.NextRows()) {
        portal.history->Append(*chunk, portal.chunk_row(), chunk->row_count());
        portal.Advance(chunk->row_count());
      }
    }
  }
  RunResult result;
  SendPortalRows(portal, max_rows, result);
  if (portal.plan->copy == CopyDirection::kOut) client_.CopyOutDone();
  return result;
}

void Session::SendPortalRows(Portal& portal, int64_t max_rows, RunResult& result) {
  const int64_t limit = max_rows > 0 ? max_rows : std::numeric_limits<int64_t>::max();
  const types::IoContext io = context_.Io();
  if (portal.history != nullptr) {
    while (result.row_count < limit && portal.position < portal.history->size()) {
      auto [chunk, row] = portal.history->Find(portal.position++);
      client_.Rows(*chunk, row, 1, portal.plan->columns, portal.formats, io);
      ++result.row_count;
    }
    result.completed = result.row_count < limit;
    return;
  }
  while (result.row_count < limit) {
    const types::Chunk* chunk = portal.NextRows();
    if (chunk == nullptr) break;
    size_t left = chunk->row_count() - portal.chunk_row();
    size_t count = static_cast<size_t>(
        std::min<int64_t>(static_cast<int64_t>(left), limit - result.row_count));
    if (portal.plan->returns_rows) {
      client_.Rows(*chunk, portal.chunk_row(), count, portal.plan->columns, portal.formats, io);
    }
    portal.Advance(count);
    result.row_count += static_cast<int64_t>(count);
    runtime::CheckInterrupts();
  }
  result.completed = result.row_count < limit;
}

std::string Session::PlanTag(const Portal& portal, const RunResult& result) const {
  const PreparedPlan& plan = *portal.plan;
  bool counts_sent = plan.returns_rows && !plan.writes;
  int64_t count = counts_sent                ? result.row_count
                  : portal.execution != nullptr ? portal.execution->rows_affected()
                                                : 0;
  std::string tag(plan.short_tag.empty() ? plan.command_tag : plan.short_tag);
  if (plan.count_tag == CountTag::kNone) return tag;
  tag += plan.count_tag == CountTag::kInsert ? " 0 " : " ";
  char digits[24];
  tag.append(digits, std::to_chars(digits, digits + sizeof digits, count).ptr);
  return tag;
}

Portal& Session::RequirePortal(std::string_view name) {
  if (name.empty()) {
    if (has_unnamed_portal_) return unnamed_portal_;
  } else if (auto found = portals_.find(name); found != portals_.end()) {
    return *found->second;
  }
  throw SqlError(sqlstate::kUndefinedCursor, fmt::format("portal \"{}\" does not exist", name));
}

std::unique_ptr<Portal> Session::MakePortal(std::string_view name) {
  if (portals_.contains(name)) {
    throw SqlError(sqlstate::kDuplicateCursor, fmt::format("cursor \"{}\" already exists", name));
  }
  auto portal = std::make_unique<Portal>();
  portal->name = name;
  portal->savepoint_depth = block_.savepoint_depth();
  portal->created_us = context_.statement_start_us();
  return portal;
}

std::vector<catalog::PreparedStatementRow> Session::PreparedStatements() const {
  std::vector<catalog::PreparedStatementRow> rows;
  for (const auto& [name, statement] : statements_) {
    catalog::PreparedStatementRow& row = rows.emplace_back();
    row.name = name;
    row.statement = statement->sql;
    row.prepared_us = statement->created_us + types::kUnixEpochMicros;
    if (statement->plan != nullptr) row.parameter_types = statement->plan->parameter_types;
    row.from_sql = statement->from_sql;
  }
  return rows;
}

std::vector<catalog::CursorRow> Session::Cursors() const {
  std::vector<catalog::CursorRow> rows;
  for (const auto& [name, portal] : portals_) {
    catalog::CursorRow& row = rows.emplace_back();
    row.name = name;
    row.statement = portal->statement->sql;
    row.holdable = portal->with_hold;
    row.binary = portal->formats.Of(0) == WireFormat::kBinary;
    row.scrollable = portal->scroll;
    row.created_us = portal->created_us + types::kUnixEpochMicros;
  }
  return rows;
}

void Session::DropPortal(std::string_view name) {
  if (name.empty()) {
    if (has_unnamed_portal_) unnamed_portal_.Reset();
    has_unnamed_portal_ = false;
  } else if (auto found = portals_.find(name); found != portals_.end()) {
    portals_.erase(found);
  }
}

void Session::DropPortalsAtDepth(int depth) {
  std::erase_if(portals_, [&](const auto& entry) {
    // A held cursor whose transaction has committed belongs to none.
    return entry.second->savepoint_depth >= depth;
  });
  if (has_unnamed_portal_ && unnamed_portal_.savepoint_depth >= depth) DropPortal("");
}

void Session::HoldCursor(Portal& portal) {
  TransactionBlock::StatementScope statement(block_);
  if (portal.state == Portal::State::kNew) OpenPortal(portal);
  if (portal.history == nullptr) {
    portal.history = std::make_unique<RowHistory>(KindsOf(*portal.plan));
  }
  while (const types::Chunk* chunk = portal.NextRows()) {
    portal.history->Append(*chunk, portal.chunk_row(), chunk->row_count() - portal.chunk_row());
    portal.Advance(chunk->row_count() - portal.chunk_row());
    runtime::CheckInterrupts();
  }
  portal.CloseExecution();
  portal.state = Portal::State::kDone;
  portal.savepoint_depth = kHeldDepth;
}

void Session::EndPortals(bool commit) {
  // Its statement and parameters stay until the next Bind: they may have to run again.
  if (has_unnamed_portal_) unnamed_portal_.CloseExecution();
  has_unnamed_portal_ = false;
  simple_portal_.Reset();
  for (auto entry = portals_.begin(); entry != portals_.end();) {
    Portal& portal = *entry->second;
    bool held_before = portal.savepoint_depth == kHeldDepth;
    if (!held_before && portal.with_hold && commit) {
      HoldCursor(portal);
      held_before = true;
    }
    entry = held_before ? std::next(entry) : portals_.erase(entry);
  }
}

}  // namespace sundog::session
