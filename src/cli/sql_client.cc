#include "cli/sql_client.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/statement_splitter.h"
#include "cli/table_printer.h"

namespace sundog::cli {

namespace {

constexpr const char* kDefaultServer = "postgresql://postgres@127.0.0.1:5432/postgres";
constexpr const char* kHelp =
    "Statements end with a semicolon.\n"
    "  \\?  this help\n"
    "  \\c  the connection\n"
    "  \\q  the end\n";

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, ConnectionCloser>;
using Result = std::unique_ptr<PGresult, ResultCloser>;

// Numbers stand on the right, as psql puts them.
bool IsNumber(Oid type) {
  switch (type) {
    case 20: case 21: case 23: case 26: case 28: case 29:
    case 700: case 701: case 790: case 1700: return true;
    default: return false;
  }
}

bool ReadLine(std::string& line) {
  line.clear();
  int c;
  while ((c = std::getchar()) != EOF) {
    line += static_cast<char>(c);
    if (c == '\n') return true;
  }
  return !line.empty();
}

class Client {
 public:
  explicit Client(Connection connection) : connection_(std::move(connection)) {
    PQsetNoticeReceiver(connection_.get(), PrintNotice, nullptr);
  }

  bool alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  PGconn* get() const { return connection_.get(); }

  // False after an error.
  bool Run(const std::string& sql) {
    if (PQsendQuery(get(), sql.c_str()) != 1) {
      std::fputs(PQerrorMessage(get()), stderr);
      return false;
    }
    bool ok = true;
    while (Result result{PQgetResult(get())}) ok = Print(result.get()) && ok;
    return ok;
  }

 private:
  static void PrintNotice(void*, const PGresult* result) {
    std::fputs(PQresultErrorMessage(result), stderr);
  }

  bool Print(const PGresult* result) {
    switch (PQresultStatus(result)) {
      case PGRES_TUPLES_OK: PrintRows(result); return true;
      case PGRES_COMMAND_OK:
        std::printf("%s\n", PQcmdStatus(const_cast<PGresult*>(result)));
        return true;
      case PGRES_EMPTY_QUERY: return true;
      case PGRES_COPY_OUT: return CopyOut();
      case PGRES_COPY_IN: return CopyIn();
      default: std::fputs(PQresultErrorMessage(result), stderr); return false;
    }
  }

  static void PrintRows(const PGresult* result) {
    std::vector<TableColumn> columns;
    for (int i = 0; i < PQnfields(result); ++i) {
      columns.push_back({PQfname(result, i), IsNumber(PQftype(result, i))});
    }
    std::vector<std::vector<std::string>> rows;
    for (int row = 0; row < PQntuples(result); ++row) {
      rows.emplace_back();
      for (int i = 0; i < PQnfields(result); ++i) {
        rows.back().emplace_back(PQgetvalue(result, row, i),
                                 static_cast<size_t>(PQgetlength(result, row, i)));
      }
    }
    std::printf("%s\n", FormatTable(columns, rows).c_str());
  }

  bool CopyOut() {
    char* data = nullptr;
    int size;
    while ((size = PQgetCopyData(get(), &data, 0)) > 0) {
      std::fwrite(data, 1, static_cast<size_t>(size), stdout);
      PQfreemem(data);
    }
    return size == -1;
  }

  // Lines of standard input up to one that says \.
  bool CopyIn() {
    std::string line;
    while (ReadLine(line) && line != "\\.\n" && line != "\\.") {
      if (PQputCopyData(get(), line.data(), static_cast<int>(line.size())) != 1) return false;
    }
    return PQputCopyEnd(get(), nullptr) == 1;
  }

  Connection connection_;
};

// False at \q.
bool RunBackslash(const Client& client, const std::string& line) {
  char command = line.size() > 1 ? line[1] : '?';
  if (command == 'q') return false;
  if (command == 'c') {
    std::printf("database \"%s\" as user \"%s\" on host \"%s\" at port \"%s\"\n",
                PQdb(client.get()), PQuser(client.get()), PQhost(client.get()),
                PQport(client.get()));
  } else {
    std::fputs(kHelp, stdout);
  }
  return true;
}

int RunInput(Client& client, bool interactive) {
  StatementSplitter splitter;
  std::string line;
  bool ok = true;
  auto prompt = [&] {
    if (!interactive) return;
    std::fputs(splitter.empty() ? "sundog=> " : "sundog-> ", stdout);
    std::fflush(stdout);
  };
  for (prompt(); ReadLine(line); prompt()) {
    if (splitter.empty() && line.starts_with('\\')) {
      if (!RunBackslash(client, line)) return 0;
      continue;
    }
    for (const std::string& statement : splitter.Feed(line)) {
      ok = client.Run(statement) && ok;
      if (!client.alive()) return 2;
      // A script stops at its first error; a person goes on.
      if (!ok && !interactive) return 1;
    }
  }
  if (!splitter.empty()) ok = client.Run(splitter.Finish()) && ok;
  return ok || interactive ? 0 : 1;
}

}  // namespace

int RunSqlClient(const SqlOptions& options) {
  std::string target = options.connection_string;
  if (target.empty() && std::getenv("PGHOST") == nullptr) target = kDefaultServer;
  Connection connection(PQconnectdb(target.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    std::fprintf(stderr, "sundog: %s", PQerrorMessage(connection.get()));
    return 2;
  }
  Client client(std::move(connection));
  if (options.commands.empty()) {
    bool interactive = isatty(STDIN_FILENO) == 1;
    if (interactive) std::printf("Connected. \\? for help, \\q to leave.\n");
    return RunInput(client, interactive);
  }
  for (const std::string& command : options.commands) {
    if (!client.Run(command)) return 1;
  }
  return 0;
}

}  // namespace sundog::cli
