// SQL that a person types, or that comes from a file or a pipe.
#pragma once

#include <string>

#include "cli/sql_session.h"

namespace sundog::cli {

struct PromptOptions {
  // Before "=> ".
  std::string name = "sundog";
  // Where a terminal's lines are kept, mode 0600, with its folder; empty: nowhere.
  std::string history_file;
};

// Exit codes: 0, 1 after an error, kCannotConnect when the connection was lost. A script stops at
// its first error; a person goes on.
int RunScript(SqlSession& session, const LineSource& script);
// Of a terminal: with line editing, and lines that were typed before. Ctrl-C at the prompt gives up
// what was typed.
int RunPrompt(SqlSession& session, const PromptOptions& options);
// A terminal's if standard input is one.
int RunInput(SqlSession& session, const PromptOptions& options);

}  // namespace sundog::cli
