// What a session needs of the layers below it: parse, prepare, execute. `session` and `pgwire` are
// written and tested against this interface; the engine implements it with parser, binder, planner
// and exec.
//
// A statement's way: Parse() splits the text; a statement with a SessionCommand stays in the
// session; any other goes through Prepare() to a PreparedPlan, which is cached and shared, and from
// there through NewExecution() to an Execution, which is opened once a run and may be opened again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_error.h"
#include "parser/session_command.h"
#include "session/transaction.h"
#include "types/type_info.h"
#include "types/vector.h"

namespace sundog::session {

// The session's own statements, as data.
using parser::TransactionModes;
using parser::BeginCommand;
using parser::CommitCommand;
using parser::RollbackCommand;
using parser::SavepointCommand;
using parser::ReleaseCommand;
using parser::RollbackToCommand;
using parser::SetTransactionCommand;
using parser::SetCommand;
using parser::ResetAllCommand;
using parser::ShowCommand;
using parser::PrepareCommand;
using parser::ExecuteCommand;
using parser::DeallocateCommand;
using parser::DeclareCursorCommand;
using parser::FetchDirection;
using parser::kFetchAll;
using parser::FetchCommand;
using parser::CloseCursorCommand;
using parser::DiscardTarget;
using parser::DiscardCommand;
using parser::ListenCommand;
using parser::UnlistenCommand;
using parser::NotifyCommand;
using parser::SessionCommand;

// What a statement does, as a transaction counts it.
enum class Effect : uint8_t { kNone, kData, kDefinition };

class CopyChannel;
class SessionContext;
class StatementCache;

// One statement of a text, before names are looked up.
class ParsedStatement {
 public:
  virtual ~ParsedStatement() = default;

  // Where it stands in the text, in bytes; error locations count from the start of the text.
  int location = 0;
  int length = 0;
  SessionCommand command;
  // "SELECT", "INSERT", "CREATE TABLE", …; what the session's own commands end with.
  std::string_view command_tag;
  // The statement inside PREPARE and DECLARE CURSOR.
  std::unique_ptr<ParsedStatement> inner;
};

struct ResultColumn {
  std::string name;
  types::Oid table = types::kInvalidOid;  // where a plain column came from
  int16_t attribute_number = 0;
  types::SqlType type;
  const types::TypeInfo* info = nullptr;  // lives as long as the plan
};

enum class CountTag : uint8_t {
  kNone,    // CREATE TABLE
  kCount,   // SELECT 5, UPDATE 3, COPY 7
  kInsert,  // INSERT 0 5
};

enum class CopyDirection : uint8_t { kNone, kIn, kOut };

// A plan's parameters for one run.
struct ParameterValues {
  std::vector<types::Datum> values;
  std::vector<types::SqlType> types;
};

// One run of a plan. Reused run after run with its buffers.
class Execution {
 public:
  virtual ~Execution() = default;

  struct Context {
    SessionContext* session = nullptr;
    Transaction* transaction = nullptr;
    const ParameterValues* parameters = nullptr;
    CopyChannel* copy = nullptr;  // for COPY FROM STDIN and TO STDOUT
  };

  virtual void Open(const Context& context) = 0;
  // The next rows, or null at the end. Valid until the next call.
  virtual const types::Chunk* Next() = 0;
  // Also after an error; never throws.
  virtual void Close() = 0;
  // What the command tag counts; for queries the session counts itself.
  virtual int64_t rows_affected() const { return 0; }
};

// Immutable, shared between runs (and sessions of one reactor).
class PreparedPlan {
 public:
  virtual ~PreparedPlan() = default;
  virtual std::unique_ptr<Execution> NewExecution() const = 0;
  // False when the catalog has changed since in a way that matters.
  virtual bool IsCurrent(SessionContext& session, Transaction& transaction) const = 0;

  std::vector<types::Oid> parameter_types;
  bool returns_rows = false;
  std::vector<ResultColumn> columns;
  std::string_view command_tag;  // static text
  // What CommandComplete says instead: messages call the statement by a longer name. Static text.
  std::string_view short_tag;
  CountTag count_tag = CountTag::kNone;
  CopyDirection copy = CopyDirection::kNone;
  // Nothing but queries and data changes may be run again after a lost commit.
  bool may_retry = false;
  // 25001 inside a transaction block (VACUUM, CREATE DATABASE, …).
  bool needs_own_transaction = false;
  // 25P01 outside one (LOCK TABLE).
  bool needs_block = false;
  // Refused in a read-only transaction with 25006 `cannot execute … in a read-only transaction`.
  bool writes = false;
  Effect effect = Effect::kNone;
  // Not refused then all the same: temporary tables are the session's own.
  bool writes_only_temporary = false;
  // Worth keeping for the next statement with the same text.
  bool cacheable = false;
  // Planning for the parameters' values themselves would find no better plan.
  bool value_independent = false;
};

class StatementPipeline {
 public:
  virtual ~StatementPipeline() = default;

  // A session begins: what the engine keeps for it is made and ends with the context.
  virtual void Attach(SessionContext&) {}

  // Refuses a statement that the session's profile does not have.
  virtual void Admit(const ParsedStatement&, const SessionContext&) {}

  // The statements of a text, in order; none for an empty one. Throws 42601 with location.
  virtual std::vector<std::unique_ptr<ParsedStatement>> Parse(std::string_view sql) = 0;

  // Binds and plans. `parameter_types` as the client declared them, 0 for unknown; what is used but
  // not declared is inferred (42P18 where impossible).
  virtual std::shared_ptr<const PreparedPlan> Prepare(
      const ParsedStatement& statement, std::string_view sql,
      std::span<const types::Oid> parameter_types, SessionContext& session,
      Transaction& transaction) = 0;

  // The types that PREPARE declares for its parameters.
  virtual std::vector<types::Oid> DeclaredTypes(const ParsedStatement& statement,
                                                SessionContext& session,
                                                Transaction& transaction) = 0;

  // EXECUTE's arguments, converted to the prepared statement's parameter types. Their bytes are
  // copied to `arena`.
  virtual void EvaluateArguments(const ParsedStatement& statement, std::string_view sql,
                                 std::span<const types::Oid> parameter_types,
                                 SessionContext& session, Transaction& transaction,
                                 base::Arena& arena, ParameterValues& to) = 0;

  // The type for parameters and settings; sees the session's catalog.
  virtual const types::TypeInfo* FindType(types::Oid oid, SessionContext& session) = 0;

  // DISCARD TEMP, PLANS, SEQUENCES: what the engine keeps for the session; kAll means all of them.
  virtual void Discard(DiscardTarget target, SessionContext& session, Transaction& transaction) = 0;

  // Where plans of unprepared texts are kept; null: nowhere.
  virtual StatementCache* statement_cache() { return nullptr; }
  // All of a session that decides on binding and planning, but its catalog.
  virtual std::string_view BindingScope(SessionContext&) { return {}; }

  // A statement of the client's is over: what there was to run, how long it took, and how it ended.
  virtual void NoteStatement(const SessionContext&, std::string_view /*sql*/,
                             int64_t /*duration_us*/, bool /*failed*/) {}

  virtual std::unique_ptr<Transaction> Begin(const TransactionOptions& options,
                                             SessionContext& session) = 0;
};

}  // namespace sundog::session
