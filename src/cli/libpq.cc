#include "cli/libpq.h"

#include "cli/control_client.h"

namespace sundog::cli {

PgConnection Connect(const std::string& connection_string) {
  PgConnection connection(PQconnectdb(connection_string.c_str()));
  if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
  throw CommandFailure(kCannotConnect, ErrorOf(connection));
}

std::string ErrorOf(const PgConnection& connection) {
  std::string error = PQerrorMessage(connection.get());
  while (error.ends_with('\n')) error.pop_back();
  return error;
}

}  // namespace sundog::cli
