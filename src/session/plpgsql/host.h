// What a PL/pgSQL function needs of the database: types, SQL with variables in it, conversions,
// subtransactions. The engine implements it; tests script it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql_error.h"
#include "session/plpgsql/value.h"
#include "types/vector.h"

namespace sundog::session::plpgsql {

struct VariableType {
  types::SqlType type;
  types::PhysicalKind kind = types::PhysicalKind::kVarlen;
  // RECORD, or a composite type, whose fields are known from the start.
  bool is_record = false;
  bool is_composite = false;
  std::vector<RecordField> fields;  // with null values
};

// A variable, or a record's field, that SQL text mentions.
struct VariableUse {
  int variable = -1;
  std::string field;
  types::SqlType type;
};

// Resolves the names in SQL text that stands inside a function.
class NameLookup {
 public:
  virtual ~NameLookup() = default;
  // `parts` as written, folded: {"x"}, {"label", "x"}, {"r", "field"}, {"$1"}. Null: not a
  // variable. Throws 42703 `record "r" has no field "x"` and 55000 for an unassigned record.
  virtual std::optional<VariableUse> Find(std::span<const std::string> parts) const = 0;
};

struct SqlColumn {
  std::string name;
  types::SqlType type;
  types::PhysicalKind kind = types::PhysicalKind::kVarlen;
};

// Prepared SQL. Its parameters are variables in the order of their numbers.
class PreparedSql {
 public:
  virtual ~PreparedSql() = default;
  std::vector<VariableUse> parameters;
  bool returns_rows = false;
  std::vector<SqlColumn> columns;
  // An expression over variables alone: its errors need no further CONTEXT.
  bool simple = false;
  // INSERT, UPDATE, DELETE, MERGE: at most one row may go INTO.
  bool changes_data = false;
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  // False: no more rows are wanted.
  virtual bool Take(const types::Chunk& chunk, size_t row) = 0;
};

class Host {
 public:
  virtual ~Host() = default;

  // "int", "public.mood", "t%ROWTYPE", "t.a%TYPE", "record", "refcursor".
  virtual VariableType ResolveType(std::string_view text) = 0;
  virtual VariableType TypeOf(types::SqlType type) = 0;

  // `expression`: without SELECT. Throws with locations in `sql`.
  virtual std::unique_ptr<PreparedSql> Prepare(std::string_view sql, bool expression,
                                               const NameLookup& names) = 0;
  // False when the catalog has changed since.
  virtual bool IsCurrent(const PreparedSql& sql) = 0;
  // The text of EXECUTE, whose parameters are $1, $2, …
  virtual std::unique_ptr<PreparedSql> PrepareDynamic(std::string_view sql,
                                                      std::span<const Value> parameters) = 0;
  // Runs it; returns the count of rows it returned or changed.
  virtual int64_t Execute(PreparedSql& sql, std::span<const Value> parameters, RowSink* sink) = 0;

  // As an assignment cast, by text where there is no cast.
  virtual Value Convert(const Value& value, const VariableType& to) = 0;
  virtual std::string ToText(const Value& value) = 0;
  virtual Value FromText(std::string_view text, const VariableType& type) = 0;
  // A record as one composite value, and back.
  virtual Value Compose(const Record& record, const VariableType& type) = 0;
  virtual Record Decompose(const Value& value) = 0;
  // `array` with the element at the subscripts replaced; a null array begins a new one.
  virtual Value AssignElement(const Value& array, std::span<const int32_t> subscripts,
                              const Value& element) = 0;
  virtual std::vector<Value> ArrayElements(const Value& array) = 0;

  virtual void BeginSubtransaction() = 0;
  virtual void ReleaseSubtransaction() = 0;
  virtual void RollbackSubtransaction() = 0;
  // COMMIT and ROLLBACK in a procedure; 2D000 where not allowed.
  virtual void EndTransaction(bool commit, bool chain) = 0;

  virtual void Notice(const base::ErrorFields& fields) = 0;
  // A row of RETURN NEXT and RETURN QUERY; as its columns, or as one composite value.
  virtual void ReturnRow(std::span<const Value> row) = 0;
  virtual void ReturnRecord(const Value& record) = 0;

  // Cursors are portals of the session.
  virtual std::string OpenCursor(std::string_view name, PreparedSql& sql,
                                 std::span<const Value> parameters) = 0;
  // Throws 34000 if there is no such cursor.
  virtual std::vector<SqlColumn> CursorColumns(std::string_view name) = 0;
  // Rows moved; those fetched go to the sink.
  virtual int64_t FetchCursor(std::string_view name, std::string_view direction,
                              RowSink* sink) = 0;
  virtual void CloseCursor(std::string_view name) = 0;
};

}  // namespace sundog::session::plpgsql
