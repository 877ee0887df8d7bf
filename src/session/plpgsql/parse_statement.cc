// Statements other than loops and RAISE.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "runtime/stack.h"
#include "session/plpgsql/function_parser.h"

namespace sundog::session::plpgsql {

namespace {

struct ItemName {
  std::string_view name;
  DiagnosticItem item;
  bool stacked;
};
constexpr ItemName kItems[] = {
    {"row_count", DiagnosticItem::kRowCount, false},
    {"pg_context", DiagnosticItem::kContext, false},
    {"returned_sqlstate", DiagnosticItem::kReturnedSqlstate, true},
    {"message_text", DiagnosticItem::kMessageText, true},
    {"pg_exception_detail", DiagnosticItem::kDetail, true},
    {"pg_exception_hint", DiagnosticItem::kHint, true},
    {"pg_exception_context", DiagnosticItem::kExceptionContext, true},
    {"column_name", DiagnosticItem::kColumnName, true},
    {"constraint_name", DiagnosticItem::kConstraintName, true},
    {"pg_datatype_name", DiagnosticItem::kDatatypeName, true},
    {"table_name", DiagnosticItem::kTableName, true},
    {"schema_name", DiagnosticItem::kSchemaName, true},
};

[[noreturn]] void ThrowSyntaxText(std::string message) {
  throw SqlError(sqlstate::kSyntaxError, std::move(message));
}

}  // namespace

StatementPtr FunctionParser::ReadStatement() {
  runtime::CheckStackDepth();
  int line = Peek().line;
  std::string label = ReadLabel();
  StatementPtr statement;
  if (Peek().IsWord("declare") || Peek().IsWord("begin")) {
    statement = ReadBlock(std::move(label));
  } else if (Peek().IsWord("loop")) {
    statement = ReadLoop(std::move(label));
  } else if (Peek().IsWord("while")) {
    statement = ReadWhile(std::move(label));
  } else if (Peek().IsWord("for")) {
    statement = ReadFor(std::move(label));
  } else if (Peek().IsWord("foreach")) {
    statement = ReadForeach(std::move(label));
  } else {
    if (!label.empty()) ThrowSyntax(Peek());
    statement = ReadSimpleStatement();
  }
  ExpectSymbol(";");
  // A block's line is that of its BEGIN.
  if (statement->kind != StatementKind::kBlock) statement->line = line;
  return statement;
}

StatementPtr FunctionParser::ReadSimpleStatement() {
  // A variable's name wins over a keyword where an assignment follows.
  if (AtTarget()) return ReadAssign();
  if (TryWord("if")) return ReadIf();
  if (TryWord("case")) return ReadCase();
  if (TryWord("exit")) return ReadExit(false);
  if (TryWord("continue")) return ReadExit(true);
  if (TryWord("return")) return ReadReturn();
  if (TryWord("raise")) return ReadRaise();
  if (TryWord("assert")) return ReadAssert();
  if (TryWord("execute")) return ReadDynamic();
  if (TryWord("perform")) return ReadPerform();
  if (TryWord("get")) return ReadDiagnostics();
  if (TryWord("open")) return ReadOpen();
  if (TryWord("fetch")) return ReadFetch(false);
  if (TryWord("move")) return ReadFetch(true);
  if (TryWord("close")) {
    auto close = std::make_unique<Close>();
    close->cursor = ReadCursorVariable();
    return close;
  }
  if (TryWord("null")) return std::make_unique<NullStatement>();
  if (TryWord("commit")) return ReadTransactionControl(true);
  if (TryWord("rollback")) return ReadTransactionControl(false);
  return ReadSqlStatement();
}

// --- assignment ---

bool FunctionParser::AtTarget() const {
  if (Peek().kind != TokenKind::kWord && Peek().kind != TokenKind::kParameter) return false;
  size_t ahead = 1;
  while (Peek(ahead).IsSymbol(".") && Peek(ahead + 1).kind == TokenKind::kWord) ahead += 2;
  if (Peek(ahead).IsSymbol(":=") || Peek(ahead).IsSymbol("=")) return true;
  return Peek(ahead).IsSymbol("[") && FindVariable(Peek().text) >= 0;
}

Target FunctionParser::ReadTarget() {
  Target target;
  Token first = Take();
  if (first.kind != TokenKind::kWord && first.kind != TokenKind::kParameter) ThrowSyntax(first);
  std::string path = first.text;
  target.variable = FindVariable(first.text);
  bool has_field = false;
  while (Peek().IsSymbol(".") && !has_field) {
    ++at_;
    std::string name = ExpectName();
    path += "." + name;
    int qualified = target.field.empty() ? FindQualified(first.text, name) : -1;
    if (qualified >= 0) {
      target.variable = qualified;
    } else {
      target.field = name;
      has_field = true;
    }
  }
  if (target.variable < 0) {
    ThrowSyntaxText(fmt::format("\"{}\" is not a known variable", path));
  }
  const Variable& variable = function_->variables[static_cast<size_t>(target.variable)];
  if (variable.constant) {
    throw SqlError(sqlstate::kErrorInAssignment,
                   fmt::format("variable \"{}\" is declared CONSTANT", variable.name));
  }
  while (TrySymbol("[")) {
    Target::Subscript subscript;
    subscript.upper = ReadExpression({":", "]"});
    if (TrySymbol(":")) {
      subscript.lower = std::move(subscript.upper);
      subscript.upper = ReadExpression({"]"});
    }
    ExpectSymbol("]");
    target.subscripts.push_back(std::move(subscript));
  }
  return target;
}

std::vector<Target> FunctionParser::ReadTargets() {
  std::vector<Target> targets;
  do {
    targets.push_back(ReadTarget());
  } while (TrySymbol(","));
  return targets;
}

StatementPtr FunctionParser::ReadAssign() {
  auto assign = std::make_unique<Assign>();
  size_t from = at_;
  assign->target = ReadTarget();
  if (!TrySymbol(":=")) ExpectSymbol("=");
  size_t value_from = at_;
  assign->value = ReadExpression({";"});
  assign->value.assignment = Text(from, at_);
  assign->value.assignment_offset =
      static_cast<int>(tokens_[value_from].begin - tokens_[from].begin);
  return assign;
}

// --- control ---

StatementPtr FunctionParser::ReadIf() {
  auto statement = std::make_unique<If>();
  do {
    If::Branch branch;
    branch.condition = ReadExpression({"then"});
    ExpectWord("then");
    branch.body = ReadBody({"elsif", "elseif", "else", "end"});
    statement->branches.push_back(std::move(branch));
  } while (TryWord("elsif") || TryWord("elseif"));
  if (TryWord("else")) statement->otherwise = ReadBody({"end"});
  ExpectWord("end");
  ExpectWord("if");
  return statement;
}

StatementPtr FunctionParser::ReadCase() {
  auto statement = std::make_unique<Case>();
  const ScopeEntry* outer = scope_;
  std::string operand_name;
  if (!Peek().IsWord("when")) {
    statement->operand = ReadExpression({"when"});
    operand_name = fmt::format("__Case__Variable_{}__", function_->variables.size());
    // Its type is the operand's, found out when it runs.
    statement->operand_variable = AddVariable(operand_name, "", Peek().line);
    Push(operand_name, statement->operand_variable);
  }
  while (TryWord("when")) {
    Case::When when;
    when.condition = ReadExpression({"then"});
    if (statement->operand) {
      when.condition.sql = fmt::format("\"{}\" IN ({})", operand_name, when.condition.sql);
    }
    ExpectWord("then");
    when.body = ReadBody({"when", "else", "end"});
    statement->whens.push_back(std::move(when));
  }
  if (statement->whens.empty()) ThrowSyntax(Peek());
  if (TryWord("else")) {
    statement->has_else = true;
    statement->otherwise = ReadBody({"end"});
  }
  ExpectWord("end");
  ExpectWord("case");
  scope_ = outer;
  return statement;
}

StatementPtr FunctionParser::ReadExit(bool is_continue) {
  auto statement = std::make_unique<Exit>();
  statement->is_continue = is_continue;
  if (Peek().kind == TokenKind::kWord && !Peek().IsWord("when")) {
    statement->label = Take().text;
    if (std::find(labels_.begin(), labels_.end(), statement->label) == labels_.end()) {
      ThrowSyntaxText(fmt::format("there is no label \"{}\" attached to any block or loop "
                                  "enclosing this statement",
                                  statement->label));
    }
  } else if (std::find(labels_.begin(), labels_.end(), " loop") == labels_.end()) {
    ThrowSyntaxText(is_continue
                        ? "CONTINUE cannot be used outside a loop"
                        : "EXIT cannot be used outside a loop, unless it has a label");
  }
  if (TryWord("when")) statement->condition = ReadExpression({";"});
  return statement;
}

StatementPtr FunctionParser::ReadReturn() {
  if (TryWord("next")) {
    if (!declaration_.returns_set) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "cannot use RETURN NEXT in a non-SETOF function");
    }
    auto statement = std::make_unique<ReturnNext>();
    if (!Peek().IsSymbol(";")) statement->value = ReadExpression({";"});
    return statement;
  }
  if (TryWord("query")) {
    if (!declaration_.returns_set) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     "cannot use RETURN QUERY in a non-SETOF function");
    }
    auto statement = std::make_unique<ReturnQuery>();
    if (TryWord("execute")) {
      statement->dynamic = ReadExpression({"using", ";"});
      if (TryWord("using")) statement->parameters = ReadExpressionList({";"});
    } else {
      statement->query = ReadSql({";"}, "SQL statement");
    }
    return statement;
  }
  auto statement = std::make_unique<Return>();
  bool takes_no_value = declaration_.returns_set || declaration_.returns_void ||
                        declaration_.has_out_parameters || declaration_.is_procedure;
  if (!takes_no_value) {
    statement->value = ReadExpression({";"});
  } else if (!Peek().IsSymbol(";")) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   declaration_.returns_set
                       ? "RETURN cannot have a parameter in function returning set"
                   : declaration_.is_procedure
                       ? "RETURN cannot have a parameter in a procedure"
                   : declaration_.returns_void
                       ? "RETURN cannot have a parameter in function returning void"
                       : "RETURN cannot have a parameter in function with OUT parameters");
  }
  return statement;
}

StatementPtr FunctionParser::ReadAssert() {
  auto statement = std::make_unique<Assert>();
  std::vector<Expression> parts = ReadExpressionList({";"});
  statement->condition = parts[0];
  if (parts.size() > 1) statement->message = parts[1];
  if (parts.size() > 2) ThrowSyntax(Peek());
  return statement;
}

// --- SQL ---

// The statement's text without its INTO clause, which names variables.
StatementPtr FunctionParser::ReadSqlStatement() {
  auto statement = std::make_unique<Sql>();
  int line = Peek().line;
  if (Peek().kind != TokenKind::kWord && !Peek().IsSymbol("(")) ThrowSyntax(Peek());
  std::string text;
  size_t from = at_;
  const Token* before = nullptr;
  while (!Peek().IsSymbol(";")) {
    if (Peek().kind == TokenKind::kEnd) ThrowSyntax(Peek());
    bool insert_into = before != nullptr && (before->IsWord("insert") || before->IsWord("merge"));
    if (Peek().IsWord("into") && !insert_into) {
      if (statement->into) ThrowSyntaxText("INTO specified more than once");
      text += Text(from, at_);
      ++at_;
      statement->into = true;
      statement->strict = TryWord("strict");
      statement->targets = ReadTargets();
      from = at_;
      text += ' ';
      before = nullptr;
      continue;
    }
    before = &Peek();
    ++at_;
  }
  text += Text(from, at_);
  statement->sql = MakeExpression(std::move(text), line);
  return statement;
}

StatementPtr FunctionParser::ReadDynamic() {
  auto statement = std::make_unique<Dynamic>();
  statement->text = ReadExpression({"into", "using", ";"});
  while (!Peek().IsSymbol(";")) {
    if (TryWord("into")) {
      if (statement->into) ThrowSyntax(Peek());
      statement->into = true;
      statement->strict = TryWord("strict");
      statement->targets = ReadTargets();
    } else if (TryWord("using")) {
      if (!statement->parameters.empty()) ThrowSyntax(Peek());
      statement->parameters = ReadExpressionList({"into", ";"});
    } else {
      ThrowSyntax(Peek());
    }
  }
  return statement;
}

StatementPtr FunctionParser::ReadPerform() {
  auto statement = std::make_unique<Perform>();
  statement->query = ReadExpression({";"});
  statement->query.sql = "SELECT " + statement->query.sql;
  return statement;
}

StatementPtr FunctionParser::ReadDiagnostics() {
  auto statement = std::make_unique<Diagnostics>();
  statement->stacked = TryWord("stacked");
  if (!statement->stacked) TryWord("current");
  ExpectWord("diagnostics");
  do {
    Target target = ReadTarget();
    if (!TrySymbol(":=")) ExpectSymbol("=");
    Token name = Take();
    auto found = std::find_if(std::begin(kItems), std::end(kItems), [&](const ItemName& item) {
      return name.IsWord(item.name);
    });
    if (found == std::end(kItems)) ThrowSyntaxText("unrecognized GET DIAGNOSTICS item");
    if (found->stacked != statement->stacked) {
      std::string upper(found->name);
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      ThrowSyntaxText(fmt::format("diagnostics item {} is not allowed in GET {} DIAGNOSTICS",
                                  upper, statement->stacked ? "STACKED" : "CURRENT"));
    }
    statement->items.emplace_back(std::move(target), found->item);
  } while (TrySymbol(","));
  return statement;
}

// --- cursors, transactions ---

int FunctionParser::ReadCursorVariable() {
  Token name = Take();
  int variable = FindVariable(name.text);
  if (variable < 0) ThrowSyntaxText(fmt::format("\"{}\" is not a known variable", name.text));
  return variable;
}

StatementPtr FunctionParser::ReadOpen() {
  auto statement = std::make_unique<Open>();
  statement->cursor = ReadCursorVariable();
  const Variable& cursor = function_->variables[static_cast<size_t>(statement->cursor)];
  if (cursor.cursor_query) {
    if (TrySymbol("(")) {
      statement->arguments = ReadSql({")"}, "expression");
      ExpectSymbol(")");
    }
    return statement;
  }
  if (TryWord("no")) {
    ExpectWord("scroll");
  } else {
    TryWord("scroll");
  }
  ExpectWord("for");
  if (TryWord("execute")) {
    statement->dynamic = ReadExpression({"using", ";"});
    if (TryWord("using")) statement->parameters = ReadExpressionList({";"});
  } else {
    statement->query = ReadSql({";"}, "SQL statement");
  }
  return statement;
}

StatementPtr FunctionParser::ReadFetch(bool is_move) {
  auto statement = std::make_unique<Fetch>();
  statement->is_move = is_move;
  // [direction] [FROM | IN] cursor
  size_t from = at_;
  while (Peek().kind != TokenKind::kEnd && !AtEnd({"from", "in", "into", ";"})) ++at_;
  if (TryWord("from") || TryWord("in")) {
    statement->direction = Text(from, at_ - 1);
  } else if (at_ == from) {
    ThrowSyntax(Peek());
  } else {
    --at_;
    statement->direction = Text(from, at_);
  }
  statement->cursor = ReadCursorVariable();
  if (!is_move) {
    ExpectWord("into");
    statement->targets = ReadTargets();
  }
  return statement;
}

StatementPtr FunctionParser::ReadTransactionControl(bool commit) {
  auto statement = std::make_unique<TransactionControl>();
  statement->commit = commit;
  if (TryWord("and")) {
    bool no = TryWord("no");
    ExpectWord("chain");
    statement->chain = !no;
  }
  return statement;
}

}  // namespace sundog::session::plpgsql
