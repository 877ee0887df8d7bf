// See session_command.h: one function a statement that the session carries out.
#include "parser/session_command.h"

#include <array>
#include <cctype>

#include "base/sql_error.h"
#include "parser/parse.h"
#include "parser/pg_nodes.h"

namespace sundog::parser {

namespace {

// Settings whose value is a list of words; `quoted` ones are lists of identifiers.
struct ListSetting {
  std::string_view name;
  bool quoted;
};
constexpr ListSetting kListSettings[] = {
    {"datestyle", false},
    {"search_path", true},
    {"temp_tablespaces", true},
    {"session_preload_libraries", true},
    {"local_preload_libraries", true},
    {"wal_consistency_checking", false},
};

const ListSetting* FindListSetting(std::string_view name) {
  for (const ListSetting& setting : kListSettings) {
    if (strcasecmp(std::string(name).c_str(), std::string(setting.name).c_str()) == 0) {
      return &setting;
    }
  }
  return nullptr;
}

std::string QuoteIdentifier(const std::string& name) {
  bool safe = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0]));
  for (char c : name) {
    auto byte = static_cast<unsigned char>(c);
    safe = safe && (std::islower(byte) || std::isdigit(byte) || c == '_');
  }
  if (safe) return name;
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

const A_Const* ConstantOf(const Node* node) {
  return TagOf(node) == T_A_Const ? As<A_Const>(node) : nullptr;
}

std::string ConstantText(const A_Const* constant, bool quoted) {
  switch (TagOf(&constant->val)) {
    case T_Integer: return std::to_string(constant->val.ival.ival);
    case T_Float: return constant->val.fval.fval;
    case T_Boolean: return constant->val.boolval.boolval ? "on" : "off";
    case T_String:
      return quoted ? QuoteIdentifier(constant->val.sval.sval) : constant->val.sval.sval;
    default: base::ThrowNotSupported("SET to a value of this kind", constant->location);
  }
}

}  // namespace

std::string SettingValue(const VariableSetStmt* statement) {
  const ListSetting* list = FindListSetting(statement->name);
  if (list == nullptr && Length(statement->args) != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   std::string("SET ") + statement->name + " takes only one argument");
  }
  std::string value;
  for (const Node* argument : Each<Node>(statement->args)) {
    if (!value.empty()) value += ", ";
    if (TagOf(argument) == T_TypeCast) {
      // SET TIME ZONE INTERVAL '…' is the only one the grammar makes.
      const A_Const* inner = ConstantOf(As<TypeCast>(argument)->arg);
      if (inner == nullptr) base::ThrowNotSupported("SET to an expression");
      value += "INTERVAL '" + ConstantText(inner, false) + "'";
    } else {
      const A_Const* constant = ConstantOf(argument);
      if (constant == nullptr) base::ThrowNotSupported("SET to an expression");
      value += ConstantText(constant, list != nullptr && list->quoted);
    }
  }
  return value;
}

namespace {

IsolationLevel IsolationFromText(std::string_view text) {
  if (text == "read uncommitted") return IsolationLevel::kReadUncommitted;
  if (text == "read committed") return IsolationLevel::kReadCommitted;
  if (text == "repeatable read") return IsolationLevel::kRepeatableRead;
  return IsolationLevel::kSerializable;
}

TransactionModes ModesOf(const List* options) {
  TransactionModes modes;
  for (const DefElem* option : Each<DefElem>(options)) {
    std::string_view name = option->defname;
    const A_Const* constant = ConstantOf(option->arg);
    if (constant == nullptr) continue;
    if (name == "transaction_isolation") {
      modes.isolation = IsolationFromText(constant->val.sval.sval);
    } else if (name == "transaction_read_only") {
      modes.read_only = constant->val.ival.ival != 0;
    } else if (name == "transaction_deferrable") {
      modes.deferrable = constant->val.ival.ival != 0;
    }
  }
  return modes;
}

SessionCommand OfTransaction(const TransactionStmt* statement) {
  std::string name = TextOrEmpty(statement->savepoint_name);
  switch (statement->kind) {
    case TRANS_STMT_BEGIN: return BeginCommand{ModesOf(statement->options), false};
    case TRANS_STMT_START: return BeginCommand{ModesOf(statement->options), true};
    case TRANS_STMT_COMMIT: return CommitCommand{statement->chain};
    case TRANS_STMT_ROLLBACK: return RollbackCommand{statement->chain};
    case TRANS_STMT_SAVEPOINT: return SavepointCommand{name};
    case TRANS_STMT_RELEASE: return ReleaseCommand{name};
    case TRANS_STMT_ROLLBACK_TO: return RollbackToCommand{name};
    case TRANS_STMT_PREPARE:
    case TRANS_STMT_COMMIT_PREPARED:
    case TRANS_STMT_ROLLBACK_PREPARED: break;
  }
  throw SqlError(sqlstate::kObjectNotInPrerequisiteState, "prepared transactions are disabled")
      .Hint("Set max_prepared_transactions to a nonzero value.");
}

SessionCommand OfVariableSet(const VariableSetStmt* statement) {
  std::string name = TextOrEmpty(statement->name);
  SetCommand set;
  set.name = name;
  set.is_local = statement->is_local;
  switch (statement->kind) {
    case VAR_SET_VALUE: set.value = SettingValue(statement); return set;
    case VAR_SET_DEFAULT: return set;
    case VAR_SET_CURRENT: base::ThrowNotSupported("SET … FROM CURRENT");
    case VAR_RESET: set.is_reset = true; return set;
    case VAR_RESET_ALL: return ResetAllCommand{};
    case VAR_SET_MULTI: break;
  }
  if (name == "TRANSACTION SNAPSHOT") base::ThrowNotSupported("SET TRANSACTION SNAPSHOT");
  return SetTransactionCommand{ModesOf(statement->args), name == "SESSION CHARACTERISTICS"};
}

SessionCommand OfFetch(const FetchStmt* statement) {
  FetchCommand fetch;
  fetch.name = TextOrEmpty(statement->portalname);
  fetch.is_move = statement->ismove;
  // PostgreSQL's FETCH_ALL is the largest long.
  fetch.count = statement->howMany >= INT64_MAX ? kFetchAll : statement->howMany;
  switch (statement->direction) {
    case FETCH_FORWARD: fetch.direction = FetchDirection::kForward; break;
    case FETCH_BACKWARD: fetch.direction = FetchDirection::kBackward; break;
    case FETCH_ABSOLUTE: fetch.direction = FetchDirection::kAbsolute; break;
    case FETCH_RELATIVE: fetch.direction = FetchDirection::kRelative; break;
  }
  return fetch;
}

SessionCommand OfDeclare(const DeclareCursorStmt* statement) {
  DeclareCursorCommand declare;
  declare.name = TextOrEmpty(statement->portalname);
  declare.binary = (statement->options & CURSOR_OPT_BINARY) != 0;
  declare.scroll = (statement->options & CURSOR_OPT_SCROLL) != 0;
  declare.no_scroll = (statement->options & CURSOR_OPT_NO_SCROLL) != 0;
  declare.with_hold = (statement->options & CURSOR_OPT_HOLD) != 0;
  if (declare.scroll && declare.no_scroll) {
    throw SqlError(sqlstate::kInvalidCursorDefinition, "cannot specify both SCROLL and NO SCROLL");
  }
  return declare;
}

SessionCommand OfDiscard(const DiscardStmt* statement) {
  switch (statement->target) {
    case DISCARD_ALL: return DiscardCommand{DiscardTarget::kAll};
    case DISCARD_PLANS: return DiscardCommand{DiscardTarget::kPlans};
    case DISCARD_SEQUENCES: return DiscardCommand{DiscardTarget::kSequences};
    case DISCARD_TEMP: return DiscardCommand{DiscardTarget::kTemp};
  }
  return DiscardCommand{};
}

SessionCommand OfShow(const VariableShowStmt* statement) {
  return ShowCommand{TextOrEmpty(statement->name)};
}

}  // namespace

SessionCommand SessionCommandOf(const RawStatement& statement) {
  const Node* node = statement.tree;
  if (node == nullptr) return {};
  switch (TagOf(node)) {
    case T_TransactionStmt: return OfTransaction(As<TransactionStmt>(node));
    case T_VariableSetStmt: return OfVariableSet(As<VariableSetStmt>(node));
    case T_VariableShowStmt: return OfShow(As<VariableShowStmt>(node));
    case T_PrepareStmt: return PrepareCommand{TextOrEmpty(As<PrepareStmt>(node)->name)};
    case T_ExecuteStmt: {
      const auto* execute = As<ExecuteStmt>(node);
      return ExecuteCommand{TextOrEmpty(execute->name), Length(execute->params)};
    }
    case T_DeallocateStmt:
      return DeallocateCommand{TextOrEmpty(As<DeallocateStmt>(node)->name)};
    case T_DeclareCursorStmt: return OfDeclare(As<DeclareCursorStmt>(node));
    case T_FetchStmt: return OfFetch(As<FetchStmt>(node));
    case T_ClosePortalStmt:
      return CloseCursorCommand{TextOrEmpty(As<ClosePortalStmt>(node)->portalname)};
    case T_DiscardStmt: return OfDiscard(As<DiscardStmt>(node));
    case T_ListenStmt: return ListenCommand{TextOrEmpty(As<ListenStmt>(node)->conditionname)};
    case T_UnlistenStmt:
      return UnlistenCommand{TextOrEmpty(As<UnlistenStmt>(node)->conditionname)};
    case T_NotifyStmt:
      return NotifyCommand{TextOrEmpty(As<NotifyStmt>(node)->conditionname),
                           TextOrEmpty(As<NotifyStmt>(node)->payload)};
    default: return {};
  }
}

::Node* InnerStatement(const RawStatement& statement) {
  if (statement.tree == nullptr) return nullptr;
  switch (TagOf(statement.tree)) {
    case T_PrepareStmt: return As<PrepareStmt>(statement.tree)->query;
    case T_DeclareCursorStmt: return As<DeclareCursorStmt>(statement.tree)->query;
    default: return nullptr;
  }
}

}  // namespace sundog::parser
