// The recursive-descent parser behind ParseFunction(). Internal to this folder.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "session/plpgsql/ast.h"
#include "session/plpgsql/lexer.h"
#include "session/plpgsql/parser.h"

namespace sundog::session::plpgsql {

class FunctionParser {
 public:
  FunctionParser(const Declaration& declaration, std::string_view source)
      : declaration_(declaration), source_(source), tokens_(Tokenize(source)) {}
  std::unique_ptr<Function> Run();

 private:
  // --- tokens ---
  const Token& Peek(size_t ahead = 0) const;
  Token Take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
  bool TryWord(std::string_view word);
  bool TrySymbol(std::string_view symbol);
  void ExpectWord(std::string_view word);
  void ExpectSymbol(std::string_view symbol);
  std::string ExpectName();
  [[noreturn]] void ThrowSyntax(const Token& at) const;
  std::string_view Text(size_t from_token, size_t to_token) const;

  // --- scopes and variables ---
  void Push(std::string name, int variable);
  int AddVariable(std::string name, std::string type_text, int line);
  int FindVariable(std::string_view name) const;
  int FindQualified(std::string_view label, std::string_view name) const;

  // --- expressions: SQL text up to a word or symbol outside parentheses ---
  Expression ReadExpression(std::initializer_list<std::string_view> ends);
  Expression ReadSql(std::initializer_list<std::string_view> ends, std::string_view what);
  Expression MakeExpression(std::string sql, int line);
  std::vector<Expression> ReadExpressionList(std::initializer_list<std::string_view> ends);
  bool AtEnd(std::initializer_list<std::string_view> ends) const;

  // --- blocks (parse_block.cc) ---
  std::unique_ptr<Block> ReadBlock(std::string label);
  void ReadDeclarations(Block& block);
  void ReadDeclaration(Block& block);
  void ReadCursorDeclaration(Block& block, std::string name, int line);
  void ReadHandlers(Block& block);
  Condition ReadSqlState();
  std::vector<Condition> ReadCondition();
  Body ReadBody(std::initializer_list<std::string_view> ends);
  std::string ReadLabel();

  // --- statements (parse_statement.cc) ---
  StatementPtr ReadStatement();
  StatementPtr ReadSimpleStatement();
  bool AtTarget() const;
  Target ReadTarget();
  std::vector<Target> ReadTargets();
  StatementPtr ReadAssign();
  StatementPtr ReadIf();
  StatementPtr ReadCase();
  StatementPtr ReadExit(bool is_continue);
  StatementPtr ReadReturn();
  StatementPtr ReadAssert();
  StatementPtr ReadSqlStatement();
  StatementPtr ReadDynamic();
  StatementPtr ReadPerform();
  StatementPtr ReadDiagnostics();
  StatementPtr ReadOpen();
  StatementPtr ReadFetch(bool is_move);
  StatementPtr ReadTransactionControl(bool commit);
  int ReadCursorVariable();

  // --- loops (parse_loop.cc) ---
  StatementPtr ReadLoop(std::string label);
  StatementPtr ReadWhile(std::string label);
  StatementPtr ReadFor(std::string label);
  StatementPtr ReadForInteger(std::string label, const std::string& name, int line);
  StatementPtr ReadForQuery(std::string label, int line, std::vector<Target> targets);
  StatementPtr ReadForeach(std::string label);
  void ReadLoopBody(LoopStatement& loop);
  bool IsIntegerRange() const;

  // --- RAISE (parse_raise.cc) ---
  StatementPtr ReadRaise();
  void ReadRaiseOptions(Raise& raise);

  const Declaration& declaration_;
  std::string_view source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  std::unique_ptr<Function> function_;
  const ScopeEntry* scope_ = nullptr;
  std::vector<std::string> labels_;  // of the blocks and loops around
};

}  // namespace sundog::session::plpgsql
