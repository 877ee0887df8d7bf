#include "cli/table_printer.h"

#include <algorithm>
#include <string_view>

namespace sundog::cli {

namespace {

// Characters, not bytes; wide ones count as one.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

size_t WidestLine(std::string_view text) {
  size_t width = 0;
  for (std::string_view line : Lines(text)) width = std::max(width, Width(line));
  return width;
}

void AppendRow(std::string& to, const std::vector<TableColumn>& columns,
               const std::vector<size_t>& widths, const std::vector<std::string>& row) {
  size_t height = 1;
  for (const std::string& cell : row) height = std::max(height, Lines(cell).size());
  for (size_t line = 0; line < height; ++line) {
    std::string out;
    for (size_t i = 0; i < row.size(); ++i) {
      std::vector<std::string_view> lines = Lines(row[i]);
      std::string_view text = line < lines.size() ? lines[line] : std::string_view();
      bool continues = line + 1 < lines.size();
      size_t padding = widths[i] - Width(text);
      if (i > 0) out += '|';
      out += ' ';
      if (columns[i].right_aligned) out.append(padding, ' ');
      out += text;
      bool last = i + 1 == row.size();
      if (!columns[i].right_aligned && (!last || continues)) out.append(padding, ' ');
      if (continues) {
        out += '+';
      } else if (!last) {
        out += ' ';
      }
    }
    to += out + '\n';
  }
}

}  // namespace

std::string FormatTable(const std::vector<TableColumn>& columns,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(WidestLine(columns[i].name));
    for (const auto& row : rows) widths[i] = std::max(widths[i], WidestLine(row[i]));
  }
  std::string text;
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t padding = widths[i] - Width(columns[i].name);
    if (i > 0) text += '|';
    text += ' ' + std::string(padding / 2, ' ') + columns[i].name +
            std::string(padding - padding / 2, ' ') + ' ';
  }
  text += '\n';
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += '+';
    text += std::string(widths[i] + 2, '-');
  }
  text += '\n';
  for (const auto& row : rows) AppendRow(text, columns, widths, row);
  text += "(" + std::to_string(rows.size()) + (rows.size() == 1 ? " row)\n" : " rows)\n");
  return text;
}

}  // namespace sundog::cli
