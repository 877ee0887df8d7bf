// Runs one call of a PL/pgSQL function: a walk over its tree, statement by statement.
//
// A block with EXCEPTION handlers runs in a subtransaction; an error rolls it back and goes to the
// first handler whose condition fits. Errors get a CONTEXT line for each call they pass.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "session/plpgsql/ast.h"
#include "session/plpgsql/host.h"
#include "session/plpgsql/value.h"

namespace sundog::session::plpgsql {

// The prepared SQL of a function's expressions, by their id. One a session and function, kept
// between calls; not used by two calls at a time (a recursive call brings its own).
struct ExpressionCache {
  std::vector<std::unique_ptr<PreparedSql>> prepared;
};

struct CallOptions {
  std::string signature;  // "f(integer,text)", for CONTEXT
  // What RETURN's value becomes; unset: void, procedures, OUT parameters.
  std::optional<VariableType> result;
  std::vector<int> out_variables;
  bool returns_set = false;
  bool returns_void = false;
};

struct CallResult {
  // Of a function with one result; of one with OUT parameters, their values.
  std::vector<Value> values;
};

class Interpreter {
 public:
  // All outlive the interpreter.
  Interpreter(const Function& function, const CallOptions& options, Host& host,
              ExpressionCache& cache);
  ~Interpreter();

  // `arguments`: by variable number, for the parameters; OUT ones are null.
  CallResult Run(std::span<const Value> arguments);

 private:
  enum class Flow : uint8_t { kNext, kExit, kContinue, kReturn };
  struct Cell {
    VariableType type;
    Value value;
    Record record;
  };
  class Names;
  class FirstRows;

  // --- interpreter.cc: control flow ---
  Flow RunBody(const Body& body);
  Flow RunStatement(const Statement& statement);
  Flow RunOne(const Statement& statement);
  Flow RunBlock(const Block& block);
  Flow RunGuarded(const Block& block);
  Flow RunIf(const If& statement);
  Flow RunCase(const Case& statement);
  Flow RunForInteger(const ForInteger& loop);
  Flow RunForQuery(const ForQuery& loop);
  Flow RunForeach(const Foreach& loop);
  Flow RunExit(const Exit& statement);
  Flow RunReturn(const Return& statement);
  // What a loop does after its body: true to go on with the next turn.
  bool NextTurn(const std::string& label, Flow& flow);
  template <typename Condition>
  Flow RunWhile(const LoopStatement& loop, Condition&& condition);
  void InitialiseVariables(const Block& block);
  VariableType TypeOfDeclaration(std::string_view text, size_t variable);
  CallResult TakeResult();

  // --- interpreter_sql.cc: variables and SQL ---
  PreparedSql& Prepared(const Expression& expression, bool is_expression);
  std::vector<Value> Parameters(const PreparedSql& sql);
  Value Evaluate(const Expression& expression);
  bool EvaluateCondition(const Expression& expression);
  std::optional<int32_t> EvaluateInteger(const Expression& expression, std::string_view what);
  std::vector<Value> EvaluateAll(const std::vector<Expression>& expressions);
  Value ReadVariable(const VariableUse& use);
  void AssignVariable(int variable, const Value& value);
  void AssignTarget(const Target& target, const Value& value);
  void AssignRow(const std::vector<Target>& targets, std::span<const SqlColumn> columns,
                 std::span<const Value> row);
  void RunAssign(const Assign& statement);
  void AssignNulls(const std::vector<Target>& targets, std::span<const SqlColumn> columns);
  void SetFound(bool found);
  void RunSql(const Sql& statement);
  void RunPerform(const Perform& statement);
  void RunDynamic(const Dynamic& statement);
  void RunInto(PreparedSql& sql, std::span<const Value> parameters, bool strict,
               const std::vector<Target>& targets);
  int64_t ForEachRow(PreparedSql& sql, std::span<const Value> parameters,
                     const std::function<bool(std::span<const Value>)>& take);
  void RunReturnNext(const ReturnNext& statement);
  void RunReturnQuery(const ReturnQuery& statement);
  void RunOpen(const Open& statement);
  void RunFetch(const Fetch& statement);
  std::string CursorName(int variable);
  PreparedSql& CursorQuery(int cursor, const std::optional<Expression>& arguments,
                           std::vector<Value>& parameters);

  // --- interpreter_error.cc: RAISE, handlers, diagnostics ---
  void RunRaise(const Raise& statement);
  void RunAssert(const Assert& statement);
  void RunDiagnostics(const Diagnostics& statement);
  std::string FormatMessage(const Raise& statement);
  const Handler* FindHandler(const Block& block, base::SqlState state) const;
  void AddContext(SqlError& error) const;
  std::string ContextLine() const;

  const Function& function_;
  const CallOptions& options_;
  Host& host_;
  ExpressionCache& cache_;
  std::vector<Cell> cells_;
  const Statement* current_ = nullptr;
  bool initialising_ = false;
  // The error on its way out already names its line.
  bool context_added_ = false;
  std::string wanted_label_;  // of an EXIT or CONTINUE under way
  std::optional<Value> returned_;
  int64_t row_count_ = 0;
  // The error being handled, for RAISE alone and GET STACKED DIAGNOSTICS.
  const base::ErrorFields* handled_ = nullptr;
  int next_cursor_ = 1;
};

}  // namespace sundog::session::plpgsql
