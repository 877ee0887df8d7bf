// What the layers below see of a session while they bind and execute its statements. Owned by the
// session; used by one fiber at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/sql_error.h"
#include "codec/key_space.h"
#include "runtime/interrupt.h"
#include "session/activity.h"
#include "session/io_settings.h"
#include "session/profile.h"
#include "session/settings.h"
#include "session/transaction.h"
#include "types/type_info.h"

namespace sundog::catalog {
struct CursorRow;
struct PreparedStatementRow;
}  // namespace sundog::catalog

namespace sundog::session {

class TransactionBlock;

// What the engine keeps for a session: temporary objects, currval(), open sequences.
class EngineState {
 public:
  virtual ~EngineState() = default;
  // SET ROLE, SET SESSION AUTHORIZATION: throw if the session may not.
  virtual void CheckSetRole(std::string_view role) = 0;
  virtual void CheckSetAuthorization(std::string_view role) = 0;
  // Whether the current role is one.
  virtual bool IsSuperuser() = 0;
  // What ALTER ROLE and ALTER DATABASE … SET keep for the session, what counts more first: "x=y".
  virtual std::vector<std::string> StoredSettings() = 0;
};

// What the session holds for its client, as pg_prepared_statements and pg_cursors list it.
class SessionObjects {
 public:
  virtual ~SessionObjects() = default;
  virtual std::vector<catalog::PreparedStatementRow> PreparedStatements() const = 0;
  virtual std::vector<catalog::CursorRow> Cursors() const = 0;
};

struct SessionIdentity {
  // Whose data: everything a session reads and writes is under its tenant's prefix.
  uint32_t tenant = codec::kFirstTenant;
  Profile profile = Profile::kPostgres;
  std::string database;
  std::string user;  // session_user
  int32_t process_id = 0;
  std::string client_address;  // "127.0.0.1:40000"
  std::string iam_arn;         // whose token let it in; empty: it came in otherwise
  // As a role that is mapped to the token's user or role. The mapping is looked for at the start of
  // each transaction, too.
  bool is_mapped = false;
  bool uses_tls = false;
  bool is_superuser = true;
  // Nothing it does may change anything, and no statement makes it otherwise.
  bool read_only = false;

  std::string ClientHost() const;
  int32_t ClientPort() const;  // -1: not known
};

// What a statement may take of the heap in all: with its values, the states of aggregates and its
// plan, which no operator can put aside. In bytes, of sundog.statement_memory and
// maintenance_work_mem.
inline size_t HeapLimit(size_t statement_memory, size_t maintenance_memory) {
  return 4 * std::max(statement_memory, maintenance_memory);
}

// Settings read with every statement, looked up by name only when one has changed.
struct StatementSettings {
  TransactionOptions transaction;
  int64_t statement_timeout_ms = 0;
  int64_t lock_timeout_ms = 0;
  bool synchronous_commit = true;
  int64_t idle_in_transaction_timeout_ms = 0;
  int64_t idle_session_timeout_ms = 0;
  // What one statement may take, and one of its operators before it spills.
  size_t statement_memory_bytes = 0;
  size_t work_memory_bytes = 0;
  // What making an index may take.
  size_t maintenance_memory_bytes = 0;
};

class SessionContext {
 public:
  SessionContext(SessionIdentity identity, base::Clock& clock);
  // The engine's part goes first: until then other sessions may look at this one.
  ~SessionContext() { engine.reset(); }

  const SessionIdentity& identity() const { return identity_; }
  SessionSettings& settings() { return settings_; }
  const SessionSettings& settings() const { return settings_; }
  base::Clock& clock() const { return clock_; }
  runtime::CancelToken& cancel_token() const { return *cancel_token_; }
  std::shared_ptr<runtime::CancelToken> shared_cancel_token() const { return cancel_token_; }

  // Follows the settings; its address does not change.
  const types::IoSettings& io_settings();
  types::IoContext Io();
  const StatementSettings& statement_settings() {
    FollowSettings();
    return statement_settings_;
  }

  // SHOW, current_setting(), set_config(): the settings plus those the transaction decides
  // (transaction_isolation, …).
  std::string ShowSetting(std::string_view name) const;
  void SetSetting(std::string_view name, std::optional<std::string_view> value, bool is_local);
  // What the client wants to begin with; RESET goes back to it.
  void SetInitialSetting(std::string_view name, std::string_view value);

  // Sends a NoticeResponse.
  void Notice(const base::ErrorFields& fields) const {
    if (notice_sink_) notice_sink_(fields);
  }
  void Warn(base::SqlState state, std::string message) const;
  void SetNoticeSink(std::function<void(const base::ErrorFields&)> sink) {
    notice_sink_ = std::move(sink);
  }

  Activity& activity() { return activity_; }
  // The text of the client's statement that runs.
  std::string_view statement_text() const { return statement_text_; }
  void SetStatementText(std::string_view sql) { statement_text_ = sql; }
  // 25006 while the transaction is read-only; `what`: "nextval()".
  void RequireMayWrite(std::string_view what) const;
  // From any thread: ends the session, in the midst of a statement too.
  void Terminate() {
    cancel_token_->Cancel(runtime::CancelReason::kShutdown);
    if (terminator_) terminator_();
  }
  // What wakes the session's connection when it is idle.
  void SetTerminator(std::function<void()> terminator) { terminator_ = std::move(terminator); }

  // Microseconds since 1970, as now() and statement_timestamp() want them.
  int64_t transaction_start_us() const { return transaction_start_us_; }
  int64_t statement_start_us() const { return statement_start_us_; }
  void StartTransactionClock();
  // `sql` stays valid until BecomeIdle().
  void StartStatement(std::string_view sql);
  // `status`: as in ReadyForQuery.
  void BecomeIdle(char status);

  // Set by the engine: how types and names are looked up in this session's catalog.
  const types::TypeLookup* types = nullptr;
  types::NameResolver* names = nullptr;
  types::DomainChecker* domains = nullptr;
  std::unique_ptr<EngineState> engine;

  // Whether a statement being planned may have parameters that are not declared.
  bool infer_parameters = true;
  TransactionBlock* transaction_block = nullptr;
  const SessionObjects* objects = nullptr;

 private:
  void CheckProfileAllows(std::string_view setting, bool is_local) const;

  SessionIdentity identity_;
  base::Clock& clock_;
  SessionSettings settings_;
  std::shared_ptr<runtime::CancelToken> cancel_token_ = std::make_shared<runtime::CancelToken>();
  void FollowSettings() {
    if (followed_generation_ != settings_.generation()) FollowChangedSettings();
  }
  void FollowChangedSettings();

  types::IoSettings io_settings_;
  StatementSettings statement_settings_;
  uint64_t followed_generation_ = 0;
  int64_t transaction_start_us_ = 0;
  int64_t statement_start_us_ = 0;
  std::string_view statement_text_;
  Activity activity_;
  std::function<void()> terminator_;
  std::function<void(const base::ErrorFields&)> notice_sink_;
};

}  // namespace sundog::session
