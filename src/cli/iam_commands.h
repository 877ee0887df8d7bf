// `sundog iam …`: users, roles, access keys and policies of a server.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/control_client.h"

namespace sundog::cli {

// One subcommand, as the command line offers it.
struct IamCommand {
  std::string_view name;         // "create-user"
  std::string_view operation;    // of the API: "create-principal"
  std::string_view description;
  std::string_view kind;         // "user", "role"; empty: --user or --role says whose it is
  std::string_view argument;     // the member that its argument is; empty: it has none
  bool has_document = false;     // --document FILE
};

std::span<const IamCommand> IamCommands();

struct IamOptions {
  std::string argument;
  std::string user;      // one of both, where the command has no kind
  std::string role;
  std::string document;  // a file; "-": standard input
};

// Prints what it found or made; throws std::exception.
void RunIam(const ControlOptions& options, const IamCommand& command, const IamOptions& given);

}  // namespace sundog::cli
