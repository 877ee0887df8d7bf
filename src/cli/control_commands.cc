#include "cli/control_commands.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

#include "cli/cluster_commands.h"
#include "cli/control_client.h"
#include "cli/database_commands.h"
#include "cli/env_command.h"
#include "cli/iam_commands.h"

namespace sundog::cli {

namespace {

constexpr const char* kWhere =
    "The server is asked at --endpoint, else AWS_ENDPOINT_URL_DSQL, else https://localhost:8443.\n"
    "Requests are signed with the access key of --data, else of the environment, else of ./data;\n"
    "the server is trusted by tls/ca.pem of the same folder, or AWS_CA_BUNDLE.\n";

constexpr const char* kClusterFooter =
    "  sundog cluster create --name shop --wait\n"
    "  sundog cluster list --json\n"
    "  sundog cluster update shop --deletion-protection off && sundog cluster delete shop --wait\n";

constexpr const char* kIamFooter =
    "  sundog iam create-user app\n"
    "  sundog iam create-access-key --user app >> ~/.aws/credentials\n"
    "  sundog iam put-policy connect --user app --document policy.json\n";

CLI::App* AddCommand(CLI::App& parent, const char* name, const char* description) {
  return parent.add_subcommand(name, description);
}

void AddClusterArgument(CLI::App& command, std::string& to) {
  command.add_option("cluster", to, "Its identifier, or its name (the tag Name).")
      ->type_name("CLUSTER")
      ->required();
}

}  // namespace

ControlCommands::ControlCommands()
    : options_(std::make_unique<ControlOptions>()),
      database_(std::make_unique<DatabaseOptions>()) {}
ControlCommands::~ControlCommands() = default;

void ControlCommands::AddServerOptions(CLI::App& command, bool has_json) {
  command.add_option("--endpoint", options_->endpoint, "Where the server's HTTP API is.")
      ->type_name("https://HOST:PORT");
  command.add_option("--region", options_->region,
                     "The server's region. Default: AWS_REGION, else us-east-1.")
      ->type_name("REGION");
  command.add_option("--data", options_->data_folder,
                     "The server's data folder, for the access key and certificate authority in "
                     "it. Default: the environment's, else ./data.")
      ->type_name("DIR");
  if (has_json) command.add_flag("--json", options_->json, "Print JSON.");
}

void ControlCommands::OnChosen(CLI::App& command, std::function<void()> action) {
  OnChosenWithCode(command, [action = std::move(action)] {
    action();
    return 0;
  });
}

void ControlCommands::OnChosenWithCode(CLI::App& command, std::function<int()> action) {
  command.callback([this, action = std::move(action)] { chosen_ = action; });
}

void ControlCommands::AddTo(CLI::App& app) {
  AddDatabases(app);
  AddCluster(app);
  AddIam(app);
  AddEnv(app);
  AddCompletion(app);
}

void ControlCommands::AddCluster(CLI::App& app) {
  CLI::App* cluster = AddCommand(app, "cluster", "Create, show and delete clusters of a server.");
  cluster->require_subcommand(1);
  cluster->footer(std::string(kWhere) + "\n" + kClusterFooter);

  auto wanted = std::make_shared<CreateClusterOptions>();
  CLI::App* create = AddCommand(*cluster, "create", "Make a cluster.");
  create->add_option("--name", wanted->name, "Its name: the tag Name.")->type_name("NAME");
  create->add_option("--tag", wanted->tags, "A tag; may be given more than once.")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  create->add_option("--profile", wanted->profile,
                     "dsql: as Amazon Aurora DSQL is. postgres: all that Sundog can do.")
      ->check(CLI::IsMember({"dsql", "postgres"}).description(""))
      ->type_name("dsql|postgres")
      ->capture_default_str();
  create->add_flag("!--no-deletion-protection", wanted->deletion_protection,
                   "Let it be deleted without further ado.");
  create->add_flag("--wait", wanted->wait, "Until it is ACTIVE.");
  OnChosen(*create, [this, wanted] { CreateCluster(*options_, *wanted); });

  auto which = std::make_shared<std::string>();
  CLI::App* get = AddCommand(*cluster, "get", "Show a cluster.");
  AddClusterArgument(*get, *which);
  OnChosen(*get, [this, which] { ShowCluster(*options_, *which); });

  CLI::App* list = AddCommand(*cluster, "list", "Show all clusters.");
  OnChosen(*list, [this] { ListClusters(*options_); });

  auto protection = std::make_shared<std::string>();
  CLI::App* update = AddCommand(*cluster, "update", "Change a cluster.");
  AddClusterArgument(*update, *which);
  update->add_option("--deletion-protection", *protection, "Whether it is refused to delete it.")
      ->check(CLI::IsMember({"on", "off"}).description(""))
      ->type_name("on|off")
      ->required();
  OnChosen(*update, [this, which, protection] {
    SetDeletionProtection(*options_, *which, *protection == "on");
  });

  auto wait_gone = std::make_shared<bool>(false);
  CLI::App* remove = AddCommand(*cluster, "delete", "Delete a cluster and all its data.");
  AddClusterArgument(*remove, *which);
  remove->add_flag("--wait", *wait_gone, "Until it is gone.");
  OnChosen(*remove, [this, which, wait_gone] { DeleteCluster(*options_, *which, *wait_gone); });

  auto waiting = std::make_shared<WaitOptions>();
  CLI::App* wait = AddCommand(*cluster, "wait", "Wait until a cluster is as it is to be.");
  AddClusterArgument(*wait, *which);
  wait->add_option("--until", waiting->until, "What is waited for.")
      ->check(CLI::IsMember({"active", "gone"}).description(""))
      ->type_name("active|gone")
      ->capture_default_str();
  wait->add_option("--timeout", waiting->timeout_s, "How long; then the exit code is 1.")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400).description(""))
      ->capture_default_str();
  OnChosen(*wait, [this, which, waiting] { WaitForCluster(*options_, *which, *waiting); });

  for (CLI::App* command : {create, get, list, update, remove, wait}) {
    AddServerOptions(*command, /*has_json=*/true);
  }
  AddClusterPolicies(*cluster, which);
}

void ControlCommands::AddClusterPolicies(CLI::App& cluster,
                                         const std::shared_ptr<std::string>& which) {
  auto document = std::make_shared<std::string>();
  CLI::App* put = AddCommand(
      cluster, "put-policy", "Say who else may do what with a cluster, in place of what was said.");
  put->add_option("--document", *document, "The policy (JSON); -: standard input.")
      ->type_name("FILE")
      ->required();
  OnChosen(*put, [this, which, document] { PutClusterPolicy(*options_, *which, *document); });

  CLI::App* get = AddCommand(cluster, "get-policy", "Show a cluster's policy.");
  OnChosen(*get, [this, which] { ShowClusterPolicy(*options_, *which); });

  CLI::App* remove = AddCommand(cluster, "delete-policy", "Take a cluster's policy away.");
  OnChosen(*remove, [this, which] { DeleteClusterPolicy(*options_, *which); });

  for (CLI::App* command : {put, get, remove}) {
    AddClusterArgument(*command, *which);
    AddServerOptions(*command, /*has_json=*/true);
  }
}

void ControlCommands::AddIam(CLI::App& app) {
  CLI::App* iam = AddCommand(app, "iam", "Users, roles, access keys and policies of a server.");
  iam->require_subcommand(1);
  iam->footer(std::string(kWhere) + "\n" + kIamFooter);
  auto given = std::make_shared<IamOptions>();
  for (const IamCommand& row : IamCommands()) {
    CLI::App* command =
        iam->add_subcommand(std::string(row.name), std::string(row.description));
    if (!row.argument.empty()) {
      command->add_option(std::string(row.argument), given->argument)
          ->type_name("NAME")
          ->required();
    }
    if (row.kind.empty()) {
      CLI::Option* user = command->add_option("--user", given->user, "The user it belongs to.");
      CLI::Option* role = command->add_option("--role", given->role, "The role it belongs to.");
      user->type_name("NAME")->excludes(role);
      role->type_name("NAME");
    }
    if (row.has_document) {
      command->add_option("--document", given->document, "The policy (JSON); -: standard input.")
          ->type_name("FILE")
          ->required();
    }
    AddServerOptions(*command, /*has_json=*/true);
    OnChosen(*command, [this, &row, given] { RunIam(*options_, row, *given); });
  }
}

void ControlCommands::AddEnv(CLI::App& app) {
  CLI::App* env = AddCommand(
      app, "env", "Print what makes AWS's SDKs, command line and connectors use a server.");
  env->footer("  eval \"$(sundog env --data /srv/sundog --cluster shop)\"\n");
  auto which = std::make_shared<std::string>();
  env->add_option("--cluster", *which,
                  "Set CLUSTER_ID, CLUSTER_ENDPOINT and CLUSTER_USER, too; the server is asked.")
      ->type_name("CLUSTER");
  AddServerOptions(*env, /*has_json=*/false);
  OnChosen(*env, [this, which] { PrintEnvironment(*options_, *which); });
}

std::optional<int> ControlCommands::Run() {
  if (!chosen_) return std::nullopt;
  try {
    int code = chosen_();
    // The buffer's rest would be written by exit(), which does not say what it could not write.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw std::runtime_error("could not write to standard output");
    }
    return code;
  } catch (const CommandFailure& failure) {
    std::fprintf(stderr, "sundog: %s\n", failure.what());
    return failure.exit_code();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sundog: %s\n", error.what());
    return 1;
  }
}

}  // namespace sundog::cli
