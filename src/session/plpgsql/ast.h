// A PL/pgSQL function after parsing. Immutable; shared by all its calls.
//
// Every variable of a function, in whatever block, has a number of its own. What an expression may
// name depends on where it stands: it carries the scope of its place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_error.h"

namespace sundog::session::plpgsql {

// One name visible at some place in the function: a variable, or a block's or loop's label. A chain
// from the innermost outwards; a label ends the names of its block.
struct ScopeEntry {
  std::string name;
  int variable = -1;  // -1: a label
  const ScopeEntry* outer = nullptr;
};

struct Expression {
  std::string sql;  // of an expression: without SELECT
  int line = 0;
  const ScopeEntry* scope = nullptr;
  int id = -1;  // in the function: where its plan is cached
  // Of an assignment: the whole of it, which errors quote, and where `sql` begins in it.
  std::string assignment;
  int assignment_offset = 0;
};

enum class StatementKind : uint8_t {
  kBlock, kAssign, kIf, kCase, kLoop, kWhile, kForInteger, kForQuery, kForeach, kExit, kReturn,
  kReturnNext, kReturnQuery, kRaise, kAssert, kSql, kDynamic, kPerform, kDiagnostics, kNull,
  kOpen, kFetch, kClose, kTransaction,
};

struct Statement {
  const StatementKind kind;
  int line = 0;
  explicit Statement(StatementKind kind) : kind(kind) {}
  virtual ~Statement() = default;
};
using StatementPtr = std::unique_ptr<Statement>;
using Body = std::vector<StatementPtr>;

// Where a value goes: a variable, a field of a record variable, an element of an array variable.
struct Target {
  int variable = -1;
  std::string field;  // empty: the variable itself
  // a[1][2]; a slice has two expressions for one subscript.
  struct Subscript {
    std::optional<Expression> lower;
    Expression upper;
  };
  std::vector<Subscript> subscripts;
};

struct Condition {
  // A class code (ends in 000) stands for the whole class; "OTHERS" for nearly everything.
  bool others = false;
  base::SqlState state;
};

struct Handler {
  int line = 0;
  std::vector<Condition> conditions;
  Body body;
};

struct Block : Statement {
  std::string label;
  std::vector<int> variables;  // initialised at entry, in order
  Body body;
  std::vector<Handler> handlers;
  int sqlstate_variable = -1;  // of the handlers
  int sqlerrm_variable = -1;
  Block() : Statement(StatementKind::kBlock) {}
};

struct Assign : Statement {
  Target target;
  Expression value;
  Assign() : Statement(StatementKind::kAssign) {}
};

struct If : Statement {
  struct Branch {
    Expression condition;
    Body body;
  };
  std::vector<Branch> branches;
  Body otherwise;
  If() : Statement(StatementKind::kIf) {}
};

struct Case : Statement {
  // With an operand each WHEN has the values to compare it with; without, one condition.
  std::optional<Expression> operand;
  struct When {
    Expression condition;
    Body body;
  };
  int operand_variable = -1;
  std::vector<When> whens;
  bool has_else = false;
  Body otherwise;
  Case() : Statement(StatementKind::kCase) {}
};

struct LoopStatement : Statement {
  std::string label;
  Body body;
  using Statement::Statement;
};
struct Loop : LoopStatement {
  Loop() : LoopStatement(StatementKind::kLoop) {}
};
struct While : LoopStatement {
  Expression condition;
  While() : LoopStatement(StatementKind::kWhile) {}
};
struct ForInteger : LoopStatement {
  int variable = -1;
  Expression lower;
  Expression upper;
  std::optional<Expression> step;
  bool reverse = false;
  ForInteger() : LoopStatement(StatementKind::kForInteger) {}
};
// FOR r IN query, FOR r IN EXECUTE text USING …, FOR r IN cursor(arguments).
struct ForQuery : LoopStatement {
  std::vector<Target> targets;
  std::optional<Expression> query;
  std::optional<Expression> dynamic;
  std::vector<Expression> parameters;
  int cursor = -1;
  std::optional<Expression> cursor_arguments;
  ForQuery() : LoopStatement(StatementKind::kForQuery) {}
};
struct Foreach : LoopStatement {
  std::vector<Target> targets;
  int slice = 0;
  Expression array;
  Foreach() : LoopStatement(StatementKind::kForeach) {}
};

struct Exit : Statement {
  bool is_continue = false;
  std::string label;  // empty: the innermost loop
  std::optional<Expression> condition;
  Exit() : Statement(StatementKind::kExit) {}
};

struct Return : Statement {
  std::optional<Expression> value;
  Return() : Statement(StatementKind::kReturn) {}
};
struct ReturnNext : Statement {
  std::optional<Expression> value;
  ReturnNext() : Statement(StatementKind::kReturnNext) {}
};
struct ReturnQuery : Statement {
  std::optional<Expression> query;
  std::optional<Expression> dynamic;
  std::vector<Expression> parameters;
  ReturnQuery() : Statement(StatementKind::kReturnQuery) {}
};

enum class RaiseOption : uint8_t {
  kErrcode, kMessage, kDetail, kHint, kColumn, kConstraint, kDatatype, kTable, kSchema,
};
struct Raise : Statement {
  base::Severity level = base::Severity::kError;
  bool rethrow = false;  // RAISE alone
  std::optional<base::SqlState> state;
  std::string condition_name;  // as written; the message when there is none
  std::optional<std::string> format;
  std::vector<Expression> parameters;
  std::vector<std::pair<RaiseOption, Expression>> options;
  Raise() : Statement(StatementKind::kRaise) {}
};

struct Assert : Statement {
  Expression condition;
  std::optional<Expression> message;
  Assert() : Statement(StatementKind::kAssert) {}
};

// SQL, CALL and DO; `targets` of INTO.
struct Sql : Statement {
  Expression sql;
  bool into = false;
  bool strict = false;
  std::vector<Target> targets;
  Sql() : Statement(StatementKind::kSql) {}
};
struct Dynamic : Statement {
  Expression text;
  bool into = false;
  bool strict = false;
  std::vector<Target> targets;
  std::vector<Expression> parameters;
  Dynamic() : Statement(StatementKind::kDynamic) {}
};
struct Perform : Statement {
  Expression query;  // with SELECT in place of PERFORM
  Perform() : Statement(StatementKind::kPerform) {}
};

enum class DiagnosticItem : uint8_t {
  kRowCount, kContext, kReturnedSqlstate, kMessageText, kDetail, kHint, kExceptionContext,
  kColumnName, kConstraintName, kDatatypeName, kTableName, kSchemaName,
};
struct Diagnostics : Statement {
  bool stacked = false;
  std::vector<std::pair<Target, DiagnosticItem>> items;
  Diagnostics() : Statement(StatementKind::kDiagnostics) {}
};

struct NullStatement : Statement {
  NullStatement() : Statement(StatementKind::kNull) {}
};

struct Open : Statement {
  int cursor = -1;
  std::optional<Expression> query;
  std::optional<Expression> dynamic;
  std::vector<Expression> parameters;
  std::optional<Expression> arguments;
  Open() : Statement(StatementKind::kOpen) {}
};
struct Fetch : Statement {
  int cursor = -1;
  std::string direction;  // as FETCH says it, without FROM
  bool is_move = false;
  std::vector<Target> targets;
  Fetch() : Statement(StatementKind::kFetch) {}
};
struct Close : Statement {
  int cursor = -1;
  Close() : Statement(StatementKind::kClose) {}
};
struct TransactionControl : Statement {
  bool commit = false;
  bool chain = false;
  TransactionControl() : Statement(StatementKind::kTransaction) {}
};

struct Variable {
  std::string name;
  int line = 0;
  // As declared: "int", "t%ROWTYPE", "t.a%TYPE", "record", "refcursor". Empty: `type_oid` says it.
  std::string type_text;
  uint32_t type_oid = 0;
  int32_t typmod = -1;
  bool constant = false;
  bool not_null = false;
  std::optional<Expression> initial;
  // A bound cursor.
  std::optional<Expression> cursor_query;
  std::vector<int> cursor_arguments;  // variables
};

struct Function {
  std::vector<Variable> variables;
  std::vector<std::unique_ptr<ScopeEntry>> scopes;
  std::unique_ptr<Block> body;
  int expression_count = 0;
  int found_variable = -1;
};

}  // namespace sundog::session::plpgsql
