// Bound trees as text, for tests and for looking at them: every node with its resolved function,
// operator and type. Not SQL (that is deparse.h).
#pragma once

#include <string>

#include "binder/bound_query.h"

namespace sundog::binder {

// One line: (name:type arguments…). Relations are numbered as they are met, so that two bindings of
// the same text dump alike.
std::string Dump(const BoundExpression& expression);
std::string Dump(const BoundQuery& query);
std::string Dump(const BoundStatement& statement);
// Without what only names things: columns and aliases. Equal for equal trees.
std::string DumpShape(const BoundStatement& statement);

}  // namespace sundog::binder
