#include "cli/database_queries.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "auth/sigv4.h"
#include "cli/database_requests.h"
#include "cli/own_folder.h"
#include "cli/sql_prompt.h"
#include "cli/sql_session.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

struct Inspection {
  std::string_view name;
  const char* query;  // null: what the server measured itself
  std::vector<std::string> columns;
};

constexpr const char* kRunning = R"sql(
SELECT pid, usename AS "user", state, application_name AS application,
       round(extract(epoch FROM clock_timestamp() - query_start)::numeric, 3) AS seconds, query
FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY query_start)sql";

constexpr const char* kSchemas = R"sql(
SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
       count(c.oid) FILTER (WHERE c.relkind IN ('r', 'p')) AS tables,
       count(c.oid) FILTER (WHERE c.relkind IN ('v', 'm')) AS views,
       coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relkind = 'r'), 0) AS size_bytes
FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sys')
GROUP BY n.oid, n.nspname, n.nspowner ORDER BY 1)sql";

// A table that was never analyzed has no estimate.
constexpr const char* kTables = R"sql(
SELECT n.nspname AS schema, c.relname AS name,
       CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END AS estimated_rows,
       pg_total_relation_size(c.oid) AS size_bytes,
       (SELECT count(*) FROM pg_index x WHERE x.indrelid = c.oid) AS indexes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
  AND n.nspname NOT IN ('information_schema', 'sys') ORDER BY 4 DESC, 1, 2)sql";

constexpr const char* kIndexes = R"sql(
SELECT n.nspname AS schema, t.relname AS "table", i.relname AS name, x.indisunique AS is_unique,
       x.indisvalid AS is_valid, pg_get_indexdef(i.oid) AS definition
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sys')
ORDER BY 1, 2, 3)sql";

const std::array<Inspection, 5>& Inspections() {
  static const std::array<Inspection, 5> kInspections{{
      {"queries", kRunning, {"pid", "user", "state", "application", "seconds", "query"}},
      {"slow-queries", nullptr, {"calls", "total_ms", "average_ms", "max_ms", "query"}},
      {"schemas", kSchemas, {"name", "owner", "tables", "views", "size_bytes"}},
      {"tables", kTables, {"schema", "name", "estimated_rows", "size_bytes", "indexes"}},
      {"indexes", kIndexes, {"schema", "table", "name", "is_unique", "is_valid", "definition"}},
  }};
  return kInspections;
}

const std::vector<std::string> kMetricColumns{"window_s",   "statements", "errors",      "commits",
                                              "qps",        "tps",        "average_ms",  "p99_ms",
                                              "connections", "size_bytes"};

// Rows as objects.
json::array Rows(const DatabaseOptions& options, const std::string& path,
                 const Inspection& inspection) {
  if (inspection.query == nullptr) {
    return Ask(options, "GET", path + "/metrics").at("slow_queries").as_array();
  }
  json::object answer = Ask(options, "POST", path + "/sql",
                                     {{"query", inspection.query}, {"read_only", true}});
  return RowsOfAnswer(answer, inspection.columns);
}

std::string PrintedName(std::string_view name) {
  std::string printed(name);
  for (char& c : printed) {
    if (c == '-') c = '_';
  }
  return printed;
}

void PrintReport(const DatabaseOptions& options, const std::string& path) {
  json::object metrics = Ask(options, "GET", path + "/metrics");
  metrics.erase("slow_queries");
  if (options.format == OutputFormat::kJson) {
    json::object report{{"metrics", metrics}};
    for (const Inspection& one : Inspections()) {
      report[PrintedName(one.name)] = Rows(options, path, one);
    }
    std::fputs(FormatObject(OutputFormat::kJson, {}, report).c_str(), stdout);
    return;
  }
  std::fputs(FormatObject(options.format, kMetricColumns, metrics).c_str(), stdout);
  for (const Inspection& one : Inspections()) {
    std::printf("\n%s\n", PrintedName(one.name).c_str());
    std::fputs(FormatList(options.format, PrintedName(one.name), one.columns,
                          Rows(options, path, one))
                   .c_str(),
               stdout);
  }
}

const std::vector<std::string> kTokenColumns{"id", "name", "databases", "expires_at"};

// "shop:ro other:rw", for people.
json::object Described(json::object token) {
  std::string scopes;
  for (const json::value& scope : token.at("databases").as_array()) {
    const json::object& members = scope.as_object();
    if (!scopes.empty()) scopes += ' ';
    scopes += Text(members, Text(members, "name").empty() ? "id" : "name") + ":" +
              Text(members, "access");
  }
  token["databases"] = scopes;
  return token;
}

}  // namespace

json::array RowsOfAnswer(const json::object& answer, const std::vector<std::string>& columns) {
  if (answer.contains("error")) throw std::runtime_error(Text(answer, "message"));
  const json::array& results = answer.at("results").as_array();
  if (results.empty()) throw std::runtime_error("the server answered without a result");
  json::array rows;
  for (const json::value& row : results[0].at("rows").as_array()) {
    json::object& members = rows.emplace_back(json::object()).get_object();
    for (size_t i = 0; i < columns.size(); ++i) members[columns[i]] = row.at(i);
  }
  return rows;
}

int RunDatabaseSql(const DatabaseOptions& options, const DatabaseSqlOptions& wanted) {
  std::string connection = ConnectionStringOf(options, wanted.user);
  SqlSession session(connection, ResultWriter(options.format, options.quiet));
  int code = 0;
  if (wanted.query) {
    if (!session.Run(*wanted.query, NoLines())) {
      code = session.alive() ? 1 : kCannotConnect;
    }
  } else if (wanted.file.value_or("-") != "-") {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(wanted.file->c_str(), "r"),
                                                         std::fclose);
    if (file == nullptr) {
      throw CommandFailure(kWrongUsage, fmt::format("could not open file \"{}\": {}", *wanted.file,
                                                    std::strerror(errno)));
    }
    code = RunScript(session, LinesOf(file.get()));
  } else {
    std::string folder = OwnFolder();
    return RunInput(session, {Chosen(options), folder.empty() ? "" : folder + "/history"});
  }
  session.writer().Finish();
  return code;
}

void InspectDatabase(const DatabaseOptions& options, const std::string& what) {
  std::string path = DatabasePath(Chosen(options));
  if (what == "report") {
    PrintReport(options, path);
    return;
  }
  for (const Inspection& one : Inspections()) {
    if (one.name != what) continue;
    json::array rows = Rows(options, path, one);
    if (options.quiet) {
      for (const json::value& row : rows) {
        bool is_query = row.as_object().contains("query");
        std::printf("%s\n", Text(row.as_object(), is_query ? "query" : "name").c_str());
      }
    } else {
      std::fputs(FormatList(options.format, PrintedName(what), one.columns, rows).c_str(), stdout);
    }
  }
}

void CreateApiToken(const DatabaseOptions& options, const TokenWishes& wanted) {
  json::object body{{"name", wanted.name}, {"expires_in_days", wanted.expires_in_days}};
  json::array& databases = body["databases"].emplace_array();
  for (const std::string& scope : wanted.scopes) {
    size_t colon = scope.rfind(':');
    std::string access = colon == std::string::npos ? "" : scope.substr(colon + 1);
    if (access != "ro" && access != "rw") {
      throw CommandFailure(
          kWrongUsage, fmt::format("\"{}\" is no scope; write DATABASE:ro or DATABASE:rw", scope));
    }
    databases.push_back(json::object{{"id", scope.substr(0, colon)}, {"access", access}});
  }
  json::object made = Ask(options, "POST", "/customer/tokens", body);
  if (options.quiet) {
    std::printf("%s\n", Text(made, "token").c_str());
    return;
  }
  bool for_programs = options.format == OutputFormat::kJson;
  std::vector<std::string> columns = kTokenColumns;
  columns.push_back("token");
  std::fputs(FormatObject(options.format, columns, for_programs ? made : Described(made)).c_str(),
             stdout);
}

void ListApiTokens(const DatabaseOptions& options) {
  json::object found = Ask(options, "GET", "/customer/tokens");
  json::array tokens;
  for (const json::value& token : found.at("tokens").as_array()) {
    if (options.quiet) {
      std::printf("%s\n", Text(token.as_object(), "id").c_str());
    } else if (options.format == OutputFormat::kJson) {
      tokens.push_back(token);
    } else {
      tokens.push_back(Described(token.as_object()));
    }
  }
  if (options.quiet) return;
  std::fputs(FormatList(options.format, "tokens", kTokenColumns, tokens).c_str(), stdout);
}

void RevokeApiToken(const DatabaseOptions& options, const std::string& id) {
  json::object revoked =
      Ask(options, "DELETE", "/customer/tokens/" + auth::UriEncode(id));
  if (options.quiet) return;
  bool for_programs = options.format == OutputFormat::kJson;
  std::fputs(FormatObject(options.format, {"id", "name"},
                          for_programs ? revoked : Described(revoked))
                 .c_str(),
             stdout);
}

}  // namespace sundog::cli
