// Tables of facts embedded in the binary as tab-separated text: a header line, then a row a line,
// `\N` for null. Read once at start.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::base {

class Tsv {
 public:
  // `text` must outlive the table: cells point into it.
  explicit Tsv(std::string_view text);

  size_t row_count() const { return rows_.size(); }
  bool HasColumn(std::string_view column) const;
  // The cell as written; nullopt for `\N`. A column that is not there is our bug (CHECK).
  std::optional<std::string_view> Cell(size_t row, std::string_view column) const;
  // As Cell, with null as the empty string and \t \n \\ escapes resolved.
  std::string Text(size_t row, std::string_view column) const;
  // Null as 0.
  int64_t Number(size_t row, std::string_view column) const;
  // 't' is true, all else false.
  bool Flag(size_t row, std::string_view column) const;
  // Space-separated numbers (an oidvector); empty for null.
  std::vector<uint32_t> Numbers(size_t row, std::string_view column) const;

 private:
  size_t ColumnIndex(std::string_view column) const;

  std::vector<std::string_view> columns_;
  std::vector<std::vector<std::string_view>> rows_;
};

}  // namespace sundog::base
