// From a function's body to its tree. Expressions and SQL stay text: they are prepared when they
// first run, with the names of their place in sight. (libpg_query's own PL/pgSQL parser loses
// declared types, ELSE branches of CASE and assignments to record fields in its JSON.)
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/plpgsql/ast.h"

namespace sundog::session::plpgsql {

struct Parameter {
  std::string name;  // empty: known as $n only
  uint32_t type_oid = 0;
  int32_t typmod = -1;
};

// How a function is declared, as far as its body's grammar depends on it.
struct Declaration {
  std::string name;  // labels the parameters: f.x
  std::vector<Parameter> parameters;  // IN and OUT; parameter n becomes variable n
  bool returns_set = false;
  bool returns_void = false;
  bool has_out_parameters = false;
  bool is_procedure = false;
  bool is_trigger = false;
};

// Throws 42601 and the other errors of PostgreSQL's PL/pgSQL grammar.
std::shared_ptr<const Function> ParseFunction(const Declaration& declaration,
                                              std::string_view body);

// The SQLSTATEs a condition name of EXCEPTION WHEN and RAISE stands for. Throws 42704
// `unrecognized exception condition "…"`.
std::vector<Condition> LookUpCondition(std::string_view name);

}  // namespace sundog::session::plpgsql
