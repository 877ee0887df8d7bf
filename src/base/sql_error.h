// The error that ends a SQL statement. Thrown anywhere below the session, caught once in it, and
// sent to the client as an ErrorResponse. Wording follows PostgreSQL: message short, lower case, no
// period; detail and hint are sentences.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/sqlstate.h"

namespace sundog::base {

enum class Severity { kError, kFatal, kPanic, kWarning, kNotice, kInfo, kLog, kDebug };

// The name on the wire: "ERROR", "FATAL", "WARNING", …
std::string_view SeverityName(Severity severity);

// All the fields of an ErrorResponse or NoticeResponse.
struct ErrorFields {
  Severity severity = Severity::kError;
  SqlState state;
  std::string message;
  std::string detail;
  std::string hint;
  std::string context;
  // Byte offset in the statement's text, as the parse tree has it; -1 when unknown. The session
  // turns it into the 1-based character position of the protocol.
  int location = -1;
  // A statement run inside a function: its text and the location in it.
  std::string internal_query;
  int internal_location = -1;
  std::string schema;
  std::string table;
  std::string column;
  std::string data_type;
  std::string constraint;
};

class SqlError : public std::exception {
 public:
  SqlError(SqlState state, std::string message);
  explicit SqlError(ErrorFields fields) : fields_(std::move(fields)) {}

  const char* what() const noexcept override { return fields_.message.c_str(); }
  const ErrorFields& fields() const { return fields_; }
  ErrorFields& fields() { return fields_; }
  SqlState state() const { return fields_.state; }

  // Builders, so that an error reads as one expression:
  //   throw SqlError(sqlstate::kUndefinedTable, …).At(location).Hint("…");
  SqlError& At(int location) & { return fields_.location = location, *this; }
  SqlError& Detail(std::string text) & { return fields_.detail = std::move(text), *this; }
  SqlError& Hint(std::string text) & { return fields_.hint = std::move(text), *this; }
  SqlError& Fatal() & { return fields_.severity = Severity::kFatal, *this; }
  SqlError& Table(std::string_view schema, std::string_view table) &;
  SqlError& Column(std::string_view column) &;
  SqlError& DataType(std::string_view schema, std::string_view type) &;
  SqlError& Constraint(std::string_view constraint) &;
  SqlError&& At(int location) && { return std::move(At(location)); }
  SqlError&& Detail(std::string text) && { return std::move(Detail(std::move(text))); }
  SqlError&& Hint(std::string text) && { return std::move(Hint(std::move(text))); }
  SqlError&& Fatal() && { return std::move(Fatal()); }
  SqlError&& Table(std::string_view schema, std::string_view table) && {
    return std::move(Table(schema, table));
  }
  SqlError&& Column(std::string_view column) && { return std::move(Column(column)); }
  SqlError&& DataType(std::string_view schema, std::string_view type) && {
    return std::move(DataType(schema, type));
  }
  SqlError&& Constraint(std::string_view name) && { return std::move(Constraint(name)); }

 private:
  ErrorFields fields_;
};

// 0A000 `<feature> is not supported`, at an optional location.
[[noreturn]] void ThrowNotSupported(std::string_view feature, int location = -1);

}  // namespace sundog::base

namespace sundog {
using base::SqlError;
namespace sqlstate = base::sqlstate;
}  // namespace sundog
