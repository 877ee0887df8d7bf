// RAISE, ASSERT, exception handlers, GET DIAGNOSTICS, and the CONTEXT of errors.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "session/plpgsql/interpreter.h"
#include "session/plpgsql/parser.h"
#include "types/oids.h"

namespace sundog::session::plpgsql {

namespace {

// What CONTEXT calls a statement.
std::string_view StatementName(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kBlock: return "statement block";
    case StatementKind::kAssign: return "assignment";
    case StatementKind::kIf: return "IF";
    case StatementKind::kCase: return "CASE";
    case StatementKind::kLoop: return "LOOP";
    case StatementKind::kWhile: return "WHILE";
    case StatementKind::kForInteger: return "FOR with integer loop variable";
    case StatementKind::kForQuery: {
      const auto& loop = static_cast<const ForQuery&>(statement);
      return loop.dynamic        ? "FOR over EXECUTE statement"
             : loop.cursor >= 0 ? "FOR over cursor"
                                 : "FOR over SELECT rows";
    }
    case StatementKind::kForeach: return "FOREACH over array";
    case StatementKind::kExit:
      return static_cast<const Exit&>(statement).is_continue ? "CONTINUE" : "EXIT";
    case StatementKind::kReturn: return "RETURN";
    case StatementKind::kReturnNext: return "RETURN NEXT";
    case StatementKind::kReturnQuery: return "RETURN QUERY";
    case StatementKind::kRaise: return "RAISE";
    case StatementKind::kAssert: return "ASSERT";
    case StatementKind::kSql: return "SQL statement";
    case StatementKind::kDynamic: return "EXECUTE";
    case StatementKind::kPerform: return "PERFORM";
    case StatementKind::kDiagnostics:
      return static_cast<const Diagnostics&>(statement).stacked ? "GET STACKED DIAGNOSTICS"
                                                                 : "GET DIAGNOSTICS";
    case StatementKind::kNull: return "NULL";
    case StatementKind::kOpen: return "OPEN";
    case StatementKind::kFetch:
      return static_cast<const Fetch&>(statement).is_move ? "MOVE" : "FETCH";
    case StatementKind::kClose: return "CLOSE";
    case StatementKind::kTransaction:
      return static_cast<const TransactionControl&>(statement).commit ? "COMMIT" : "ROLLBACK";
  }
  return "";
}

}  // namespace

std::string Interpreter::ContextLine() const {
  std::string line = "PL/pgSQL function " + options_.signature;
  if (current_ == nullptr) return line;
  line += fmt::format(" line {} ", current_->line);
  return line + (initialising_ ? "during statement block local variable initialization"
                               : fmt::format("at {}", StatementName(*current_)));
}

void Interpreter::AddContext(SqlError& error) const {
  if (context_added_) return;
  std::string& context = error.fields().context;
  if (!context.empty()) context += '\n';
  context += ContextLine();
}

const Handler* Interpreter::FindHandler(const Block& block, base::SqlState state) const {
  auto fits = [&](const Condition& condition) {
    if (condition.others) {
      return !(state == sqlstate::kQueryCanceled || state == sqlstate::kAssertFailure);
    }
    bool is_class = condition.state.code().substr(2) == "000";
    return condition.state == state ||
           (is_class && condition.state.error_class() == state.error_class());
  };
  for (const Handler& handler : block.handlers) {
    if (std::any_of(handler.conditions.begin(), handler.conditions.end(), fits)) return &handler;
  }
  return nullptr;
}

std::string Interpreter::FormatMessage(const Raise& statement) {
  std::string message;
  std::string_view format = *statement.format;
  size_t next = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      message += format[i];
    } else if (i + 1 < format.size() && format[i + 1] == '%') {
      message += '%';
      ++i;
    } else {
      Value value = Evaluate(statement.parameters.at(next++));
      message += value.is_null() ? "<NULL>" : host_.ToText(value);
    }
  }
  return message;
}

void Interpreter::RunRaise(const Raise& statement) {
  if (statement.rethrow) {
    if (handled_ == nullptr) {
      throw SqlError(sqlstate::kStackedDiagnosticsAccessedWithoutActiveHandler,
                     "RAISE without parameters cannot be used outside an exception handler");
    }
    context_added_ = true;
    throw SqlError(*handled_);
  }
  base::ErrorFields fields;
  fields.severity = statement.level;
  bool is_error = statement.level == base::Severity::kError;
  if (statement.state) {
    fields.state = *statement.state;
  } else {
    bool is_warning = statement.level == base::Severity::kWarning;
    fields.state = is_error     ? sqlstate::kRaiseException
                   : is_warning ? sqlstate::kWarning
                                : sqlstate::kSuccessfulCompletion;
  }
  fields.message = statement.format ? FormatMessage(statement) : statement.condition_name;
  for (const auto& [option, expression] : statement.options) {
    Value value = Evaluate(expression);
    if (value.is_null()) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "RAISE statement option cannot be null");
    }
    std::string text = host_.ToText(value);
    switch (option) {
      case RaiseOption::kErrcode: {
        bool is_code = text.size() == 5 &&
                       text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
                           std::string::npos;
        fields.state = is_code ? base::SqlState(text) : LookUpCondition(text)[0].state;
        if (fields.message.empty()) fields.message = text;
        break;
      }
      case RaiseOption::kMessage: fields.message = text; break;
      case RaiseOption::kDetail: fields.detail = text; break;
      case RaiseOption::kHint: fields.hint = text; break;
      case RaiseOption::kColumn: fields.column = text; break;
      case RaiseOption::kConstraint: fields.constraint = text; break;
      case RaiseOption::kDatatype: fields.data_type = text; break;
      case RaiseOption::kTable: fields.table = text; break;
      case RaiseOption::kSchema: fields.schema = text; break;
    }
  }
  if (fields.message.empty()) fields.message = fields.state.code();
  if (is_error) throw SqlError(std::move(fields));
  fields.context = ContextLine();
  host_.Notice(fields);
}

void Interpreter::RunAssert(const Assert& statement) {
  if (EvaluateCondition(statement.condition)) return;
  std::string message = "assertion failed";
  if (statement.message) {
    Value value = Evaluate(*statement.message);
    if (!value.is_null()) message = host_.ToText(value);
  }
  throw SqlError(sqlstate::kAssertFailure, message);
}

void Interpreter::RunDiagnostics(const Diagnostics& statement) {
  if (statement.stacked && handled_ == nullptr) {
    throw SqlError(sqlstate::kStackedDiagnosticsAccessedWithoutActiveHandler,
                   "GET STACKED DIAGNOSTICS cannot be used outside an exception handler");
  }
  auto text = [](std::string_view value) {
    return Value::Of({types::oids::kText, -1}, types::PhysicalKind::kVarlen,
                     types::Datum::From(value));
  };
  for (const auto& [target, item] : statement.items) {
    Value value;
    switch (item) {
      case DiagnosticItem::kRowCount:
        value = Value::Of({types::oids::kInt8, -1}, types::PhysicalKind::kInt64,
                          types::Datum::From(row_count_));
        break;
      case DiagnosticItem::kContext: value = text(ContextLine()); break;
      case DiagnosticItem::kReturnedSqlstate: value = text(handled_->state.code()); break;
      case DiagnosticItem::kMessageText: value = text(handled_->message); break;
      case DiagnosticItem::kDetail: value = text(handled_->detail); break;
      case DiagnosticItem::kHint: value = text(handled_->hint); break;
      case DiagnosticItem::kExceptionContext: value = text(handled_->context); break;
      case DiagnosticItem::kColumnName: value = text(handled_->column); break;
      case DiagnosticItem::kConstraintName: value = text(handled_->constraint); break;
      case DiagnosticItem::kDatatypeName: value = text(handled_->data_type); break;
      case DiagnosticItem::kTableName: value = text(handled_->table); break;
      case DiagnosticItem::kSchemaName: value = text(handled_->schema); break;
    }
    AssignTarget(target, value);
  }
}

}  // namespace sundog::session::plpgsql
