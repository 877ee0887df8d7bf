// SET and transaction statements.
#include "binder/bind_utility.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

IsolationLevel IsolationOf(std::string_view text) {
  if (text == "read uncommitted") return IsolationLevel::kReadUncommitted;
  if (text == "read committed") return IsolationLevel::kReadCommitted;
  if (text == "repeatable read") return IsolationLevel::kRepeatableRead;
  return IsolationLevel::kSerializable;
}

TransactionModes ModesOf(const List* options) {
  TransactionModes modes;
  for (const DefElem* option : parser::Each<DefElem>(options)) {
    std::string_view name = option->defname;
    const A_Const* value = As<A_Const>(option->arg);
    if (name == "transaction_isolation") {
      modes.isolation = IsolationOf(value->val.sval.sval);
    } else if (name == "transaction_read_only") {
      modes.read_only = value->val.ival.ival != 0;
    } else if (name == "transaction_deferrable") {
      modes.deferrable = value->val.ival.ival != 0;
    }
  }
  return modes;
}

SetValue ValueOf(const Node* node) {
  SetValue result;
  if (TagOf(node) == T_TypeCast) {
    // SET TIME ZONE INTERVAL '…' HOUR TO MINUTE
    result = ValueOf(As<TypeCast>(node)->arg);
    result.is_interval = true;
    return result;
  }
  const auto* constant = As<A_Const>(node);
  switch (TagOf(&constant->val)) {
    case T_Integer: result.text = std::to_string(constant->val.ival.ival); break;
    case T_Float: result.text = constant->val.fval.fval; break;
    case T_Boolean: result.text = constant->val.boolval.boolval ? "true" : "false"; break;
    default:
      result.text = constant->val.sval.sval;
      result.is_string = true;
      break;
  }
  return result;
}

void BindMultiSet(const VariableSetStmt* raw, BoundSet& statement) {
  std::string_view name = raw->name;
  if (name == "TRANSACTION SNAPSHOT") {
    statement.action = SetAction::kTransactionSnapshot;
    statement.values.push_back(ValueOf(parser::At(raw->args, 0)));
    return;
  }
  statement.action =
      name == "TRANSACTION" ? SetAction::kTransaction : SetAction::kSessionCharacteristics;
  statement.modes = ModesOf(raw->args);
}

}  // namespace

BoundStatementPtr BindSet(const VariableSetStmt* raw) {
  auto statement = std::make_unique<BoundSet>();
  statement->name = parser::TextOrEmpty(raw->name);
  statement->local = raw->is_local;
  switch (raw->kind) {
    case VAR_SET_VALUE:
      statement->action = SetAction::kValue;
      for (const Node* value : parser::Each<Node>(raw->args)) {
        statement->values.push_back(ValueOf(value));
      }
      break;
    case VAR_SET_DEFAULT: statement->action = SetAction::kDefault; break;
    case VAR_SET_CURRENT: statement->action = SetAction::kFromCurrent; break;
    case VAR_SET_MULTI: BindMultiSet(raw, *statement); break;
    case VAR_RESET: statement->action = SetAction::kReset; break;
    case VAR_RESET_ALL: statement->action = SetAction::kResetAll; break;
  }
  return statement;
}

BoundStatementPtr BindTransaction(const TransactionStmt* raw) {
  auto statement = std::make_unique<BoundTransaction>();
  statement->modes = ModesOf(raw->options);
  statement->chain = raw->chain;
  statement->name = parser::TextOrEmpty(raw->savepoint_name);
  if (raw->gid != nullptr) statement->name = raw->gid;
  switch (raw->kind) {
    case TRANS_STMT_BEGIN: statement->command = TransactionCommand::kBegin; break;
    case TRANS_STMT_START: statement->command = TransactionCommand::kStart; break;
    case TRANS_STMT_COMMIT: statement->command = TransactionCommand::kCommit; break;
    case TRANS_STMT_ROLLBACK: statement->command = TransactionCommand::kRollback; break;
    case TRANS_STMT_SAVEPOINT: statement->command = TransactionCommand::kSavepoint; break;
    case TRANS_STMT_RELEASE: statement->command = TransactionCommand::kRelease; break;
    case TRANS_STMT_ROLLBACK_TO: statement->command = TransactionCommand::kRollbackTo; break;
    case TRANS_STMT_PREPARE: statement->command = TransactionCommand::kPrepare; break;
    case TRANS_STMT_COMMIT_PREPARED:
      statement->command = TransactionCommand::kCommitPrepared;
      break;
    case TRANS_STMT_ROLLBACK_PREPARED:
      statement->command = TransactionCommand::kRollbackPrepared;
      break;
  }
  return statement;
}

}  // namespace sundog::binder
