// Prepared statements and portals: a statement's text with its plan, and one run of it with
// parameters, result formats and a position.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "session/client.h"
#include "session/statement_pipeline.h"
#include "types/vector.h"

namespace sundog::session {

class CachedPlan;
class RowHistory;

inline constexpr int kHeldDepth = -1;

// Made by Parse or PREPARE. Shared by its portals, so that it may be deallocated under them.
struct PreparedStatement {
  std::string name;
  std::string sql;
  int64_t created_us = 0;  // since 1970
  bool from_sql = false;   // by PREPARE
  // Null for the empty statement, and for a plan found in the cache until it has to be made anew.
  std::unique_ptr<ParsedStatement> parsed;
  std::vector<types::Oid> declared_types;
  std::shared_ptr<const PreparedPlan> plan;  // null for the session's own commands
  // Where `plan` came from, when it is shared; its executions are shared too.
  std::shared_ptr<CachedPlan> shared;
  // The buffers of the last finished run.
  std::unique_ptr<Execution> idle_execution;

  bool empty() const { return parsed == nullptr && plan == nullptr; }
  const PreparedPlan* plan_or_null() const { return plan.get(); }
};

class Portal {
 public:
  enum class State : uint8_t { kNew, kOpen, kDone };

  Portal() = default;
  ~Portal();
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  // Forgets everything but its buffers.
  void Reset();
  // Gives the execution back to its statement.
  void CloseExecution();

  // Back to before the first run, with the same statement and parameters.
  void Rewind();

  void Open(const Execution::Context& context);
  // The rows of the run from where it stands: null at the end.
  const types::Chunk* NextRows();
  // So many of the rows NextRows() showed are used up.
  void Advance(size_t row_count);
  size_t chunk_row() const { return chunk_row_; }

  std::string name;
  std::shared_ptr<PreparedStatement> statement;
  std::shared_ptr<const PreparedPlan> plan;
  ParameterValues parameters;
  base::Arena arena{256};
  ResultFormats formats;
  State state = State::kNew;

  int64_t created_us = 0;  // since 1970
  // A cursor of DECLARE.
  bool is_cursor = false;
  bool scroll = false;
  bool with_hold = false;
  // Inside how many savepoints it was made: rolling one of them back closes it. kHeldDepth once its
  // transaction has committed.
  int savepoint_depth = 0;
  // All rows seen, for scrolling and for outliving the transaction.
  std::unique_ptr<RowHistory> history;
  // Where a cursor stands: 0 before the first row, n on the n-th, history size + 1 after the last.
  int64_t position = 0;

  std::unique_ptr<Execution> execution;

 private:
  const types::Chunk* chunk_ = nullptr;
  size_t chunk_row_ = 0;
};

// Rows kept in memory, in chunks of their own.
class RowHistory {
 public:
  explicit RowHistory(std::vector<types::PhysicalKind> kinds) : kinds_(std::move(kinds)) {}
  void Append(const types::Chunk& chunk, size_t first, size_t count);
  int64_t size() const { return size_; }
  // The chunk that holds row `index`, and where in it.
  std::pair<const types::Chunk*, size_t> Find(int64_t index) const;

 private:
  std::vector<types::PhysicalKind> kinds_;
  std::vector<std::unique_ptr<types::ChunkBuffer>> chunks_;
  int64_t size_ = 0;
};

}  // namespace sundog::session
