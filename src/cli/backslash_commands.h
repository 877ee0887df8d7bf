// What begins with a backslash where SQL is typed: psql's commands that help to find one's way.
#pragma once

#include <string>

#include "cli/sql_session.h"

namespace sundog::cli {

enum class BackslashOutcome { kDone, kFailed, kQuit };

// A line like "\d table".
BackslashOutcome RunBackslash(SqlSession& session, const std::string& line);

}  // namespace sundog::cli
