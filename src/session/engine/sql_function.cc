#include "session/engine/sql_function.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "parser/parse.h"
#include "session/engine/query_plan.h"
#include "types/oids.h"
#include "types/record.h"

namespace sundog::session {

SqlFunction::SqlFunction(EngineSession& session, const functions::ProcInfo& proc,
                         const catalog::FunctionDescriptor& descriptor,
                         std::optional<std::vector<types::CompositeField>> columns)
    : session_(session),
      proc_(proc),
      expected_columns_(std::move(columns)),
      statements_(session, FunctionLanguage::kSql, proc.volatility == 'v') {
  try {
    Parse(descriptor);
  } catch (SqlError& error) {
    AddContext(error, fmt::format("SQL function \"{}\" during startup", proc_.name));
    throw;
  }
}

void SqlFunction::Parse(const catalog::FunctionDescriptor& descriptor) {
  body_text_ = binder::BodyTextOf(descriptor, *session_.catalog());
  for (std::unique_ptr<ParsedStatement>& statement : session_.engine().Parse(body_text_.sql)) {
    body_.push_back({std::move(statement), nullptr});
  }
}

void SqlFunction::AddContext(SqlError& error, const std::string& line) const {
  base::ErrorFields& fields = error.fields();
  if (fields.location >= 0 && fields.internal_query.empty()) {
    if (!body_text_.is_stored) {
      fields.internal_query = body_text_.sql;
      fields.internal_location = fields.location;
    }
    fields.location = -1;
  }
  if (!fields.context.empty()) fields.context += '\n';
  fields.context += line;
}

std::shared_ptr<FunctionSql> SqlFunction::Prepare(size_t number) {
  Statement& statement = body_[number];
  binder::BindContext context = statements_.Context(proc_.argument_types);
  binder::FunctionArguments arguments(proc_);
  context.variables = &arguments;
  if (body_text_.is_stored) binder::SeeQualifiedNamesOnly(context);
  bool is_last = number + 1 == body_.size();
  if (is_last && proc_.result_type != types::oids::kVoid) {
    binder::TypeFacts types(*context.catalog, context.search_path);
    const auto& parsed = static_cast<const EngineStatement&>(*statement.parsed);
    binder::CheckHasResult(proc_, types, &parsed.script->statements()[parsed.index]);
    result_ = binder::ResultOf(proc_, types);
    if (!result_.columns && expected_columns_) result_.columns = expected_columns_;
    context.function_result = &result_;
  }
  statement.prepared = statements_.Prepare(statement.parsed, context);
  if (is_last) NoteColumns(*statement.prepared);
  return statement.prepared;
}

// The declared types, where there are any: a plan tells only what is under a domain.
void SqlFunction::NoteColumns(const FunctionSql& last) {
  if (result_.gives_rows && result_.columns) {
    columns_ = *result_.columns;
  } else if (result_.gives_rows) {
    columns_.clear();
    for (const plpgsql::SqlColumn& column : last.columns) {
      columns_.push_back({column.name, column.type});
    }
  } else {
    columns_ = {{proc_.name, {proc_.result_type, -1}}};
  }
}

void SqlFunction::PrepareAll() {
  if (body_.empty()) {
    binder::TypeFacts types(*session_.catalog(), session_.search_path());
    binder::CheckHasResult(proc_, types, nullptr);
  }
  for (size_t i = 0; i < body_.size(); ++i) {
    const FunctionSql* prepared = body_[i].prepared.get();
    if (prepared == nullptr || !statements_.IsCurrent(*prepared)) Prepare(i);
  }
}

namespace {

// Hands rows on as values.
class ResultRows final : public plpgsql::RowSink {
 public:
  ResultRows(const SqlFunction::TakeRow& take, size_t width, bool to_the_end)
      : take_(take), row_(width), to_the_end_(to_the_end) {}

  bool Take(const types::Chunk& chunk, size_t row) override {
    if (!wants_more_) return true;
    for (size_t i = 0; i < row_.size(); ++i) row_[i] = chunk.column(i).DatumAt(row);
    wants_more_ = take_(row_);
    return wants_more_ || to_the_end_;
  }

 private:
  const SqlFunction::TakeRow& take_;
  std::vector<types::Datum> row_;
  // Changes are made whether their rows are wanted or not.
  bool to_the_end_;
  bool wants_more_ = true;
};

}  // namespace

void SqlFunction::RunStatement(size_t number, const ParameterValues& arguments,
                               const TakeRow& take) {
  // A call inside this one may prepare the statement anew.
  std::shared_ptr<FunctionSql> sql = body_[number].prepared;
  // What an earlier statement defined.
  if (number > 0 && !statements_.IsCurrent(*sql)) sql = Prepare(number);
  bool is_result = number + 1 == body_.size() && proc_.result_type != types::oids::kVoid;
  if (!is_result) {
    statements_.Run(*sql, arguments, nullptr);
    return;
  }
  ResultRows rows(take, sql->columns.size(), sql->plan->writes);
  statements_.Run(*sql, arguments, &rows);
}

void SqlFunction::CheckRecord(const types::Datum& record) const {
  if (!result_.columns || record.is_null()) return;
  types::RecordReader reader(record.As<std::string_view>());
  bool is_named = reader.type() != types::oids::kRecord;
  if (is_named && reader.type() == proc_.result_type) return;
  types::CheckRecordHasColumns(*session_.catalog(), reader, *result_.columns);
}

void SqlFunction::Run(std::span<const types::Datum> arguments, const TakeRow& take) {
  try {
    PrepareAll();
  } catch (SqlError& error) {
    AddContext(error, fmt::format("SQL function \"{}\" during startup", proc_.name));
    throw;
  }
  ParameterValues values;
  values.values.assign(arguments.begin(), arguments.end());
  for (types::Oid type : proc_.argument_types) values.types.push_back({type, -1});
  for (size_t i = 0; i < body_.size(); ++i) {
    try {
      RunStatement(i, values, take);
    } catch (SqlError& error) {
      AddContext(error, fmt::format("SQL function \"{}\" statement {}", proc_.name, i + 1));
      throw;
    }
  }
}

}  // namespace sundog::session
