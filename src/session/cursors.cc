// DECLARE, FETCH, MOVE and CLOSE. A cursor is a portal with a position. Only one that may go back
// (SCROLL) or outlives its transaction (WITH HOLD) remembers the rows it has seen.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/session.h"

namespace sundog::session {

namespace {

std::vector<types::PhysicalKind> KindsOf(const PreparedPlan& plan) {
  std::vector<types::PhysicalKind> kinds;
  for (const ResultColumn& column : plan.columns) kinds.push_back(column.info->physical);
  return kinds;
}

[[noreturn]] void ThrowForwardOnly() {
  throw SqlError(sqlstate::kObjectNotInPrerequisiteState, "cursor can only scan forward")
      .Hint("Declare it with SCROLL option to enable backward scan.");
}

}  // namespace

std::string Session::RunDeclare(const DeclareCursorCommand& declare,
                                const ParsedStatement& statement, std::string_view sql) {
  if (!declare.with_hold) block_.RequireBlock("DECLARE CURSOR");
  std::unique_ptr<Portal> cursor = MakePortal(declare.name);
  TransactionBlock::StatementScope scope(block_);
  auto text = std::make_shared<PreparedStatement>();
  text->sql = sql;
  CHECK(statement.inner != nullptr);
  text->plan = pipeline_.Prepare(*statement.inner, sql, {}, context_, block_.Ensure());
  cursor->plan = text->plan;
  cursor->statement = std::move(text);
  cursor->is_cursor = true;
  cursor->scroll = declare.scroll;
  cursor->with_hold = declare.with_hold;
  if (declare.binary) cursor->formats.formats().assign(1, WireFormat::kBinary);
  if (declare.scroll || declare.with_hold) {
    cursor->history = std::make_unique<RowHistory>(KindsOf(*cursor->plan));
  }
  OpenCursor(*cursor);
  portals_[declare.name] = std::move(cursor);
  return "DECLARE CURSOR";
}

std::string Session::RunClose(const CloseCursorCommand& close) {
  if (close.name.empty()) {
    std::erase_if(portals_, [](const auto& entry) { return entry.second->is_cursor; });
    return "CLOSE CURSOR ALL";
  }
  if (!portals_.contains(close.name)) {
    throw SqlError(sqlstate::kUndefinedCursor,
                   fmt::format("cursor \"{}\" does not exist", close.name));
  }
  DropPortal(close.name);
  return "CLOSE CURSOR";
}

std::string Session::RunFetch(const FetchCommand& fetch, const ResultFormats& formats,
                              bool describe_rows) {
  auto found = portals_.find(fetch.name);
  if (found == portals_.end()) {
    throw SqlError(sqlstate::kUndefinedCursor,
                   fmt::format("cursor \"{}\" does not exist", fetch.name));
  }
  Portal& cursor = *found->second;
  // A held cursor has all its rows.
  std::optional<TransactionBlock::StatementScope> scope;
  if (cursor.savepoint_depth != kHeldDepth) scope.emplace(block_);
  const ResultFormats& used = cursor.formats.size() > 0 ? cursor.formats : formats;
  bool send = !fetch.is_move;
  if (send && describe_rows) client_.RowDescription(cursor.plan->columns, used);
  int64_t count = fetch.count;
  int64_t moved = 0;
  switch (fetch.direction) {
    case FetchDirection::kForward:
      if (count > 0) {
        moved = FetchForward(cursor, count, send, used);
      } else {
        // FORWARD 0 is the current row again; FORWARD -n is BACKWARD n.
        moved = count == 0 ? Refetch(cursor, send, used)
                           : FetchBackward(cursor, -count, send, used);
      }
      break;
    case FetchDirection::kBackward:
      if (count > 0) {
        moved = FetchBackward(cursor, count, send, used);
      } else {
        moved = count == 0 ? Refetch(cursor, send, used) : FetchForward(cursor, -count, send, used);
      }
      break;
    case FetchDirection::kAbsolute: moved = FetchAbsolute(cursor, count, send, used); break;
    case FetchDirection::kRelative:
      moved = count == 0 ? Refetch(cursor, send, used)
                         : FetchAbsolute(cursor, std::max<int64_t>(cursor.position + count, 0),
                                         send, used);
      break;
  }
  return fmt::format("{} {}", send ? "FETCH" : "MOVE", moved);
}

// Runs the query on until row `position` (from 1) has been seen; false if there are fewer.
bool Session::EnsureSeen(Portal& cursor, int64_t position) {
  CHECK(cursor.history != nullptr);
  if (cursor.history->size() >= position) return true;
  if (cursor.state == Portal::State::kDone) return false;
  if (cursor.state == Portal::State::kNew) OpenPortal(cursor);
  while (cursor.history->size() < position) {
    const types::Chunk* chunk = cursor.NextRows();
    if (chunk == nullptr) return false;
    size_t count = chunk->row_count() - cursor.chunk_row();
    cursor.history->Append(*chunk, cursor.chunk_row(), count);
    cursor.Advance(count);
    runtime::CheckInterrupts();
  }
  return true;
}

void Session::SendHistoryRow(const Portal& cursor, const ResultFormats& formats) {
  auto [chunk, row] = cursor.history->Find(cursor.position - 1);
  client_.Rows(*chunk, row, 1, cursor.plan->columns, formats, context_.Io());
}

int64_t Session::FetchForward(Portal& cursor, int64_t count, bool send,
                              const ResultFormats& formats) {
  int64_t moved = 0;
  if (cursor.history != nullptr) {
    while (moved < count && EnsureSeen(cursor, cursor.position + 1)) {
      ++cursor.position;
      ++moved;
      if (send) SendHistoryRow(cursor, formats);
    }
    if (moved < count) cursor.position = cursor.history->size() + 1;
    return moved;
  }
  if (cursor.state == Portal::State::kNew) OpenPortal(cursor);
  while (moved < count) {
    const types::Chunk* chunk = cursor.NextRows();
    if (chunk == nullptr) break;
    size_t rows = static_cast<size_t>(std::min<int64_t>(
        static_cast<int64_t>(chunk->row_count() - cursor.chunk_row()), count - moved));
    if (send) {
      client_.Rows(*chunk, cursor.chunk_row(), rows, cursor.plan->columns, formats, context_.Io());
    }
    cursor.Advance(rows);
    moved += static_cast<int64_t>(rows);
    runtime::CheckInterrupts();
  }
  cursor.position += moved + (moved < count ? 1 : 0);
  return moved;
}

int64_t Session::FetchBackward(Portal& cursor, int64_t count, bool send,
                               const ResultFormats& formats) {
  if (!cursor.scroll) ThrowForwardOnly();
  int64_t moved = 0;
  while (moved < count && cursor.position > 1) {
    --cursor.position;
    ++moved;
    if (send) SendHistoryRow(cursor, formats);
  }
  if (moved < count) cursor.position = 0;
  return moved;
}

int64_t Session::Refetch(Portal& cursor, bool send, const ResultFormats& formats) {
  if (cursor.history == nullptr) {
    if (send && cursor.position > 0) ThrowForwardOnly();
    return cursor.position > 0 && cursor.state != Portal::State::kDone ? 1 : 0;
  }
  if (cursor.position < 1 || cursor.position > cursor.history->size()) return 0;
  if (send) SendHistoryRow(cursor, formats);
  return 1;
}

// To row `target` from 1; 0 is before the first; negative counts from the end.
int64_t Session::FetchAbsolute(Portal& cursor, int64_t target, bool send,
                               const ResultFormats& formats) {
  if (cursor.history == nullptr) {
    if (target <= cursor.position) ThrowForwardOnly();
    int64_t skipped = FetchForward(cursor, target - cursor.position - 1, false, formats);
    (void)skipped;
    return FetchForward(cursor, 1, send, formats);
  }
  if (!cursor.scroll && target <= cursor.position) ThrowForwardOnly();
  if (target < 0) {
    EnsureSeen(cursor, std::numeric_limits<int64_t>::max());
    target = std::max<int64_t>(cursor.history->size() + 1 + target, 0);
  }
  if (target == 0) {
    cursor.position = 0;
    return 0;
  }
  if (!EnsureSeen(cursor, target)) {
    cursor.position = cursor.history->size() + 1;
    return 0;
  }
  cursor.position = target;
  if (send) SendHistoryRow(cursor, formats);
  return 1;
}

}  // namespace sundog::session
