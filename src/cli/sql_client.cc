#include "cli/sql_client.h"

#include <cstdio>
#include <cstdlib>

#include "cli/control_client.h"
#include "cli/sql_prompt.h"
#include "cli/sql_session.h"

namespace sundog::cli {

namespace {

constexpr const char* kDefaultServer = "postgresql://postgres@127.0.0.1:5432/postgres";

}  // namespace

int RunSqlClient(const SqlOptions& options) {
  std::string target = options.connection_string;
  if (target.empty() && std::getenv("PGHOST") == nullptr) target = kDefaultServer;
  try {
    SqlSession session(target, ResultWriter(OutputFormat::kTable, /*quiet=*/false));
    if (options.commands.empty()) return RunInput(session, {});
    for (const std::string& command : options.commands) {
      if (!session.Run(command, NoLines())) return 1;
    }
    return 0;
  } catch (const CommandFailure& failure) {
    std::fprintf(stderr, "sundog: %s\n", failure.what());
    return failure.exit_code();
  }
}

}  // namespace sundog::cli
