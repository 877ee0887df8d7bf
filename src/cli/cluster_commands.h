// `sundog cluster …`: clusters by identifier or by name. Each prints what it found or made, and
// throws std::exception with what to do next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/control_client.h"

namespace sundog::cli {

struct CreateClusterOptions {
  std::string name;
  std::vector<std::string> tags;  // KEY=VALUE
  std::string profile = "dsql";
  bool deletion_protection = true;
  bool wait = false;
};

struct WaitOptions {
  std::string until = "active";  // or "gone"
  int64_t timeout_s = 120;
};

void CreateCluster(const ControlOptions& options, const CreateClusterOptions& wanted);
void ShowCluster(const ControlOptions& options, const std::string& cluster);
void ListClusters(const ControlOptions& options);
void SetDeletionProtection(const ControlOptions& options, const std::string& cluster, bool on);
void DeleteCluster(const ControlOptions& options, const std::string& cluster, bool wait);
void WaitForCluster(const ControlOptions& options, const std::string& cluster,
                    const WaitOptions& wait);

// `file`: JSON; "-": standard input.
void PutClusterPolicy(const ControlOptions& options, const std::string& cluster,
                      const std::string& file);
void ShowClusterPolicy(const ControlOptions& options, const std::string& cluster);
void DeleteClusterPolicy(const ControlOptions& options, const std::string& cluster);

// The identifier of a cluster that is named by it or by its tag Name. Throws when there is none, or
// several.
std::string FindClusterId(const ControlClient& client, const std::string& cluster);

}  // namespace sundog::cli
