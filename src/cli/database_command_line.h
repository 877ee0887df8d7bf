// What the command lines about databases share.
#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sundog::cli {

// With the exit codes below its footer.
CLI::App* AddDatabaseCommand(CLI::App& parent, const char* name, const char* description,
                             const std::string& footer = {});
// The one that the command is about; else the one in use.
CLI::Option* AddDatabaseArgument(CLI::App& command, std::string& to);

}  // namespace sundog::cli
