// Binds statements over the fixture catalog and says what came out, for compare.py: reads
// statements from standard input, each ended by a line of its own holding just "--", and writes a
// line of tab-separated fields for each:
//   ok     parameter type names      column=type name, …
//   error  SQLSTATE  position  message  detail  hint
// With --view, of queries: pg_get_viewdef's text (line breaks as \n), the pretty one, and whether
// the stored text binds again to the same tree. With --dump the bound tree, with --ddl just the
// fixture.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/sql_error.h"
#include "binder/bind.h"
#include "binder/deparse.h"
#include "binder/dump.h"
#include "binder/fixture_catalog_test.h"
#include "catalog/name_resolver.h"
#include "catalog/stored_sql.h"
#include "parser/parse.h"
#include "types/io_settings.h"

namespace {

using namespace sundog;

// Characters up to a byte offset, counted from 1, as the protocol has positions; 0: none.
int Position(const std::string& text, int location) {
  if (location < 0) return 0;
  int position = 1;
  for (int i = 0; i < location; ++i) position += (text[i] & 0xC0) != 0x80 ? 1 : 0;
  return position;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

enum class Mode { kDescribe, kDump, kView };

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (char c : text) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  return escaped;
}

struct Probe {
  explicit Probe(const catalog::CatalogPtr& catalog) {
    context.catalog = catalog;
    std::vector<std::string> path = {"public"};
    context.search_path = catalog->ResolveSearchPath(path, "postgres");
    context.role = catalog::kSuperuserRole;
    context.database_name = "sundog_binder_compare";
    context.io.settings = &settings;
    names = std::make_unique<catalog::CatalogNames>(*catalog, context.search_path);
    context.io.names = names.get();
    context.io.types = catalog.get();
  }

  binder::BoundStatementPtr Bind(const std::string& text) {
    parser::Script script = parser::Parse(text);
    return binder::Bind(script.statements().at(0), context);
  }

  types::IoSettings settings;
  binder::BindContext context;
  std::unique_ptr<catalog::CatalogNames> names;
};

std::string DescribeStatement(const Probe& probe, const binder::BoundStatement& statement) {
  std::vector<std::string> parameters;
  for (types::SqlType type : statement.parameter_types) {
    parameters.push_back(binder::TypeName(probe.context, {type.oid, -1}));
  }
  std::vector<std::string> columns;
  for (const binder::BoundTarget& target : binder::OutputColumns(statement)) {
    // Clients see a domain's base type.
    types::SqlType type = target.expression->type;
    const types::TypeInfo* info = probe.context.catalog->FindType(type.oid);
    while (info->kind_code == 'd') {
      type = {info->base_type, info->base_typmod};
      info = probe.context.catalog->FindType(type.oid);
    }
    columns.push_back(target.name + "=" + binder::TypeName(probe.context, type));
  }
  return "ok\t" + Join(parameters) + "\t" + Join(columns);
}

std::string DescribeView(Probe& probe, const binder::BoundStatement& statement) {
  if (statement.kind != binder::StatementKind::kQuery) return "skip";
  const auto& query = *statement.As<binder::BoundQueryStatement>().query;
  std::vector<std::string> names;
  for (const binder::BoundTarget& target : binder::OutputColumns(statement)) {
    names.push_back(target.name);
  }
  binder::DeparseOptions options;
  options.catalog = probe.context.catalog.get();
  options.path = &probe.context.search_path;
  options.io = probe.context.io;
  options.pretty_indent = true;
  std::string plain = binder::Deparse(query, names, options);
  options.pretty_parentheses = true;
  std::string pretty = binder::Deparse(query, names, options);
  catalog::StoredExpression stored = binder::StoreView(query, names, probe.context);
  std::string again = catalog::ExpandMarks(*options.catalog, nullptr, stored.sql);
  std::string round_trip = "same";
  try {
    std::string first = binder::DumpShape(statement);
    std::string second = binder::DumpShape(*probe.Bind(again));
    if (first != second) round_trip = "differs: " + Escaped(again);
  } catch (const SqlError& error) {
    round_trip = "fails: " + error.fields().message + " in " + Escaped(again);
  }
  return "view\t" + Escaped(plain) + ";\t" + Escaped(pretty) + ";\t" + round_trip;
}

std::string Answer(const catalog::CatalogPtr& catalog, const std::string& text, Mode mode) {
  Probe probe(catalog);
  try {
    binder::BoundStatementPtr statement = probe.Bind(text);
    if (mode == Mode::kDump) return "ok\n" + binder::Dump(*statement);
    if (mode == Mode::kView) return DescribeView(probe, *statement);
    return DescribeStatement(probe, *statement);
  } catch (const SqlError& error) {
    const base::ErrorFields& fields = error.fields();
    return "error\t" + std::string(fields.state.code()) + "\t" +
           std::to_string(Position(text, fields.location)) + "\t" + fields.message + "\t" +
           fields.detail + "\t" + fields.hint;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string option = argc > 1 ? argv[1] : "";
  Mode mode = option == "--dump" ? Mode::kDump : option == "--view" ? Mode::kView : Mode::kDescribe;
  catalog::CatalogPtr catalog = binder::MakeFixtureCatalog(binder::kFixtureDdl);
  if (option == "--ddl") {
    std::fputs(std::string(binder::kFixtureDdl).c_str(), stdout);
    return 0;
  }
  std::string text;
  char* line = nullptr;
  size_t capacity = 0;
  ssize_t length = 0;
  while ((length = getline(&line, &capacity, stdin)) >= 0) {
    std::string read(line, length);
    if (read != "--\n") {
      text += read;
      continue;
    }
    std::string answer = Answer(catalog, text, mode);
    for (char& c : answer) c = c == '\n' && mode != Mode::kDump ? ' ' : c;
    std::printf("%s\n", answer.c_str());
    std::fflush(stdout);
    text.clear();
  }
  std::free(line);
  return 0;
}
