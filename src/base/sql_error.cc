#include "base/sql_error.h"

#include <utility>

namespace sundog::base {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError: return "ERROR";
    case Severity::kFatal: return "FATAL";
    case Severity::kPanic: return "PANIC";
    case Severity::kWarning: return "WARNING";
    case Severity::kNotice: return "NOTICE";
    case Severity::kInfo: return "INFO";
    case Severity::kLog: return "LOG";
    case Severity::kDebug: return "DEBUG";
  }
  return "ERROR";
}

SqlError::SqlError(SqlState state, std::string message) {
  fields_.state = state;
  fields_.message = std::move(message);
}

SqlError& SqlError::Table(std::string_view schema, std::string_view table) & {
  fields_.schema = schema;
  fields_.table = table;
  return *this;
}

SqlError& SqlError::Column(std::string_view column) & {
  fields_.column = column;
  return *this;
}

SqlError& SqlError::DataType(std::string_view schema, std::string_view type) & {
  fields_.schema = schema;
  fields_.data_type = type;
  return *this;
}

SqlError& SqlError::Constraint(std::string_view constraint) & {
  fields_.constraint = constraint;
  return *this;
}

void ThrowNotSupported(std::string_view feature, int location) {
  throw SqlError(sqlstate::kFeatureNotSupported, std::string(feature) + " is not supported")
      .At(location);
}

}  // namespace sundog::base
