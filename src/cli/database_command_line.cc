// Options, arguments and help of `sundog create`, `list`, `delete`, `use`, `db` and `branch`.
#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "cli/branch_commands.h"
#include "cli/control_commands.h"
#include "cli/database_command_line.h"
#include "cli/database_commands.h"

namespace sundog::cli {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 there is no such database or\n"
    "user, 4 there is one already, or it is still used, 5 the server did not answer.\n";

constexpr const char* kCreateFooter =
    "The password is told this once, and kept in ~/.config/sundog/passwords for psql.\n"
    "\n"
    "  sundog create --name shop\n"
    "  psql \"$(sundog create --show-connection-string)\"\n";

constexpr const char* kDbFooter =
    "  sundog db status shop --output json\n"
    "  sundog db users shop create app\n"
    "  sundog use shop && sundog db connect\n";

constexpr const char* kBranchFooter =
    "  sundog branch create shop --name shop-before-migration\n"
    "  sundog branch list shop\n"
    "  sundog branch delete shop-before-migration --yes\n";

CLI::App* AddDocumented(CLI::App& parent, const char* name, const char* description,
                        const std::string& footer = {}) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer(footer + (footer.empty() ? "" : "\n") + kExitCodes);
  return command;
}

CLI::Option* AddArgument(CLI::App& command, std::string& to, const char* otherwise) {
  return command
      .add_option("database", to, std::string("Its name or identifier") + otherwise)
      ->type_name("DATABASE");
}

constexpr const char* kElseInUse = ". Default: SUNDOG_DATABASE, else the one in use.";

}  // namespace

CLI::App* AddDatabaseCommand(CLI::App& parent, const char* name, const char* description,
                             const std::string& footer) {
  return AddDocumented(parent, name, description, footer);
}

CLI::Option* AddDatabaseArgument(CLI::App& command, std::string& to) {
  return AddArgument(command, to, kElseInUse);
}

void ControlCommands::AddDatabaseOptions(CLI::App& command) {
  ControlOptions& server = database_->server;
  command.add_option("--endpoint", server.endpoint, "Where the server's HTTP API is.")
      ->type_name("https://HOST:PORT");
  command.add_option("--region", server.region,
                     "The server's region. Default: AWS_REGION, else us-east-1.")
      ->type_name("REGION");
  command.add_option("--data", server.data_folder,
                     "The server's data folder, for the access key and certificate authority in "
                     "it. Default: the environment's, else ./data.")
      ->type_name("DIR");
  std::map<std::string, OutputFormat> formats{{"table", OutputFormat::kTable},
                                              {"json", OutputFormat::kJson},
                                              {"csv", OutputFormat::kCsv}};
  command.add_option("--output", database_->format, "For people, or for programs.")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("table|json|csv")
      ->default_str("table");
  command.add_flag("--quiet", database_->quiet,
                   "Print only what was asked for: names, a password, a connection string.");
}

void ControlCommands::AddDatabases(CLI::App& app) {
  auto wanted = std::make_shared<CreateDatabaseOptions>();
  CLI::App* create = AddDocumented(app, "create", "Make a database.", kCreateFooter);
  create->add_option("--name", wanted->name,
                     "1 to 63 of a-z, 0-9 and -. Default: one to remember.")
      ->type_name("NAME");
  create->add_option("--profile", wanted->profile,
                     "postgres: all that Sundog can do. dsql: as Amazon Aurora DSQL is.")
      ->check(CLI::IsMember({"postgres", "dsql"}).description(""))
      ->type_name("postgres|dsql")
      ->capture_default_str();
  create->add_flag("--show-connection-string", wanted->show_connection_string,
                   "Print nothing but the connection string.");
  create->add_flag("--show-password", wanted->show_password, "Print nothing but the password.");
  OnChosen(*create, [this, wanted] { CreateDatabase(*database_, *wanted); });

  CLI::App* list = AddDocumented(app, "list", "Show all databases.");
  OnChosen(*list, [this] { ListDatabases(*database_); });

  auto yes = std::make_shared<bool>(false);
  CLI::App* remove = AddDocumented(app, "delete", "Delete a database and all its data.");
  AddArgument(*remove, database_->database, ".")->required();
  remove->add_flag("--yes", *yes, "Do not ask.");
  OnChosen(*remove, [this, yes] { DeleteDatabase(*database_, *yes); });

  auto clear = std::make_shared<bool>(false);
  CLI::App* use = AddDocumented(app, "use", "Choose the database that commands are about.");
  CLI::Option* which = AddArgument(*use, database_->database, "; without it, say which.");
  use->add_flag("--clear", *clear, "None any more.")->excludes(which);
  OnChosen(*use, [this, clear] { UseDatabase(*database_, *clear); });

  for (CLI::App* command : {create, list, remove, use}) AddDatabaseOptions(*command);
  AddDatabase(app);
  AddBranches(app);
}

void ControlCommands::AddBranches(CLI::App& app) {
  CLI::App* branch = AddDocumented(
      app, "branch", "Copies of a database, each a database of its own.", kBranchFooter);
  branch->require_subcommand(1);

  auto wanted = std::make_shared<CreateBranchOptions>();
  CLI::App* create = AddDocumented(*branch, "create", "Copy a database as it is now.");
  create->add_option("--name", wanted->name,
                     "The copy's: 1 to 63 of a-z, 0-9 and -. Default: one to remember.")
      ->type_name("NAME");
  create->add_flag("--show-connection-string", wanted->show_connection_string,
                   "Print nothing but the connection string.");
  create->add_flag("--show-password", wanted->show_password, "Print nothing but the password.");
  OnChosen(*create, [this, wanted] { CreateBranch(*database_, *wanted); });

  CLI::App* list = AddDocumented(*branch, "list", "Show a database's branches.");
  OnChosen(*list, [this] { ListBranches(*database_); });
  for (CLI::App* command : {create, list}) {
    AddArgument(*command, database_->database, kElseInUse);
  }

  auto yes = std::make_shared<bool>(false);
  CLI::App* remove = AddDocumented(*branch, "delete", "Delete a branch and all its data.");
  remove->add_option("branch", database_->database, "Its name or identifier.")
      ->type_name("BRANCH")
      ->required();
  remove->add_flag("--yes", *yes, "Do not ask.");
  OnChosen(*remove, [this, yes] { DeleteBranch(*database_, *yes); });

  for (CLI::App* command : {create, list, remove}) AddDatabaseOptions(*command);
}

void ControlCommands::AddDatabase(CLI::App& app) {
  CLI::App* db = AddDocumented(app, "db", "What there is about one database.", kDbFooter);
  db->require_subcommand(1);

  CLI::App* status = AddDocumented(*db, "status", "Show a database.");
  OnChosen(*status, [this] { ShowDatabase(*database_); });

  auto user = std::make_shared<std::string>();
  CLI::App* connect = AddDocumented(*db, "connect", "Open psql on a database.");
  OnChosen(*connect, [this, user] { ConnectToDatabase(*database_, *user); });
  CLI::App* reset = AddDocumented(*db, "reset-password", "Give a user a new password.");
  OnChosen(*reset, [this, user] { ResetPassword(*database_, *user); });
  for (CLI::App* command : {connect, reset}) {
    command->add_option("--user", *user, "Who. Default: admin.")->type_name("USER");
  }

  for (CLI::App* command : {status, connect, reset}) {
    AddDatabaseArgument(*command, database_->database);
    AddDatabaseOptions(*command);
  }
  AddDatabaseUsers(*db);
  AddDatabaseQueries(*db);
}

void ControlCommands::AddDatabaseUsers(CLI::App& db) {
  CLI::App* users = AddDocumented(db, "users", "Who may connect to a database.");
  users->require_subcommand(1);
  AddDatabaseArgument(*users, database_->database);

  CLI::App* list = AddDocumented(*users, "list", "Show a database's users.");
  OnChosen(*list, [this] { ListUsers(*database_); });

  auto name = std::make_shared<std::string>();
  auto from_input = std::make_shared<bool>(false);
  CLI::App* create = AddDocumented(*users, "create", "Make a user, with a password.");
  create->add_flag("--password-stdin", *from_input,
                   "Take the password from standard input, instead of making one up.");
  OnChosen(*create, [this, name, from_input] { CreateUser(*database_, *name, *from_input); });

  CLI::App* remove = AddDocumented(*users, "delete", "Take a user away.");
  OnChosen(*remove, [this, name] { DeleteUser(*database_, *name); });
  for (CLI::App* command : {create, remove}) {
    command->add_option("user", *name, "The user's name.")->type_name("USER")->required();
  }
  for (CLI::App* command : {list, create, remove}) AddDatabaseOptions(*command);
}

}  // namespace sundog::cli
