// Options, arguments and help of `sundog db sql`, `sundog db inspect`, `sundog token create`, … and
// `sundog completion`.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/completion.h"
#include "cli/control_commands.h"
#include "cli/database_command_line.h"
#include "cli/database_dump.h"
#include "cli/database_queries.h"

namespace sundog::cli {

namespace {

constexpr const char* kSqlFooter =
    "Without -q and -f it reads statements from standard input; on a terminal with line editing,\n"
    "history and psql's \\d commands (\\? shows them), and Ctrl-C cancels what runs. -q is one\n"
    "message: its statements are one transaction. A script stops at its first error.\n"
    "\n"
    "  sundog db sql shop -q 'select count(*) from orders' --quiet\n"
    "  sundog db sql shop -f schema.sql\n"
    "  sundog db sql shop --output csv -q 'table orders' > orders.csv\n";

constexpr const char* kTokenFooter =
    "The token is told this once. Programs send it as `Authorization: Bearer TOKEN`; commands\n"
    "take it from SUNDOG_API_KEY.\n"
    "\n"
    "  sundog token create --name ci --scope shop:ro --expires-in-days 30 --quiet\n";

}  // namespace

void ControlCommands::AddDatabaseQueries(CLI::App& db) {
  auto wanted = std::make_shared<DatabaseSqlOptions>();
  CLI::App* sql = AddDatabaseCommand(db, "sql", "Run SQL in a database.", kSqlFooter);
  CLI::Option* query =
      sql->add_option("-q,--query", wanted->query, "SQL to run.")->type_name("SQL");
  sql->add_option("-f,--file", wanted->file, "A file with SQL to run; -: standard input.")
      ->type_name("FILE")
      ->excludes(query);
  sql->add_option("--user", wanted->user, "Who. Default: admin.")->type_name("USER");
  OnChosenWithCode(*sql, [this, wanted] { return RunDatabaseSql(*database_, *wanted); });

  auto dumped = std::make_shared<DumpOptions>();
  CLI::App* dump = AddDatabaseCommand(
      db, "dump", "Write a database as SQL, which psql runs in Sundog and in PostgreSQL.",
      "All as of one moment. Roles are not in it: those that privileges and policies name must be\n"
      "there where it is run, and objects belong to who runs it. Functions and views that need\n"
      "each other are not restored as they are, and named on standard error.\n"
      "\n"
      "  sundog db dump shop -o shop.sql && sundog db sql copy -f shop.sql\n");
  dump->add_flag("--ddl-only", dumped->ddl_only, "Definitions without rows.");
  dump->add_option("-o,--out", dumped->file, "Where to. Default: standard output.")
      ->type_name("FILE");
  OnChosen(*dump, [this, dumped] { DumpDatabase(*database_, *dumped); });

  auto what = std::make_shared<std::string>("report");
  CLI::App* inspect =
      AddDatabaseCommand(db, "inspect", "Show what a database holds, and what goes on in it.",
                         "slow-queries: statements of 10 ms and more, without the values in them, "
                         "since the\nserver's start; those that took most. report: all of it.\n");
  for (CLI::App* command : {sql, dump, inspect}) {
    AddDatabaseArgument(*command, database_->database);
    AddDatabaseOptions(*command);
  }
  inspect->add_option("what", *what, "What of it.")
      ->check(CLI::IsMember({"queries", "slow-queries", "schemas", "tables", "indexes", "report"})
                  .description(""))
      ->type_name("queries|slow-queries|schemas|tables|indexes|report")
      ->default_str("report");
  OnChosen(*inspect, [this, what] { InspectDatabase(*database_, *what); });
}

void ControlCommands::AddApiTokens(CLI::App& token) {
  auto wanted = std::make_shared<TokenWishes>();
  CLI::App* create = AddDatabaseCommand(
      token, "create", "Make a token of the HTTP API, for SQL in some databases.", kTokenFooter);
  create->add_option("--name", wanted->name, "What it is for.")->type_name("NAME")->required();
  create->add_option("--scope", wanted->scopes,
                     "A database, and whether the token may change it; may be given more than "
                     "once.")
      ->type_name("DATABASE:ro|rw")
      ->allow_extra_args(false)
      ->required();
  create->add_option("--expires-in-days", wanted->expires_in_days, "How long it opens something.")
      ->type_name("DAYS")
      ->check(CLI::Range(int64_t{1}, int64_t{3650}).description(""))
      ->capture_default_str();
  OnChosen(*create, [this, wanted] { CreateApiToken(*database_, *wanted); });

  CLI::App* list = AddDatabaseCommand(token, "list", "Show the tokens of the HTTP API.", "");
  OnChosen(*list, [this] { ListApiTokens(*database_); });

  auto id = std::make_shared<std::string>();
  CLI::App* revoke =
      AddDatabaseCommand(token, "revoke", "Take a token back: it opens nothing any more.", "");
  revoke->add_option("id", *id, "Its id: what is between the first two underscores.")
      ->type_name("ID")
      ->required();
  OnChosen(*revoke, [this, id] { RevokeApiToken(*database_, *id); });
  for (CLI::App* command : {create, list, revoke}) AddDatabaseOptions(*command);
}

void ControlCommands::AddCompletion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion =
      app.add_subcommand("completion", "Print what completes sundog's words in a shell.");
  completion->footer(
      "  source <(sundog completion bash)\n"
      "  source <(sundog completion zsh)\n"
      "  sundog completion fish | source\n");
  completion->add_option("shell", *shell, "Which shell.")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->type_name("bash|zsh|fish")
      ->required();
  OnChosen(*completion, [&app, shell] {
    std::fputs(CompletionScript(app, *shell).c_str(), stdout);
  });
}

}  // namespace sundog::cli
