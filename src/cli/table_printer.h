// A result as an aligned table, as psql prints it.
#pragma once

#include <string>
#include <vector>

namespace sundog::cli {

struct TableColumn {
  std::string name;
  bool right_aligned = false;
};

//  a | b
// ---+-----
//  1 | one
// (1 row)
std::string FormatTable(const std::vector<TableColumn>& columns,
                        const std::vector<std::vector<std::string>>& rows);

}  // namespace sundog::cli
