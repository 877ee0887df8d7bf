// A connection over libpq, and statements that are printed as they are answered. Ctrl-C cancels the
// statement that runs, and does not end the program.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/libpq.h"
#include "cli/result_writer.h"

namespace sundog::cli {

// Reads a line, with its line feed; false at the end.
using LineReader = std::function<bool(std::string& line)>;

// Where the lines of a script come from, and in it those of COPY FROM STDIN, up to one that says \.
struct LineSource {
  LineReader read;
  // How much of all there is was read, from 0 to 1; null where that is not known.
  std::function<double()> progress;
};
LineSource NoLines();
// Of a file that outlives it.
LineSource LinesOf(std::FILE* file);

class SqlSession {
 public:
  // Throws CommandFailure (kCannotConnect).
  SqlSession(const std::string& connection_string, ResultWriter writer);

  ResultWriter& writer() { return writer_; }
  bool alive() const;
  // "database "postgres" as user …"
  std::string Describe() const;
  // The statements of a message; false after an error, which standard error has then.
  bool Run(const std::string& sql, const LineSource& data);
  // Prints how long each one took.
  bool timing() const { return timing_; }
  void SetTiming(bool timing) { timing_ = timing; }

 private:
  bool Print(const PGresult* result);
  void PrintRow(const PGresult* result, int row);
  bool CopyOut(bool binary);
  bool CopyIn(const LineSource& data);

  PgConnection connection_;
  ResultWriter writer_;
  bool timing_ = false;
  bool in_rows_ = false;
};

}  // namespace sundog::cli
