// Control flow: blocks, branches, loops, RETURN.
#include "session/plpgsql/interpreter.h"

#include <fmt/format.h>

#include <strings.h>

#include <limits>
#include <utility>

#include "base/check.h"
#include "runtime/interrupt.h"
#include "runtime/stack.h"
#include "types/oids.h"

namespace sundog::session::plpgsql {

namespace {

types::SqlType TextType() { return {types::oids::kText, -1}; }

}  // namespace

Interpreter::Interpreter(const Function& function, const CallOptions& options, Host& host,
                         ExpressionCache& cache)
    : function_(function), options_(options), host_(host), cache_(cache) {
  cache_.prepared.resize(static_cast<size_t>(function_.expression_count));
  cells_.resize(function_.variables.size());
}

Interpreter::~Interpreter() = default;

CallResult Interpreter::Run(std::span<const Value> arguments) {
  runtime::CheckStackDepth();
  try {
    for (size_t i = 0; i < cells_.size(); ++i) {
      const Variable& variable = function_.variables[i];
      if (variable.type_oid != 0) {
        cells_[i].type = host_.TypeOf({variable.type_oid, variable.typmod});
      } else if (!variable.type_text.empty()) {
        cells_[i].type = TypeOfDeclaration(variable.type_text, i);
      }
      cells_[i].value = Value::Null(cells_[i].type.type, cells_[i].type.kind);
      cells_[i].record.fields = cells_[i].type.fields;
      cells_[i].record.assigned = cells_[i].type.is_composite;
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      AssignVariable(static_cast<int>(i), arguments[i]);
    }
    SetFound(false);
    Flow flow = RunBlock(*function_.body);
    current_ = nullptr;
    bool needs_return = options_.result && options_.out_variables.empty() &&
                        !options_.returns_set && !options_.returns_void;
    if (flow != Flow::kReturn && needs_return) {
      throw SqlError(sqlstate::kSREFunctionExecutedNoReturnStatement,
                     "control reached end of function without RETURN");
    }
    return TakeResult();
  } catch (SqlError& error) {
    AddContext(error);
    throw;
  }
}

// `x%TYPE` of an earlier variable is its type; all else the host knows.
VariableType Interpreter::TypeOfDeclaration(std::string_view text, size_t variable) {
  constexpr std::string_view kType = "%type";
  if (text.size() > kType.size() &&
      strncasecmp(text.data() + text.size() - kType.size(), kType.data(), kType.size()) == 0) {
    std::string_view name = text.substr(0, text.size() - kType.size());
    for (size_t i = variable; i > 0; --i) {
      if (function_.variables[i - 1].name == name) return cells_[i - 1].type;
    }
  }
  return host_.ResolveType(text);
}

CallResult Interpreter::TakeResult() {
  CallResult result;
  for (int variable : options_.out_variables) {
    result.values.push_back(ReadVariable({variable, "", {}}));
  }
  if (returned_ && options_.result && options_.out_variables.empty()) {
    result.values.push_back(host_.Convert(*returned_, *options_.result));
  }
  return result;
}

Interpreter::Flow Interpreter::RunBody(const Body& body) {
  for (const StatementPtr& statement : body) {
    Flow flow = RunStatement(*statement);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::RunStatement(const Statement& statement) {
  runtime::CheckInterrupts();
  const Statement* outer = current_;
  current_ = &statement;
  Flow flow = RunOne(statement);
  // After an error it stays, so that CONTEXT can name the line.
  current_ = outer;
  return flow;
}

Interpreter::Flow Interpreter::RunOne(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kBlock: return RunBlock(static_cast<const Block&>(statement));
    case StatementKind::kIf: return RunIf(static_cast<const If&>(statement));
    case StatementKind::kCase: return RunCase(static_cast<const Case&>(statement));
    case StatementKind::kLoop: {
      const auto& loop = static_cast<const Loop&>(statement);
      return RunWhile(loop, [] { return true; });
    }
    case StatementKind::kWhile: {
      const auto& loop = static_cast<const While&>(statement);
      return RunWhile(loop, [&] { return EvaluateCondition(loop.condition); });
    }
    case StatementKind::kForInteger:
      return RunForInteger(static_cast<const ForInteger&>(statement));
    case StatementKind::kForQuery: return RunForQuery(static_cast<const ForQuery&>(statement));
    case StatementKind::kForeach: return RunForeach(static_cast<const Foreach&>(statement));
    case StatementKind::kExit: return RunExit(static_cast<const Exit&>(statement));
    case StatementKind::kReturn: return RunReturn(static_cast<const Return&>(statement));
    case StatementKind::kAssign:
      RunAssign(static_cast<const Assign&>(statement));
      break;
    case StatementKind::kReturnNext:
      RunReturnNext(static_cast<const ReturnNext&>(statement));
      break;
    case StatementKind::kReturnQuery:
      RunReturnQuery(static_cast<const ReturnQuery&>(statement));
      break;
    case StatementKind::kRaise: RunRaise(static_cast<const Raise&>(statement)); break;
    case StatementKind::kAssert: RunAssert(static_cast<const Assert&>(statement)); break;
    case StatementKind::kSql: RunSql(static_cast<const Sql&>(statement)); break;
    case StatementKind::kDynamic: RunDynamic(static_cast<const Dynamic&>(statement)); break;
    case StatementKind::kPerform: {
      RunPerform(static_cast<const Perform&>(statement));
      break;
    }
    case StatementKind::kDiagnostics:
      RunDiagnostics(static_cast<const Diagnostics&>(statement));
      break;
    case StatementKind::kNull: break;
    case StatementKind::kOpen: RunOpen(static_cast<const Open&>(statement)); break;
    case StatementKind::kFetch: RunFetch(static_cast<const Fetch&>(statement)); break;
    case StatementKind::kClose:
      host_.CloseCursor(CursorName(static_cast<const Close&>(statement).cursor));
      break;
    case StatementKind::kTransaction: {
      const auto& control = static_cast<const TransactionControl&>(statement);
      host_.EndTransaction(control.commit, control.chain);
      break;
    }
  }
  return Flow::kNext;
}

// --- blocks ---

void Interpreter::InitialiseVariables(const Block& block) {
  const Statement* outer = std::exchange(current_, &block);
  initialising_ = true;
  for (int index : block.variables) {
    const Variable& variable = function_.variables[static_cast<size_t>(index)];
    Cell& cell = cells_[static_cast<size_t>(index)];
    cell.value = Value::Null(cell.type.type, cell.type.kind);
    cell.record.fields = cell.type.fields;
    cell.record.assigned = cell.type.is_composite;
    if (variable.initial) {
      AssignVariable(index, Evaluate(*variable.initial));
    } else if (cell.type.type.oid >= types::kFirstUserOid && !cell.type.is_record) {
      // A domain may not have null.
      cell.value = host_.Convert(cell.value, cell.type);
    }
  }
  initialising_ = false;
  current_ = outer;
}

Interpreter::Flow Interpreter::RunBlock(const Block& block) {
  runtime::CheckStackDepth();
  InitialiseVariables(block);
  Flow flow = block.handlers.empty() ? RunBody(block.body) : RunGuarded(block);
  // EXIT with this block's label ends here.
  if (flow == Flow::kExit && !block.label.empty() && wanted_label_ == block.label) {
    wanted_label_.clear();
    return Flow::kNext;
  }
  return flow;
}

Interpreter::Flow Interpreter::RunGuarded(const Block& block) {
  const Statement* at = current_;
  std::optional<SqlError> caught;
  host_.BeginSubtransaction();
  try {
    Flow flow = RunBody(block.body);
    host_.ReleaseSubtransaction();
    return flow;
  } catch (SqlError& error) {
    AddContext(error);
    caught = std::move(error);
  } catch (...) {
    // Not an error of the user's: the statement around starts over.
    host_.RollbackSubtransaction();
    throw;
  }
  initialising_ = false;
  host_.RollbackSubtransaction();
  const Handler* handler = FindHandler(block, caught->state());
  bool ends_session = caught->fields().severity != base::Severity::kError;
  if (handler == nullptr || ends_session) {
    context_added_ = true;
    throw *caught;
  }
  context_added_ = false;
  current_ = at;
  const base::ErrorFields& fields = caught->fields();
  auto set_text = [&](int variable, std::string_view text) {
    cells_[static_cast<size_t>(variable)].value =
        Value::Of(TextType(), types::PhysicalKind::kVarlen, types::Datum::From(text));
  };
  set_text(block.sqlstate_variable, fields.state.code());
  set_text(block.sqlerrm_variable, fields.message);
  const base::ErrorFields* outer = std::exchange(handled_, &fields);
  try {
    Flow flow = RunBody(handler->body);
    handled_ = outer;
    return flow;
  } catch (...) {
    handled_ = outer;
    throw;
  }
}

// --- branches ---

Interpreter::Flow Interpreter::RunIf(const If& statement) {
  for (const If::Branch& branch : statement.branches) {
    if (EvaluateCondition(branch.condition)) return RunBody(branch.body);
  }
  return RunBody(statement.otherwise);
}

Interpreter::Flow Interpreter::RunCase(const Case& statement) {
  if (statement.operand) {
    Value operand = Evaluate(*statement.operand);
    Cell& cell = cells_[static_cast<size_t>(statement.operand_variable)];
    cell.type = host_.TypeOf(operand.type());
    cell.value = std::move(operand);
  }
  for (const Case::When& when : statement.whens) {
    if (EvaluateCondition(when.condition)) return RunBody(when.body);
  }
  if (!statement.has_else) {
    throw SqlError(sqlstate::kCaseNotFound, "case not found")
        .Hint("CASE statement is missing ELSE part.");
  }
  return RunBody(statement.otherwise);
}

// --- loops ---

bool Interpreter::NextTurn(const std::string& label, Flow& flow) {
  if (flow == Flow::kNext) return true;
  if (flow == Flow::kReturn) return false;
  bool mine = wanted_label_.empty() || wanted_label_ == label;
  if (!mine) return false;
  wanted_label_.clear();
  bool goes_on = flow == Flow::kContinue;
  flow = Flow::kNext;
  return goes_on;
}

template <typename Condition>
Interpreter::Flow Interpreter::RunWhile(const LoopStatement& loop, Condition&& condition) {
  Flow flow = Flow::kNext;
  while (condition()) {
    runtime::CheckInterrupts();
    flow = RunBody(loop.body);
    if (!NextTurn(loop.label, flow)) return flow;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::RunForInteger(const ForInteger& loop) {
  int64_t value = *EvaluateInteger(loop.lower, "lower bound of FOR loop");
  int64_t last = *EvaluateInteger(loop.upper, "upper bound of FOR loop");
  int64_t step = loop.step ? *EvaluateInteger(*loop.step, "BY value of FOR loop") : 1;
  if (step <= 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "BY value of FOR loop must be greater than zero");
  }
  bool found = false;
  Flow flow = Flow::kNext;
  while (loop.reverse ? value >= last : value <= last) {
    found = true;
    Cell& cell = cells_[static_cast<size_t>(loop.variable)];
    cell.value = Value::Of(cell.type.type, cell.type.kind,
                           types::Datum::From(static_cast<int32_t>(value)));
    flow = RunBody(loop.body);
    if (!NextTurn(loop.label, flow)) break;
    value += loop.reverse ? -step : step;
    // PostgreSQL stops at the type's end rather than overflow.
    if (value > std::numeric_limits<int32_t>::max() ||
        value < std::numeric_limits<int32_t>::min()) {
      break;
    }
  }
  SetFound(found);
  return flow;
}

Interpreter::Flow Interpreter::RunForQuery(const ForQuery& loop) {
  std::unique_ptr<PreparedSql> dynamic;
  std::vector<Value> parameters;
  PreparedSql* sql = nullptr;
  if (loop.dynamic) {
    Value text = Evaluate(*loop.dynamic);
    if (text.is_null()) {
      throw SqlError(sqlstate::kNullValueNotAllowed,
                     "query string argument of EXECUTE is null");
    }
    parameters = EvaluateAll(loop.parameters);
    dynamic = host_.PrepareDynamic(host_.ToText(text), parameters);
    sql = dynamic.get();
  } else if (loop.cursor >= 0) {
    sql = &CursorQuery(loop.cursor, loop.cursor_arguments, parameters);
  } else {
    sql = &Prepared(*loop.query, false);
    parameters = Parameters(*sql);
  }
  if (!sql->returns_rows) {
    throw SqlError(sqlstate::kSyntaxError, "cannot open non-SELECT query as cursor");
  }
  const std::vector<SqlColumn> columns = sql->columns;
  Flow flow = Flow::kNext;
  bool found = false;
  ForEachRow(*sql, parameters, [&](std::span<const Value> row) {
    found = true;
    AssignRow(loop.targets, columns, row);
    flow = RunBody(loop.body);
    return NextTurn(loop.label, flow);
  });
  if (!found) AssignNulls(loop.targets, columns);
  SetFound(found);
  return flow;
}

Interpreter::Flow Interpreter::RunForeach(const Foreach& loop) {
  if (loop.slice > 0) base::ThrowNotSupported("FOREACH … SLICE");
  Value array = Evaluate(loop.array);
  if (array.is_null()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "FOREACH expression must not be null");
  }
  Flow flow = Flow::kNext;
  bool found = false;
  for (const Value& element : host_.ArrayElements(array)) {
    found = true;
    AssignTarget(loop.targets.at(0), element);
    flow = RunBody(loop.body);
    if (!NextTurn(loop.label, flow)) break;
  }
  SetFound(found);
  return flow;
}

Interpreter::Flow Interpreter::RunExit(const Exit& statement) {
  if (statement.condition && !EvaluateCondition(*statement.condition)) return Flow::kNext;
  wanted_label_ = statement.label;
  return statement.is_continue ? Flow::kContinue : Flow::kExit;
}

Interpreter::Flow Interpreter::RunReturn(const Return& statement) {
  if (statement.value) returned_ = Evaluate(*statement.value);
  return Flow::kReturn;
}

}  // namespace sundog::session::plpgsql
