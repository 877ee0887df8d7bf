// COPY's text and CSV formats: rows of optional strings to bytes and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binder/bound_utility.h"

namespace sundog::session {

// Takes the data piece by piece and gives whole rows.
class CopyReader {
 public:
  explicit CopyReader(const binder::CopyOptions& options) : options_(options) {}

  void Append(std::string_view data) { pending_ += data; }
  void Finish() { finished_ = true; }
  // The next row's fields (null: SQL null), valid until the next call; false: more data is needed,
  // or (after Finish) the end. Throws 22P04 for malformed rows, 22021 for bytes that are no text.
  bool NextRow(std::vector<std::optional<std::string_view>>& fields);
  uint64_t line() const { return line_; }
  // The line NextRow has just read; null: it was no text.
  const std::string* line_text() const { return has_line_text_ ? &line_text_ : nullptr; }

 private:
  bool NextLine(std::string_view& line);
  bool NextCsvRecord(std::string_view& record);
  void SplitText(std::string_view line, std::vector<std::optional<std::string_view>>& fields);
  void SplitCsv(std::string_view record, std::vector<std::optional<std::string_view>>& fields);
  void Compact();
  // The line without the mark \. that ends the data, if it has it.
  std::string_view TakeEndMark(std::string_view line);

  const binder::CopyOptions& options_;
  std::string pending_;
  size_t position_ = 0;
  bool finished_ = false;
  bool ended_ = false;  // \. was seen
  uint64_t line_ = 0;
  bool has_line_text_ = false;
  std::string line_text_;  // keeps its memory from line to line
  std::string unescaped_;  // fields with escapes, one after another
};

// Appends one row with its line end.
void AppendCopyRow(const binder::CopyOptions& options,
                   const std::vector<std::optional<std::string_view>>& fields, std::string& to);
// As AppendCopyRow for a CSV header: names are quoted where needed, never null.
void AppendCopyHeader(const binder::CopyOptions& options, const std::vector<std::string>& names,
                      std::string& to);

}  // namespace sundog::session
