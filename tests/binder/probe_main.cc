// Binds statements over the fixture catalog and says what came out, for compare.py: reads
// statements from standard input, each ended by a line of its own holding just "--", and writes a
// line of tab-separated fields for each:
//   ok     parameter type names      column=type name, …
//   error  SQLSTATE  position  message  detail  hint
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/sql_error.h"
#include "binder/bind.h"
#include "binder/dump.h"
#include "binder/fixture_catalog_test.h"
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

std::string Answer(const catalog::CatalogPtr& catalog, const std::string& text, bool dump) {
  binder::BindContext context;
  types::IoSettings settings;
  context.catalog = catalog;
  std::vector<std::string> path = {"public"};
  context.search_path = catalog->ResolveSearchPath(path, "postgres");
  context.role = catalog::kSuperuserRole;
  context.database_name = "postgres";
  context.io.settings = &settings;
  try {
    parser::Script script = parser::Parse(text);
    if (script.statements().size() != 1) return "error\t42601\t0\tone statement expected\t\t";
    binder::BoundStatementPtr statement = binder::Bind(script.statements()[0], context);
    if (dump) return "ok\n" + binder::Dump(*statement);
    std::vector<std::string> parameters;
    for (types::SqlType type : statement->parameter_types) {
      parameters.push_back(binder::TypeName(context, {type.oid, -1}));
    }
    std::vector<std::string> columns;
    for (const binder::BoundTarget& target : binder::OutputColumns(*statement)) {
      columns.push_back(target.name + "=" + binder::TypeName(context, target.expression->type));
    }
    return "ok\t" + Join(parameters) + "\t" + Join(columns);
  } catch (const SqlError& error) {
    const base::ErrorFields& fields = error.fields();
    return "error\t" + std::string(fields.state.code()) + "\t" +
           std::to_string(Position(text, fields.location)) + "\t" + fields.message + "\t" +
           fields.detail + "\t" + fields.hint;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool dump = argc > 1 && std::string(argv[1]) == "--dump";
  catalog::CatalogPtr catalog = binder::MakeFixtureCatalog(binder::kFixtureDdl);
  if (argc > 1 && std::string(argv[1]) == "--ddl") {
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
    std::string answer = Answer(catalog, text, dump);
    for (char& c : answer) c = c == '\n' && !dump ? ' ' : c;
    std::printf("%s\n", answer.c_str());
    std::fflush(stdout);
    text.clear();
  }
  std::free(line);
  return 0;
}
