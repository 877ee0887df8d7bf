// The statements a session carries out itself: transaction control, settings, prepared statements,
// cursors. Everything else goes down the pipeline. Made from the parse tree
// (statement_pipeline.h); plain data, independent of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "session/transaction.h"

namespace sundog::session {

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
  std::vector<uint32_t> parameter_types;  // OIDs; 0: unknown
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
                 ReleaseCommand, RollbackToCommand, SetTransactionCommand, SetCommand, ResetAllCommand, ShowCommand, PrepareCommand, ExecuteCommand,
                 DeallocateCommand, DeclareCursorCommand, FetchCommand, CloseCursorCommand,
                 DiscardCommand, ListenCommand, UnlistenCommand, NotifyCommand>;

}  // namespace sundog::session
