// `sundog sql`: a small client for machines without psql, over libpq.
#pragma once

#include <string>
#include <vector>

namespace sundog::cli {

struct SqlOptions {
  // A URI or keyword string; empty: libpq's own defaults, then the local server.
  std::string connection_string;
  // Run instead of reading standard input.
  std::vector<std::string> commands;
};

// The exit code: 0, 1 after an error in a statement, kCannotConnect without a connection.
int RunSqlClient(const SqlOptions& options);

}  // namespace sundog::cli
