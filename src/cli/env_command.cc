#include "cli/env_command.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "cli/cluster_commands.h"
#include "cli/environment.h"

namespace sundog::cli {

namespace {

// As the shell reads it back.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

void Export(const char* name, const std::string& value) {
  std::printf("export %s=%s\n", name, Quoted(value).c_str());
}

std::string ExistingFile(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(fmt::format(
        "there is no file \"{}\"; give the folder that sundog serve was given with --data", path));
  }
  return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

void PrintEnvironment(const ControlOptions& options, const std::string& cluster) {
  ControlOptions server = options;
  if (server.data_folder.empty()) server.data_folder = kDefaultFolder;
  std::string credentials = ExistingFile(server.data_folder + "/credentials");
  std::string authority = ExistingFile(AuthorityOf(server));
  std::string region = RegionOf(server);
  std::string endpoint;
  std::string id;
  if (!cluster.empty()) {
    ControlClient client(server);
    id = FindClusterId(client, cluster);
    endpoint =
        boost::json::value_to<std::string>(client.Ask("GET", "/cluster/" + id).at("endpoint"));
  }
  std::printf("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE\n");
  Export("AWS_SHARED_CREDENTIALS_FILE", credentials);
  Export("AWS_REGION", region);
  Export("AWS_DEFAULT_REGION", region);
  Export("AWS_ENDPOINT_URL_DSQL", EndpointOf(server));
  Export("AWS_CA_BUNDLE", authority);
  Export("NODE_EXTRA_CA_CERTS", authority);
  Export("SSL_CERT_FILE", authority);
  Export("PGSSLROOTCERT", authority);
  if (cluster.empty()) return;
  Export("CLUSTER_ID", id);
  Export("CLUSTER_ENDPOINT", endpoint);
  Export("CLUSTER_USER", "admin");
  Export("REGION", region);
  std::printf("# CLUSTER_ENDPOINT has to be found at the server, by DNS or a line of /etc/hosts:\n"
              "#   127.0.0.1 %s\n",
              endpoint.c_str());
}

}  // namespace sundog::cli
