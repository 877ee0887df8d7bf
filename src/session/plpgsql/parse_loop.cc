// LOOP, WHILE, FOR in its forms, FOREACH.
#include <fmt/format.h>

#include <charconv>

#include "base/sql_error.h"
#include "session/plpgsql/function_parser.h"

namespace sundog::session::plpgsql {

void FunctionParser::ReadLoopBody(LoopStatement& loop) {
  ExpectWord("loop");
  const ScopeEntry* outer = scope_;
  Push(loop.label, -1);
  labels_.push_back(loop.label);
  labels_.push_back(" loop");  // no name can have a space
  loop.body = ReadBody({"end"});
  labels_.pop_back();
  labels_.pop_back();
  scope_ = outer;
  ExpectWord("end");
  ExpectWord("loop");
  if (Peek().kind == TokenKind::kWord) {
    std::string label = Take().text;
    if (label != loop.label) {
      throw SqlError(sqlstate::kSyntaxError,
                     loop.label.empty()
                         ? fmt::format("end label \"{}\" specified for unlabeled block", label)
                         : fmt::format("end label \"{}\" differs from block's label \"{}\"", label,
                                       loop.label));
    }
  }
}

StatementPtr FunctionParser::ReadLoop(std::string label) {
  auto loop = std::make_unique<Loop>();
  loop->label = std::move(label);
  ReadLoopBody(*loop);
  return loop;
}

StatementPtr FunctionParser::ReadWhile(std::string label) {
  auto loop = std::make_unique<While>();
  loop->label = std::move(label);
  ExpectWord("while");
  loop->condition = ReadExpression({"loop"});
  ReadLoopBody(*loop);
  return loop;
}

// Between IN and LOOP: is there a `..` outside parentheses?
bool FunctionParser::IsIntegerRange() const {
  int depth = 0;
  for (size_t ahead = 0;; ++ahead) {
    const Token& token = Peek(ahead);
    if (token.kind == TokenKind::kEnd || token.IsSymbol(";") || token.IsWord("loop")) return false;
    if (token.IsSymbol("(")) ++depth;
    if (token.IsSymbol(")")) --depth;
    if (depth == 0 && token.IsSymbol("..")) return true;
  }
}

StatementPtr FunctionParser::ReadFor(std::string label) {
  ExpectWord("for");
  int line = Peek().line;
  // The names come first; whether they must be variables depends on what follows IN.
  size_t names_at = at_;
  std::string name = ExpectName();
  while (!Peek().IsWord("in")) {
    if (Peek().kind == TokenKind::kEnd || Peek().IsSymbol(";")) ThrowSyntax(Peek());
    ++at_;
  }
  bool one_name = at_ == names_at + 1;
  ExpectWord("in");
  if (IsIntegerRange()) {
    if (!one_name) {
      throw SqlError(sqlstate::kSyntaxError,
                     "integer FOR loop must have only one target variable");
    }
    return ReadForInteger(std::move(label), name, line);
  }
  size_t query_at = at_;
  at_ = names_at;
  if (FindVariable(name) < 0 && FindQualified(name, Peek(2).text) < 0) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "loop variable of loop over rows must be a record variable or list of scalar "
                   "variables");
  }
  std::vector<Target> targets = ReadTargets();
  at_ = query_at;
  return ReadForQuery(std::move(label), line, std::move(targets));
}

StatementPtr FunctionParser::ReadForInteger(std::string label, const std::string& name,
                                            int line) {
  auto loop = std::make_unique<ForInteger>();
  loop->label = std::move(label);
  loop->reverse = TryWord("reverse");
  loop->lower = ReadExpression({".."});
  ExpectSymbol("..");
  loop->upper = ReadExpression({"by", "loop"});
  if (TryWord("by")) loop->step = ReadExpression({"loop"});
  // The loop's own variable, whatever else has its name.
  const ScopeEntry* outer = scope_;
  Push("", -1);
  loop->variable = AddVariable(name, "integer", line);
  Push(name, loop->variable);
  ReadLoopBody(*loop);
  scope_ = outer;
  return loop;
}

StatementPtr FunctionParser::ReadForQuery(std::string label, int line,
                                          std::vector<Target> targets) {
  auto loop = std::make_unique<ForQuery>();
  loop->label = std::move(label);
  loop->line = line;
  loop->targets = std::move(targets);
  int cursor = Peek().kind == TokenKind::kWord ? FindVariable(Peek().text) : -1;
  bool is_cursor = cursor >= 0 && (Peek(1).IsWord("loop") || Peek(1).IsSymbol("(")) &&
                   function_->variables[static_cast<size_t>(cursor)].cursor_query.has_value();
  if (TryWord("execute")) {
    loop->dynamic = ReadExpression({"using", "loop"});
    if (TryWord("using")) loop->parameters = ReadExpressionList({"loop"});
  } else if (is_cursor) {
    ++at_;
    loop->cursor = cursor;
    if (TrySymbol("(")) {
      loop->cursor_arguments = ReadSql({")"}, "expression");
      ExpectSymbol(")");
    }
  } else {
    loop->query = ReadSql({"loop"}, "SQL statement");
  }
  ReadLoopBody(*loop);
  return loop;
}

StatementPtr FunctionParser::ReadForeach(std::string label) {
  ExpectWord("foreach");
  auto loop = std::make_unique<Foreach>();
  loop->label = std::move(label);
  loop->targets = ReadTargets();
  if (TryWord("slice")) {
    const Token& depth = Peek();
    const char* end = depth.text.data() + depth.text.size();
    auto [rest, error] = std::from_chars(depth.text.data(), end, loop->slice);
    if (error != std::errc() || rest != end) ThrowSyntax(depth);
    Take();
  }
  ExpectWord("in");
  ExpectWord("array");
  loop->array = ReadExpression({"loop"});
  ReadLoopBody(*loop);
  return loop;
}

}  // namespace sundog::session::plpgsql
