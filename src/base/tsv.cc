#include "base/tsv.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace sundog::base {

namespace {

std::vector<std::string_view> Split(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    size_t tab = line.find('\t');
    cells.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return cells;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

Tsv::Tsv(std::string_view text) {
  bool header = true;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (header) {
      columns_ = Split(line);
      header = false;
    } else if (!line.empty()) {
      rows_.push_back(Split(line));
      CHECK_EQ(rows_.back().size(), columns_.size());
    }
  }
}

bool Tsv::HasColumn(std::string_view column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

size_t Tsv::ColumnIndex(std::string_view column) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == column) return i;
  }
  CheckFailed(__FILE__, __LINE__, "column exists", std::string(column));
}

std::optional<std::string_view> Tsv::Cell(size_t row, std::string_view column) const {
  std::string_view cell = rows_[row][ColumnIndex(column)];
  if (cell == "\\N") return std::nullopt;
  return cell;
}

std::string Tsv::Text(size_t row, std::string_view column) const {
  std::string_view cell = Cell(row, column).value_or("");
  std::string text;
  for (size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\' || i + 1 == cell.size()) {
      text += cell[i];
      continue;
    }
    char next = cell[++i];
    text += next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
  }
  return text;
}

int64_t Tsv::Number(size_t row, std::string_view column) const {
  std::string_view cell = Cell(row, column).value_or("0");
  int64_t number = 0;
  auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  CHECK(error == std::errc());
  return number;
}

bool Tsv::Flag(size_t row, std::string_view column) const { return Cell(row, column) == "t"; }

std::vector<uint32_t> Tsv::Numbers(size_t row, std::string_view column) const {
  std::vector<uint32_t> numbers;
  std::string_view cell = Cell(row, column).value_or("");
  while (!cell.empty()) {
    size_t space = cell.find_first_of(" ,");
    std::string_view word = cell.substr(0, space);
    cell.remove_prefix(space == std::string_view::npos ? cell.size() : space + 1);
    while (!word.empty() && word.front() == '{') word.remove_prefix(1);
    while (!word.empty() && word.back() == '}') word.remove_suffix(1);
    if (word.empty()) continue;
    uint32_t number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace sundog::base
