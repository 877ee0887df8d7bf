// `sundog db dump`: a database as a script of SQL, which psql runs in Sundog and in PostgreSQL 15
// alike. All of it is as of one moment: one read-only transaction of one snapshot. It needs nothing
// but libpq; the server is asked for its definitions as SQL.
//
// The order is one that restores: schemas, extensions, then types, functions, sequences and tables
// as each needs the others (cli/dump_order.h), the rows, keys and views, indexes, foreign keys,
// row-level security, comments, privileges. What an extension brings is made by it. Objects
// belong to who restores; roles are not in it, and those that privileges and policies name must be
// there.
#pragma once

#include <string>

#include "cli/database_commands.h"

namespace sundog::cli {

struct DumpOptions {
  bool ddl_only = false;
  std::string file;  // empty: standard output
};

// What needs one another has no order that restores: it is named on standard error. Throws
// CommandFailure: kCannotConnect, 1 for what a statement ended with. A file is written whole,
// and synced, or not at all.
void DumpDatabase(const DatabaseOptions& options, const DumpOptions& wanted);

}  // namespace sundog::cli
