// What commands about databases ask of the server, and how its refusals end them.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/database_commands.h"

namespace sundog::cli {

// What is printed of each database, in this order.
const std::vector<std::string>& DatabaseColumns();

// The given one, else the one in use. Throws CommandFailure.
std::string Chosen(const DatabaseOptions& options);
// Of the database's operations.
std::string DatabasePath(const std::string& database, const std::string& rest = {});
// As ControlClient::Ask(). Throws CommandFailure for what is not there, or in the way.
boost::json::object Ask(const DatabaseOptions& options, std::string_view method,
                        const std::string& target, const boost::json::object& body = {});
// Until it is ACTIVE, with a progress bar on a terminal if that takes long. Throws
// std::runtime_error when it cannot be made, or takes a minute without getting on.
boost::json::object AwaitCreation(const DatabaseOptions& options, const std::string& id);
// For psql; of an answer that has a password. Where that fails it says so: what is told once is yet
// to be printed.
void KeepPasswordOf(const boost::json::object& login);
// A database that was made: all of it, or only what was asked for.
void PrintMade(const DatabaseOptions& options, const boost::json::object& made,
               bool connection_string_only, bool password_only);
// Deletes it, after it has been asked whether to, unless `yes`; what the server says then.
boost::json::object ConfirmAndDelete(const DatabaseOptions& options, const std::string& database,
                                     bool yes);

// Of the chosen database, as `user` (empty: admin), for libpq; PGPASSFILE is set to the passwords
// that were kept.
std::string ConnectionStringOf(const DatabaseOptions& options, const std::string& user);

}  // namespace sundog::cli
