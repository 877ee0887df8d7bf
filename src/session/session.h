// One client's session: takes the protocol's messages, runs them through the pipeline and answers
// through a Client. This is where what ends a statement is caught, where the transaction block is
// driven, and where a lost autocommit statement is run again.
//
// Owned by its connection; used by one fiber at a time. The message functions throw nothing: errors
// go to the client. Those of the extended protocol return false after an error, and the connection
// then skips to the next Sync.
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "runtime/reactor.h"
#include "session/client.h"
#include "session/portal.h"
#include "session/session_context.h"
#include "session/statement_cache.h"
#include "session/statement_pipeline.h"
#include "session/statement_text.h"
#include "session/transaction_block.h"

namespace sundog::session {

// A Bind message; the views are valid during the call only.
struct BindRequest {
  std::string_view portal;
  std::string_view statement;
  std::span<const WireFormat> parameter_formats;
  // Null data() means SQL null.
  std::span<const std::string_view> parameters;
  std::span<const WireFormat> result_formats;
};

class Session : private SessionObjects {
 public:
  Session(StatementPipeline& pipeline, Client& client, SessionIdentity identity,
          base::Clock& clock);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SessionContext& context() { return context_; }
  char status() const { return block_.status(); }
  // An error of severity FATAL was sent: nothing more comes from this session.
  bool must_close() const { return must_close_; }

  // Sends the reported settings and ReadyForQuery.
  void Start();

  // --- simple protocol ---
  void Query(std::string_view sql);

  // --- extended protocol ---
  bool Parse(std::string_view name, std::string_view sql, std::span<const types::Oid> types);
  bool Bind(const BindRequest& request);
  bool DescribeStatement(std::string_view name);
  bool DescribePortal(std::string_view name);
  bool Execute(std::string_view portal, int64_t max_rows);
  bool CloseStatement(std::string_view name);
  bool ClosePortal(std::string_view name);
  void Sync();
  // A message other than Sync came after Execute, or Flush was asked for.
  void ForgetRetry() { retry_.portal = nullptr; }

  // What is refused before it gets here (a function call): fails the transaction like any error.
  void Fail(const SqlError& error);
  // Reports an error that ends the connection (a malformed message, a timeout while idle).
  void ReportError(const SqlError& error) { SendError(error, {}); }

 private:
  // An Execute that may be run again when its commit at Sync loses: it answered from `mark` on.
  struct RetryUnit {
    Portal* portal = nullptr;
    int64_t max_rows = 0;
    uint64_t mark = 0;
  };
  struct RunResult {
    int64_t row_count = 0;
    bool completed = true;
  };

  // --- session.cc: statements, errors, the end of implicit transactions ---
  template <typename Body>
  bool Guard(std::string_view sql, Body&& body);
  void HandleError(const SqlError& error, std::string_view sql);
  void SendError(const SqlError& error, std::string_view sql);
  // `text`: of a query that is one statement and may be kept, else null.
  void RunSimple(ParsedStatement& statement, std::string_view sql, bool has_more,
                 const StatementText* text);
  void RunSimplePlan(const ParsedStatement& statement, std::string_view sql, bool has_more,
                     const StatementText* text);
  // The simple portal's rows; its statement and parameters are in place. The command tag.
  std::string SendSimplePortal();
  // Runs and commits an autocommit statement, again and again while it loses and nothing it
  // answered since `mark` has been sent. `may_retry` is known once it ran; `already_ran`: at Sync
  // the first run is over.
  template <typename Run>
  void RunRetrying(uint64_t mark, const bool& may_retry, bool already_ran, Run&& run);
  bool MayRunAgain(uint64_t mark, int attempt, bool lost_to_job = false);
  std::string DescribeAndRun(Portal& portal);
  // Closes portals, keeps held cursors, commits an implicit transaction.
  CommitReport FinishImplicit();
  void RequireNotFailed(const SessionCommand& command) const;
  void RequireMayRun(const PreparedPlan& plan);
  void SetDsqlDefaults();
  void CheckInitialRole();
  void ApplyStoredSettings();
  // What ends every exchange: changed settings and ReadyForQuery.
  void BecomeReady();
  void ReportSettings();
  void ArmTimeout();
  void DisarmTimeout();
  void NoteStatement(std::string_view sql, int64_t began_us, bool ended);

  // --- portals.cc ---
  void OpenPortal(Portal& portal);
  // A cursor sees the database as it is at DECLARE.
  void OpenCursor(Portal& cursor);
  RunResult RunPortal(Portal& portal, int64_t max_rows);
  void SendPortalRows(Portal& portal, int64_t max_rows, RunResult& result);
  std::string PlanTag(const Portal& portal, const RunResult& result) const;
  std::unique_ptr<Portal> MakePortal(std::string_view name);
  Portal& RequirePortal(std::string_view name);
  void DropPortal(std::string_view name);
  void DropPortalsAtDepth(int depth);
  // At a transaction's end.
  void EndPortals(bool commit);
  void HoldCursor(Portal& portal);

  // --- extended_query.cc ---
  PreparedStatement& RequireStatement(std::string_view name);
  std::shared_ptr<PreparedStatement> FindStatement(std::string_view name);
  void AddStatement(std::shared_ptr<PreparedStatement> statement);
  void PlanStatement(PreparedStatement& statement);
  void Revalidate(PreparedStatement& statement);
  const types::TypeInfo& RequireType(types::Oid type);
  void DecodeParameters(const BindRequest& request, Portal& portal);
  void ExecutePortal(Portal& portal, int64_t max_rows);
  void RunAndComplete(Portal& portal, int64_t max_rows);
  void RunAgain(Portal& portal, int64_t max_rows);

  // --- cached_statements.cc: plans of texts that were seen before ---
  // False: there is none, or none that serves; nothing has been done.
  bool RunCached(std::string_view sql, const StatementText& text);
  bool RunCachedPlan(const StatementCache::Key& key, const std::shared_ptr<CachedPlan>& cached,
                     std::span<const StatementText::Literal> literals);
  bool BindLiterals(const PreparedPlan& plan, std::span<const StatementText::Literal> literals);
  // Remembers the plan of a simple query, or a generic one in its place.
  void KeepPlan(std::string_view sql, const StatementText& text,
                const std::shared_ptr<const PreparedPlan>& plan);
  std::shared_ptr<const PreparedPlan> PlanGeneric(const StatementText& text);
  // Parse with a text that is known.
  bool AddCachedStatement(std::string_view name, std::string_view sql,
                          std::span<const types::Oid> types);
  void KeepPlan(PreparedStatement& statement);

  // --- SessionObjects, in portals.cc ---
  std::vector<catalog::PreparedStatementRow> PreparedStatements() const override;
  std::vector<catalog::CursorRow> Cursors() const override;

  // --- commands.cc: the session's own statements; each returns its command tag ---
  std::string RunCommand(const ParsedStatement& statement, std::string_view sql,
                         const ResultFormats& formats, bool describe_rows);
  std::vector<ResultColumn> CommandColumns(const ParsedStatement& statement);
  std::string RunTransactionCommand(const SessionCommand& command);
  void SetSessionCharacteristics(const TransactionModes& modes);
  std::string RunSet(const SetCommand& command);
  std::string RunShow(const ShowCommand& command, const ResultFormats& formats,
                      bool describe_rows);
  std::string RunPrepare(const PrepareCommand& command, const ParsedStatement& statement,
                         std::string_view sql);
  std::string RunExecute(const ParsedStatement& statement, std::string_view sql,
                         const ResultFormats& formats, bool describe_rows);
  std::string RunDeallocate(const DeallocateCommand& command);
  std::string RunDiscard(const DiscardCommand& command);

  // --- cursors.cc ---
  std::string RunDeclare(const DeclareCursorCommand& command, const ParsedStatement& statement,
                         std::string_view sql);
  std::string RunFetch(const FetchCommand& command, const ResultFormats& formats,
                       bool describe_rows);
  std::string RunClose(const CloseCursorCommand& command);
  // Each moves the cursor, sends the rows it passes if `send`, and returns how many they are.
  int64_t FetchForward(Portal& cursor, int64_t count, bool send, const ResultFormats& formats);
  int64_t FetchBackward(Portal& cursor, int64_t count, bool send, const ResultFormats& formats);
  int64_t FetchAbsolute(Portal& cursor, int64_t target, bool send, const ResultFormats& formats);
  int64_t Refetch(Portal& cursor, bool send, const ResultFormats& formats);
  void SendHistoryRow(const Portal& cursor, const ResultFormats& formats);
  bool EnsureSeen(Portal& cursor, int64_t position);

  StatementPipeline& pipeline_;
  Client& client_;
  SessionContext context_;
  TransactionBlock block_;
  bool must_close_ = false;
  std::shared_ptr<PreparedStatement> unnamed_statement_;
  std::map<std::string, std::shared_ptr<PreparedStatement>, std::less<>> statements_;
  std::map<std::string, std::unique_ptr<Portal>, std::less<>> portals_;
  // The unnamed portal and that of the simple protocol, kept for their buffers.
  Portal unnamed_portal_;
  bool has_unnamed_portal_ = false;
  Portal simple_portal_;
  RetryUnit retry_;
  runtime::Timer timeout_;
  runtime::Reactor* timeout_reactor_ = nullptr;
};

template <typename Body>
bool Session::Guard(std::string_view sql, Body&& body) {
  runtime::InterruptScope scope(context_.cancel_token());
  try {
    const StatementSettings& settings = context_.statement_settings();
    base::MemoryLimit limit(
        HeapLimit(settings.statement_memory_bytes, settings.maintenance_memory_bytes));
    body();
    return true;
  } catch (const SqlError& error) {
    HandleError(error, sql);
  } catch (const std::bad_alloc&) {
    HandleError(SqlError(sqlstate::kOutOfMemory, "out of memory"), sql);
  } catch (const std::exception& error) {
    // A bug of ours, but of this statement alone.
    HandleError(SqlError(sqlstate::kInternalError, error.what()), sql);
  }
  return false;
}

template <typename Run>
void Session::RunRetrying(uint64_t mark, const bool& may_retry, bool already_ran, Run&& run) {
  for (int attempt = 0;; ++attempt) {
    CommitReport report;
    try {
      if (!already_ran) run();
      already_ran = false;
      report = FinishImplicit();
    } catch (const SqlError& error) {
      bool lost = error.state() == sqlstate::kTRSerializationFailure && !block_.in_block();
      if (!lost || !may_retry || !MayRunAgain(mark, attempt)) throw;
      EndPortals(false);
      block_.Fail();
      continue;
    }
    if (report.outcome == CommitOutcome::kCommitted) return;
    bool lost = report.outcome == CommitOutcome::kConflict;
    if (!lost || !may_retry || !MayRunAgain(mark, attempt, report.lost_to_job)) {
      ThrowNotCommitted(report);
    }
  }
}

}  // namespace sundog::session
