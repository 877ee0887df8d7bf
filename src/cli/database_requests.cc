#include "cli/database_requests.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "auth/sigv4.h"
#include "base/clock.h"
#include "cli/environment.h"
#include "cli/own_folder.h"
#include "cli/progress_bar.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

constexpr int kHttpNotFound = 404;
constexpr int kHttpConflict = 409;
// Without any progress.
constexpr int64_t kCreationTimeoutUs = 60'000'000;

void Confirm(const std::string& database) {
  if (isatty(STDIN_FILENO) == 0) {
    throw CommandFailure(kWrongUsage, "nobody can be asked here; say --yes to delete a database");
  }
  std::printf("Delete the database %s and all its data? Type its name: ", database.c_str());
  std::fflush(stdout);
  if (FirstLineOfInput() != database) throw std::runtime_error("nothing was deleted");
}

// It is deleted, whatever becomes of what was kept about it.
void ForgetDatabase(const json::object& database) {
  try {
    ForgetPasswords(Text(database, "host"), Text(database, "port"), Text(database, "name"));
    std::string in_use = DatabaseInUse();
    if (in_use == Text(database, "name") || in_use == Text(database, "id")) UseDatabase("");
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "sundog: what was kept about it could not be forgotten: %s\n",
                 failure.what());
  }
}

double ProgressOf(const json::object& database) {
  const json::value* member = database.if_contains("progress");
  return member == nullptr || !member->is_number() ? 0 : member->to_number<double>();
}

}  // namespace

const std::vector<std::string>& DatabaseColumns() {
  static const std::vector<std::string> columns{"id",      "name",       "state",
                                                "profile", "created_at", "connection_string"};
  return columns;
}

// The given one, else the one in use.
std::string Chosen(const DatabaseOptions& options) {
  if (!options.database.empty()) return options.database;
  if (std::string given = Environment("SUNDOG_DATABASE"); !given.empty()) return given;
  if (std::string in_use = DatabaseInUse(); !in_use.empty()) return in_use;
  throw CommandFailure(kWrongUsage,
                       "name a database, or choose one for all commands by sundog use NAME");
}

std::string DatabasePath(const std::string& database, const std::string& rest) {
  return "/customer/databases/" + auth::UriEncode(database) + rest;
}

json::object Ask(const DatabaseOptions& options, std::string_view method,
                 const std::string& target, const json::object& body) {
  try {
    return ControlClient(options.server).Ask(method, target, body);
  } catch (const NoAnswer& error) {
    throw CommandFailure(kCannotConnect, error.what());
  } catch (const RefusedRequest& refused) {
    if (refused.status() == kHttpNotFound) {
      std::string text = refused.what();
      if (text.find("no database") != std::string::npos) {
        text += "\nsundog list shows those there are.";
      }
      throw CommandFailure(kNoSuchThing, text);
    }
    if (refused.status() == kHttpConflict) throw CommandFailure(kInTheWay, refused.what());
    throw;
  }
}

json::object AwaitCreation(const DatabaseOptions& options, const std::string& id) {
  constexpr auto kFirstPause = std::chrono::milliseconds(2);
  constexpr auto kLongestPause = std::chrono::milliseconds(200);
  ProgressBar bar("copying");
  double progress = 0;
  int64_t moved_us = base::SystemClock().MonotonicMicros();
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    json::object database = Ask(options, "GET", DatabasePath(id));
    std::string state = Text(database, "state");
    if (state == "ACTIVE") return database;
    if (state == "CREATE_FAILED") throw std::runtime_error(Text(database, "state_reason"));
    int64_t now_us = base::SystemClock().MonotonicMicros();
    if (ProgressOf(database) > progress) {
      progress = ProgressOf(database);
      moved_us = now_us;
    }
    bar.Show(progress);
    if (now_us - moved_us >= kCreationTimeoutUs) {
      throw std::runtime_error(fmt::format("the database {} is still {}", id, state));
    }
    std::this_thread::sleep_for(pause);
  }
}

void KeepPasswordOf(const json::object& login) {
  try {
    KeepPassword(Text(login, "host"), Text(login, "port"), Text(login, "user"),
                 Text(login, "password"));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "sundog: the password could not be kept: %s\n", failure.what());
  }
}

void PrintMade(const DatabaseOptions& options, const json::object& made,
               bool connection_string_only, bool password_only) {
  auto print_line = [&](const char* member) { std::printf("%s\n", Text(made, member).c_str()); };
  if (connection_string_only || options.quiet) print_line("connection_string");
  if (password_only) print_line("password");
  if (options.quiet || connection_string_only || password_only) return;
  std::fputs(FormatObject(options.format, DatabaseColumns(), made).c_str(), stdout);
}

json::object ConfirmAndDelete(const DatabaseOptions& options, const std::string& database,
                              bool yes) {
  json::object found = Ask(options, "GET", DatabasePath(database));
  if (!yes) Confirm(database);
  json::object deleted = Ask(options, "DELETE", DatabasePath(database));
  ForgetDatabase(found);
  return deleted;
}

std::string ConnectionStringOf(const DatabaseOptions& options, const std::string& user) {
  boost::json::object found = Ask(options, "GET", DatabasePath(Chosen(options)));
  std::string connection = Text(found, "connection_string");
  constexpr std::string_view kAdmin = ".admin@";
  if (!user.empty()) {
    connection.replace(connection.find(kAdmin), kAdmin.size(),
                       "." + auth::UriEncode(user) + "@");
  }
  std::string passwords = PasswordFile();
  if (!passwords.empty()) setenv("PGPASSFILE", passwords.c_str(), /*overwrite=*/0);
  return connection;
}

}  // namespace sundog::cli
