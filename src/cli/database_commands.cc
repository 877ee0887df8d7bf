#include "cli/database_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "auth/sigv4.h"
#include "base/clock.h"
#include "cli/database_requests.h"
#include "cli/environment.h"
#include "cli/own_folder.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

const std::vector<std::string> kLoginColumns{"user", "password", "connection_string"};
const std::vector<std::string> kUserColumns{"name", "can_login", "can_create_roles"};

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }
void PrintLine(const std::string& text) { std::printf("%s\n", text.c_str()); }

void PrintLogin(const DatabaseOptions& options, const json::object& login) {
  KeepPasswordOf(login);
  if (options.quiet) {
    PrintLine(Text(login, "password"));
  } else {
    Print(FormatObject(options.format, kLoginColumns, login));
  }
}

}  // namespace

void CreateDatabase(const DatabaseOptions& options, const CreateDatabaseOptions& wanted) {
  json::object body{{"profile", wanted.profile}};
  if (!wanted.name.empty()) body["name"] = wanted.name;
  json::object made = Ask(options, "POST", "/customer/databases", body);
  // Told once: kept before anything can go wrong.
  KeepPasswordOf(made);
  made["state"] = Text(AwaitCreation(options, Text(made, "id")), "state");
  PrintMade(options, made, wanted.show_connection_string, wanted.show_password);
}

void ListDatabases(const DatabaseOptions& options) {
  json::object found = Ask(options, "GET", "/customer/databases");
  const json::array& databases = found.at("databases").as_array();
  if (options.quiet) {
    for (const json::value& database : databases) PrintLine(Text(database.as_object(), "name"));
  } else {
    Print(FormatList(options.format, "databases", {"name", "id", "state", "profile"}, databases));
  }
}

void DeleteDatabase(const DatabaseOptions& options, bool yes) {
  json::object deleted = ConfirmAndDelete(options, options.database, yes);
  if (!options.quiet) Print(FormatObject(options.format, {"id", "name", "state"}, deleted));
}

void ShowDatabase(const DatabaseOptions& options) {
  json::object found = Ask(options, "GET", DatabasePath(Chosen(options)));
  if (options.quiet) {
    PrintLine(Text(found, "state"));
    return;
  }
  std::vector<std::string> columns = DatabaseColumns();
  for (const char* more : {"host", "port", "size_bytes", "connections"}) columns.push_back(more);
  Print(FormatObject(options.format, columns, found));
}

void UseDatabase(const DatabaseOptions& options, bool clear) {
  if (clear) {
    UseDatabase("");
  } else if (options.database.empty()) {
    PrintLine(Chosen(options));
  } else {
    (void)Ask(options, "GET", DatabasePath(options.database));
    UseDatabase(options.database);
    if (!options.quiet) std::printf("using database %s\n", options.database.c_str());
  }
}

void ConnectToDatabase(const DatabaseOptions& options, const std::string& user) {
  std::string connection = ConnectionStringOf(options, user);
  std::fflush(stdout);
  execlp("psql", "psql", connection.c_str(), static_cast<char*>(nullptr));
  throw std::runtime_error(fmt::format("could not start psql: {}\nThe connection string is {}",
                                       std::strerror(errno), connection));
}

void ListUsers(const DatabaseOptions& options) {
  json::object found = Ask(options, "GET", DatabasePath(Chosen(options), "/users"));
  const json::array& users = found.at("users").as_array();
  if (options.quiet) {
    for (const json::value& user : users) PrintLine(Text(user.as_object(), "name"));
  } else {
    Print(FormatList(options.format, "users", kUserColumns, users));
  }
}

void CreateUser(const DatabaseOptions& options, const std::string& user,
                bool password_from_input) {
  json::object body{{"name", user}};
  if (password_from_input) body["password"] = FirstLineOfInput();
  PrintLogin(options, Ask(options, "POST", DatabasePath(Chosen(options), "/users"), body));
}

void DeleteUser(const DatabaseOptions& options, const std::string& user) {
  std::string path = DatabasePath(Chosen(options), "/users/" + auth::UriEncode(user));
  json::object deleted = Ask(options, "DELETE", path);
  if (!options.quiet) Print(FormatObject(options.format, {"name"}, deleted));
}

void ResetPassword(const DatabaseOptions& options, const std::string& user) {
  json::object body;
  if (!user.empty()) body["user"] = user;
  PrintLogin(options, Ask(options, "POST", DatabasePath(Chosen(options), "/reset-password"), body));
}

}  // namespace sundog::cli
