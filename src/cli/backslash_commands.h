// What begins with a backslash where SQL is typed: psql's commands that help to find one's way.
#pragma once

#include <string>

#include "cli/sql_session.h"

namespace sundog::cli {

// kListed: it printed results; kDone: nothing that is one.
enum class BackslashOutcome { kListed, kDone, kFailed, kQuit };

// A line like "\d table".
BackslashOutcome RunBackslash(SqlSession& session, const std::string& line);

}  // namespace sundog::cli
