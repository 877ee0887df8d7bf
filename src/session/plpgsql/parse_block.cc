// Tokens, scopes, expressions, blocks and their declarations.
#include <fmt/format.h>

#include <algorithm>

#include "base/sql_error.h"
#include "session/plpgsql/function_parser.h"

namespace sundog::session::plpgsql {

std::shared_ptr<const Function> ParseFunction(const Declaration& declaration,
                                              std::string_view body) {
  return FunctionParser(declaration, body).Run();
}

std::vector<Condition> LookUpCondition(std::string_view name) {
  std::vector<Condition> conditions;
  if (name == "others") return {{true, base::SqlState()}};
  for (const base::SqlStateName& known : base::SqlStateNames()) {
    if (known.name == name) conditions.push_back({false, base::SqlState(known.code)});
  }
  if (conditions.empty()) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("unrecognized exception condition \"{}\"", name));
  }
  return conditions;
}

std::unique_ptr<Function> FunctionParser::Run() {
  function_ = std::make_unique<Function>();
  for (size_t i = 0; i < declaration_.parameters.size(); ++i) {
    const Parameter& parameter = declaration_.parameters[i];
    int variable = AddVariable(parameter.name, "", 0);
    function_->variables[static_cast<size_t>(variable)].type_oid = parameter.type_oid;
    function_->variables[static_cast<size_t>(variable)].typmod = parameter.typmod;
    Push("$" + std::to_string(i + 1), variable);
    if (!parameter.name.empty()) Push(parameter.name, variable);
  }
  function_->found_variable = AddVariable("found", "bool", 0);
  Push("found", function_->found_variable);
  // Outside everything: the function's own name labels its parameters.
  Push(declaration_.name, -1);
  labels_.push_back(declaration_.name);
  std::string label = ReadLabel();
  if (!Peek().IsWord("declare") && !Peek().IsWord("begin")) ThrowSyntax(Peek());
  function_->body = ReadBlock(std::move(label));
  TrySymbol(";");
  if (Peek().kind != TokenKind::kEnd) ThrowSyntax(Peek());
  return std::move(function_);
}

// --- tokens ---

const Token& FunctionParser::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool FunctionParser::TryWord(std::string_view word) {
  if (!Peek().IsWord(word)) return false;
  ++at_;
  return true;
}

bool FunctionParser::TrySymbol(std::string_view symbol) {
  if (!Peek().IsSymbol(symbol)) return false;
  ++at_;
  return true;
}

void FunctionParser::ExpectWord(std::string_view word) {
  if (!TryWord(word)) ThrowSyntax(Peek());
}

void FunctionParser::ExpectSymbol(std::string_view symbol) {
  if (!TrySymbol(symbol)) ThrowSyntax(Peek());
}

std::string FunctionParser::ExpectName() {
  if (Peek().kind != TokenKind::kWord) ThrowSyntax(Peek());
  return Take().text;
}

void FunctionParser::ThrowSyntax(const Token& at) const {
  if (at.kind == TokenKind::kEnd) {
    throw SqlError(sqlstate::kSyntaxError, "syntax error at end of input");
  }
  throw SqlError(sqlstate::kSyntaxError,
                 fmt::format("syntax error at or near \"{}\"",
                             source_.substr(at.begin, at.end - at.begin)));
}

std::string_view FunctionParser::Text(size_t from_token, size_t to_token) const {
  if (from_token >= to_token) return {};
  size_t begin = tokens_[from_token].begin;
  return source_.substr(begin, tokens_[to_token - 1].end - begin);
}

// --- scopes and variables ---

void FunctionParser::Push(std::string name, int variable) {
  auto entry = std::make_unique<ScopeEntry>();
  entry->name = std::move(name);
  entry->variable = variable;
  entry->outer = scope_;
  scope_ = entry.get();
  function_->scopes.push_back(std::move(entry));
}

int FunctionParser::AddVariable(std::string name, std::string type_text, int line) {
  Variable variable;
  variable.name = std::move(name);
  variable.type_text = std::move(type_text);
  variable.line = line;
  function_->variables.push_back(std::move(variable));
  return static_cast<int>(function_->variables.size()) - 1;
}

int FunctionParser::FindVariable(std::string_view name) const {
  for (const ScopeEntry* entry = scope_; entry != nullptr; entry = entry->outer) {
    if (entry->variable >= 0 && entry->name == name) return entry->variable;
  }
  return -1;
}

// A label is entered after the names it labels, so they lie between it and the next label.
int FunctionParser::FindQualified(std::string_view label, std::string_view name) const {
  for (const ScopeEntry* entry = scope_; entry != nullptr; entry = entry->outer) {
    if (entry->variable >= 0 || entry->name != label) continue;
    for (entry = entry->outer; entry != nullptr && entry->variable >= 0; entry = entry->outer) {
      if (entry->name == name) return entry->variable;
    }
    return -1;
  }
  return -1;
}

// --- expressions ---

bool FunctionParser::AtEnd(std::initializer_list<std::string_view> ends) const {
  const Token& token = Peek();
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) {
    return token.IsWord(end) || token.IsSymbol(end);
  });
}

Expression FunctionParser::MakeExpression(std::string sql, int line) {
  Expression expression;
  expression.sql = std::move(sql);
  expression.line = line;
  expression.scope = scope_;
  expression.id = function_->expression_count++;
  return expression;
}

Expression FunctionParser::ReadSql(std::initializer_list<std::string_view> ends,
                                   std::string_view what) {
  size_t from = at_;
  int line = Peek().line;
  int depth = 0;
  int cases = 0;
  while (Peek().kind != TokenKind::kEnd) {
    if (depth == 0 && cases == 0 && AtEnd(ends)) break;
    const Token& token = Peek();
    if (token.IsSymbol(";")) break;
    if (token.IsSymbol("(") || token.IsSymbol("[")) ++depth;
    if (token.IsSymbol(")") || token.IsSymbol("]")) --depth;
    // CASE … THEN … END inside an expression has words that would end it.
    if (token.IsWord("case")) ++cases;
    if (token.IsWord("end") && cases > 0) --cases;
    if (depth < 0) break;
    ++at_;
  }
  if (depth > 0) {
    throw SqlError(sqlstate::kSyntaxError, "mismatched parentheses");
  }
  if (depth < 0 && !AtEnd(ends)) {
    throw SqlError(sqlstate::kSyntaxError, "mismatched parentheses");
  }
  if (!AtEnd(ends)) ThrowSyntax(Peek());
  if (from == at_) {
    throw SqlError(sqlstate::kSyntaxError, fmt::format("missing {}", what));
  }
  return MakeExpression(std::string(Text(from, at_)), line);
}

Expression FunctionParser::ReadExpression(std::initializer_list<std::string_view> ends) {
  return ReadSql(ends, "expression");
}

std::vector<Expression> FunctionParser::ReadExpressionList(
    std::initializer_list<std::string_view> ends) {
  std::vector<Expression> list;
  std::vector<std::string_view> with_comma(ends);
  do {
    // One more end than the list's own.
    size_t from = at_;
    int line = Peek().line;
    int depth = 0;
    while (Peek().kind != TokenKind::kEnd && !Peek().IsSymbol(";") &&
           !(depth == 0 && (AtEnd(ends) || Peek().IsSymbol(",")))) {
      if (Peek().IsSymbol("(") || Peek().IsSymbol("[")) ++depth;
      if (Peek().IsSymbol(")") || Peek().IsSymbol("]")) --depth;
      ++at_;
    }
    if (from == at_) throw SqlError(sqlstate::kSyntaxError, "missing expression");
    list.push_back(MakeExpression(std::string(Text(from, at_)), line));
  } while (TrySymbol(","));
  if (!AtEnd(ends)) ThrowSyntax(Peek());
  return list;
}

// --- blocks ---

std::string FunctionParser::ReadLabel() {
  if (!TrySymbol("<<")) return "";
  std::string label = ExpectName();
  ExpectSymbol(">>");
  return label;
}

Body FunctionParser::ReadBody(std::initializer_list<std::string_view> ends) {
  Body body;
  while (!AtEnd(ends)) {
    if (Peek().kind == TokenKind::kEnd) ThrowSyntax(Peek());
    body.push_back(ReadStatement());
  }
  return body;
}

std::unique_ptr<Block> FunctionParser::ReadBlock(std::string label) {
  auto block = std::make_unique<Block>();
  block->label = label;
  const ScopeEntry* outer = scope_;
  // Ends the names of the block around, whether or not this one is labelled.
  Push("", -1);
  if (TryWord("declare")) ReadDeclarations(*block);
  Push(label, -1);
  labels_.push_back(label);
  block->line = Peek().line;
  ExpectWord("begin");
  block->body = ReadBody({"end", "exception"});
  if (TryWord("exception")) ReadHandlers(*block);
  ExpectWord("end");
  if (Peek().kind == TokenKind::kWord) {
    std::string end_label = Take().text;
    if (end_label != label) {
      throw SqlError(sqlstate::kSyntaxError,
                     label.empty()
                         ? fmt::format("end label \"{}\" specified for unlabeled block", end_label)
                         : fmt::format("end label \"{}\" differs from block's label \"{}\"",
                                       end_label, label));
    }
  }
  labels_.pop_back();
  scope_ = outer;
  return block;
}

void FunctionParser::ReadDeclarations(Block& block) {
  while (!Peek().IsWord("begin")) {
    if (Peek().kind == TokenKind::kEnd) ThrowSyntax(Peek());
    if (TryWord("declare")) continue;
    ReadDeclaration(block);
  }
}

void FunctionParser::ReadDeclaration(Block& block) {
  int line = Peek().line;
  std::string name = ExpectName();
  for (const ScopeEntry* entry = scope_; entry->variable >= 0; entry = entry->outer) {
    if (entry->name == name) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("syntax error at or near \"{}\"", name));
    }
  }
  if (TryWord("alias")) {
    ExpectWord("for");
    Token of = Take();
    int variable = FindVariable(of.text);
    if (variable < 0) {
      throw SqlError(sqlstate::kUndefinedColumn,
                     fmt::format("variable \"{}\" does not exist", of.text));
    }
    ExpectSymbol(";");
    Push(name, variable);
    return;
  }
  bool scroll = Peek().IsWord("scroll") || (Peek().IsWord("no") && Peek(1).IsWord("scroll"));
  if (scroll) at_ += Peek().IsWord("no") ? 2 : 1;
  if (Peek().IsWord("cursor")) return ReadCursorDeclaration(block, name, line);
  bool constant = TryWord("constant");
  size_t from = at_;
  while (!AtEnd({"not", "collate", "default", ":=", "=", ";"}) &&
         Peek().kind != TokenKind::kEnd) {
    ++at_;
  }
  if (from == at_) throw SqlError(sqlstate::kSyntaxError, "missing data type declaration");
  int variable = AddVariable(name, std::string(Text(from, at_)), line);
  if (TryWord("collate")) ExpectName();
  bool not_null = TryWord("not");
  if (not_null) ExpectWord("null");
  std::optional<Expression> initial;
  if (TryWord("default") || TrySymbol(":=") || TrySymbol("=")) initial = ReadExpression({";"});
  ExpectSymbol(";");
  Variable& made = function_->variables[static_cast<size_t>(variable)];
  made.constant = constant;
  made.not_null = not_null;
  made.initial = std::move(initial);
  if (not_null && !made.initial) {
    throw SqlError(sqlstate::kNullValueNotAllowed,
                   fmt::format("variable \"{}\" must have a default value, since it's declared "
                               "NOT NULL",
                               name));
  }
  block.variables.push_back(variable);
  Push(name, variable);
}

void FunctionParser::ReadCursorDeclaration(Block& block, std::string name, int line) {
  ExpectWord("cursor");
  int cursor = AddVariable(name, "refcursor", line);
  const ScopeEntry* outer = scope_;
  std::vector<int> arguments;
  if (TrySymbol("(")) {
    do {
      std::string argument = ExpectName();
      size_t from = at_;
      int depth = 0;
      while (Peek().kind != TokenKind::kEnd &&
             !(depth == 0 && (Peek().IsSymbol(",") || Peek().IsSymbol(")")))) {
        if (Peek().IsSymbol("(")) ++depth;
        if (Peek().IsSymbol(")")) --depth;
        ++at_;
      }
      arguments.push_back(AddVariable(argument, std::string(Text(from, at_)), line));
      Push(argument, arguments.back());
    } while (TrySymbol(","));
    ExpectSymbol(")");
  }
  if (!TryWord("for")) ExpectWord("is");
  Expression query = ReadSql({";"}, "SQL statement");
  ExpectSymbol(";");
  scope_ = outer;
  Variable& made = function_->variables[static_cast<size_t>(cursor)];
  made.cursor_query = std::move(query);
  made.cursor_arguments = std::move(arguments);
  block.variables.push_back(cursor);
  Push(std::move(name), cursor);
}

Condition FunctionParser::ReadSqlState() {
  Token token = Take();
  bool valid = token.kind == TokenKind::kString && token.text.size() == 5 &&
               token.text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
                   std::string::npos;
  if (!valid) throw SqlError(sqlstate::kSyntaxError, "invalid SQLSTATE code");
  return {false, base::SqlState(token.text)};
}

std::vector<Condition> FunctionParser::ReadCondition() {
  if (TryWord("sqlstate")) return {ReadSqlState()};
  return LookUpCondition(ExpectName());
}

void FunctionParser::ReadHandlers(Block& block) {
  const ScopeEntry* outer = scope_;
  block.sqlstate_variable = AddVariable("sqlstate", "text", block.line);
  block.sqlerrm_variable = AddVariable("sqlerrm", "text", block.line);
  for (int variable : {block.sqlstate_variable, block.sqlerrm_variable}) {
    Variable& made = function_->variables[static_cast<size_t>(variable)];
    made.constant = true;
    Push(made.name, variable);
  }
  while (Peek().IsWord("when")) {
    Handler handler;
    handler.line = Take().line;
    do {
      for (Condition& condition : ReadCondition()) handler.conditions.push_back(condition);
    } while (TryWord("or"));
    ExpectWord("then");
    handler.body = ReadBody({"when", "end"});
    block.handlers.push_back(std::move(handler));
  }
  if (block.handlers.empty()) ThrowSyntax(Peek());
  scope_ = outer;
}

}  // namespace sundog::session::plpgsql
