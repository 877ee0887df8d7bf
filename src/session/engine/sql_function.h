// A function in LANGUAGE SQL as a session runs it: its body's statements, bound with the types of
// one call and planned, and kept between calls. What the last one gives is the result.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "binder/function_body.h"
#include "catalog/descriptors.h"
#include "functions/proc.h"
#include "session/engine/function_sql.h"

namespace sundog::session {

class SqlFunction {
 public:
  // `proc`: with the types of the call. `columns`: what the caller of a function that returns
  // record takes it for. Throws the errors of the body's grammar.
  SqlFunction(EngineSession& session, const functions::ProcInfo& proc,
              const catalog::FunctionDescriptor& descriptor,
              std::optional<std::vector<types::CompositeField>> columns);
  SqlFunction(const SqlFunction&) = delete;
  SqlFunction& operator=(const SqlFunction&) = delete;

  // Takes a row of the result: its columns, as the last statement gives them. False: no more.
  using TakeRow = std::function<bool(std::span<const types::Datum> row)>;
  // Binds what the catalog or the settings have outdated, then runs the statements.
  void Run(std::span<const types::Datum> arguments, const TakeRow& take);

  // While it runs: rows are the function's columns rather than one value.
  bool gives_rows() const { return result_.gives_rows; }
  // The columns that the rows have.
  const std::vector<types::CompositeField>& columns() const { return columns_; }
  // A record that the last statement gives as one value: 42804 unless it has the function's
  // columns.
  void CheckRecord(const types::Datum& record) const;

 private:
  struct Statement {
    std::shared_ptr<const ParsedStatement> parsed;
    std::shared_ptr<FunctionSql> prepared;
  };

  void Parse(const catalog::FunctionDescriptor& descriptor);
  std::shared_ptr<FunctionSql> Prepare(size_t number);
  void NoteColumns(const FunctionSql& last);
  void PrepareAll();
  void RunStatement(size_t number, const ParameterValues& arguments, const TakeRow& take);
  // Errors get the function's name and, where they have a place in its text, the text.
  void AddContext(SqlError& error, const std::string& line) const;

  EngineSession& session_;
  const functions::ProcInfo proc_;
  std::optional<std::vector<types::CompositeField>> expected_columns_;
  FunctionStatements statements_;
  binder::BodyText body_text_;
  std::vector<Statement> body_;
  binder::FunctionResult result_;
  std::vector<types::CompositeField> columns_;
};

}  // namespace sundog::session
