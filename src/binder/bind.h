// Name, type and overload resolution: raw parse tree in, bound statement out, as PostgreSQL's parse
// analysis does it, with its errors.
//
// What comes out owns everything it needs or shares it with the catalog snapshot through
// shared_ptrs; it never points into the parse tree. One Bind at a time a BindContext.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "binder/bound_query.h"
#include "catalog/catalog.h"
#include "types/type_info.h"

namespace sundog::base {
struct ErrorFields;
}
namespace sundog::parser {
struct RawStatement;
}

namespace sundog::binder {

enum class Profile : uint8_t { kPostgres, kDsql };

// What row-level security does to the tables that a statement reads and changes.
enum class RowSecurity : uint8_t {
  kIgnored,  // what is bound is kept or shown, not run
  kApplied,
  kRefused,  // row_security is off: 42501 rather than a part of the rows
};

// Names that stand for parameters: the variables of a PL/pgSQL block or a SQL function's arguments.
class VariableResolver {
 public:
  struct Variable {
    int parameter;  // index, as BoundParameter's
    SqlType type;
  };
  virtual ~VariableResolver() = default;
  // The parts of a (dotted) column reference; nullopt if no variable is so called.
  virtual std::optional<Variable> Resolve(std::span<const std::string> names) = 0;
  // What a name that is both a variable and a column means.
  enum class Conflict { kError, kVariable, kColumn };
  virtual Conflict conflict() const { return Conflict::kError; }
};

// What the last statement of a SQL function has to give.
struct FunctionResult {
  Oid type = types::kInvalidOid;
  // Of a row type or OUT arguments; unset: whatever columns there are.
  std::optional<std::vector<types::CompositeField>> columns;
  bool is_procedure = false;
  // Set by Bind: the statement gives rows of `columns`, not values of `type`.
  bool gives_rows = false;
};

struct BindContext {
  catalog::CatalogPtr catalog;
  catalog::SearchPath search_path;
  Oid role = types::kInvalidOid;
  std::string database_name;
  // For literals, which are converted here. `types` is the catalog if null.
  types::IoContext io;
  Profile profile = Profile::kPostgres;
  RowSecurity row_security = RowSecurity::kIgnored;
  // In: types the client gave ($1 first; kInvalidOid or unknown: to be inferred). Out: as inferred.
  std::vector<Oid> parameter_types;
  // False: $n beyond parameter_types is an error (42P02), and nothing is inferred.
  bool infer_parameters = true;
  VariableResolver* variables = nullptr;
  // Set for a SQL function's last statement: it is made to give this, or 42P13.
  FunctionResult* function_result = nullptr;
  // Parameter types of a prepared statement, for EXECUTE; null if there is none of the name.
  std::function<const std::vector<SqlType>*(const std::string& name)> prepared_types;
  // NOTICEs and WARNINGs; may be empty.
  std::function<void(const base::ErrorFields&)> notice;
};

// Throws SqlError. Raw DDL trees come back as a BoundDdl (bound_utility.h).
BoundStatementPtr Bind(const parser::RawStatement& statement, BindContext& context);

// PREPARE name (type, …): the types it declares, for the parameter_types of its query's binding.
std::vector<Oid> DeclaredParameterTypes(const parser::RawStatement& prepare, BindContext& context);
// DECLARE CURSOR: what its options and its bound query may not have together. Throws.
void CheckCursorQuery(const parser::RawStatement& declare, const BoundStatement& query);

// The rules of a table that a foreign key's action reaches, with its defaults.
BoundTableRules BindRules(const catalog::TableDescriptor& table, BindContext& context);

// The columns the statement returns, in order; empty if it returns no rows. Of EXPLAIN, SHOW,
// FETCH, EXECUTE and CALL the session knows.
std::span<const BoundTarget> OutputColumns(const BoundStatement& statement);

// The type's SQL name as error messages have it: schema-qualified unless the search path finds it.
std::string TypeName(const BindContext& context, SqlType type);

}  // namespace sundog::binder
