// Variables, expressions, and SQL inside functions.
#include <fmt/format.h>

#include "base/check.h"
#include "session/plpgsql/interpreter.h"
#include "types/oids.h"

namespace sundog::session::plpgsql {

namespace {

// An error inside SQL text points into that text, not into the client's statement; one without a
// place gets a CONTEXT line that quotes the text.
void PointInto(SqlError& error, std::string_view sql, std::string_view kind, int offset = 0) {
  base::ErrorFields& fields = error.fields();
  if (fields.location >= 0 && fields.internal_query.empty()) {
    fields.internal_query = sql;
    fields.internal_location = fields.location + offset;
    fields.location = -1;
  } else {
    if (!fields.context.empty()) fields.context += '\n';
    fields.context += fmt::format("{} \"{}\"", kind, sql);
  }
}

void PointIntoExpression(SqlError& error, const Expression& expression) {
  if (expression.assignment.empty()) {
    PointInto(error, expression.sql, "SQL expression");
  } else {
    PointInto(error, expression.assignment, "PL/pgSQL assignment", expression.assignment_offset);
  }
}

}  // namespace

// The names in sight of one expression.
class Interpreter::Names : public NameLookup {
 public:
  Names(const Interpreter& interpreter, const ScopeEntry* scope)
      : interpreter_(interpreter), scope_(scope) {}

  std::optional<VariableUse> Find(std::span<const std::string> parts) const override {
    for (const ScopeEntry* entry = scope_; entry != nullptr; entry = entry->outer) {
      if (entry->name != parts[0]) continue;
      if (entry->variable >= 0) return Use(entry->variable, parts.subspan(1));
      if (parts.size() > 1) return FindLabelled(*entry, parts.subspan(1));
    }
    return std::nullopt;
  }

 private:
  std::optional<VariableUse> FindLabelled(const ScopeEntry& label,
                                          std::span<const std::string> parts) const {
    for (const ScopeEntry* entry = label.outer; entry != nullptr && entry->variable >= 0;
         entry = entry->outer) {
      if (entry->name == parts[0]) return Use(entry->variable, parts.subspan(1));
    }
    return std::nullopt;
  }

  std::optional<VariableUse> Use(int variable, std::span<const std::string> rest) const {
    const Cell& cell = interpreter_.cells_[static_cast<size_t>(variable)];
    if (rest.empty()) return VariableUse{variable, "", cell.type.type};
    // A column of a table may have a scalar variable's name as qualifier.
    if (!cell.type.is_record || rest.size() > 1) return std::nullopt;
    const std::string& name = interpreter_.function_.variables[static_cast<size_t>(variable)].name;
    if (!cell.record.assigned) {
      throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                     fmt::format("record \"{}\" is not assigned yet", name))
          .Detail("The tuple structure of a not-yet-assigned record is indeterminate.");
    }
    for (const RecordField& field : cell.record.fields) {
      if (field.name == rest[0]) return VariableUse{variable, rest[0], field.value.type()};
    }
    throw SqlError(sqlstate::kUndefinedColumn,
                   fmt::format("record \"{}\" has no field \"{}\"", name, rest[0]));
  }

  const Interpreter& interpreter_;
  const ScopeEntry* scope_;
};

PreparedSql& Interpreter::Prepared(const Expression& expression, bool is_expression) {
  std::unique_ptr<PreparedSql>& cached = cache_.prepared[static_cast<size_t>(expression.id)];
  bool usable = cached != nullptr && host_.IsCurrent(*cached);
  // A record's fields may have other types than last time.
  for (size_t i = 0; usable && i < cached->parameters.size(); ++i) {
    const VariableUse& use = cached->parameters[i];
    const Cell& cell = cells_[static_cast<size_t>(use.variable)];
    if (use.field.empty()) {
      usable = cell.type.type == use.type;
      continue;
    }
    usable = false;
    for (const RecordField& field : cell.record.fields) {
      if (field.name == use.field) usable = field.value.type() == use.type;
    }
  }
  if (usable) return *cached;
  try {
    cached = host_.Prepare(expression.sql, is_expression, Names(*this, expression.scope));
  } catch (SqlError& error) {
    if (is_expression) {
      PointIntoExpression(error, expression);
    } else {
      PointInto(error, expression.sql, "SQL statement");
    }
    throw;
  }
  return *cached;
}

Value Interpreter::ReadVariable(const VariableUse& use) {
  Cell& cell = cells_[static_cast<size_t>(use.variable)];
  if (!cell.type.is_record) return cell.value;
  if (use.field.empty()) return host_.Compose(cell.record, cell.type);
  for (const RecordField& field : cell.record.fields) {
    if (field.name == use.field) return field.value;
  }
  CHECK(false);
  return {};
}

std::vector<Value> Interpreter::Parameters(const PreparedSql& sql) {
  std::vector<Value> values;
  for (const VariableUse& use : sql.parameters) values.push_back(ReadVariable(use));
  return values;
}

int64_t Interpreter::ForEachRow(PreparedSql& sql, std::span<const Value> parameters,
                                const std::function<bool(std::span<const Value>)>& take) {
  class Rows : public RowSink {
   public:
    Rows(const PreparedSql& sql, const std::function<bool(std::span<const Value>)>& take)
        : sql_(sql), take_(take) {}
    bool Take(const types::Chunk& chunk, size_t row) override {
      std::vector<Value> values;
      for (size_t i = 0; i < sql_.columns.size(); ++i) {
        values.push_back(Value::Of(sql_.columns[i].type, sql_.columns[i].kind,
                                   chunk.column(i).DatumAt(row)));
      }
      return take_(values);
    }

   private:
    const PreparedSql& sql_;
    const std::function<bool(std::span<const Value>)>& take_;
  };
  Rows rows(sql, take);
  return host_.Execute(sql, parameters, &rows);
}

Value Interpreter::Evaluate(const Expression& expression) {
  PreparedSql& sql = Prepared(expression, true);
  bool simple = sql.simple;
  try {
    if (sql.columns.size() != 1) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("query \"{}\" returned {} columns", expression.sql,
                                 sql.columns.size()));
    }
    Value result = Value::Null(sql.columns[0].type, sql.columns[0].kind);
    int64_t count = 0;
    ForEachRow(sql, Parameters(sql), [&](std::span<const Value> row) {
      if (count == 0) result = row[0];
      return ++count < 2;
    });
    if (count > 1) {
      throw SqlError(sqlstate::kCardinalityViolation,
                     fmt::format("query \"{}\" returned more than one row", expression.sql));
    }
    return result;
  } catch (SqlError& error) {
    if (!simple || error.fields().location >= 0) PointIntoExpression(error, expression);
    throw;
  }
}

bool Interpreter::EvaluateCondition(const Expression& expression) {
  Value value = host_.Convert(Evaluate(expression), host_.TypeOf({types::oids::kBool, -1}));
  return !value.is_null() && value.As<bool>();
}

std::optional<int32_t> Interpreter::EvaluateInteger(const Expression& expression,
                                                    std::string_view what) {
  Value value = host_.Convert(Evaluate(expression), host_.TypeOf({types::oids::kInt4, -1}));
  if (value.is_null()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, fmt::format("{} cannot be null", what));
  }
  return value.As<int32_t>();
}

std::vector<Value> Interpreter::EvaluateAll(const std::vector<Expression>& expressions) {
  std::vector<Value> values;
  for (const Expression& expression : expressions) values.push_back(Evaluate(expression));
  return values;
}

// --- assignment ---

void Interpreter::AssignVariable(int variable, const Value& value) {
  Cell& cell = cells_[static_cast<size_t>(variable)];
  const Variable& declared = function_.variables[static_cast<size_t>(variable)];
  if (cell.type.is_record) {
    if (value.is_null()) {
      cell.record.fields = cell.type.fields;
      cell.record.assigned = cell.type.is_composite;
      return;
    }
    std::vector<RecordField> fields = host_.Decompose(value).fields;
    if (!cell.type.is_composite) {
      cell.record = {true, std::move(fields)};
      return;
    }
    for (size_t i = 0; i < cell.type.fields.size(); ++i) {
      const Value& wanted = cell.type.fields[i].value;
      cell.record.fields[i].value =
          i < fields.size() ? host_.Convert(fields[i].value, host_.TypeOf(wanted.type())) : wanted;
    }
    return;
  }
  cell.value = host_.Convert(value, cell.type);
  if (cell.value.is_null() && declared.not_null) {
    throw SqlError(sqlstate::kNullValueNotAllowed,
                   fmt::format("null value cannot be assigned to variable \"{}\" declared NOT NULL",
                               declared.name));
  }
}

void Interpreter::AssignTarget(const Target& target, const Value& value) {
  Cell& cell = cells_[static_cast<size_t>(target.variable)];
  const std::string& name = function_.variables[static_cast<size_t>(target.variable)].name;
  Value assigned = value;
  if (!target.subscripts.empty()) {
    std::vector<int32_t> subscripts;
    for (const Target::Subscript& subscript : target.subscripts) {
      if (subscript.lower) base::ThrowNotSupported("assignment to an array slice in PL/pgSQL");
      subscripts.push_back(*EvaluateInteger(subscript.upper, "array subscript in assignment"));
    }
    Value array = ReadVariable({target.variable, target.field, {}});
    assigned = host_.AssignElement(array, subscripts, value);
  }
  if (target.field.empty()) return AssignVariable(target.variable, assigned);
  if (!cell.type.is_record || !cell.record.assigned) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   fmt::format("record \"{}\" is not assigned yet", name))
        .Detail("The tuple structure of a not-yet-assigned record is indeterminate.");
  }
  for (RecordField& field : cell.record.fields) {
    if (field.name != target.field) continue;
    field.value = host_.Convert(assigned, host_.TypeOf(field.value.type()));
    return;
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 fmt::format("record \"{}\" has no field \"{}\"", name, target.field));
}

// One record takes the whole row; a list takes column by column, missing ones are null.
void Interpreter::AssignRow(const std::vector<Target>& targets, std::span<const SqlColumn> columns,
                            std::span<const Value> row) {
  Cell& first = cells_[static_cast<size_t>(targets[0].variable)];
  if (targets.size() == 1 && targets[0].field.empty() && first.type.is_record) {
    if (!first.type.is_composite) {
      first.record = {true, {}};
      for (size_t i = 0; i < row.size(); ++i) {
        first.record.fields.push_back({columns[i].name, row[i]});
      }
      return;
    }
    for (size_t i = 0; i < first.type.fields.size(); ++i) {
      const Value& wanted = first.type.fields[i].value;
      first.record.fields[i].value =
          i < row.size() ? host_.Convert(row[i], host_.TypeOf(wanted.type())) : wanted;
    }
    return;
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    Value missing = Value::Null({types::oids::kUnknown, -1}, types::PhysicalKind::kVarlen);
    AssignTarget(targets[i], i < row.size() ? row[i] : missing);
  }
}

void Interpreter::AssignNulls(const std::vector<Target>& targets,
                              std::span<const SqlColumn> columns) {
  std::vector<Value> nulls;
  for (const SqlColumn& column : columns) nulls.push_back(Value::Null(column.type, column.kind));
  AssignRow(targets, columns, nulls);
}

void Interpreter::SetFound(bool found) {
  Cell& cell = cells_[static_cast<size_t>(function_.found_variable)];
  cell.value = Value::Of({types::oids::kBool, -1}, types::PhysicalKind::kBool,
                         types::Datum::From(found));
}

// --- statements ---

void Interpreter::RunAssign(const Assign& statement) {
  Value value = Evaluate(statement.value);
  try {
    AssignTarget(statement.target, value);
  } catch (SqlError& error) {
    // To PostgreSQL the conversion is part of the assignment's expression.
    if (error.state().error_class() == "22") PointIntoExpression(error, statement.value);
    throw;
  }
}

void Interpreter::RunInto(PreparedSql& sql, std::span<const Value> parameters, bool strict,
                          const std::vector<Target>& targets) {
  if (!sql.returns_rows) {
    throw SqlError(sqlstate::kSyntaxError, "INTO used with a command that cannot return data");
  }
  bool one_only = strict || sql.changes_data;
  std::vector<Value> first;
  int64_t count = 0;
  ForEachRow(sql, parameters, [&](std::span<const Value> row) {
    if (count == 0) first.assign(row.begin(), row.end());
    return ++count < (one_only ? 2 : 1) || sql.changes_data;
  });
  if (count == 0) {
    if (strict) throw SqlError(sqlstate::kNoDataFound, "query returned no rows");
    AssignNulls(targets, sql.columns);
  } else if (count > 1 && one_only) {
    throw SqlError(sqlstate::kTooManyRows, "query returned more than one row")
        .Hint("Make sure the query returns a single row, or use LIMIT 1.");
  } else {
    AssignRow(targets, sql.columns, first);
  }
  row_count_ = count;
}

void Interpreter::RunSql(const Sql& statement) {
  PreparedSql& sql = Prepared(statement.sql, false);
  std::vector<Value> parameters = Parameters(sql);
  if (!statement.into && sql.returns_rows) {
    throw SqlError(sqlstate::kSyntaxError, "query has no destination for result data")
        .Hint("If you want to discard the results of a SELECT, use PERFORM instead.");
  }
  try {
    if (statement.into) {
      RunInto(sql, parameters, statement.strict, statement.targets);
      SetFound(row_count_ > 0);
    } else {
      row_count_ = host_.Execute(sql, parameters, nullptr);
      if (sql.changes_data) SetFound(row_count_ > 0);
    }
  } catch (SqlError& error) {
    bool from_sql = error.state() != sqlstate::kNoDataFound &&
                    error.state() != sqlstate::kTooManyRows;
    if (from_sql) PointInto(error, statement.sql.sql, "SQL statement");
    throw;
  }
}

void Interpreter::RunPerform(const Perform& statement) {
  PreparedSql& sql = Prepared(statement.query, false);
  std::vector<Value> parameters = Parameters(sql);
  try {
    row_count_ = host_.Execute(sql, parameters, nullptr);
  } catch (SqlError& error) {
    PointInto(error, statement.query.sql, "SQL statement");
    throw;
  }
  SetFound(row_count_ > 0);
}

void Interpreter::RunDynamic(const Dynamic& statement) {
  Value text = Evaluate(statement.text);
  if (text.is_null()) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "query string argument of EXECUTE is null");
  }
  std::string query = host_.ToText(text);
  std::vector<Value> parameters = EvaluateAll(statement.parameters);
  try {
    std::unique_ptr<PreparedSql> sql = host_.PrepareDynamic(query, parameters);
    if (statement.into) {
      RunInto(*sql, parameters, statement.strict, statement.targets);
    } else {
      row_count_ = host_.Execute(*sql, parameters, nullptr);
    }
  } catch (SqlError& error) {
    PointInto(error, query, "SQL statement");
    throw;
  }
}

void Interpreter::RunReturnNext(const ReturnNext& statement) {
  std::vector<Value> row;
  if (!statement.value) {
    for (int variable : options_.out_variables) row.push_back(ReadVariable({variable, "", {}}));
  } else {
    Value value = Evaluate(*statement.value);
    // A set of void has no type to convert to, and takes no value: the host says so.
    if (options_.result && options_.result->is_record) return host_.ReturnRecord(value);
    row.push_back(options_.result ? host_.Convert(value, *options_.result) : value);
  }
  host_.ReturnRow(row);
}

void Interpreter::RunReturnQuery(const ReturnQuery& statement) {
  auto return_row = [&](std::span<const Value> row) {
    host_.ReturnRow(row);
    return true;
  };
  if (statement.query) {
    PreparedSql& sql = Prepared(*statement.query, false);
    row_count_ = ForEachRow(sql, Parameters(sql), return_row);
  } else {
    std::vector<Value> parameters = EvaluateAll(statement.parameters);
    std::string query = host_.ToText(Evaluate(*statement.dynamic));
    std::unique_ptr<PreparedSql> sql = host_.PrepareDynamic(query, parameters);
    row_count_ = ForEachRow(*sql, parameters, return_row);
  }
  SetFound(row_count_ > 0);
}

// --- cursors ---

std::string Interpreter::CursorName(int variable) {
  const Value& value = cells_[static_cast<size_t>(variable)].value;
  if (value.is_null()) {
    throw SqlError(sqlstate::kNullValueNotAllowed,
                   fmt::format("cursor variable \"{}\" is null",
                               function_.variables[static_cast<size_t>(variable)].name));
  }
  return host_.ToText(value);
}

// A bound cursor's arguments become its own variables, then its query is prepared.
PreparedSql& Interpreter::CursorQuery(int cursor, const std::optional<Expression>& arguments,
                                      std::vector<Value>& parameters) {
  const Variable& variable = function_.variables[static_cast<size_t>(cursor)];
  if (arguments) {
    PreparedSql& sql = Prepared(*arguments, true);
    if (sql.columns.size() != variable.cursor_arguments.size()) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("{} arguments for cursor \"{}\"",
                                 sql.columns.size() < variable.cursor_arguments.size()
                                     ? "not enough"
                                     : "too many",
                                 variable.name));
    }
    ForEachRow(sql, Parameters(sql), [&](std::span<const Value> row) {
      for (size_t i = 0; i < row.size(); ++i) AssignVariable(variable.cursor_arguments[i], row[i]);
      return false;
    });
  } else if (!variable.cursor_arguments.empty()) {
    throw SqlError(sqlstate::kSyntaxError,
                   fmt::format("not enough arguments for cursor \"{}\"", variable.name));
  }
  PreparedSql& sql = Prepared(*variable.cursor_query, false);
  parameters = Parameters(sql);
  return sql;
}

void Interpreter::RunOpen(const Open& statement) {
  Cell& cell = cells_[static_cast<size_t>(statement.cursor)];
  const Variable& variable = function_.variables[static_cast<size_t>(statement.cursor)];
  std::string name = cell.value.is_null() ? (variable.cursor_query ? variable.name : "")
                                          : host_.ToText(cell.value);
  std::vector<Value> parameters;
  std::unique_ptr<PreparedSql> dynamic;
  PreparedSql* sql = nullptr;
  if (variable.cursor_query) {
    sql = &CursorQuery(statement.cursor, statement.arguments, parameters);
  } else if (statement.dynamic) {
    parameters = EvaluateAll(statement.parameters);
    dynamic = host_.PrepareDynamic(host_.ToText(Evaluate(*statement.dynamic)), parameters);
    sql = dynamic.get();
  } else {
    sql = &Prepared(*statement.query, false);
    parameters = Parameters(*sql);
  }
  name = host_.OpenCursor(name, *sql, parameters);
  cell.value = Value::Of(cell.type.type, types::PhysicalKind::kVarlen,
                         types::Datum::From(std::string_view(name)));
}

void Interpreter::RunFetch(const Fetch& statement) {
  class OneRow : public RowSink {
   public:
    bool Take(const types::Chunk& chunk, size_t row) override {
      for (size_t i = 0; i < columns.size(); ++i) {
        values.push_back(Value::Of(columns[i].type, columns[i].kind, chunk.column(i).DatumAt(row)));
      }
      return false;
    }
    std::vector<SqlColumn> columns;
    std::vector<Value> values;
  };
  std::string name = CursorName(statement.cursor);
  if (statement.is_move) {
    row_count_ = host_.FetchCursor(name, statement.direction, nullptr);
  } else {
    OneRow row;
    row.columns = host_.CursorColumns(name);
    row_count_ = host_.FetchCursor(name, statement.direction, &row);
    if (row_count_ > 0) {
      AssignRow(statement.targets, row.columns, row.values);
    } else {
      AssignNulls(statement.targets, row.columns);
    }
  }
  SetFound(row_count_ > 0);
}

}  // namespace sundog::session::plpgsql
