#include "cli/backslash_commands.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "types/identifier.h"

namespace sundog::cli {

namespace {

// {}: a condition on what is visible, or on the name that was given.
constexpr std::string_view kRelations = R"sql(
SELECT n.nspname AS "Schema", c.relname AS "Name",
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'index' END AS "Type",
       pg_get_userbyid(c.relowner) AS "Owner"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ({kinds}) AND {condition}
ORDER BY 1, 2)sql";

constexpr std::string_view kFunctions = R"sql(
SELECT n.nspname AS "Schema", p.proname AS "Name",
       pg_get_function_result(p.oid) AS "Result", pg_get_function_arguments(p.oid) AS "Arguments"
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {condition} ORDER BY 1, 2, 4)sql";

constexpr std::string_view kSchemas = R"sql(
SELECT nspname AS "Name", pg_get_userbyid(nspowner) AS "Owner" FROM pg_namespace
WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'sys') ORDER BY 1)sql";

constexpr std::string_view kRoles = R"sql(
SELECT rolname AS "Role", rolcanlogin AS "Can log in", rolcreaterole AS "Can create roles"
FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1)sql";

constexpr std::string_view kDatabases = R"sql(
SELECT datname AS "Name", pg_get_userbyid(datdba) AS "Owner" FROM pg_database ORDER BY 1)sql";

constexpr std::string_view kColumns = R"sql(
SELECT a.attname AS "Column", format_type(a.atttypid, a.atttypmod) AS "Type",
       CASE WHEN a.attnotnull THEN 'not null' ELSE '' END AS "Nullable",
       coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS "Default"
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = {name}::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)sql";

constexpr std::string_view kRules = R"sql(
SELECT "Index or constraint", "Definition" FROM (
  SELECT i.relname AS "Index or constraint", pg_get_indexdef(i.oid) AS "Definition", 1 AS kind
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = {name}::regclass
  UNION ALL
  SELECT conname, pg_get_constraintdef(oid), 2 FROM pg_constraint
  WHERE conrelid = {name}::regclass) found
ORDER BY kind, 1)sql";

constexpr const char* kHelp =
    "Statements end with a semicolon; Ctrl-C cancels one.\n"
    "  \\d [NAME]   tables, views and sequences; or what NAME is made of\n"
    "  \\dt \\dv \\di \\ds [NAME]  tables, views, indexes, sequences\n"
    "  \\df [NAME]  functions\n"
    "  \\dn \\du    schemas, roles\n"
    "  \\l          databases\n"
    "  \\x          one value a line, or not\n"
    "  \\timing     how long statements take, or not\n"
    "  \\c          the connection\n"
    "  \\?          this help\n"
    "  \\q          the end\n";

struct Listing {
  std::string_view command;
  std::string_view query;
  std::string_view kinds;  // of relations
};

constexpr std::array kListings{
    Listing{"\\d", kRelations, "'r', 'p', 'v', 'm', 'S'"},
    Listing{"\\dt", kRelations, "'r', 'p'"},
    Listing{"\\dv", kRelations, "'v'"},
    Listing{"\\di", kRelations, "'i', 'I'"},
    Listing{"\\ds", kRelations, "'S'"},
    Listing{"\\df", kFunctions, ""},
    Listing{"\\dn", kSchemas, ""},
    Listing{"\\du", kRoles, ""},
    Listing{"\\l", kDatabases, ""},
};

bool Query(SqlSession& session, const std::string& sql) {
  return session.Run(sql, NoLines());
}

std::string ConditionOf(const Listing& listing, const std::string& name) {
  bool is_function = listing.query == kFunctions;
  std::string_view column = is_function ? "p.proname" : "c.relname";
  if (!name.empty()) return fmt::format("{} = {}", column, types::QuoteLiteral(name));
  return fmt::format("{} AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sys')",
                     is_function ? "pg_function_is_visible(p.oid)" : "pg_table_is_visible(c.oid)");
}

bool List(SqlSession& session, const Listing& listing, const std::string& name) {
  if (listing.command == "\\d" && !name.empty()) {
    std::string quoted = types::QuoteLiteral(name);
    return Query(session, fmt::format(kColumns, fmt::arg("name", quoted))) &&
           Query(session, fmt::format(kRules, fmt::arg("name", quoted)));
  }
  return Query(session, fmt::format(fmt::runtime(listing.query), fmt::arg("kinds", listing.kinds),
                                    fmt::arg("condition", ConditionOf(listing, name))));
}

}  // namespace

BackslashOutcome RunBackslash(SqlSession& session, const std::string& line) {
  constexpr std::string_view kSpace = " \t\r\n;";
  size_t end = std::min(line.find_first_of(kSpace), line.size());
  std::string command = line.substr(0, end);
  size_t begin = line.find_first_not_of(kSpace, end);
  std::string name;
  if (begin != std::string::npos) name = line.substr(begin);
  while (!name.empty() && kSpace.find(name.back()) != std::string_view::npos) name.pop_back();

  if (command == "\\q") return BackslashOutcome::kQuit;
  for (const Listing& listing : kListings) {
    if (listing.command != command) continue;
    return List(session, listing, name) ? BackslashOutcome::kListed : BackslashOutcome::kFailed;
  }
  ResultWriter& writer = session.writer();
  if (command == "\\x") {
    writer.SetExpanded(!writer.expanded());
    writer.Say(fmt::format("Expanded display is {}.\n", writer.expanded() ? "on" : "off"));
  } else if (command == "\\timing") {
    session.SetTiming(!session.timing());
    writer.Say(fmt::format("Timing is {}.\n", session.timing() ? "on" : "off"));
  } else if (command == "\\c") {
    writer.Say(session.Describe() + "\n");
  } else if (command == "\\?") {
    writer.Say(kHelp);
  } else {
    std::fprintf(stderr, "there is no command %s; \\? shows those there are\n", command.c_str());
    return BackslashOutcome::kFailed;
  }
  return BackslashOutcome::kDone;
}

}  // namespace sundog::cli
