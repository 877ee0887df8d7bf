// Parameters where only libpg_query takes them. Its grammar reads pg_stat_statements' normalised
// texts, in which $1 stands for any constant; PostgreSQL's takes a parameter only as an expression,
// and calls every other one a syntax error.
#pragma once

struct Node;
struct ParamRef;

namespace sundog::parser {

// Throws 42601 `syntax error at or near "$1"` if an option or setting of the utility statement is a
// parameter. Those inside expressions, EXTRACT($1 FROM x) and DATE $1, are refused by who binds
// these.
void RefuseParameters(const ::Node* statement);

[[noreturn]] void ThrowAtParameter(const ::ParamRef* parameter);

}  // namespace sundog::parser
