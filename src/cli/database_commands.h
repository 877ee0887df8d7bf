// `sundog create`, `list`, `delete`, `use` and `db …`: databases by name or identifier, as DB9's
// users know them. Each prints what it found or made, and throws std::exception with what to do
// next; CommandFailure where scripts have an exit code of their own for it.
#pragma once

#include <string>

#include "cli/control_client.h"
#include "cli/result_printer.h"

namespace sundog::cli {

struct DatabaseOptions {
  ControlOptions server;
  OutputFormat format = OutputFormat::kTable;
  // Only what a script asks for: a connection string, a password, names; nothing of what was done.
  bool quiet = false;
  // Empty: the one in use.
  std::string database;
};

struct CreateDatabaseOptions {
  std::string name;  // empty: the server makes one up
  std::string profile = "postgres";
  // Nothing but these.
  bool show_connection_string = false;
  bool show_password = false;
};

void CreateDatabase(const DatabaseOptions& options, const CreateDatabaseOptions& wanted);
void ListDatabases(const DatabaseOptions& options);
// Without `yes` it asks, if there is somebody to be asked.
void DeleteDatabase(const DatabaseOptions& options, bool yes);
void ShowDatabase(const DatabaseOptions& options);
// Shows which one, where none is given.
void UseDatabase(const DatabaseOptions& options, bool clear);
// Becomes psql; returns only by throwing.
void ConnectToDatabase(const DatabaseOptions& options, const std::string& user);

void ListUsers(const DatabaseOptions& options);
// `password_from_input`: the first line of standard input, instead of one that is made up.
void CreateUser(const DatabaseOptions& options, const std::string& user, bool password_from_input);
void DeleteUser(const DatabaseOptions& options, const std::string& user);
void ResetPassword(const DatabaseOptions& options, const std::string& user);

}  // namespace sundog::cli
