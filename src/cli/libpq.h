// What libpq gives, owned; its errors as the command line says them.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

namespace sundog::cli {

struct PgConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct PgResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgConnection = std::unique_ptr<PGconn, PgConnectionCloser>;
using PgResult = std::unique_ptr<PGresult, PgResultCloser>;

// Throws CommandFailure (kCannotConnect).
PgConnection Connect(const std::string& connection_string);
// Of what the connection did last, without a line feed at its end.
std::string ErrorOf(const PgConnection& connection);

}  // namespace sundog::cli
