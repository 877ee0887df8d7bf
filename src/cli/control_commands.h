// `sundog cluster`, `iam`, `env`, `create`, `list`, `delete`, `use`, `db`, `branch`, `token create`
// and the like: what the command line asks of a server's HTTP API.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace sundog::cli {

struct ControlOptions;
struct DatabaseOptions;

class ControlCommands {
 public:
  ControlCommands();
  ~ControlCommands();

  // Outlives the parsing.
  void AddTo(CLI::App& app);
  // The HTTP API's, below `sundog token`.
  void AddApiTokens(CLI::App& token);
  // After parsing: runs what was chosen; its exit code, null if it was none of these.
  std::optional<int> Run();

 private:
  void AddCluster(CLI::App& app);
  void AddClusterPolicies(CLI::App& cluster, const std::shared_ptr<std::string>& which);
  void AddIam(CLI::App& app);
  void AddEnv(CLI::App& app);
  // --- database_command_line.cc ---
  void AddDatabases(CLI::App& app);
  void AddDatabase(CLI::App& app);
  void AddDatabaseUsers(CLI::App& db);
  void AddBranches(CLI::App& app);
  // --- database_query_line.cc ---
  void AddDatabaseQueries(CLI::App& db);
  void AddCompletion(CLI::App& app);
  // What all commands about databases have.
  void AddDatabaseOptions(CLI::App& command);
  // What all of them have.
  void AddServerOptions(CLI::App& command, bool has_json);
  // Runs `action` when the command is chosen.
  void OnChosen(CLI::App& command, std::function<void()> action);
  // With an exit code of its own.
  void OnChosenWithCode(CLI::App& command, std::function<int()> action);

  std::unique_ptr<ControlOptions> options_;
  std::unique_ptr<DatabaseOptions> database_;
  std::function<int()> chosen_;
};

}  // namespace sundog::cli
