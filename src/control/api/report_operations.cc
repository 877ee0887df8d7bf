// What a database holds, and what goes on in it.
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "auth/connect_token.h"
#include "base/check.h"
#include "control/api/database_call.h"
#include "control/api/operations.h"
#include "control/databases.h"
#include "control/tenant_sql.h"
#include "session/engine/engine.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

// One row of one column: {"schemas": [{"name", "tables": [{"name", "kind", "columns": […], …}]}]}.
constexpr const char* kSchemaQuery = R"sql(
SELECT json_build_object('schemas', coalesce((
  SELECT json_agg(json_build_object('name', n.nspname,
      'tables', coalesce((
        SELECT json_agg(json_build_object('name', c.relname,
            'kind', CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                                   ELSE 'table' END,
            'comment', obj_description(c.oid, 'pg_class'),
            'columns', coalesce((
              SELECT json_agg(json_build_object('name', a.attname,
                  'type', format_type(a.atttypid, a.atttypmod),
                  'nullable', NOT a.attnotnull,
                  'default', pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attnum)
              FROM pg_attribute a
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'::json),
            'constraints', coalesce((
              SELECT json_agg(json_build_object('name', o.conname,
                  'definition', pg_get_constraintdef(o.oid)) ORDER BY o.conname)
              FROM pg_constraint o WHERE o.conrelid = c.oid), '[]'::json),
            'indexes', coalesce((
              SELECT json_agg(json_build_object('name', i.relname,
                  'definition', pg_get_indexdef(i.oid)) ORDER BY i.relname)
              FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
              WHERE x.indrelid = c.oid), '[]'::json)) ORDER BY c.relname)
        FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm')),
        '[]'::json)) ORDER BY n.nspname)
  FROM pg_namespace n
  WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'sys')),
  '[]'::json)))sql";

double Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

}  // namespace

http::Response ShowSchema(Call& call) {
  ClusterPtr database = NamedAndActive(call);
  SqlRows rows = RunAs(call.databases.engine(), *database, auth::kAdminUser, kSchemaQuery);
  CHECK(rows.rows.size() == 1 && rows.rows[0][0].has_value());
  http::Response response;
  response.body = std::move(*rows.rows[0][0]);
  return response;
}

json::object ShowMetrics(Call& call) {
  ClusterPtr database = NamedAndActive(call);
  session::StatementLog& log = call.databases.engine().statement_log();
  session::StatementLog::Window window = log.Read(database->tenant);
  constexpr auto kWindow = static_cast<double>(session::StatementLog::kWindowSeconds);
  json::object members{
      {"window_s", session::StatementLog::kWindowSeconds},
      {"statements", window.statements},
      {"errors", window.errors},
      {"commits", window.commits},
      {"qps", static_cast<double>(window.statements) / kWindow},
      {"tps", static_cast<double>(window.commits) / kWindow},
      {"average_ms", window.average_ms},
      {"p99_ms", window.p99_ms},
      {"connections", call.databases.ConnectionCount(*database)},
      {"size_bytes", call.databases.SizeBytes(*database)},
  };
  json::array& slow = members["slow_queries"].emplace_array();
  for (const auto& statement : log.SlowStatements(database->tenant)) {
    slow.push_back(json::object{
        {"query", statement.query},
        {"calls", statement.calls},
        {"total_ms", Seconds(statement.total_us) * 1000},
        {"average_ms", Seconds(statement.total_us) * 1000 / static_cast<double>(statement.calls)},
        {"max_ms", Seconds(statement.max_us) * 1000},
        {"last_at", statement.last_us / 1'000'000}});
  }
  return members;
}

}  // namespace sundog::control
