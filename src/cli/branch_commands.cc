#include "cli/branch_commands.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <cstdio>

#include "cli/database_requests.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

constexpr const char* kBranches = "/branches";

}  // namespace

void CreateBranch(const DatabaseOptions& options, const CreateBranchOptions& wanted) {
  json::object body;
  if (!wanted.name.empty()) body["name"] = wanted.name;
  json::object made = Ask(options, "POST", DatabasePath(Chosen(options), kBranches), body);
  // Told once: kept before anything can go wrong.
  KeepPasswordOf(made);
  made["state"] = Text(AwaitCreation(options, Text(made, "id")), "state");
  PrintMade(options, made, wanted.show_connection_string, wanted.show_password);
}

void ListBranches(const DatabaseOptions& options) {
  json::object found = Ask(options, "GET", DatabasePath(Chosen(options), kBranches));
  const json::array& branches = found.at("branches").as_array();
  if (!options.quiet) {
    std::fputs(FormatList(options.format, "branches", {"name", "id", "state", "profile"}, branches)
                   .c_str(),
               stdout);
    return;
  }
  for (const json::value& branch : branches) {
    std::printf("%s\n", Text(branch.as_object(), "name").c_str());
  }
}

void DeleteBranch(const DatabaseOptions& options, bool yes) {
  json::object found = Ask(options, "GET", DatabasePath(options.database));
  if (!found.contains("parent_id")) {
    throw CommandFailure(kNoSuchThing,
                         fmt::format("\"{0}\" is no branch; sundog delete {0} deletes a database",
                                     options.database));
  }
  json::object deleted = ConfirmAndDelete(options, options.database, yes);
  if (options.quiet) return;
  std::fputs(FormatObject(options.format, {"id", "name", "state"}, deleted).c_str(), stdout);
}

}  // namespace sundog::cli
