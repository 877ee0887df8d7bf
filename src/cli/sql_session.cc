#include "cli/sql_session.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <cstdio>

#include "base/clock.h"
#include "cli/progress_bar.h"
#include "types/oids.h"

namespace sundog::cli {

namespace {

// What SIGINT cancels; null: nothing runs. PQcancel() may be called in a signal's handler.
std::atomic<PGcancel*> running{nullptr};

void CancelRunning(int) {
  PGcancel* cancel = running.load();
  char error[256];
  if (cancel != nullptr) (void)PQcancel(cancel, error, sizeof error);
}

// While it lives SIGINT cancels what runs on the connection.
class CancelScope {
 public:
  explicit CancelScope(PGconn* connection) : cancel_(PQgetCancel(connection)) {
    running = cancel_;
    struct sigaction action {};
    action.sa_handler = CancelRunning;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &before_);
  }
  ~CancelScope() {
    sigaction(SIGINT, &before_, nullptr);
    running = nullptr;
    PQfreeCancel(cancel_);
  }
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

 private:
  PGcancel* cancel_;
  struct sigaction before_ {};
};

void PrintNotice(void*, const PGresult* result) {
  std::fputs(PQresultErrorMessage(result), stderr);
}

bool ReadInputLine(std::FILE* file, std::string& line) {
  line.clear();
  int c;
  while ((c = std::fgetc(file)) != EOF) {
    line += static_cast<char>(c);
    if (c == '\n') return true;
  }
  return !line.empty();
}

}  // namespace

LineSource NoLines() {
  return {[](std::string&) { return false; }, nullptr};
}

LineSource LinesOf(std::FILE* file) {
  LineSource lines{[file](std::string& line) { return ReadInputLine(file, line); }, nullptr};
  struct stat found;
  if (fstat(fileno(file), &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0) {
    auto bytes = static_cast<double>(found.st_size);
    lines.progress = [file, bytes] { return static_cast<double>(ftello(file)) / bytes; };
  }
  return lines;
}

SqlSession::SqlSession(const std::string& connection_string, ResultWriter writer)
    : connection_(Connect(connection_string)), writer_(std::move(writer)) {
  PQsetNoticeReceiver(connection_.get(), PrintNotice, nullptr);
}

bool SqlSession::alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

std::string SqlSession::Describe() const {
  return fmt::format("database \"{}\" as user \"{}\" on host \"{}\" at port \"{}\"",
                     PQdb(connection_.get()), PQuser(connection_.get()), PQhost(connection_.get()),
                     PQport(connection_.get()));
}

bool SqlSession::Run(const std::string& sql, const LineSource& data) {
  int64_t began_us = base::SystemClock().MonotonicMicros();
  CancelScope cancel(connection_.get());
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) {
    std::fputs(PQerrorMessage(connection_.get()), stderr);
    return false;
  }
  if (!writer_.keeps_rows()) (void)PQsetSingleRowMode(connection_.get());
  bool ok = true;
  while (PgResult result{PQgetResult(connection_.get())}) {
    ok = (PQresultStatus(result.get()) == PGRES_COPY_IN ? CopyIn(data) : Print(result.get())) && ok;
  }
  if (timing_) {
    int64_t took_us = base::SystemClock().MonotonicMicros() - began_us;
    writer_.Say(fmt::format("Time: {:.3f} ms\n", static_cast<double>(took_us) / 1000));
  }
  return ok;
}

bool SqlSession::Print(const PGresult* result) {
  auto begin = [&] {
    if (std::exchange(in_rows_, true)) return;
    std::vector<ResultField> fields;
    for (int i = 0; i < PQnfields(result); ++i) {
      fields.push_back({PQfname(result, i), PQftype(result, i)});
    }
    writer_.Begin(fields);
  };
  switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
      begin();
      PrintRow(result, 0);
      return true;
    case PGRES_TUPLES_OK:
      begin();
      for (int row = 0; row < PQntuples(result); ++row) PrintRow(result, row);
      in_rows_ = false;
      writer_.End(PQcmdStatus(const_cast<PGresult*>(result)));
      return true;
    case PGRES_COMMAND_OK:
      in_rows_ = false;  // of COPY TO STDOUT
      writer_.End(PQcmdStatus(const_cast<PGresult*>(result)));
      return true;
    case PGRES_EMPTY_QUERY: return true;
    case PGRES_COPY_OUT: return CopyOut(PQbinaryTuples(result) == 1);
    default:
      if (std::exchange(in_rows_, false)) writer_.End("");
      std::fflush(stdout);
      std::fputs(PQresultErrorMessage(result), stderr);
      return false;
  }
}

void SqlSession::PrintRow(const PGresult* result, int row) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < PQnfields(result); ++i) {
    auto& value = values.emplace_back();
    if (PQgetisnull(result, row, i) == 1) continue;
    value.emplace(PQgetvalue(result, row, i), static_cast<size_t>(PQgetlength(result, row, i)));
  }
  writer_.Row(std::move(values));
}

// As it comes, but in JSON, where each line is a row.
bool SqlSession::CopyOut(bool binary) {
  bool has_no_form = writer_.is_json() && binary;
  if (has_no_form) {
    std::fputs("COPY in binary has no JSON form; choose another --output\n", stderr);
  } else if (writer_.is_json()) {
    in_rows_ = true;
    writer_.Begin({{"copy", types::oids::kText}});
  }
  char* data = nullptr;
  int size;
  while ((size = PQgetCopyData(connection_.get(), &data, 0)) > 0) {
    std::string_view line(data, static_cast<size_t>(size));
    if (in_rows_) {
      if (line.ends_with('\n')) line.remove_suffix(1);
      writer_.Row({std::string(line)});
    } else if (!has_no_form) {
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    PQfreemem(data);
  }
  return size == -1 && !has_no_form;
}

bool SqlSession::CopyIn(const LineSource& data) {
  ProgressBar bar("loading");
  std::string line;
  while (data.read(line) && line != "\\.\n" && line != "\\.\r\n" && line != "\\.") {
    int size = static_cast<int>(line.size());
    if (PQputCopyData(connection_.get(), line.data(), size) != 1) return false;
    if (data.progress) bar.Show(data.progress());
  }
  return PQputCopyEnd(connection_.get(), nullptr) == 1;
}

}  // namespace sundog::cli
