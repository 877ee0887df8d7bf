// The statements that a session carries out itself: transaction control, settings, prepared
// statements, cursors. They name nothing in the catalog (but for the types of PREPARE), so that
// they go from the parse tree to plain data here, and the session need not know parse trees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct Node;
struct VariableSetStmt;

namespace sundog::parser {

struct RawStatement;

enum class IsolationLevel : uint8_t {
  kReadUncommitted,  // behaves as READ COMMITTED
  kReadCommitted,
  kRepeatableRead,
  kSerializable,
};


// What BEGIN, START TRANSACTION and SET TRANSACTION may say; unset: not mentioned.
struct TransactionModes {
  std::optional<IsolationLevel> isolation;
  std::optional<bool> read_only;
  std::optional<bool> deferrable;
};

struct BeginCommand {
  TransactionModes modes;
  bool start_transaction = false;  // the tag says START TRANSACTION
};
struct CommitCommand {
  bool chain = false;
};
struct RollbackCommand {
  bool chain = false;
};
struct SavepointCommand {
  std::string name;
};
struct ReleaseCommand {
  std::string name;
};
struct RollbackToCommand {
  std::string name;
};
// SET TRANSACTION, SET SESSION CHARACTERISTICS AS TRANSACTION.
struct SetTransactionCommand {
  TransactionModes modes;
  bool session_default = false;
};
// The value that SET name = …, … gives, as it is kept: lists with commas, names quoted as needed.
std::string SettingValue(const ::VariableSetStmt* statement);

// SET name = value | TO DEFAULT, RESET name.
struct SetCommand {
  std::string name;
  // Unset: DEFAULT or RESET.
  std::optional<std::string> value;
  bool is_local = false;
  bool is_reset = false;  // the tag says RESET
};
struct ResetAllCommand {};
struct ShowCommand {
  std::string name;  // "all" for SHOW ALL
};

struct PrepareCommand {
  std::string name;
};
struct ExecuteCommand {
  std::string name;
  int argument_count = 0;
};
struct DeallocateCommand {
  std::string name;  // empty: ALL
};
struct DeclareCursorCommand {
  std::string name;
  bool binary = false;
  bool scroll = false;
  bool no_scroll = false;
  bool with_hold = false;
};
enum class FetchDirection : uint8_t { kForward, kBackward, kAbsolute, kRelative };
inline constexpr int64_t kFetchAll = INT64_MAX;
struct FetchCommand {
  std::string name;
  FetchDirection direction = FetchDirection::kForward;
  int64_t count = 1;
  bool is_move = false;
};
struct CloseCursorCommand {
  std::string name;  // empty: ALL
};

enum class DiscardTarget : uint8_t { kAll, kPlans, kSequences, kTemp };
struct DiscardCommand {
  DiscardTarget target = DiscardTarget::kAll;
};
struct ListenCommand {
  std::string channel;
};
struct UnlistenCommand {
  std::string channel;  // empty: all
};
struct NotifyCommand {
  std::string channel;
  std::string payload;
};

// monostate: not the session's.
using SessionCommand =
    std::variant<std::monostate, BeginCommand, CommitCommand, RollbackCommand, SavepointCommand,
                 ReleaseCommand, RollbackToCommand, SetTransactionCommand, SetCommand,
                 ResetAllCommand, ShowCommand, PrepareCommand, ExecuteCommand, DeallocateCommand,
                 DeclareCursorCommand, FetchCommand, CloseCursorCommand, DiscardCommand,
                 ListenCommand, UnlistenCommand, NotifyCommand>;

// monostate for a statement that is not the session's. Throws what PostgreSQL says about malformed
// values (SET of a wrong shape).
SessionCommand SessionCommandOf(const RawStatement& statement);

// The statement inside PREPARE and DECLARE CURSOR; null for all others. It belongs to the script.
::Node* InnerStatement(const RawStatement& statement);

// "SELECT", "CREATE TABLE", …: what CommandComplete calls the statement. Static text.
std::string_view CommandTag(const RawStatement& statement);

// CREATE INDEX CONCURRENTLY.
bool IsConcurrentIndex(const RawStatement& statement);

}  // namespace sundog::parser
