// `sundog cluster`, `sundog iam`, `sundog env`: what the command line asks of a server's HTTP API.
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

class ControlCommands {
 public:
  ControlCommands();
  ~ControlCommands();

  // Outlives the parsing.
  void AddTo(CLI::App& app);
  // After parsing: runs what was chosen; its exit code, null if it was none of these.
  std::optional<int> Run();

 private:
  void AddCluster(CLI::App& app);
  void AddClusterPolicies(CLI::App& cluster, const std::shared_ptr<std::string>& which);
  void AddIam(CLI::App& app);
  void AddEnv(CLI::App& app);
  // What all of them have.
  void AddServerOptions(CLI::App& command, bool has_json);
  // Runs `action` when the command is chosen.
  void OnChosen(CLI::App& command, std::function<void()> action);

  std::unique_ptr<ControlOptions> options_;
  std::function<void()> chosen_;
};

}  // namespace sundog::cli
