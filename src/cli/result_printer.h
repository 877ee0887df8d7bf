// What a command found or made, for people and for programs: --output table, json or csv.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::cli {

enum class OutputFormat { kTable, kJson, kCsv };

// A line of CSV as RFC 4180 has it, ending in a line feed.
std::string CsvLine(const std::vector<std::string>& cells);

// The members that `columns` names: one a line, an object, or two lines. JSON has all there are.
std::string FormatObject(OutputFormat format, const std::vector<std::string>& columns,
                         const boost::json::object& object);
// The same of each of the objects; JSON is {"NAME": […]}.
std::string FormatList(OutputFormat format, std::string_view name,
                       const std::vector<std::string>& columns, const boost::json::array& objects);

}  // namespace sundog::cli
