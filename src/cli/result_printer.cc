#include "cli/result_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/control_client.h"
#include "cli/table_printer.h"

namespace sundog::cli {

namespace {

namespace json = boost::json;

std::vector<std::string> CellsOf(const std::vector<std::string>& columns,
                                 const json::object& object) {
  std::vector<std::string> cells;
  for (const std::string& column : columns) cells.push_back(Text(object, column));
  return cells;
}

// As people read it: "connection string".
std::string Heading(std::string column) {
  std::replace(column.begin(), column.end(), '_', ' ');
  return column;
}

}  // namespace

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != cells.data()) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + '\n';
}

std::string FormatObject(OutputFormat format, const std::vector<std::string>& columns,
                         const json::object& object) {
  if (format == OutputFormat::kJson) return json::serialize(object) + "\n";
  std::vector<std::string> cells = CellsOf(columns, object);
  if (format == OutputFormat::kCsv) return CsvLine(columns) + CsvLine(cells);
  std::string text;
  for (size_t i = 0; i < columns.size(); ++i) {
    text += fmt::format("{:<18} {}\n", Heading(columns[i]), cells[i]);
  }
  return text;
}

std::string FormatList(OutputFormat format, std::string_view name,
                       const std::vector<std::string>& columns, const json::array& objects) {
  if (format == OutputFormat::kJson) {
    json::object list;
    list[name] = objects;
    return json::serialize(list) + "\n";
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::value& object : objects) {
    rows.push_back(CellsOf(columns, object.as_object()));
  }
  if (format == OutputFormat::kCsv) {
    std::string text = CsvLine(columns);
    for (const auto& row : rows) text += CsvLine(row);
    return text;
  }
  std::vector<TableColumn> headings;
  for (const std::string& column : columns) headings.push_back({Heading(column), false});
  return FormatTable(headings, rows);
}

}  // namespace sundog::cli
