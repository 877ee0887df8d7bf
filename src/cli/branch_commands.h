// `sundog branch …`: copies of a database. As in cli/database_commands.h.
#pragma once

#include <string>

#include "cli/database_commands.h"

namespace sundog::cli {

struct CreateBranchOptions {
  std::string name;  // empty: the server makes one up
  // Nothing but these.
  bool show_connection_string = false;
  bool show_password = false;
};

// Of options.database; returns when it can be used.
void CreateBranch(const DatabaseOptions& options, const CreateBranchOptions& wanted);
void ListBranches(const DatabaseOptions& options);
// options.database is the branch; what is none is refused.
void DeleteBranch(const DatabaseOptions& options, bool yes);

}  // namespace sundog::cli
