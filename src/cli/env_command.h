// `sundog env`: the lines of shell that make AWS's SDKs, command line and connectors use a server.
#pragma once

#include <string>

#include "cli/control_client.h"

namespace sundog::cli {

// `cluster`: identifier or name, for the variables of connectors; empty: only those of the SDKs.
// Prints; throws std::exception.
void PrintEnvironment(const ControlOptions& options, const std::string& cluster);

}  // namespace sundog::cli
