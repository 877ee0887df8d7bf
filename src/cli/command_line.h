// The command line of the binary: which subcommand with which options.
#pragma once

#include "cli/engine.h"

namespace sundog::cli {

// The process's exit code.
int RunCommandLine(int argc, char** argv, const EngineFactory& open_engine);

}  // namespace sundog::cli
