// `sundog db sql`, `sundog db inspect` and `sundog token create|list|revoke`. As the commands of
// cli/database_commands.h.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/database_commands.h"

namespace sundog::cli {

struct DatabaseSqlOptions {
  std::string user;  // empty: admin
  std::optional<std::string> query;  // one message
  std::optional<std::string> file;   // "-": standard input
};

// The exit code: 0, 1 after an error in a statement, kCannotConnect.
int RunDatabaseSql(const DatabaseOptions& options, const DatabaseSqlOptions& wanted);

// The rows of the HTTP API's answer to one query, as objects. Throws std::runtime_error for what
// broke off: a long answer has status 200 before it is known how it ends.
boost::json::array RowsOfAnswer(const boost::json::object& answer,
                                const std::vector<std::string>& columns);

// "queries", "slow-queries", "schemas", "tables", "indexes", or "report": all of them.
void InspectDatabase(const DatabaseOptions& options, const std::string& what);

struct TokenWishes {
  std::string name;
  int64_t expires_in_days = 365;
  std::vector<std::string> scopes;  // "shop:ro", "shop:rw"
};
void CreateApiToken(const DatabaseOptions& options, const TokenWishes& wanted);
void ListApiTokens(const DatabaseOptions& options);
void RevokeApiToken(const DatabaseOptions& options, const std::string& id);

}  // namespace sundog::cli
