#include "cli/cluster_commands.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/clock.h"
#include "cli/table_printer.h"
#include "control/api/call.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

constexpr int kNotFound = 404;
constexpr auto kPollEvery = std::chrono::milliseconds(200);

std::string ClusterPath(const std::string& id) { return "/cluster/" + id; }

std::string NameOf(const json::object& cluster) {
  const json::value* tags = cluster.if_contains("tags");
  return tags != nullptr && tags->is_object() ? Text(tags->get_object(), "Name") : "";
}

std::vector<std::string> ListIds(const ControlClient& client) {
  std::vector<std::string> ids;
  std::string next;
  do {
    json::object page = client.Ask("GET", next.empty() ? "/cluster"
                                                       : "/cluster?next-token=" + next);
    for (const json::value& cluster : page.at("clusters").as_array()) {
      ids.push_back(Text(cluster.as_object(), "identifier"));
    }
    next = Text(page, "nextToken");
  } while (!next.empty());
  return ids;
}

// One that is deleted meanwhile is left out.
std::vector<json::object> ListDescriptions(const ControlClient& client) {
  std::vector<json::object> clusters;
  for (const std::string& id : ListIds(client)) {
    try {
      clusters.push_back(client.Ask("GET", ClusterPath(id)));
    } catch (const RefusedRequest& refused) {
      if (refused.status() != kNotFound) throw;
    }
  }
  return clusters;
}

void Print(const ControlOptions& options, const json::object& cluster) {
  if (options.json) {
    std::printf("%s\n", json::serialize(cluster).c_str());
    return;
  }
  for (const auto& member : cluster) {
    std::string name(member.key());
    std::printf("%-26s %s\n", name.c_str(), Text(cluster, name).c_str());
  }
}

json::object TagsOf(const CreateClusterOptions& wanted) {
  json::object tags;
  for (const std::string& tag : wanted.tags) {
    size_t equals = tag.find('=');
    if (equals == std::string::npos) {
      throw std::runtime_error(fmt::format("\"{}\" is not a tag; write KEY=VALUE", tag));
    }
    tags[tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  if (!wanted.name.empty()) tags["Name"] = wanted.name;
  // What a cluster is without it.
  if (wanted.profile != "dsql") tags["sundog:profile"] = wanted.profile;
  return tags;
}

// The cluster once it is ACTIVE; empty once it is gone.
json::object Await(const ControlClient& client, const std::string& id, const WaitOptions& wait) {
  int64_t deadline_us = base::SystemClock().MonotonicMicros() + wait.timeout_s * 1'000'000;
  bool until_gone = wait.until == "gone";
  while (true) {
    std::string status;
    try {
      json::object cluster = client.Ask("GET", ClusterPath(id));
      status = Text(cluster, "status");
      if (!until_gone && status == "ACTIVE") return cluster;
    } catch (const RefusedRequest& refused) {
      if (!until_gone || refused.status() != kNotFound) throw;
      return {};
    }
    if (base::SystemClock().MonotonicMicros() >= deadline_us) {
      throw std::runtime_error(fmt::format("the cluster {} is still {} after {} seconds", id,
                                           status, wait.timeout_s));
    }
    std::this_thread::sleep_for(kPollEvery);
  }
}

}  // namespace

std::string FindClusterId(const ControlClient& client, const std::string& cluster) {
  if (control::IsClusterId(cluster)) return cluster;
  std::string found;
  for (const json::object& one : ListDescriptions(client)) {
    if (NameOf(one) != cluster) continue;
    if (!found.empty()) {
      throw std::runtime_error(fmt::format(
          "several clusters are named \"{}\"; say which by its identifier (sundog cluster list)",
          cluster));
    }
    found = Text(one, "identifier");
  }
  if (found.empty()) {
    throw std::runtime_error(fmt::format(
        "no cluster is named \"{}\"; sundog cluster list shows those there are", cluster));
  }
  return found;
}

void CreateCluster(const ControlOptions& options, const CreateClusterOptions& wanted) {
  ControlClient client(options);
  // Asked once, so that there is no token by which the server would know it again.
  json::object body{{"deletionProtectionEnabled", wanted.deletion_protection},
                    {"tags", TagsOf(wanted)}};
  json::object made = client.Ask("POST", "/cluster", body);
  if (wanted.wait) made = Await(client, Text(made, "identifier"), {});
  Print(options, made);
}

void ShowCluster(const ControlOptions& options, const std::string& cluster) {
  ControlClient client(options);
  Print(options, client.Ask("GET", ClusterPath(FindClusterId(client, cluster))));
}

void ListClusters(const ControlOptions& options) {
  ControlClient client(options);
  std::vector<json::object> clusters = ListDescriptions(client);
  if (options.json) {
    json::array list;
    for (json::object& cluster : clusters) list.push_back(std::move(cluster));
    std::printf("%s\n", json::serialize(json::object{{"clusters", std::move(list)}}).c_str());
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::object& cluster : clusters) {
    rows.push_back({Text(cluster, "identifier"), NameOf(cluster), Text(cluster, "status"),
                    Text(cluster, "endpoint")});
  }
  std::fputs(FormatTable({{"identifier", false}, {"name", false}, {"status", false},
                          {"endpoint", false}},
                         rows)
                 .c_str(),
             stdout);
}

void SetDeletionProtection(const ControlOptions& options, const std::string& cluster, bool on) {
  ControlClient client(options);
  std::string id = FindClusterId(client, cluster);
  client.Ask("POST", ClusterPath(id), {{"deletionProtectionEnabled", on}});
  Print(options, client.Ask("GET", ClusterPath(id)));
}

void DeleteCluster(const ControlOptions& options, const std::string& cluster, bool wait) {
  ControlClient client(options);
  std::string id = FindClusterId(client, cluster);
  json::object deleted;
  try {
    deleted = client.Ask("DELETE", ClusterPath(id));
  } catch (const RefusedRequest& refused) {
    if (std::string_view(refused.what()).find("deletion protection") == std::string_view::npos) {
      throw;
    }
    throw std::runtime_error(fmt::format(
        "{}\nTo do so: sundog cluster update {} --deletion-protection off", refused.what(), id));
  }
  if (wait) Await(client, id, {.until = "gone"});
  Print(options, deleted);
}

void PutClusterPolicy(const ControlOptions& options, const std::string& cluster,
                      const std::string& file) {
  std::string policy = ReadDocument(file);
  ControlClient client(options);
  std::string id = FindClusterId(client, cluster);
  Print(options, client.Ask("POST", ClusterPath(id) + "/policy", {{"policy", policy}}));
}

void ShowClusterPolicy(const ControlOptions& options, const std::string& cluster) {
  ControlClient client(options);
  json::object found = client.Ask("GET", ClusterPath(FindClusterId(client, cluster)) + "/policy");
  if (options.json) {
    Print(options, found);
  } else {
    std::printf("%s\n", Text(found, "policy").c_str());
  }
}

void DeleteClusterPolicy(const ControlOptions& options, const std::string& cluster) {
  ControlClient client(options);
  Print(options, client.Ask("DELETE", ClusterPath(FindClusterId(client, cluster)) + "/policy"));
}

void WaitForCluster(const ControlOptions& options, const std::string& cluster,
                    const WaitOptions& wait) {
  ControlClient client(options);
  json::object found = Await(client, FindClusterId(client, cluster), wait);
  if (!found.empty()) Print(options, found);
}

}  // namespace sundog::cli
